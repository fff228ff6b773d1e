"""Who may be asked to a planned meeting, and who was."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select

from webapp.accounts.models import Officer, Role
from webapp.assignments.models import Assignment
from webapp.calendar.models import PlannedAttendee
from webapp.db import db
from webapp.duties import queries as decided
from webapp.places.models import UnitMembership

if TYPE_CHECKING:
    from collections.abc import Sequence

from webapp.calendar.queries import KEEPERS


def attendee_ids(meeting_id: UUID) -> set[UUID]:
    """Return who is to attend a planned meeting."""
    chosen = select(PlannedAttendee.officer_id).where(PlannedAttendee.meeting_id == meeting_id)
    return set(db.session.scalars(chosen))


class Attendee(NamedTuple):
    """Somebody who may attend a meeting, by the role they hold at its place or above it."""

    id: UUID
    name: str
    title: str
    role: str
    role_en: str
    attended_at: datetime | None = None


def people_for(unit_id: UUID, day: date) -> list[Attendee]:
    """Return who holds a role on the line of a unit, or at a cluster around it: each once, by the nearest role."""
    line = decided.line_of(unit_id, day)
    around = select(UnitMembership.overlay_id).where(
        UnitMembership.unit_id.in_(line), UnitMembership.valid_from <= day,
        or_(UnitMembership.valid_to.is_(None), UnitMembership.valid_to > day),
    )  # fmt: skip
    places = [*line, *db.session.scalars(around)]
    return _people(Assignment.unit_id.in_(places), places, day)


def attendees(meeting_id: UUID, unit_id: UUID, day: date) -> list[Attendee]:
    """Return who is to attend a planned meeting, whatever role they hold or held."""
    marked = {
        row.officer_id: row.attended_at
        for row in db.session.scalars(select(PlannedAttendee).where(PlannedAttendee.meeting_id == meeting_id))
    }
    known = {one.id: one for one in people_for(unit_id, day) if one.id in marked}
    found = [*known.values(), *people_named(marked.keys() - known.keys())]
    return [one._replace(attended_at=marked[one.id]) for one in found]


def people_named(officer_ids: Collection[UUID]) -> list[Attendee]:
    """Return people without any role."""
    found = db.session.scalars(
        select(Officer).where(Officer.id.in_(officer_ids)).order_by(Officer.sort_name, Officer.id)
    )
    return [Attendee(one.id, one.full_name, one.title, "", "") for one in found]


def _people(which: ColumnElement[bool], places: Sequence[UUID], day: date) -> list[Attendee]:
    near = {place: step for step, place in enumerate(places)}
    rows = db.session.execute(
        select(Assignment.unit_id, Officer.id, Officer.full_name, Officer.title, Role.label, Role.label_en)
        .join(Officer, Officer.id == Assignment.officer_id)
        .join(Role, Role.code == Assignment.role_code)
        .where(
            which, Assignment.role_code.not_in(KEEPERS), Assignment.valid_from <= day,
            or_(Assignment.valid_to.is_(None), Assignment.valid_to > day),
        )
        .order_by(Officer.sort_name, Officer.id)
    ).all()  # fmt: skip
    found: dict[UUID, Attendee] = {}
    for row in sorted(rows, key=lambda row: near[row.unit_id]):
        found.setdefault(row.id, Attendee(*row[1:]))
    order = {row.id: place for place, row in enumerate(rows)}
    return sorted(found.values(), key=lambda one: order[one.id])
