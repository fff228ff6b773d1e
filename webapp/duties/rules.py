"""Windows and duties as pure data: which row holds where and when, and whether a duty is met.

A row holds at its unit and below, from the first of a month; the one of the nearest unit counts. A row without a
unit holds everywhere. Rows are never changed but for their end: what held in a month that is over holds in it still.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple, TypeVar
from uuid import UUID

from webapp.fields import N_, Choice


class MeetingType(Choice):
    """What kind of meeting; of those of the Party only that they are held, and who was there."""

    COMMITTEE = "committee", N_("Họp cấp ủy")
    BRANCH = "branch", N_("Sinh hoạt chi bộ")
    GROUP = "group", N_("Họp tổ")
    OTHER = "other", N_("Cuộc họp khác")


WINDOWED = tuple(kind for kind in MeetingType if kind is not MeetingType.OTHER)
"""The kinds of meetings that have days of the month kept for them, and are somebody's duty."""


class Period(Choice):
    """How long somebody has for a duty."""

    MONTH = "month", N_("Tháng")
    QUARTER = "quarter", N_("Quý")


class Stage(StrEnum):
    """Where a day stands to a window."""

    BEFORE = "before"
    INSIDE = "inside"
    AFTER = "after"


class Window(NamedTuple):
    """Days of every month that are kept for one kind of meeting."""

    id: UUID
    unit_id: UUID | None
    meeting_type: MeetingType
    first_day: int
    last_day: int
    valid_from: date
    valid_to: date | None
    basis: str = ""

    def days(self, month: date) -> tuple[date, date]:
        """Return its first and last day in the month of a day; a short month ends it early."""
        longest = monthrange(month.year, month.month)[1]
        return month.replace(day=min(self.first_day, longest)), month.replace(day=min(self.last_day, longest))

    def covers(self, day: date) -> bool:
        """Say whether a day lies in it."""
        first, last = self.days(day)
        return first <= day <= last


class Duty(NamedTuple):
    """Who holds a role must attend so many meetings of a kind in a period, of each place followed or in all."""

    id: UUID
    unit_id: UUID | None
    role_code: str
    meeting_type: MeetingType
    min_count: int
    """None at all lifts what would hold from further up."""
    for_each: bool
    period: Period
    valid_from: date
    valid_to: date | None
    basis: str = ""


class Default(NamedTuple):
    """A row as a new installation starts with it."""

    meeting_type: MeetingType
    first_day: int
    last_day: int
    basis: str


SINCE = date(2000, 1, 1)
_PRACTICE = N_("Nền nếp chung ở cơ sở; thay bằng văn bản của cấp ủy địa phương")
DEFAULT_WINDOWS = (
    Default(MeetingType.COMMITTEE, 7, 9, _PRACTICE),
    Default(MeetingType.BRANCH, 10, 15, _PRACTICE),
    Default(MeetingType.GROUP, 16, 25, _PRACTICE),
)
DEFAULT_DUTIES = (
    ("group_officer", MeetingType.GROUP, True),
    ("hamlet_cadre", MeetingType.GROUP, True),
    ("district_officer", MeetingType.COMMITTEE, False),
    ("district_officer", MeetingType.BRANCH, False),
)
"""Role, meetings of which it must attend one a month, and whether of each place followed."""

Row = TypeVar("Row", Window, Duty)


def month_of(day: date) -> date:
    """Return the first of a day's month."""
    return day.replace(day=1)


