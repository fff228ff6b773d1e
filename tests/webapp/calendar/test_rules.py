"""Planned meetings: what stands in the way of one, and weeks across the ends of months and years."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from webapp import clock
from webapp.calendar.rules import (
    Item,
    Why,
    by_day,
    monday_of,
    month_days,
    nearest_word,
    overlap,
    overlaps,
    week_from,
    week_name,
    window_warnings,
)
from webapp.db import new_id
from webapp.duties.rules import DEFAULT_WINDOWS, SINCE, MeetingType, Window

PEOPLE = [UUID(int=n) for n in range(1, 4)]
PLACE = UUID(int=9)
WINDOWS = [
    Window(new_id(), None, one.meeting_type, one.first_day, one.last_day, SINCE, None)
    for one in DEFAULT_WINDOWS
]


def item(
    day: date, hour: int = 18, minutes: int = 60, kind: MeetingType = MeetingType.OTHER, *who: UUID
) -> Item:
    starts = datetime(day.year, day.month, day.day, hour, tzinfo=clock.LOCAL_ZONE)
    return Item(new_id(), PLACE, kind, starts, minutes, officers=frozenset(who))


def reasons(day: int, kind: MeetingType) -> list[tuple[str, str]]:
    found = window_warnings(item(date(2026, 11, day), kind=kind), WINDOWS)
    return [(one.why.value, one.window.meeting_type.value) for one in found if one.window]


def test_other_meetings_in_a_window_draw_a_warning() -> None:
    assert reasons(18, MeetingType.COMMITTEE) == [("out_of_window", "committee"), ("in_window", "group")]
    assert reasons(8, MeetingType.OTHER) == [("in_window", "committee")]
    assert reasons(8, MeetingType.COMMITTEE) == []
    assert reasons(28, MeetingType.OTHER) == []
    assert reasons(28, MeetingType.BRANCH) == [("out_of_window", "branch")]


def test_a_late_evening_belongs_to_its_own_day() -> None:
    """Half past midnight in UTC is morning there: a day is a day in Viet Nam."""
    late = Item(new_id(), PLACE, MeetingType.OTHER, datetime.fromisoformat("2026-11-15T17:30:00+00:00"))
    assert late.day == date(2026, 11, 16)
    assert [one.window.meeting_type for one in window_warnings(late, WINDOWS) if one.window] == ["group"]


BEGIN = datetime(2026, 1, 30, tzinfo=clock.LOCAL_ZONE)
moments = st.integers(0, 4 * 24 * 4).map(lambda quarters: BEGIN + timedelta(minutes=15 * quarters))
meetings = st.builds(
    lambda at, minutes, who: Item(new_id(), PLACE, MeetingType.OTHER, at, minutes, officers=frozenset(who)),
    moments, st.integers(15, 300), st.sets(st.sampled_from(PEOPLE)),
)  # fmt: skip


@given(st.lists(meetings, max_size=10))
def test_overlaps_are_found_all_and_only_those(found: list[Item]) -> None:
    """Against the plain definition: two meetings of one person with a minute in common, over midnight too."""
    told = {
        (one, clash.other.id, clash.officer_id)
        for one, clashes in overlaps(found).items()
        for clash in clashes
        if clash.other
    }
    expected = {
        (one.id, other.id, who)
        for one in found
        for other in found
        if one.id != other.id and max(one.starts_at, other.starts_at) < min(one.ends_at, other.ends_at)
        for who in one.officers & other.officers
    }
    assert told == expected


@given(meetings, meetings)
def test_overlapping_is_mutual(one: Item, other: Item) -> None:
    assert overlap(one, other) == overlap(other, one)


def test_one_may_begin_when_the_other_ends() -> None:
    day = date(2026, 11, 18)
    first, second = (
        item(day, 17, 60, MeetingType.OTHER, PEOPLE[0]),
        item(day, 18, 60, MeetingType.OTHER, PEOPLE[0]),
    )
    assert not overlaps([first, second])
    longer = item(day, 17, 61, MeetingType.OTHER, PEOPLE[0])
    assert [one.why for one in overlaps([longer, second])[second.id]] == [Why.OVERLAP]


@given(st.dates(date(2001, 1, 1), date(2099, 12, 1)))
def test_weeks_are_written_as_browsers_do_and_read_again(day: date) -> None:
    monday = monday_of(day)
    assert monday <= day < monday + timedelta(days=7)
    assert week_from(week_name(monday), date(2026, 11, 22)) == monday


def test_nonsense_in_the_address_is_this_week() -> None:
    for text in (None, "", "2026", "2026-W60", "x-Wy", "0-W1", "2026-W47-W2"):
        assert week_from(text, date(2026, 11, 22)) == date(2026, 11, 16)


@given(st.dates(date(2001, 1, 1), date(2099, 12, 31)))
def test_a_month_has_its_days(day: date) -> None:
    found = month_days(day)
    assert found[0].day == 1
    assert day in found
    assert (found[-1] + timedelta(days=1)).day == 1


@given(st.lists(meetings, max_size=10))
def test_no_meeting_is_lost_between_days(found: list[Item]) -> None:
    days = by_day(found)
    assert sorted(one.id for items in days.values() for one in items) == sorted(one.id for one in found)
    assert all(one.day == day for day, items in days.items() for one in items)


def test_silence_is_not_public() -> None:
    line = PEOPLE
    assert not nearest_word({}, line)
    assert nearest_word({line[2]: True}, line)
    assert not nearest_word({line[2]: True, line[0]: False}, line)
    assert nearest_word({line[2]: True, line[0]: False}, line[1:])
