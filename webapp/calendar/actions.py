"""Writes of the calendar: put a meeting into it, change or cancel it, say who was there, publish it or not."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from sqlalchemy import delete, or_, select, update

from webapp import clock
from webapp.assignments.models import Assignment
from webapp.audit.actions import record
from webapp.calendar import attending, queries
from webapp.calendar.models import CalendarPublication, PlannedAttendee, PlannedMeeting
from webapp.calendar.rules import Item
from webapp.db import db, transaction
from webapp.duties.rules import MeetingType
from webapp.errors import Problem
from webapp.permissions import Permission
from webapp.places.models import Unit
from webapp.sync.feeds import announce

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from webapp.accounts.rules import Actor


class PlanFacts(NamedTuple):
    """What is said of a planned meeting."""

    unit_id: UUID
    meeting_type: MeetingType
    starts_at: datetime
    minutes: int
    place: str
    subject: str
    is_public: bool
    attendees: frozenset[UUID]

    def as_item(self, meeting_id: UUID) -> Item:
        """Return it as the rules know it."""
        return Item(
            meeting_id, self.unit_id, self.meeting_type, self.starts_at, self.minutes, officers=self.attendees
        )


def save_plan(actor: Actor, meeting_id: UUID, facts: PlanFacts) -> None:
    """Put a meeting into the calendar, or change one: a new id makes a new one; sent twice, it is one.

    Raises `Problem` (``not_found``) when the place, now or before, is not one the actor plans for.
    """
    _check_right(actor, facts.unit_id)
    with transaction() as session:
        found = session.get(PlannedMeeting, meeting_id)
        if found is not None:
            _check_right(actor, found.unit_id)
        told = facts._asdict()
        wanted = told.pop("attendees")
        told |= {"changed_at": clock.now(), "changed_by_id": actor.officer_id}
        before: set[UUID] = set()
        if found is None:
            session.add(PlannedMeeting(id=meeting_id, changes=0, **told))
            session.flush()
        else:
            before = attending.attendee_ids(meeting_id)
            announce(_feeds_of([found.unit_id], before))  # who is no longer concerned hears of it too
            told["changes"] = found.changes + 1
            session.execute(update(PlannedMeeting).where(PlannedMeeting.id == meeting_id).values(**told))
        offered = {one.id for one in attending.people_for(facts.unit_id, clock.today())} | before
        session.execute(
            delete(PlannedAttendee).where(
                PlannedAttendee.meeting_id == meeting_id, PlannedAttendee.officer_id.not_in(wanted)
            )
        )
        session.add_all(
            PlannedAttendee(meeting_id=meeting_id, officer_id=officer_id)
            for officer_id in sorted((wanted & offered) - before)
        )
        session.flush()
        _note(actor, "meeting_planned", meeting_id, facts.unit_id)


def cancel_plan(actor: Actor, meeting_id: UUID) -> None:
    """Take a meeting out of the calendar; that it was planned stays."""
    with transaction() as session:
        found = _planned(actor, session, meeting_id)
        if found.cancelled_at is None:
            found.cancelled_at = found.changed_at = clock.now()
            found.changed_by_id = actor.officer_id
            found.changes += 1
            session.flush()
            _note(actor, "plan_cancelled", meeting_id, found.unit_id)


def mark_attended(actor: Actor, meeting_id: UUID, there: Collection[UUID]) -> None:
    """Write down who was at a meeting that has begun: who plans for the place says it of all, anybody of themselves."""
    with transaction() as session:
        found = queries.plan(actor, meeting_id)
        if found is None:
            raise Problem("not_found")
        now = clock.now()
        if found.cancelled_at or found.starts_at > now:
            raise Problem("bad_request")
        rows = session.scalars(select(PlannedAttendee).where(PlannedAttendee.meeting_id == meeting_id)).all()
        may_all = queries.holds(actor, Permission.PLAN_MEETING, found.unit_id)
        mine = [row for row in rows if may_all or row.officer_id == actor.officer_id]
        if not mine:
            raise Problem("forbidden")
        for row in mine:
            row.attended_at = (row.attended_at or now) if row.officer_id in there else None
        session.flush()
        _note(actor, "attendance_marked", meeting_id, found.unit_id)


def publish(actor: Actor, unit_id: UUID, *, is_public: bool) -> None:
    """Make the calendar of a unit public or not, with all below that say nothing themselves."""
    if not queries.holds(actor, Permission.SET_DUTIES, unit_id):
        raise Problem("not_found")
    with transaction() as session:
        session.merge(
            CalendarPublication(
                unit_id=unit_id, is_public=is_public, changed_at=clock.now(), changed_by_id=actor.officer_id
            )
        )
        session.flush()
        action = "calendar_published" if is_public else "calendar_hidden"
        record(action, actor_id=actor.officer_id, record_kind="unit", record_id=unit_id, unit_id=unit_id)


def _planned(actor: Actor, session: Session, meeting_id: UUID) -> PlannedMeeting:
    found = session.get(PlannedMeeting, meeting_id)
    if found is None:
        raise Problem("not_found")
    _check_right(actor, found.unit_id)
    return found


def _check_right(actor: Actor, unit_id: UUID) -> None:
    if not queries.holds(actor, Permission.PLAN_MEETING, unit_id):
        raise Problem("not_found")


def _feeds_of(unit_ids: Collection[UUID], officer_ids: Collection[UUID]) -> list[UUID]:
    """Return the feeds on which the phones at these places and of these people listen."""
    today = clock.today()
    followed = select(Assignment.unit_id).where(
        Assignment.officer_id.in_(officer_ids),
        or_(Assignment.valid_to.is_(None), Assignment.valid_to > today),
    )
    heard = select(Unit.feed_unit_id).where(
        or_(Unit.id.in_(unit_ids), Unit.id.in_(followed)), Unit.feed_unit_id.is_not(None)
    )
    return [feed_id for feed_id in db.session.scalars(heard.distinct()) if feed_id]


def _note(actor: Actor, action: str, meeting_id: UUID, unit_id: UUID) -> None:
    """Write down who did it, and let the phones concerned ask again."""
    record(
        action,
        actor_id=actor.officer_id,
        record_kind="planned_meeting",
        record_id=meeting_id,
        unit_id=unit_id,
    )
    announce(_feeds_of([unit_id], attending.attendee_ids(meeting_id)))
