"""Writes of a hand-over: replace somebody and settle what they leave open, in one; hand over or export entries."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from webapp import clock
from webapp.assignments import actions as assignments
from webapp.assignments.actions import Decision
from webapp.assignments.rules import Refused
from webapp.audit.actions import record_all, row
from webapp.db import transaction
from webapp.errors import Problem
from webapp.fields import N_
from webapp.handover import queries
from webapp.handover.models import HandoverItem
from webapp.handover.queries import Whose
from webapp.handover.rules import Way
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


def replace(
    actor: Actor, assignment_id: UUID, officer_id: UUID, on: date, reason: str, decision: Decision, *,
    id: UUID, hand_over: Collection[UUID] = (),  # noqa: A002 - of the new assignment
) -> UUID:  # fmt: skip
    """Replace somebody, and hand these of their returned entries over to whoever comes: one transaction.

    What is not handed over the old holder sends, or somebody exports. Raises `Refused` and `Problem`.
    """
    with transaction():
        begun = assignments.replace(actor, assignment_id, officer_id, on, reason, decision, id)
        if hand_over:
            hand_over_entries(actor, assignment_id, hand_over, officer_id)
    return begun


def hand_over_entries(
    actor: Actor, assignment_id: UUID, meeting_ids: Collection[UUID], to_id: UUID
) -> int:  # fmt: skip
    """Let somebody who follows the place now answer for returned entries of whoever did; return how many.

    Their first author stays their author; each revision says who wrote it. What was sent meanwhile is left alone.
    """
    with transaction() as session:
        whose = _of(actor, assignment_id, Permission.ADMINISTER)
        if to_id not in {one.id for one in queries.receivers(whose.row, clock.today())}:
            raise Refused(N_("Người nhận bàn giao phải đang được phân công ở đây."))
        found = queries.open_entries(whose.row, meeting_ids)
        _let_keep(session, whose.row.officer_id, found, to_id)
        _settle(session, actor, whose, found, Way.HANDED_OVER, to_id)
    return len(found)


def export(actor: Actor, assignment_id: UUID, meeting_ids: Collection[UUID]) -> Sequence[MeetingEntry]:
    """Settle returned entries by taking them out of the system; return them, for the file that is made of them.

    They stay in the book as they are. Only who may read them and decides at the place does this.
    """
    with transaction() as session:
        whose = _of(actor, assignment_id, Permission.READ_PLACES)
        found = queries.open_entries(whose.row, meeting_ids)
        for entry in found:
            if not may(actor, entry, Permission.READ_MEETING):
                raise Problem("not_found")
            if not (may(actor, entry, Permission.DECIDE_MEETING) or may(actor, entry, Permission.ADMINISTER)):
                raise Problem("forbidden")
        _settle(session, actor, whose, found, Way.EXPORTED, None)
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
    session: Session, actor: Actor, whose: Whose, found: Sequence[MeetingEntry], way: Way, to_id: UUID | None
) -> None:
    now = clock.now()
    session.add_all(
        HandoverItem(
            assignment_id=whose.row.id, meeting_id=entry.id, way=way.value, to_id=to_id, at=now,
            by_id=actor.officer_id,
        )
        for entry in found
    )  # fmt: skip
    session.flush()
    record_all([
        row(f"handover.{way.value}", actor_id=actor.officer_id, record_kind="meeting", record_id=entry.id,
            unit_id=entry.unit_id)
        for entry in found
    ])  # fmt: skip
