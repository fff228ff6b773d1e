"""Writes of the desk: one verb, on one revision of one entry."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import insert, select

from webapp import clock
from webapp.accounts.queries import actor_of_officer
from webapp.audit.actions import record
from webapp.db import db, new_id, transaction
from webapp.errors import Problem
from webapp.meetings.models import MeetingEntry
from webapp.meetings.sync_handler import KIND
from webapp.permissions import Permission
from webapp.redaction import actions as redaction
from webapp.redaction.records import Redacting
from webapp.redaction.rules import nfc
from webapp.review.models import ReviewEvent, ReviewRemark
from webapp.review.queries import entry as readable_entry
from webapp.review.queries import held_in_scope, may, may_settle
from webapp.review.rules import RELEASABLE, Decision, Verdict, may_still_be_decided
from webapp.sync import actions as sync_actions
from webapp.sync.feeds import next_number
from webapp.sync.models import Quarantined
from webapp.sync.rules import Code

if TYPE_CHECKING:
    from webapp.accounts.rules import Actor


def review(actor: Actor, entry_id: UUID, op_id: UUID, verdict: Verdict) -> None:
    """Append a verdict on the revision `op_id` of an entry and let the author's phone know.

    Raises `Problem`: ``not_found`` out of scope, ``forbidden`` without the right, ``already_decided``
    when the revision no longer stands or has its decision.
    """
    with transaction() as session:
        found = readable_entry(actor, entry_id)
        if found is None:
            raise Problem("not_found")
        session.refresh(found, with_for_update=True)
        decides = verdict.decision is not Decision.COMMENT
        _check_right(actor, found, Permission.DECIDE_MEETING if decides else Permission.COMMENT_MEETING)
        if decides:
            if not may_still_be_decided(found.state, is_standing_revision=found.op_id == op_id):
                raise Problem("already_decided")
            found.state = verdict.decision.value
        event = ReviewEvent(
            id=new_id(), meeting_id=found.id, op_id=found.op_id, rev=found.rev, decision=verdict.decision.value,
            decides_op_id=found.op_id if decides else None, text=verdict.text, actor_id=actor.officer_id,
            at=clock.now(),
        )  # fmt: skip
        session.add(event)
        session.flush()
        remarks = [
            {"event_id": event.id, "position": place, "field": field, "text": text}
            for place, (field, text) in enumerate(verdict.remarks.items())
        ]
        if remarks:
            session.execute(insert(ReviewRemark), remarks)
        found.feed_seq = next_number(found.feed_unit_id)
        record(f"review.{verdict.decision.value}", actor_id=actor.officer_id, record_kind="meeting",
               record_id=found.id, unit_id=found.unit_id)  # fmt: skip


def release(actor: Actor, held_id: UUID) -> None:
    """Take an operation out of quarantine into the book, on the actor's word that its author may.

    Raises `Problem`: ``not_found``, ``forbidden``, ``already_decided``, or ``cannot_release`` when it
    still does not fit.
    """
    with transaction():
        held = _held(actor, held_id)
        author = actor_of_officer(held.officer_id, held.device_id)
        if held.code not in RELEASABLE or author is None:
            raise Problem("cannot_release")
        code = sync_actions.release(author, held)
        if code not in (Code.APPLIED, Code.PARALLEL):
            raise Problem("cannot_release")
        _settle(actor, held, "released", "")


def dismiss(actor: Actor, held_id: UUID, note: str) -> None:
    """Set an operation in quarantine aside, with the reason its author will read."""
    with transaction():
        _settle(actor, _held(actor, held_id), "dismissed", note)


def redact(actor: Actor, entry_id: UUID, asked: Redacting) -> None:
    """Mask something of an entry in all that is stored.

    Raises `Problem` (``not_found``, ``forbidden``) or `redaction.actions.Refused`.
    """
    with transaction():
        found = readable_entry(actor, entry_id)
        if found is None:
            raise Problem("not_found")
        _check_right(actor, found, Permission.DECIDE_MEETING)
        redaction.redact(actor.officer_id, KIND, entry_id, asked)


def mask_reviews(meeting_ids: Collection[UUID], reword: redaction.RewordOf) -> set[UUID]:
    """Mask what the desk said of entries."""
    masked: set[UUID] = set()
    events = select(ReviewEvent).where(ReviewEvent.meeting_id.in_(meeting_ids))
    for event in db.session.scalars(events).all():
        remarks = db.session.scalars(select(ReviewRemark).where(ReviewRemark.event_id == event.id))
        for row in (event, *remarks):
            text = reword(event.meeting_id, row.text)
            if text != nfc(row.text):
                row.text = text
                masked.add(event.meeting_id)
    return masked


def _held(actor: Actor, held_id: UUID) -> Quarantined:
    held = held_in_scope(actor, held_id)
    if held is None:
        raise Problem("not_found")
    if not may_settle(actor, held):
        raise Problem("forbidden")
    if held.settled:
        raise Problem("already_decided")
    return held


def _settle(actor: Actor, held: Quarantined, word: str, note: str) -> None:
    held.settled, held.note, held.settled_at, held.settled_by_id = word, note, clock.now(), actor.officer_id
    record(f"quarantine.{word}", actor_id=actor.officer_id, record_kind="operation",
           record_id=held.op_id, unit_id=held.unit_id)  # fmt: skip


def _check_right(actor: Actor, found: MeetingEntry, permission: Permission) -> None:
    if not may(actor, found, permission):
        raise Problem("forbidden")