def after_month(day: date, count: int = 1) -> date:
    """Return the first of the month `count` months after that of `day`."""
    number = day.year * 12 + day.month - 1 + count
    return date(number // 12, number % 12 + 1, 1)


def holds_on(row: Row, day: date) -> bool:
    """Say whether a row is in force on `day`."""
    return row.valid_from <= day and (row.valid_to is None or day < row.valid_to)


def when(start: date, end: date | None, day: date) -> Stage:
    """Say whether what holds from `start` until the day before `end` is still to come on `day`, holds, or is over."""
    return Stage.BEFORE if day < start else Stage.AFTER if end is not None and day >= end else Stage.INSIDE


def nearest(rows: Iterable[Row], line: Sequence[UUID], day: date) -> Row | None:
    """Return the row in force on `day` for a unit, given the unit and those above it, nearest first."""
    reach = {unit: step for step, unit in enumerate(line)}
    found = [row for row in rows if holds_on(row, day) and (row.unit_id is None or row.unit_id in reach)]
    return min(found, key=lambda row: reach[row.unit_id] if row.unit_id else len(reach), default=None)


def windows_at(rows: Iterable[Window], line: Sequence[UUID], day: date) -> list[Window]:
    """Return the windows that hold for a unit in the month of `day`, one of each kind."""
    rows = list(rows)
    found = (
        nearest([row for row in rows if row.meeting_type is kind], line, month_of(day)) for kind in WINDOWED
    )
    return [window for window in found if window]


def stage(window: Window | None, day: date) -> Stage:
    """Say whether a window of the month of `day` is still to come, open, or over; without one it is always open."""
    if window is None:
        return Stage.INSIDE
    first, last = window.days(day)
    return Stage.BEFORE if day < first else Stage.AFTER if day > last else Stage.INSIDE


def duties_at(rows: Iterable[Duty], line: Sequence[UUID], role_code: str, day: date) -> list[Duty]:
    """Return what a role bound to a unit must attend; a row that asks for nothing lifts one from further up."""
    rows = [row for row in rows if row.role_code == role_code]
    found = (
        nearest([row for row in rows if row.meeting_type is kind], line, month_of(day)) for kind in WINDOWED
    )
    return [duty for duty in found if duty and duty.min_count]


def period_around(period: Period, day: date) -> tuple[date, date]:
    """Return the first day of the period around `day`, and the first day after it."""
    if period is Period.MONTH:
        return month_of(day), after_month(day)
    first = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    return first, after_month(first, 3)


class Progress(NamedTuple):
    """How far somebody has come with a duty."""

    done: int
    wanted: int

    @property
    def is_met(self) -> bool:
        """Say whether nothing is left to do."""
        return self.done >= self.wanted


def progress(duty: Duty, attended: Sequence[int]) -> Progress:
    """Count a duty, given how many meetings were attended in its period at each place followed.

    Of each place: a place counts once it has enough. In all: every meeting counts, wherever it was.
    """
    if duty.for_each:
        return Progress(sum(count >= duty.min_count for count in attended), len(attended))
    return Progress(min(sum(attended), duty.min_count), duty.min_count)


class Refused(ValueError):  # noqa: N818 - said to the person who asked, not an error of the program
    """A row would say something that cannot be; the text is a Vietnamese sentence."""


class Room(NamedTuple):
    """What has to happen so that a new row may begin."""

    ended: UUID | None
    """The row in force then, which ends on that day."""
    valid_to: date | None
    """The day before which the new one ends, because another was decided for then."""


def make_room(rows: Iterable[Row], start: date, today: date) -> Room:
    """Say what becomes of the rows of the same unit, kind and role when one begins on `start`.

    Months that are over are history: a row begins with a month, this one at the earliest.
    """
    if start.day != 1:
        raise Refused(N_("Bắt đầu từ ngày đầu một tháng."))
    if start < month_of(today):
        raise Refused(N_("Tháng đã qua giữ nguyên: chọn tháng này hoặc tháng sau."))
    rows = list(rows)
    ended = next((row.id for row in rows if holds_on(row, start)), None)
    later = [row.valid_from for row in rows if row.valid_from > start and row.valid_from != row.valid_to]
    return Room(ended, min(later, default=None))


def days_between(first: date, last: date) -> list[date]:
    """Return every day from `first` to `last`."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
