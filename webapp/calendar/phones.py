"""What of the calendar phones are told, whole."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_

from webapp import clock
from webapp.accounts.queries import grants_of
from webapp.calendar.lunar import month_starts
from webapp.calendar.models import PlannedMeeting
from webapp.calendar.obligations import asked_of, attended
from webapp.calendar.queries import attended_by, plans
from webapp.calendar.rules import Item
from webapp.duties import queries as decided
from webapp.duties.rules import Duty, MeetingType, after_month, month_of, period_around, progress, windows_at
from webapp.places.queries import lines_above

TOLD_MONTHS = 4
"""For how many months, this one included, a phone is told windows and plans."""

LUNAR_MONTHS = 13
"""For how many months a phone is told where lunar months begin."""


def told(officer_id: UUID, mine: frozenset[UUID], known: frozenset[UUID]) -> dict[str, Any]:
    """Return what an officer's phone is told of the calendar (docs/sync-protocol.md, section 5)."""
    today = clock.today()
    first = month_of(today)
    months = [after_month(first, n) for n in range(TOLD_MONTHS)]
    last = after_month(months[-1]) - timedelta(days=1)
    starts = month_starts(after_month(first, -1), after_month(first, LUNAR_MONTHS) - timedelta(days=1))
    which = or_(PlannedMeeting.unit_id.in_(known), attended_by([officer_id]))
    found = plans(which, first, last)
    names = decided.names_of({one.unit_id for one in found} - known)
    return {
        "lunar": [[start.on.isoformat(), start.month, *([1] if start.is_leap else [])] for start in starts],
        "windows": told_windows(lines_above(mine, today), months),
        "duties": [
            _told_duty(officer_id, duty, units, today)
            for duty, units, _ in asked_of(grants_of(officer_id), today)
        ],
        "plans": [_told_plan(one, officer_id, names) for one in found],
    }


def told_windows(lines: dict[UUID, list[UUID]], months: list[date]) -> list[dict[str, Any]]:
    """Return the windows for some groups and months; `units` and `months` only where it is not all of them."""
    rows = decided.all_windows()
    found: dict[tuple[str, int, int, date], set[UUID]] = defaultdict(set)
    for unit, line in lines.items():
        for month in months:
            for one in windows_at(rows, line, month):
                found[one.meeting_type.value, one.first_day, one.last_day, month].add(unit)
    merged: dict[tuple[str, int, int, tuple[UUID, ...]], list[date]] = defaultdict(list)
    for (kind, first, last, month), units in found.items():
        merged[kind, first, last, tuple(sorted(units))].append(month)
    return [
        {"type": kind, "first": first, "last": last}
        | ({"units": [str(unit) for unit in units]} if len(units) < len(lines) else {})
        | ({"months": [month.isoformat()[:7] for month in some]} if len(some) < len(months) else {})
        for (kind, first, last, units), some in sorted(merged.items())
    ]


def _told_duty(officer_id: UUID, duty: Duty, units: list[UUID], day: date) -> dict[str, Any]:
    first, until = period_around(duty.period, day)
    said = {
        "type": duty.meeting_type.value, "count": duty.min_count, "each": duty.for_each,
        "from": first.isoformat(), "until": until.isoformat(),
    }  # fmt: skip
    if duty.meeting_type is MeetingType.GROUP:
        return said  # the phone knows itself what was written, also what it has not sent yet
    return said | progress(duty, attended(officer_id, duty, units, day))._asdict()


def _told_plan(one: Item, officer_id: UUID, names: dict[UUID, str]) -> dict[str, Any]:
    said: dict[str, Any] = {
        "id": str(one.id), "type": one.meeting_type.value, "unit_id": str(one.unit_id),
        "at": clock.iso(one.starts_at), "minutes": one.minutes,
    }  # fmt: skip
    if one.unit_id in names:
        said["where"] = names[one.unit_id]
    said |= {key: value for key, value in (("place", one.place), ("subject", one.subject)) if value}
    return said | ({"me": True} if officer_id in one.officers else {})
