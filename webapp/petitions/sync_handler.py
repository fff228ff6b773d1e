"""What sync must know of petitions, and what a pull says of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from webapp import clock
from webapp.accounts.models import Officer
from webapp.db import db
from webapp.petitions import actions, queries, rules
from webapp.petitions.models import PetitionRecord, PetitionRevision
from webapp.petitions.records import Petition, PetitionWithdrawal
from webapp.places.registry import Effect
from webapp.places.registry import register_effect as register_place_effect
from webapp.redaction.actions import register_copies
from webapp.sync.queries import author_of, received_since, revisions_of, told_bodies, told_to
from webapp.sync.registry import Change, RecordKind, Share, Window, Written, register, register_effect

HISTORY = timedelta(days=60)
"""How far back a first load brings petitions that are settled; what is open comes however old it is."""


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
        recent = found.received_at >= clock.now() - HISTORY
        chosen = chosen.where(or_(recent, found.state.in_(rules.OPEN)))
    rows = db.session.execute(chosen).all()
    held = {petition.id: petition for petition, *_ in rows if share.holds(petition, petition.meeting_id)}
    bodies = told_bodies(PetitionRevision, held.keys(), window.own_device)
    revisions = revisions_of(PetitionRevision, list(held.values()), share.officer_id, window.own_device)
    became = _became(list(held.values()))
    return [
        Change(petition.feed_seq, petition.id, None if petition.id not in held else {
            "id": str(petition.id), "seq": petition.feed_seq, "unit_id": str(petition.unit_id),
            "meeting_id": str(petition.meeting_id) if petition.meeting_id else None,
            "rev": petition.rev, "state": petition.state,
            "received_at": clock.iso(petition.received_at), "receipt": petition.receipt_code,
            "revisions": revisions.get(petition.id, []),
        } | author_of(petition, author, keeper_name) | became.get(petition.id, {}) | bodies[petition.id])
        for petition, author, keeper_name in rows
    ]  # fmt: skip


def received(share: Share, since: datetime) -> Iterable[tuple[UUID, int]]:
    """Return the (id, seq) of the petitions received since a moment that a phone should hold."""
    found = received_since(PetitionRecord, share, since)
    return [(one.id, one.feed_seq) for one in found if share.holds(one, one.meeting_id)]


def parts(ids: Collection[UUID]) -> list[UUID]:
    """Return the petitions raised at meetings whose entries a phone drops."""
    return list(db.session.scalars(select(PetitionRecord.id).where(PetitionRecord.meeting_id.in_(ids))))


def _became(petitions: Sequence[PetitionRecord]) -> dict[UUID, dict[str, Any]]:
    """Return what a phone is told of those that somebody has acted on; keys that say nothing are left out."""
    moved = [one for one in petitions if one.event_seq]
    answers = queries.answers_of(moved)
    given = queries.owners_of(moved)
    owners = queries.units(given.values())
    told: dict[UUID, dict[str, Any]] = {}
    for one in moved:
        answer, owner = answers.get(one.id), given[one.id]
        said = {
            "since": clock.iso(one.since), "due": one.due.isoformat() if one.due else None,
            "owner": owners[owner].name if owner else None, "view": one.view,
            "channel": one.channel if one.state == rules.State.REDIRECTED else None,
            "answer": answer and {
                "id": str(answer.event_id), "kind": answer.deed.value, "text": answer.text,
                "evidence": answer.evidence, "at": clock.iso(answer.at),
            },
        }  # fmt: skip
        told[one.id] = {key: value for key, value in said.items() if value is not None}
    return told


KIND = RecordKind(
    name="petition", body=Petition, withdrawal=PetitionWithdrawal, table=PetitionRecord, revisions=PetitionRevision,
    saved_state="raised", fixed_states=frozenset(rules.State) - {rules.State.RAISED},
    project=project, day=lambda _: None, pull_name="petitions", changes=changes,
    received=received, parts=parts, refers_to=lambda body: body.meeting_id,
)  # fmt: skip


def begin(written: Sequence[Written]) -> None:
    """Start the clock of petitions that have just come."""
    actions.start_clocks([one.record_id for one in written if one.is_new])


def init() -> None:
    """Make petitions known to sync, and what their logs say to whoever masks something of them."""
    register(KIND)
    register_copies(actions.mask_logs)
    register_place_effect(Effect("petitions", actions.follow_places, actions.take_back))
    register_effect(KIND.name, begin)
