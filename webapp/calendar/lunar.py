"""The Vietnamese lunar date beside the solar one, by Hồ Ngọc Đức's rules in Vietnam's own time (lunar-vn)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from lunar_vn import can_chi, solar_to_lunar

LONGEST_MONTH = 30


class LunarDay(NamedTuple):
    """A day of the lunar calendar."""

    day: int
    month: int
    is_leap: bool
    year: int

    @property
    def year_name(self) -> str:
        """Return the year's name in the cycle of sixty, such as Bính Ngọ."""
        return str(can_chi.get_year_can_chi(self.year))

    @property
    def short(self) -> str:
        """Write day and month; the first of a month and leap months say which month it is."""
        leap = "N" if self.is_leap else ""
        return f"{self.day}/{self.month}{leap}"


class MonthStart(NamedTuple):
    """The first day of a lunar month: what a phone is told instead of an algorithm."""

    on: date
    month: int
    is_leap: bool


def lunar(day: date) -> LunarDay:
    """Return the lunar date of a day."""
    found = solar_to_lunar(day)
    return LunarDay(found.day, found.month, found.leap, found.year)


def month_starts(first: date, last: date) -> list[MonthStart]:
    """Return the starts of the lunar months that have a day between `first` and `last`."""
    starts = []
    day = first
    while True:
        found = lunar(day)
        on = day - timedelta(days=found.day - 1)
        starts.append(MonthStart(on, found.month, found.is_leap))
        day = on + timedelta(days=LONGEST_MONTH)
        if lunar(day).day > 1:  # the month had 29 days
            day -= timedelta(days=1)
        if day > last:
            return starts
