"""Which days offices work: no Flask, no database.

The library `holidays` knows the public holidays of Viet Nam, those that follow the moon too, and most of the
days that were exchanged by decree. What it does not know, or gets wrong, a row with its basis document says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache

from holidays import HolidayBase, country_holidays

ONE_DAY = timedelta(days=1)


@cache
def _public(year: int) -> HolidayBase:
    """Return the public calendar around a year: a working Saturday may be owed for a day of another year."""
    return country_holidays("VN", years=range(year - 1, year + 2))


@dataclass(frozen=True)
class Calendar:
    """The working days of offices; `special` overrules the public calendar, day by day."""

    special: Mapping[date, bool] = field(default_factory=dict)
    """True where a day is worked although the public calendar says otherwise, False where it is not."""

    def is_worked(self, day: date) -> bool:
        """Say whether offices work on `day`."""
        said = self.special.get(day)
        return _public(day.year).is_working_day(day) if said is None else said

    def after(self, day: date, count: int) -> date:
        """Return the `count`-th working day after `day`; `day` itself never counts."""
        while count > 0:
            day += ONE_DAY
            count -= self.is_worked(day)
        return day

    def between(self, first: date, last: date) -> int:
        """Count the working days after `first` until `last`, `last` included."""
        return sum(self.is_worked(first + ONE_DAY * n) for n in range(1, (last - first).days + 1))
