"""Planned meetings as pure data: what stands in the way of one, weeks, months, and what phones are told."""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from webapp import clock
from webapp.duties.rules import MeetingType, Window

DEFAULT_MINUTES = 60
"""How long a meeting takes of which only the beginning was agreed."""
SHORTEST, LONGEST = 15, 12 * 60
WEEK = 7


@dataclass(frozen=True)
class Item:
    """A meeting that is to be: planned by an office, or agreed on by a group at its last one."""

    id: UUID
    unit_id: UUID
    meeting_type: MeetingType
    starts_at: datetime
    minutes: int = DEFAULT_MINUTES
    place: str = ""
    subject: str = ""
    officers: frozenset[UUID] = frozenset()
    is_plan: bool = True
    is_public: bool = False

    @property
    def ends_at(self) -> datetime:
        """Return when it is over."""
        return self.starts_at + timedelta(minutes=self.minutes)

    @property
    def day(self) -> date:
        """Return its date in the country's time."""
        return clock.local(self.starts_at).date()


class Why(StrEnum):
    """Why a meeting may be in the way; it is said, and never forbidden."""

    IN_WINDOW = "in_window"
    """It lies in days kept for meetings of another kind."""
    OUT_OF_WINDOW = "out_of_window"
    """It lies outside the days kept for its own kind."""
    OVERLAP = "overlap"
    """Somebody has another meeting at the same time."""


class Warning_(NamedTuple):  # noqa: N801 - `Warning` is Python's own
    """One thing to consider."""

    why: Why
    window: Window | None = None
    other: Item | None = None
    officer_id: UUID | None = None


def window_warnings(item: Item, windows: Iterable[Window]) -> list[Warning_]:
    """Return what a meeting's day has against it, given the windows that hold at its place."""
    found = []
    for window in windows:
        inside = window.covers(item.day)
        own = window.meeting_type is item.meeting_type
        if inside and not own:
            found.append(Warning_(Why.IN_WINDOW, window))
        elif own and not inside:
            found.append(Warning_(Why.OUT_OF_WINDOW, window))
    return found


def covering(windows: Iterable[Window], day: date) -> list[Window]:
    """Return the windows in which a day lies."""
    return [window for window in windows if window.covers(day)]


def overlap(one: Item, other: Item) -> bool:
    """Say whether two meetings run at the same time; one may begin when the other ends."""
    return one.starts_at < other.ends_at and other.starts_at < one.ends_at


def overlaps(items: Iterable[Item]) -> dict[UUID, list[Warning_]]:
    """Return, by meeting, the others at the same time that one of its officers must attend too."""
    by_officer: dict[UUID, list[Item]] = defaultdict(list)
    for item in items:
        for officer in item.officers:
            by_officer[officer].append(item)
    found: dict[UUID, list[Warning_]] = defaultdict(list)
    for officer, theirs in by_officer.items():
        running: list[Item] = []
        for item in sorted(theirs, key=lambda one: (one.starts_at, one.id)):
            running = [one for one in running if one.ends_at > item.starts_at]
            for other in running:
                if overlap(item, other):
                    found[item.id].append(Warning_(Why.OVERLAP, None, other, officer))
                    found[other.id].append(Warning_(Why.OVERLAP, None, item, officer))
            running.append(item)
    return dict(found)


def monday_of(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def week_from(text: str | None, today: date) -> date:
    """Return the Monday of a week written as browsers do (2026-W47); this week's when it says nothing."""
    try:
        year, week = (text or "").split("-W")
        return date.fromisocalendar(int(year), int(week), 1)
    except ValueError:
        return monday_of(today)


def week_name(monday: date) -> str:
    """Write a week as browsers do."""
    year, week, _ = monday.isocalendar()
    return f"{year}-W{week:02d}"


def month_days(month: date) -> list[date]:
    """Return the days of a month."""
    return [month.replace(day=n + 1) for n in range(monthrange(month.year, month.month)[1])]


def by_day(items: Iterable[Item]) -> dict[date, list[Item]]:
    """Return meetings by their day, in the order in which they begin."""
    found: dict[date, list[Item]] = defaultdict(list)
    for item in sorted(items, key=lambda one: (one.starts_at, one.id)):
        found[item.day].append(item)
    return dict(found)


def nearest_word(words: dict[UUID, bool], line: Sequence[UUID]) -> bool:
    """Say whether a unit's calendar is public: the nearest unit that says anything decides; silence is no."""
    return next((words[unit] for unit in line if unit in words), False)
