"""Reads of petitions, always in the actor's scope."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from sqlalchemy import or_, select

from webapp import clock
from webapp.accounts.models import Officer
from webapp.db import db
from webapp.fields import Record
from webapp.permissions import Permission
from webapp.petitions import records, rules
from webapp.petitions.models import (
    PetitionCategory,
    PetitionEvent,
    PetitionRecord,
    PetitionRevision,
    PetitionTime,
)
from webapp.petitions.presets import FEEDBACK, TRIAGE
from webapp.petitions.rules import Deed, Event, Relation, Times
from webapp.places.models import Unit, UnitMembership, UnitType
from webapp.places.queries import above, below, heirs_of, stands_on, went_into
from webapp.sync.queries import standing_bodies
from webapp.sync.registry import kind_of

if TYPE_CHECKING:
    from webapp.accounts.rules import Actor

P = Permission
ALIKE = 30
"""How many petitions are offered to be merged into."""
MOST_OWNERS = 60


def relations_of(actor: Actor, petition: PetitionRecord) -> frozenset[Relation]:
    """Return in what capacities the actor stands to a petition today; none means that it is out of scope."""
    today = clock.today()
    line = {petition.unit_id, *(version.unit_id for version in above(petition.unit_id, today))}
    line |= set(
        db.session.scalars(
            select(UnitMembership.overlay_id).where(
                UnitMembership.unit_id.in_(line),
                UnitMembership.valid_from <= today,
                or_(UnitMembership.valid_to.is_(None), UnitMembership.valid_to > today),
            )
        )
    )

    def holds(*permissions: Permission) -> set[UUID]:
        return {unit for one in permissions for unit in actor.roots(one, today)} & line

    home = db.session.get_one(Unit, petition.unit_id).base_id
    handled = actor.roots(P.HANDLE_PETITION, today)
    owner = owners_of([petition])[petition.id] or home
    found: set[Relation] = set()
    if holds(P.RECORD_MEETING, P.COMMENT_MEETING) or petition.author_id == actor.officer_id:
        found.add(Relation.FOLLOWER)
    if home in handled:
        found.add(Relation.HOME)
    if owner in handled:
        found.add(Relation.OWNER)
    if handled and went_into(referred_to(petition.id), handled, today):
        found.add(Relation.AGENCY)
    if holds(P.OVERSEE_PETITION) - {owner}:
        found.add(Relation.REVIEWER)
    is_put_forward = petition.proposed_to_id or rules.is_late(petition.next_by, today)
    if holds(P.READ_MEETING) or (is_put_forward and holds(P.READ_ESCALATED)):
        found.add(Relation.READER)
    return frozenset(found)


def petition(actor: Actor, petition_id: UUID) -> tuple[PetitionRecord, frozenset[Relation]] | None:
    """Return one petition in the actor's scope and how the actor stands to it; out of scope is not found."""
    found = db.session.get(PetitionRecord, petition_id)
    relations = relations_of(actor, found) if found else frozenset[Relation]()
    return (found, relations) if found and relations else None


def owners_of(petitions: Collection[PetitionRecord]) -> dict[UUID, UUID | None]:
    """Return, by petition, the unit that settles it today: the one it was given to, or what that went into.

    Of a unit that was divided it is the part in which the petition's group lies. None until it was given to one.
    """
    today = clock.today()
    heirs = heirs_of({one.owner_unit_id for one in petitions if one.owner_unit_id}, today)
    found: dict[UUID, UUID | None] = {}
    for one in petitions:
        parts = heirs[one.owner_unit_id] if one.owner_unit_id else []
        line = {version.unit_id for version in above(one.unit_id, today)} if len(parts) > 1 else set()
        found[one.id] = next((part for part in parts if part in line), next(iter(parts), None))
    return found


def may_redact(actor: Actor, petition: PetitionRecord) -> bool:
    """Say whether the actor decides on entries of the petition's group: then also on what may not stand in it."""
    today = clock.today()
    tree = below(actor.roots(P.DECIDE_MEETING, today), today)
    return db.session.scalar(select(tree.c.id).where(tree.c.id == petition.unit_id)) is not None


def referred_to(petition_id: UUID) -> Sequence[UUID]:
    """Return the agencies a petition was referred to."""
    return db.session.scalars(
        select(PetitionEvent.unit_id)
        .where(PetitionEvent.petition_id == petition_id, PetitionEvent.deed == Deed.REFER)
        .where(PetitionEvent.unit_id.is_not(None))
        .distinct()
    ).all()  # type: ignore[return-value] # those without a unit are left out


def said_in(event: PetitionEvent) -> Record:
    """Return what belongs to an event."""
    return rules.SAYS[Deed(event.deed)].model_validate(json.loads(event.said))


