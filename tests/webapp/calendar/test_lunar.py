"""The lunar calendar is Viet Nam's, not China's: against dates that were published, and against itself."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.calendar.lunar import LunarDay, lunar, month_starts

# Tết of Hồ Ngọc Đức's published table of the Vietnamese calendar (xemamlich.uhm.vn). In four of these years Viet Nam
# and China celebrated on different days: 1968, 1985 (by a month), 2007 and 2030.
NEW_YEARS = (
    "1968-01-29", "1985-01-21", "2000-02-05", "2001-01-24", "2002-02-12", "2003-02-01", "2004-01-22", "2005-02-09",
    "2006-01-29", "2007-02-17", "2008-02-07", "2009-01-26", "2010-02-14", "2011-02-03", "2012-01-23", "2013-02-10",
    "2014-01-31", "2015-02-19", "2016-02-08", "2017-01-28", "2018-02-16", "2019-02-05", "2020-01-25", "2021-02-12",
    "2022-02-01", "2023-01-22", "2024-02-10", "2025-01-29", "2026-02-17", "2027-02-06", "2028-01-26", "2029-02-13",
    "2030-02-02", "2031-01-23", "2032-02-11", "2033-01-31", "2034-02-19", "2035-02-08", "2036-01-28",
)  # fmt: skip
# Leap months of the same table: lunar year and month.
LEAP_MONTHS = {
    2001: 4, 2004: 2, 2006: 7, 2009: 5, 2012: 4, 2014: 9, 2017: 6, 2020: 4, 2023: 2, 2025: 6, 2028: 5, 2031: 3,
    2033: 11, 2036: 6, 2039: 5, 2042: 2, 2044: 7, 2047: 5, 2050: 3,
}  # fmt: skip


@pytest.mark.parametrize("tet", NEW_YEARS)
def test_the_new_year_is_on_its_published_day(tet: str) -> None:
    day = date.fromisoformat(tet)
    assert lunar(day) == LunarDay(1, 1, is_leap=False, year=day.year)
    assert lunar(day - timedelta(days=1)).month == 12


def test_the_chinese_days_are_not_ours() -> None:
    for day in (date(1968, 1, 30), date(1985, 2, 20), date(2007, 2, 18), date(2030, 2, 3)):
        assert lunar(day)[:2] != (1, 1)


def test_leap_months_are_the_published_ones() -> None:
    starts = month_starts(date(2000, 2, 5), date(2051, 1, 1))
    assert {lunar(start.on).year: start.month for start in starts if start.is_leap} == LEAP_MONTHS


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2026-03-18", "30/1"),
        ("2026-10-24", "15/9"),
        ("2026-11-16", "8/10"),
        ("2026-11-20", "12/10"),
        ("2025-07-25", "1/6N"),
    ],
)
def test_days_of_the_examples(day: str, said: str) -> None:
    assert lunar(date.fromisoformat(day)).short == said


def test_years_have_their_names() -> None:
    assert lunar(date(2026, 11, 22)).year_name == "Bính Ngọ"
    assert lunar(date(2026, 2, 16)).year_name == "Ất Tỵ"


@given(st.dates(date(2000, 1, 1), date(2053, 12, 1)), st.integers(0, 400))
def test_month_starts_say_every_day_between_them(first: date, more: int) -> None:
    """What a phone does with them, a difference of days, is what the library says, in leap years too."""
    last = first + timedelta(days=more)
    starts = month_starts(first, last)
    assert starts[0].on <= first
    assert starts == sorted(set(starts))
    assert all(29 <= (b.on - a.on).days <= 30 for a, b in pairwise(starts))
    for n in range(0, more + 1, 7):
        day = first + timedelta(days=n)
        start = [one for one in starts if one.on <= day][-1]
        found = lunar(day)
        assert ((day - start.on).days + 1, start.month, start.is_leap) == found[:3]
