"""What the database knows that matters to a batch of operations, loaded set-wise."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Select, bindparam, func, select

from webapp.accounts.rules import Actor
from webapp.db import run
from webapp.permissions import Permission
from webapp.places.models import Unit, UnitType
from webapp.sync import rules
from webapp.sync.incoming import Item
from webapp.sync.models import Quarantined
from webapp.sync.queries import is_undecided
from webapp.sync.records import Operation
from webapp.sync.registry import Met, RecordKind, kinds
from webapp.sync.rules import Code, Held, Known, Room

_WAITING = select(func.count(), func.coalesce(func.sum(func.length(Quarantined.payload)), 0)).where(
    Quarantined.officer_id == bindparam("officer"),
    Quarantined.device_id == bindparam("device"),
    Quarantined.settled.is_(None),
)
_UNITS = (
    select(Unit.id, Unit.feed_unit_id, Unit.base_id, UnitType.can_meet)
    .join(UnitType, UnitType.code == Unit.type_code)
    .where(Unit.id.in_(bindparam("ids", expanding=True)), Unit.feed_unit_id.is_not(None))
)


@cache
def _known_records(table: Any) -> Select[*tuple[Any, ...]]:  # noqa: ANN401 - a model, as above
    """Return the statement that finds and locks records, in the order of their ids."""
    return (
        select(table.id, table.unit_id, table.author_id, table.rev, table.op_id, table.state, table.keeper_id)
        .where(table.id.in_(bindparam("ids", expanding=True)))
        .order_by(table.id)
        .with_for_update()
    )


@cache
def _second_versions(table: Any, revisions: Any) -> Select[*tuple[Any, ...]]:  # noqa: ANN401 - models, as above
    """Return the statement that finds the second versions of records, and whether each is undecided."""
    return (
        select(revisions.record_id, revisions.op_id, is_undecided(revisions, table))
        .join(table, table.id == revisions.record_id)
        .where(revisions.record_id.in_(bindparam("ids", expanding=True)), revisions.is_parallel)
    )


_HELD = select(Quarantined.op_id, Quarantined.record_id, Quarantined.payload, Quarantined.settled).where(
    Quarantined.officer_id == bindparam("officer"),
    Quarantined.record_id.in_(bindparam("ids", expanding=True)),
    Quarantined.settled.is_distinct_from("released"),
    Quarantined.code != Code.OP_REUSED,
)


@dataclass
class World:
    """What the database knows that matters to a batch."""

    units: dict[UUID, tuple[UUID, UUID | None]]
    """Feed and base by unit, for the units where meetings are held."""
    grants: dict[UUID, UUID]
    """Base by unit at which the author holds a grant to record."""
    known: dict[tuple[str, UUID], Known]
    met: dict[UUID, Met]
    """The records that others of the batch were made at."""
    room: Room | None
    """What a revoked device may still leave in quarantine; no other is limited."""
    beside: set[UUID]
    """The operations that are known to be second versions."""
    held: dict[UUID, Held]
    """Those of the author that were held back, of the records of the batch."""

    def basis_of(self, item: Item, operation: Operation) -> rules.Basis:
        """Return what an operation was made on, of what was not held back."""
        return rules.basis_of(operation.base_rev, item.base_op, self.held)

    def overlooked_by(self, item: Item, operation: Operation) -> set[UUID]:
        """Return what waits in quarantine of its record, and was not known to whoever goes on with it here."""
        if operation.settles is None:
            return set()
        known = {*operation.settles, *self.basis_of(item, operation).through}
        return {
            op_id for op_id, held in self.held.items() if held.waits and held.record_id == operation.id
        } - known


def look_up(actor: Actor, items: list[Item]) -> World:
    """Load, set-wise, the units and records the items speak of; records are locked in the order of their ids."""
    unit_ids = {item.body.unit_id for item in items if item.body is not None and not item.is_withdrawal}  # type: ignore[attr-defined]
    roots = {grant.unit_id for grant in actor.grants if Permission.RECORD_MEETING in grant.permissions}
    known, beside = _records(items)
    unit_ids |= {one.unit_id for one in known.values()}
    units: dict[UUID, tuple[UUID, UUID | None]] = {}
    grants: dict[UUID, UUID] = {}
    for unit_id, feed_id, base_id, can_meet in run(_UNITS, {"ids": unit_ids | roots}):
        if can_meet:
            units[unit_id] = feed_id, base_id
        if unit_id in roots and base_id:
            grants[unit_id] = base_id
    room = _room(actor) if actor.is_revoked else None
    record_ids = {item.operation.id for item in items if item.operation}
    return World(units, grants, known, _met(items), room, beside, _held_back(actor, record_ids))


def lock_record(record_id: UUID | None) -> None:
    """Lock a record, as whoever takes in an operation on it does, before anything that is kept of it."""
    for kind in kinds() if record_id else ():
        run(_known_records(cast("Any", kind.table)), {"ids": [record_id]})


def _records(items: list[Item]) -> tuple[dict[tuple[str, UUID], Known], set[UUID]]:
    """Load and lock the records the items speak of; return them, and the operations that are second versions there."""
    known: dict[tuple[str, UUID], Known] = {}
    beside: set[UUID] = set()
    wanted: dict[RecordKind, set[UUID]] = {}
    for item in items:
        if item.kind and item.operation:
            wanted.setdefault(item.kind, set()).add(item.operation.id)
    for kind, ids in sorted(wanted.items(), key=lambda one: one[0].name):
        rows = run(_known_records(cast("Any", kind.table)), {"ids": ids}).all()
        undecided: dict[UUID, set[UUID]] = defaultdict(set)
        versions = _second_versions(cast("Any", kind.table), cast("Any", kind.revisions))
        for record_id, op_id, is_open in run(versions, {"ids": [row.id for row in rows]}) if rows else ():
            beside.add(op_id)
            undecided[record_id] |= {op_id} if is_open else set()
        for record_id, unit_id, author_id, rev, op_id, state, keeper_id in rows:
            known[kind.name, record_id] = Known(
                unit_id, author_id, rev, op_id, state, keeper_id, frozenset(undecided[record_id])
            )
    return known, beside


def _held_back(actor: Actor, record_ids: set[UUID]) -> dict[UUID, Held]:
    """Load what was held back of the actor's operations on these records, and what each was made on."""
    held: dict[UUID, Held] = {}
    for op_id, record_id, payload, settled in run(_HELD, {"officer": actor.officer_id, "ids": record_ids}):
        said = json.loads(payload)
        base_op = UUID(said["base_op"]) if said.get("base_op") else None
        held[op_id] = Held(record_id, said["base_rev"], base_op, waits=settled is None)
    return held


def _met(items: list[Item]) -> dict[UUID, Met]:
    """Load what the records say at which others of the batch were made."""
    wanted = {
        found
        for item in items
        if item.kind and item.kind.refers_to and item.code is None and not item.is_withdrawal
        if (found := item.kind.refers_to(item.body))
    }
    met: dict[UUID, Met] = {}
    for kind in kinds():
        if kind.met and wanted:
            met |= kind.met(wanted)
    return met


def _room(actor: Actor) -> Room:
    """Return what the actor's device may still leave in quarantine; its row is locked, so nobody else fills it."""
    operations, size = run(_WAITING, {"officer": actor.officer_id, "device": actor.device_id}).one()
    return Room(rules.REVOKED_OPERATIONS - operations, rules.REVOKED_BYTES - size)