def event_of(row: PetitionEvent) -> Event:
    """Return a row of the log as the rules know it."""
    said = said_in(row)
    return Event(
        row.id, Deed(row.deed), row.about_id, row.unit_id, getattr(said, "day", None),
        said.view if isinstance(said, records.Feedback) else None,
        said.other_id if isinstance(said, records.Merger) else None,
    )  # fmt: skip


def log_of(petition_id: UUID) -> list[Event]:
    """Return what happened to a petition, in the order of the server."""
    rows = db.session.scalars(
        select(PetitionEvent).where(PetitionEvent.petition_id == petition_id).order_by(PetitionEvent.seq)
    )
    return [event_of(row) for row in rows]


class Happened(NamedTuple):
    """A row of the log, who did it, and what they said."""

    event: PetitionEvent
    actor: Officer
    said: Record


def history_of(petition_id: UUID) -> list[Happened]:
    """Return what happened to a petition and by whom, the newest first."""
    rows = db.session.execute(
        select(PetitionEvent, Officer)
        .join(Officer, Officer.id == PetitionEvent.actor_id)
        .where(PetitionEvent.petition_id == petition_id)
        .order_by(PetitionEvent.seq.desc())
    )
    return [Happened(event, actor, said_in(event)) for event, actor in rows]


def merged_into(petition_ids: Collection[UUID]) -> set[UUID]:
    """Return the petitions that were merged into these, and those merged into them in turn.

    One that was answered follows still: what stands for it may be opened again and answered anew.
    """
    found: set[UUID] = set()
    heads = set(petition_ids)
    while heads:
        rows = db.session.scalars(
            select(PetitionRecord.id).where(
                PetitionRecord.head_id.in_(heads), PetitionRecord.state.in_(rules.LED)
            )
        )
        heads = set(rows) - found
        found |= heads
    return found


def times(day: date) -> Times:
    """Return how many working days the steps may take that begin on `day`."""
    rows = db.session.execute(
        select(PetitionTime.step, PetitionTime.days).where(
            PetitionTime.valid_from <= day, or_(PetitionTime.valid_to.is_(None), PetitionTime.valid_to > day)
        )
    )
    days = {row.step: row.days for row in rows}
    return Times(days[TRIAGE], days[FEEDBACK])


def categories(day: date) -> dict[str, PetitionCategory]:
    """Return what holds for each kind of petition on `day`."""
    rows = db.session.scalars(
        select(PetitionCategory).where(
            PetitionCategory.valid_from <= day,
            or_(PetitionCategory.valid_to.is_(None), PetitionCategory.valid_to > day),
        )
    )
    return {row.code: row for row in rows}


def told(officer_id: UUID, mine: frozenset[UUID], known: frozenset[UUID]) -> list[dict[str, Any]]:  # noqa: ARG001 - as every teller is called
    """Return what an officer's phone is told of the kinds of petitions (docs/sync-protocol.md, section 5)."""
    rows = categories(clock.today()) if mine else {}
    return [
        {
            "code": row.code, "level": row.level, "days": row.answer_days, "routing": row.routing, "basis": row.basis,
            "words": row.words,
        }
        | ({"must_report": True} if row.must_report else {})
        for row in (rows[code] for code in records.Topic if code in rows)
    ]  # fmt: skip


class Addressees(NamedTuple):
    """To whom a petition can be given: units, from the nearest tier up."""

    owners: list[Unit]
    agencies: list[Unit]
    past_a_tier: list[Unit]


def addressees(petition: PetitionRecord) -> Addressees:
    """Return who may own a petition, which agencies can be asked, and which tiers are past the next one."""
    today = clock.today()
    types = {row.code: row for row in db.session.scalars(select(UnitType))}
    line = [version.unit_id for version in above(petition.unit_id, today)]
    home = db.session.get_one(Unit, petition.unit_id).base_id
    standing = {unit.id: unit for unit in db.session.scalars(select(Unit).where(Unit.id.in_(line)))}
    up = [standing[one] for one in line if types[standing[one].type_code].can_own_petitions]
    inside = below([home] if home else [], today)
    agency_types = [code for code, kind in types.items() if kind.is_agency]
    owning = [kind.code for kind in types.values() if kind.can_own_petitions and not kind.is_agency]
    nearby = select(Unit).where(stands_on(today)).order_by(Unit.sort_key, Unit.id)
    down = db.session.scalars(nearby.where(Unit.id.in_(select(inside.c.id)), Unit.type_code.in_(owning)))
    owners = list(dict.fromkeys([*up, *down]))
    agencies = db.session.scalars(
        nearby.where(Unit.parent_id.in_(line), Unit.type_code.in_(agency_types))
    ).all()
    owner = owners_of([petition])[petition.id] or home
    higher = [standing[one] for one in line if one in line[line.index(owner) + 1 :]] if owner in line else []
    return Addressees([*owners, *agencies], list(agencies), higher[1:])


