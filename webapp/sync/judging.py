"""From an operation and the facts to what becomes of it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from webapp import clock
from webapp.accounts.rules import Actor
from webapp.db import db
from webapp.permissions import Permission
from webapp.places.queries import below
from webapp.sync import rules
from webapp.sync.facts import World
from webapp.sync.incoming import Item
from webapp.sync.records import Operation
from webapp.sync.rules import Code, Proposal


def decide(actor: Actor, item: Item, world: World, *, is_vouched_for: bool = False) -> Code:
    """Decide what becomes of one operation; `is_vouched_for` on a reviewer's word that its author may."""
    operation, kind, body = item.operation, item.kind, item.body
    if operation is None or kind is None or body is None:
        return Code.UNREADABLE
    if operation.author != actor.officer_id:
        return Code.WRONG_AUTHOR
    known = world.known.get((kind.name, operation.id))
    unit_id: UUID | None = None if item.is_withdrawal else body.unit_id  # type: ignore[attr-defined]
    place = unit_id or (known.unit_id if known else None)
    if place and place not in world.units:
        return Code.UNKNOWN_UNIT
    authorised = is_vouched_for or _may_record(actor, item, place, world)
    if known and unit_id and unit_id != known.unit_id and _went_into(known.unit_id, unit_id):
        unit_id = known.unit_id  # the phone names the group as it is called now
    basis = world.basis_of(item, operation)
    proposal = Proposal(
        unit_id, operation.author, basis, item.is_withdrawal, basis.op in world.beside, operation.settles
    )
    is_fixed = known is not None and known.state in kind.fixed_states
    return rules.judge(proposal, known, authorised=authorised, is_fixed=is_fixed)


def _may_record(actor: Actor, item: Item, place: UUID | None, world: World) -> bool:
    """Say whether the author was assigned there on the day: of the record, or else when it was made."""
    operation, kind, body = item.operation, item.kind, item.body
    if operation is None or kind is None or body is None:
        return False
    day = referred = None
    if not item.is_withdrawal:
        day = kind.day(body)
        referred = world.met.get(kind.refers_to(body)) if kind.refers_to else None  # type: ignore[arg-type]
    days = {day or clock.local(times_of(operation, clock.now()).recorded).date()}
    if referred and (referred.author_id, referred.unit_id) == (operation.author, place):
        # What was heard at a meeting may be written down when somebody else follows the group.
        days.add(referred.day)
    # Whoever records anywhere in the same unit of the base tier may stand in for a colleague there.
    base = world.units[place][1] if place else None
    return any(
        world.grants.get(root) == base for day in days for root in actor.roots(Permission.RECORD_MEETING, day)
    )


def times_of(operation: Operation, now: datetime) -> rules.Times:
    """Return when an operation was made, by the true clock as far as that is known."""
    return rules.times_of(operation.learned_at, operation.made_at, operation.clock_offset, now)


def _went_into(old: UUID, new: UUID) -> bool:
    """Say whether what was written at one unit is found at another today."""
    tree = below([new], clock.today())
    return db.session.scalar(select(tree.c.id).where(tree.c.id == old)) is not None
