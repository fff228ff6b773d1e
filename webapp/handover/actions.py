"""Writes of a hand-over: replace somebody and settle what they leave open, in one; hand over or export entries."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from webapp import clock
from webapp.assignments import actions as assignments
from webapp.assignments.actions import Decision
from webapp.assignments.rules import Refused
from webapp.audit.actions import record_all, row
from webapp.db import db, transaction
from webapp.errors import Problem
from webapp.fields import N_
from webapp.handover import queries
from webapp.handover.models import HandoverItem
from webapp.handover.queries import Whose
from webapp.handover.rules import PLANNED, Way
from webapp.meetings.models import MeetingEntry
from webapp.permissions import Permission
from webapp.petitions.models import PetitionRecord
from webapp.review.queries import may
from webapp.sync import feeds
from webapp.sync.models import SyncedRecord
from webapp.sync.queries import answered_by

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from webapp.accounts.rules import Actor
    from webapp.assignments.models import Assignment


def replace(
    actor: Actor, assignment_id: UUID, officer_id: UUID, on: date, reason: str, decision: Decision, *,
    id: UUID, hand_over: Collection[UUID] = (),  # noqa: A002 - of the new assignment
) -> UUID:  # fmt: skip
    """Replace somebody, and hand these of their open entries over to whoever comes: one transaction.

    Of a day to come it is written down, and done on that day. What is not handed over the old holder sends, or
    somebody exports. Raises `Refused` and `Problem`.
    """
    with transaction() as session:
        begun = assignments.replace(actor, assignment_id, officer_id, on, reason, decision, id)
        if hand_over and on <= clock.today():
            hand_over_entries(actor, assignment_id, hand_over, officer_id)
        elif hand_over:
            whose = _of(actor, assignment_id, Permission.ADMINISTER)
            found = queries.open_entries(whose.row, hand_over)
            _write_down(session, whose.row, found, PLANNED, officer_id, actor.officer_id)
    return begun


def hand_over_entries(
    actor: Actor, assignment_id: UUID, meeting_ids: Collection[UUID], to_id: UUID
) -> int:  # fmt: skip
    """Let somebody who follows the place now answer for open entries of whoever did; return how many.

    Their first author stays their author; each revision says who wrote it. What was sent meanwhile is left alone.
    """
    with transaction() as session:
        whose = _of(actor, assignment_id, Permission.ADMINISTER)
        if to_id not in {one.id for one in queries.receivers(whose.row, clock.today())}:
            raise Refused(N_("Người nhận bàn giao phải đang được phân công ở đây."))
        found = queries.open_entries(whose.row, meeting_ids)
        _let_keep(session, whose.row.officer_id, found, to_id)
        _settle(session, whose.row, found, Way.HANDED_OVER, to_id, actor.officer_id)
    return len(found)


def hand_over_planned(day: date) -> int:
    """Hand over what was planned for `day`, or for one that has passed, and return how much it was.

    Whoever decided it is named as who did it. What its author has sent meanwhile is forgotten; what was planned for
    somebody who does not follow the place waits until they do, or until somebody settles it. Safe to run again.
    """
    planned = queries.due(day)
    if db.session.execute(planned.limit(1)).first() is None:
        return 0
    count = 0
    with transaction() as session:
        rows = session.execute(planned.with_for_update(of=HandoverItem)).all()
        for (row, to_id, by_id), items in groupby(rows, key=lambda one: (one[1], one[0].to_id, one[0].by_id)):
            due = [item for item, _ in items]
            found = queries.open_entries(row, [item.meeting_id for item in due])
            _let_keep(session, row.officer_id, found, to_id)
            for item in due:
                session.delete(item)
            session.flush()
            _settle(session, row, found, Way.HANDED_OVER, to_id, by_id)
            count += len(found)
    return count


def export(actor: Actor, assignment_id: UUID, meeting_ids: Collection[UUID]) -> Sequence[MeetingEntry]:
    """Settle open entries by taking them out of the system; return them, for the file that is made of them.

    They stay in the book as they are. This does who reads them and decides at the place, and, once the assignment is
    over, who administers it: whoever arranges a hand-over can finish it.
    """
    with transaction() as session:
        whose = _of(actor, assignment_id, Permission.READ_PLACES)
        found = queries.open_entries(whose.row, meeting_ids)
        for entry in found:
            administers = may(actor, entry, Permission.ADMINISTER)
            if not may(actor, entry, Permission.READ_MEETING) and not (administers and whose.is_over):
                raise Problem("not_found")
            if not (may(actor, entry, Permission.DECIDE_MEETING) or administers):
                raise Problem("forbidden")
        _settle(session, whose.row, found, Way.EXPORTED, None, actor.officer_id)
    return found


def _of(actor: Actor, assignment_id: UUID, permission: Permission) -> Whose:
    if not actor.may(permission, clock.today()):
        raise Problem("forbidden")
    whose = queries.assignment(actor, assignment_id, permission)
    if whose is None:
        raise Problem("not_found")
    return whose


def _let_keep(session: Session, from_id: UUID, found: Sequence[MeetingEntry], to_id: UUID) -> None:
    """Say who answers for these entries and their petitions now, and let the phones hear of it."""
    ids = [entry.id for entry in found]
    petitions = session.scalars(
        select(PetitionRecord)
        .where(PetitionRecord.meeting_id.in_(ids), answered_by(PetitionRecord, from_id))
        .order_by(PetitionRecord.id).with_for_update()
    ).all()  # fmt: skip
    records: list[SyncedRecord] = [*found, *petitions]
    numbers = feeds.take_numbers(one.feed_unit_id for one in records)
    for one in records:
        one.keeper_id = None if one.author_id == to_id else to_id
        one.feed_seq = next(numbers[one.feed_unit_id])
    session.flush()


def _settle(
    session: Session, of: Assignment, found: Sequence[MeetingEntry], way: Way, to_id: UUID | None,
    by_id: UUID | None,
) -> None:  # fmt: skip
    _write_down(session, of, found, way.value, to_id, by_id)
    record_all([
        row(f"handover.{way.value}", actor_id=by_id, record_kind="meeting", record_id=entry.id,
            unit_id=entry.unit_id)
        for entry in found
    ])  # fmt: skip


def _write_down(
    session: Session, of: Assignment, found: Sequence[MeetingEntry], way: str, to_id: UUID | None,
    by_id: UUID | None,
) -> None:  # fmt: skip
    """Say what becomes of these entries, in place of what was planned."""
    now = clock.now()
    for entry in found:
        session.merge(
            HandoverItem(assignment_id=of.id, meeting_id=entry.id, way=way, to_id=to_id, at=now, by_id=by_id)
        )
    session.flush()