class Answer(NamedTuple):
    """What a group is told, as far as there is something to tell."""

    event_id: UUID
    deed: Deed
    text: str
    evidence: str
    at: datetime


def answers_of(petitions: Collection[PetitionRecord]) -> dict[UUID, Answer]:
    """Return, by petition, the answer that stands."""
    endings = [one.ending_id for one in petitions if one.ending_id]
    rows = db.session.scalars(
        select(PetitionEvent).where(PetitionEvent.id.in_(endings), PetitionEvent.deed.in_(rules.ANSWERS))
    )
    found: dict[UUID, Answer] = {}
    for row in rows:
        said = said_in(row)
        text, evidence = str(getattr(said, "text", "")), str(getattr(said, "evidence", ""))
        found[row.petition_id] = Answer(row.id, Deed(row.deed), text, evidence, row.received_at)
    return found


def owed_to(groups: Collection[UUID]) -> list[tuple[PetitionRecord, Answer]]:
    """Return the petitions of groups that have an answer they were not told, the oldest answer first."""
    found = db.session.scalars(
        select(PetitionRecord).where(PetitionRecord.unit_id.in_(groups), PetitionRecord.state.in_(rules.OWED))
    ).all()
    answers = answers_of(found)
    owed = [(one, answers[one.id]) for one in found if one.id in answers]
    return sorted(owed, key=lambda pair: (pair[1].at, pair[0].id))


def alike(petition: PetitionRecord) -> list[tuple[PetitionRecord, str]]:
    """Return open petitions of the same commune and kind, with their groups: those it may be merged into."""
    rows = db.session.execute(
        select(PetitionRecord, Unit.name)
        .join(Unit, Unit.id == PetitionRecord.unit_id)
        .where(
            PetitionRecord.feed_unit_id == petition.feed_unit_id,
            PetitionRecord.category == petition.category,
            PetitionRecord.state.in_(rules.UNSETTLED),
            PetitionRecord.id != petition.id,
        )
        .order_by(PetitionRecord.next_by, PetitionRecord.id)
        .limit(ALIKE)
    )
    return [(found, group) for found, group in rows]


def followers_of(petition_id: UUID) -> list[tuple[PetitionRecord, str]]:
    """Return the petitions that were merged into one, with their groups."""
    rows = db.session.execute(
        select(PetitionRecord, Unit.name)
        .join(Unit, Unit.id == PetitionRecord.unit_id)
        .where(PetitionRecord.head_id == petition_id)
        .order_by(Unit.sort_key, PetitionRecord.id)
    )
    return [(found, group) for found, group in rows]


def body_of(petition: PetitionRecord) -> records.Petition:
    """Return what the standing revision of a petition says."""
    return records.Petition.model_validate(standing_bodies(PetitionRevision, [petition.id])[petition.id])


def first_revision(petition: PetitionRecord) -> PetitionRevision:
    """Return the revision that raised a petition, with its three times."""
    return db.session.scalars(
        select(PetitionRevision)
        .where(PetitionRevision.record_id == petition.id)
        .order_by(PetitionRevision.rev, PetitionRevision.received_at)
        .limit(1)
    ).one()


def met_on(petition: PetitionRecord) -> date | None:
    """Return the day of the meeting at which it was raised: then its author learned of it. None when there was none."""
    kind = kind_of("meeting.save")
    if petition.meeting_id is None or kind is None or kind[0].met is None:
        return None
    found = kind[0].met([petition.meeting_id]).get(petition.meeting_id)
    return found and found.day


def units(unit_ids: Collection[UUID | None]) -> dict[UUID, Unit]:
    """Return units by their ids."""
    wanted = [one for one in unit_ids if one]
    return {unit.id: unit for unit in db.session.scalars(select(Unit).where(Unit.id.in_(wanted)))}


def tier_above(petition: PetitionRecord) -> Unit | None:
    """Return the unit above the owner, which sees a petition by itself when it is late."""
    today = clock.today()
    owner = owners_of([petition])[petition.id] or db.session.get_one(Unit, petition.unit_id).base_id
    line = above(owner, today) if owner else []
    return db.session.get(Unit, line[0].unit_id) if line else None


def owners_near(actor: Actor) -> list[Unit]:
    """Return the units to which somebody who handles petitions may assign several at once: their own, and hamlets."""
    today = clock.today()
    handled = actor.roots(P.HANDLE_PETITION, today)
    if not handled:
        return []
    tree = below(handled, today)
    return list(
        db.session.scalars(
            select(Unit)
            .join(UnitType, UnitType.code == Unit.type_code)
            .where(Unit.id.in_(select(tree.c.id)), UnitType.can_own_petitions, stands_on(today))
            .order_by(UnitType.rank, Unit.sort_key)
            .limit(MOST_OWNERS)
        )
    )
