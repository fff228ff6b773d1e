"""What sync must know of petitions, and what a pull says of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from webapp import clock
from webapp.accounts.models import Officer
from webapp.db import db
from webapp.petitions import actions, rules
from webapp.petitions.models import PetitionRecord, PetitionRevision
from webapp.petitions.records import Petition, PetitionWithdrawal
from webapp.sync.queries import author_of, revisions_of, told_bodies, told_to
from webapp.sync.registry import Change, RecordKind, Window, Written, register, register_effect

HISTORY = timedelta(days=60)
"""How far back a first load brings petitions that are done with; those that are open it brings all."""
DONE = frozenset(
    {
        rules.State.WITHDRAWN,
        rules.State.FED_BACK,
        rules.State.CLOSED,
        rules.State.MERGED,
        rules.State.REDIRECTED,
    }
)


def project(body: Petition) -> dict[str, Any]:
    """Return the columns of the standing row."""
    return {
        "meeting_id": body.meeting_id, "title": body.title, "category": body.category, "urgency": body.urgency,
        "level": body.level, "people_affected": body.people_affected,
    }  # fmt: skip


def changes(window: Window) -> list[Change]:
    """Return the petitions of a window, whole."""
    found, share, keeper = PetitionRecord, window.share, aliased(Officer)
    chosen = (
        select(found, Officer.full_name, keeper.full_name)
        .join(Officer, Officer.id == found.author_id)
        .outerjoin(keeper, keeper.id == found.keeper_id)
        .where(
            found.feed_unit_id == share.feed_id,
            found.feed_seq > window.after,
            found.feed_seq <= window.until,
            told_to(found, share),
        )
        .order_by(found.feed_seq)
        .limit(window.limit)
    )
    if window.is_first_load:
        chosen = chosen.where(or_(found.recorded_at >= clock.now() - HISTORY, found.state.not_in(DONE)))
    rows = db.session.execute(chosen).all()
    held = {petition.id: petition for petition, *_ in rows if share.holds(petition, petition.meeting_id)}
    bodies = told_bodies(PetitionRevision, held.keys(), window.own_device)
    revisions = revisions_of(PetitionRevision, list(held.values()), share.officer_id)
    return [
        Change(petition.feed_seq, petition.id, None if petition.id not in held else {
            "id": str(petition.id), "unit_id": str(petition.unit_id),
            "meeting_id": str(petition.meeting_id) if petition.meeting_id else None,
            "rev": petition.rev, "state": petition.state,
            "received_at": clock.iso(petition.received_at), "receipt": petition.receipt_code,
            "revisions": revisions.get(petition.id, []),
        } | author_of(petition, author, keeper_name) | bodies[petition.id])
        for petition, author, keeper_name in rows
    ]  # fmt: skip


def parts(ids: Collection[UUID]) -> list[UUID]:
    """Return the petitions raised at meetings whose entries a phone drops."""
    return list(db.session.scalars(select(PetitionRecord.id).where(PetitionRecord.meeting_id.in_(ids))))


KIND = RecordKind(
    name="petition", body=Petition, withdrawal=PetitionWithdrawal, table=PetitionRecord, revisions=PetitionRevision,
    saved_state="raised", fixed_states=frozenset(rules.State) - {rules.State.RAISED},
    project=project, day=lambda _: None, pull_name="petitions", changes=changes,
    parts=parts, refers_to=lambda body: body.meeting_id,
)  # fmt: skip


def begin(written: Sequence[Written]) -> None:
    """Start the clock of petitions that have just come."""
    actions.start_clocks([one.record_id for one in written if one.is_new])


def init() -> None:
    """Make petitions known to sync."""
    register(KIND)
    register_effect(KIND.name, begin)
