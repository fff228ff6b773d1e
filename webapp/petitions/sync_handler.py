"""What sync must know of petitions, and what a pull says of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import or_, select

from webapp import clock
from webapp.accounts.models import Officer
from webapp.db import db
from webapp.petitions import actions, rules
from webapp.petitions.models import PetitionRecord, PetitionRevision
from webapp.petitions.records import Petition, PetitionWithdrawal
from webapp.sync.queries import revisions_of, told_bodies
from webapp.sync.registry import Change, RecordKind, Window, Written, register, register_effect

HISTORY = timedelta(days=60)
"""How far back a first load brings petitions."""


def project(body: Petition) -> dict[str, Any]:
    """Return the columns of the standing row."""
    return {
        "meeting_id": body.meeting_id, "title": body.title, "category": body.category, "urgency": body.urgency,
        "level": body.level, "people_affected": body.people_affected,
    }  # fmt: skip


def changes(window: Window) -> list[Change]:
    """Return the petitions of a window, whole."""
    found = PetitionRecord
    chosen = (
        select(found, Officer.full_name)
        .join(Officer, Officer.id == found.author_id)
        .where(
            found.feed_unit_id == window.feed_id,
            found.feed_seq > window.after,
            found.feed_seq <= window.until,
            or_(found.unit_id.in_(window.unit_ids), found.author_id == window.officer_id),
        )
        .order_by(found.feed_seq)
        .limit(window.limit)
    )
    if window.is_first_load:
        chosen = chosen.where(found.recorded_at >= clock.now() - HISTORY)
    rows = db.session.execute(chosen).all()
    ids = [petition.id for petition, _ in rows]
    bodies = told_bodies(PetitionRevision, ids, window.own_device)
    revisions = revisions_of(PetitionRevision, ids)
    return [
        Change(petition.feed_seq, {
            "id": str(petition.id), "unit_id": str(petition.unit_id),
            "meeting_id": str(petition.meeting_id) if petition.meeting_id else None,
            "author": {"id": str(petition.author_id), "name": author}, "rev": petition.rev, "state": petition.state,
            "received_at": clock.iso(petition.received_at), "receipt": petition.receipt_code,
            "revisions": revisions.get(petition.id, []),
        } | bodies[petition.id])
        for petition, author in rows
    ]  # fmt: skip


KIND = RecordKind(
    name="petition", body=Petition, withdrawal=PetitionWithdrawal, table=PetitionRecord, revisions=PetitionRevision,
    saved_state="raised", fixed_states=frozenset(rules.State) - {rules.State.RAISED},
    project=project, day=lambda _: None, pull_name="petitions", changes=changes,
)  # fmt: skip


def begin(written: Sequence[Written]) -> None:
    """Start the clock of petitions that have just come."""
    actions.start_clocks([one.record_id for one in written if one.is_new])


def init() -> None:
    """Make petitions known to sync."""
    register(KIND)
    register_effect(KIND.name, begin)
