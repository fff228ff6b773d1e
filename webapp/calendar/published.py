"""The public week: kinds, places and roles of what units publish."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from sqlalchemy import literal, or_, select

from webapp import clock
from webapp.accounts.models import Officer, Role
from webapp.assignments.models import Assignment
from webapp.calendar.models import CalendarPublication, PlannedAttendee, PlannedMeeting
from webapp.calendar.rules import Item, nearest_word
from webapp.db import db
from webapp.duties import queries as decided
from webapp.places.models import UnitMembership
from webapp.places.queries import below, lines_above

if TYPE_CHECKING:
    from collections.abc import Sequence

from webapp.calendar.queries import KEEPERS, as_items, moment


def publications() -> dict[UUID, bool]:
    """Return what was said of publishing, by unit; the rows are few."""
    return {row.unit_id: row.is_public for row in db.session.scalars(select(CalendarPublication))}


class PublicMeeting(NamedTuple):
    """What the public is told of a meeting: kind, place and roles. No name, no subject."""

    item: Item
    where: str
    roles: list[tuple[str, str]]
    changes: int
    changed_at: datetime
    is_cancelled: bool


def public_calendar(
    unit_id: UUID, first: date, last: date, *, cancelled: bool = False
) -> list[PublicMeeting] | None:
    """Return the public meetings of a unit and of all below it; None when its calendar is not public."""
    today, words = clock.today(), publications()
    if not words or not nearest_word(words, decided.line_of(unit_id, today)):
        return None
    tree = below([unit_id], today)
    rows = db.session.scalars(
        select(PlannedMeeting)
        .where(
            PlannedMeeting.unit_id.in_(select(tree.c.id)), PlannedMeeting.is_public,
            PlannedMeeting.starts_at >= moment(first), PlannedMeeting.starts_at < moment(last + timedelta(days=1)),
            or_(literal(cancelled), PlannedMeeting.cancelled_at.is_(None)),
        )
        .order_by(PlannedMeeting.starts_at, PlannedMeeting.id)
    ).all()  # fmt: skip
    lines = lines_above({row.unit_id for row in rows}, today)
    rows = [row for row in rows if nearest_word(words, lines.get(row.unit_id, [unit_id]))]
    where = decided.names_of({row.unit_id for row in rows})
    roles = _roles_at(rows, {row.unit_id: lines.get(row.unit_id, [unit_id]) for row in rows})
    return [
        PublicMeeting(
            item, where[row.unit_id], roles[row.id], row.changes, row.changed_at, row.cancelled_at is not None
        )
        for row, item in zip(rows, as_items(rows), strict=True)
    ]


def _roles_at(
    rows: Sequence[PlannedMeeting], lines: dict[UUID, list[UUID]]
) -> dict[UUID, list[tuple[str, str]]]:
    """Return the roles in which people attend, each once, in both languages: of a person the nearest to the place."""
    clusters: dict[UUID, list[UUID]] = defaultdict(list)
    for one in db.session.scalars(
        select(UnitMembership).where(
            UnitMembership.unit_id.in_({unit for line in lines.values() for unit in line})
        )
    ):
        clusters[one.unit_id].append(one.overlay_id)
    places = {
        unit: [*line, *(overlay for place in line for overlay in clusters[place])]
        for unit, line in lines.items()
    }
    held = db.session.execute(
        select(PlannedAttendee.meeting_id, Officer.id, Assignment, Role.label, Role.label_en)
        .join(Officer, Officer.id == PlannedAttendee.officer_id)
        .join(Assignment, Assignment.officer_id == Officer.id)
        .join(Role, Role.code == Assignment.role_code)
        .where(PlannedAttendee.meeting_id.in_([row.id for row in rows]), Assignment.role_code.not_in(KEEPERS))
        .order_by(Officer.sort_name, Officer.id)
    )
    meetings = {row.id: row for row in rows}
    nearest: dict[UUID, dict[UUID, tuple[int, str, str]]] = defaultdict(dict)
    for meeting_id, officer_id, assignment, label, label_en in held:
        meeting = meetings[meeting_id]
        day, near = clock.local(meeting.starts_at).date(), places.get(meeting.unit_id, [meeting.unit_id])
        holds = assignment.valid_from <= day and (assignment.valid_to is None or assignment.valid_to > day)
        if holds and assignment.unit_id in near:
            found = near.index(assignment.unit_id), label, label_en
            known = nearest[meeting_id].setdefault(officer_id, found)
            nearest[meeting_id][officer_id] = min(known, found)
    return {
        row.id: list(dict.fromkeys((label, label_en) for _, label, label_en in nearest[row.id].values()))
        for row in rows
    }
