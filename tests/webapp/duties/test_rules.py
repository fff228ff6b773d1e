"""Windows and duties as data: what holds where and when, across short months, and that history is not rewritten."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.db import new_id
from webapp.duties.rules import (
    DEFAULT_WINDOWS,
    SINCE,
    Duty,
    MeetingType,
    Period,
    Progress,
    Refused,
    Stage,
    Window,
    after_month,
    days_between,
    duties_at,
    holds_on,
    make_room,
    month_of,
    nearest,
    period_around,
    progress,
    stage,
    windows_at,
)

COMMUNE, DISTRICT, PROVINCE = (UUID(int=n) for n in (3, 2, 1))
LINE = [COMMUNE, DISTRICT, PROVINCE]
days = st.dates(date(2001, 1, 1), date(2099, 12, 31))


def window(first: int = 16, last: int = 25, unit: UUID | None = None, since: date = SINCE, to: date | None = None,
           kind: MeetingType = MeetingType.GROUP) -> Window:  # fmt: skip
    return Window(new_id(), unit, kind, first, last, since, to)


def duty(unit: UUID | None = None, count: int = 1, *, each: bool = True, kind: MeetingType = MeetingType.GROUP,
         role: str = "group_officer") -> Duty:  # fmt: skip
    return Duty(new_id(), unit, role, kind, count, each, Period.MONTH, SINCE, None)


DEFAULTS = [
    Window(new_id(), None, one.meeting_type, one.first_day, one.last_day, SINCE, None)
    for one in DEFAULT_WINDOWS
]


def test_the_defaults_are_those_of_the_seeds() -> None:
    found = windows_at(DEFAULTS, LINE, date(2026, 11, 22))
    assert [(one.meeting_type, one.first_day, one.last_day) for one in found] == [
        ("committee", 7, 9),
        ("branch", 10, 15),
        ("group", 16, 25),
    ]


@given(days, st.integers(1, 31), st.integers(0, 30))
def test_a_window_lies_in_its_month_whatever_its_length(day: date, first: int, more: int) -> None:
    one = window(first, min(31, first + more))
    begins, ends = one.days(day)
    assert month_of(begins) == month_of(ends) == month_of(day)
    assert begins <= ends
    inside = [d for d in days_between(month_of(day), after_month(day) - timedelta(days=1)) if one.covers(d)]
    assert inside == days_between(begins, ends)


@given(days, st.integers(1, 31), st.integers(0, 30))
def test_a_month_goes_through_the_stages_in_order(day: date, first: int, more: int) -> None:
    one = window(first, min(31, first + more))
    month = days_between(month_of(day), after_month(day) - timedelta(days=1))
    order = [Stage.BEFORE, Stage.INSIDE, Stage.AFTER]
    found = [order.index(stage(one, d)) for d in month]
    assert found == sorted(found)
    assert 1 in found
    assert stage(None, day) is Stage.INSIDE


def test_february_ends_a_window_early() -> None:
    one = window(29, 31)
    assert one.days(date(2026, 2, 3)) == (date(2026, 2, 28), date(2026, 2, 28))
    assert one.days(date(2028, 2, 3)) == (date(2028, 2, 29), date(2028, 2, 29))
    assert one.days(date(2026, 12, 31)) == (date(2026, 12, 29), date(2026, 12, 31))


def test_the_nearest_unit_decides() -> None:
    everywhere, district, commune = window(1, 2), window(3, 4, DISTRICT), window(5, 6, COMMUNE)
    day = date(2026, 11, 22)
    rows = [everywhere, district, commune]
    assert nearest(rows, LINE, day) == commune
    assert nearest(rows, [DISTRICT, PROVINCE], day) == district
    assert nearest(rows, [PROVINCE], day) == everywhere
    assert nearest([commune], [DISTRICT], day) is None


def test_a_change_in_the_month_does_not_split_it() -> None:
    """What holds on the first of a month holds for all of it."""
    old = window(16, 25, to=date(2026, 12, 1))
    new = window(18, 27, since=date(2026, 12, 1))
    assert windows_at([old, new], LINE, date(2026, 11, 30)) == [old]
    assert windows_at([old, new], LINE, date(2026, 12, 1)) == [new]


starts = st.builds(lambda n: after_month(date(2026, 11, 1), n), st.integers(-3, 12))


@given(st.lists(st.tuples(starts, st.integers(0, 14)), max_size=10))
def test_decisions_never_overlap_and_leave_the_past_alone(decided: list[tuple[date, int]]) -> None:
    today = date(2026, 11, 22)
    rows = [window()]
    for start, _ in decided:
        before = {row.id: row for row in rows}
        try:
            room = make_room(rows, start, today)
        except Refused:
            assert start < date(2026, 11, 1)
            continue
        rows = [row._replace(valid_to=start) if row.id == room.ended else row for row in rows]
        made = window(since=start, to=room.valid_to)
        rows.append(made)
        for day in (after_month(SINCE, 12 * n) for n in range(27)):
            assert [r.id for r in rows if holds_on(r, day)] == [
                r.id for r in before.values() if holds_on(r, day)
            ]
        assert nearest(rows, LINE, start) == made
    for n in range(-6, 24):
        day = after_month(date(2026, 11, 1), n)
        assert sum(holds_on(row, day) for row in rows) == 1


def test_a_decision_begins_with_a_month() -> None:
    with pytest.raises(Refused):
        make_room([window()], date(2026, 12, 2), date(2026, 11, 22))


@given(days)
def test_periods_follow_each_other_without_a_gap(day: date) -> None:
    for period, months in ((Period.MONTH, 1), (Period.QUARTER, 3)):
        first, until = period_around(period, day)
        assert first <= day < until
        assert after_month(first, months) == until
        assert period_around(period, until)[0] == until
        assert period_around(period, first) == (first, until)


def test_quarters_are_those_of_the_year() -> None:
    assert period_around(Period.QUARTER, date(2026, 11, 22)) == (date(2026, 10, 1), date(2027, 1, 1))
    assert period_around(Period.QUARTER, date(2026, 3, 31)) == (date(2026, 1, 1), date(2026, 4, 1))


counts = st.lists(st.integers(0, 4), max_size=8)


@given(counts, st.integers(1, 3))
def test_a_duty_is_met_when_nothing_is_missing(attended: list[int], wanted: int) -> None:
    each = progress(duty(count=wanted), attended)
    assert each.is_met == all(count >= wanted for count in attended)
    assert each.wanted == len(attended)
    together = progress(duty(count=wanted, each=False), attended)
    assert together.is_met == (sum(attended) >= wanted)
    assert 0 <= together.done <= together.wanted == wanted


@given(counts, st.integers(1, 3), st.data())
def test_one_more_meeting_never_sets_somebody_back(
    attended: list[int], wanted: int, data: st.DataObject
) -> None:
    if not attended:
        return
    place = data.draw(st.integers(0, len(attended) - 1))
    more = [count + (n == place) for n, count in enumerate(attended)]
    for is_each in (True, False):
        rule = duty(count=wanted, each=is_each)
        assert progress(rule, more).done >= progress(rule, attended).done


def test_once_with_the_committee_and_at_least_one_branch() -> None:
    committee = duty(kind=MeetingType.COMMITTEE, each=False, role="district_officer")
    branch = duty(kind=MeetingType.BRANCH, each=False, role="district_officer")
    found = duties_at([committee, branch, duty()], LINE, "district_officer", date(2026, 11, 22))
    assert found == [committee, branch]
    assert progress(branch, [2, 1]) == Progress(1, 1)


def test_a_place_may_lift_a_duty() -> None:
    lifted = duty(COMMUNE, count=0)
    assert duties_at([duty(), lifted], LINE, "group_officer", date(2026, 11, 22)) == []
    assert len(duties_at([duty(), lifted], [DISTRICT], "group_officer", date(2026, 11, 22))) == 1
