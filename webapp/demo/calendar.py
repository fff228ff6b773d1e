"""The months of the demonstration, in the country's time, and the lunar days that move meetings."""
# ruff: noqa: PLR2004 - shares and chances are invented where they stand

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache

_HOURS_AHEAD = timedelta(hours=7)
_NEW_MOON = datetime(2000, 1, 6, 18, 14, tzinfo=UTC)
_LUNATION = 29.530588853


def moment(day: date, minutes: float) -> datetime:
    """Return the moment `minutes` after midnight of `day`, in the country's time zone, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC) - _HOURS_AHEAD + timedelta(minutes=minutes)


def day_of(at: datetime) -> date:
    """Return the date of a moment in the country's time zone."""
    return (at + _HOURS_AHEAD).date()


def iso(at: datetime) -> str:
    """Write a UTC moment as it travels."""
    return at.isoformat(timespec="milliseconds")[:-6] + "Z"


def months_before(today: date, count: int) -> date:
    """Return the first day of the month `count` months before that of `today`."""
    number = today.year * 12 + today.month - 1 - count
    return date(number // 12, number % 12 + 1, 1)


def moon_age(day: date) -> float:
    """Return roughly how many days old the moon is on the evening of `day`; 0 and 15 bring spring tides."""
    return ((moment(day, 18 * 60) - _NEW_MOON) / timedelta(days=1)) % _LUNATION


@cache
def lunar_new_year(year: int) -> date:
    """Return the first day of the lunar year, to within a day: enough to keep meetings away from it."""
    window = [date(year, 1, 21) + timedelta(days=n) for n in range(31)]
    return min(window, key=lambda day: (moon_age(day) > 1, abs((day - date(year, 2, 5)).days)))


def is_holiday(day: date) -> bool:
    """Say whether nobody would call a meeting on `day`."""
    return -4 <= (day - lunar_new_year(day.year)).days <= 5  # the days of Tết


def is_spring_tide(day: date) -> bool:
    """Say whether the tide runs high around `day`."""
    age = moon_age(day)
    return age < 3 or 14 < age < 18 or age > 28.5  # around new and full moon
