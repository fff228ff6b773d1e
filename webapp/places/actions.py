"""Writes of the tree: each operation one action, previewed by its rules, audited, undone by its counter-action."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from webapp import clock
from webapp.audit.actions import record
from webapp.db import Model, db, new_id, table_of, transaction
from webapp.errors import Problem
from webapp.fields import N_
from webapp.permissions import Permission
from webapp.places import registry, rules
from webapp.places.dated import CHANGES, Changes, Membership, Reading, Refused, Version
from webapp.places.models import PlaceChange, Unit
from webapp.places.operations import (
    OPERATION,
    Create,
    Join,
    Leave,
    Merge,
    NewUnit,
    Operation,
    Split,
    named_by,
)
from webapp.places.queries import below, tree_of
from webapp.places.rows import make_units, write
from webapp.places.scope import check_right, lock

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from webapp.accounts.rules import Actor

_OWN_TABLES = frozenset({"unit", "unit_version", "unit_membership", "household_count", "place_change"})
_FINAL = frozenset({"undo", "import"})
"""Kinds of changes that are not undone."""


def new_unit(kind: str, name: str, code: str | None = None) -> NewUnit:
    """Return a unit to be made, with an id of its own."""
    return NewUnit(id=new_id(), kind=kind, name=name, code=code)


def preview(actor: Actor | None, operation: Operation) -> Changes:
    """Return what an operation would change; raise `Refused` or `Problem` as carrying it out would."""
    check_right(actor, named_by(operation))
    return rules.plan(tree_of(named_by(operation)), operation)


def carry_out(actor: Actor | None, operation: Operation, basis: str = "") -> PlaceChange:
    """Change the tree by one operation, on the legal `basis`, and let everybody who depends on it follow.

    `actor` is None at the server's console. Raises `Refused` when it does not fit the tree, `Problem`
    (``not_found``, ``forbidden``) when it is not the actor's to do.
    """
    with transaction() as session:
        named = named_by(operation)
        check_right(actor, named)
        lock(session, named)
        changes = rules.plan(tree_of(named), operation)
        where = _where(operation, changes) or min(changes.units)
        change = _noted(actor, operation.op, operation.on, where, basis)
        change.operation = OPERATION.dump_json(operation).decode()
        _carry(session, change, changes)
    return change


def carry_out_all(actor: Actor | None, operations: Sequence[Operation], basis: str = "") -> list[PlaceChange]:
    """Carry out many operations, all or none; those of one day below one of the actor's units are one change.

    Each may speak of units that those before it make. Raises as `carry_out` does.
    """
    with transaction() as session:
        made = {operation.unit.id for operation in operations if isinstance(operation, Create)}
        named = {unit for operation in operations for unit in named_by(operation)} - made
        if named or actor is not None:
            check_right(actor, named)
        lock(session, named)
        tree = tree_of(named)
        done = []
        for (on, root), together in _shared_out(actor, operations, named).items():
            steps = []
            for operation in together:
                steps.append(rules.plan(tree, operation))
                tree.apply(steps[-1])
            change = _noted(actor, "batch", on, root, basis)
            change.operation = json.dumps([OPERATION.dump_python(one, mode="json") for one in together])
            _carry(session, change, rules.together(*steps))
            done.append(change)
    return done


def carry_out_import(name: str, where: UUID, changes: Changes, on: date, basis: str) -> None:
    """Write checked changes of an official list below one unit: at the console only, inside a transaction."""
    change = _noted(None, "import", on, where, basis)
    change.operation = json.dumps({"import": name})
    _carry(db.session(), change, changes)


def undo(actor: Actor | None, change_id: UUID) -> PlaceChange:
    """Take a change back by its counter-action: as if it had not been entered, and both stay in the history.

    Raises `Refused` when something was built on it since, `Problem` as `carry_out` does.
    """
    with transaction() as session:
        change = session.get(PlaceChange, change_id, with_for_update=True)
        if change is None:
            raise Problem("not_found")
        check_right(actor, [change.unit_id])
        if change.undone_by_id or change.kind in _FINAL:
            raise Refused(N_("Thay đổi này không hoàn tác được, hoặc đã được hoàn tác."))
        changes = CHANGES.validate_json(change.changes).reversed()
        lock(session, changes.units)
        rules.check(tree_of(_touched(changes)), changes)
        counter = _noted(actor, "undo", change.on_day, change.unit_id, change.basis)
        session.add(counter)
        counter.operation = json.dumps({"undoes": str(change.id)})
        counter.changes = CHANGES.dump_json(changes).decode()
        for name, done in reversed(json.loads(change.effects).items()):
            effect = registry.effect_named(name)
            if effect:
                effect.take_back(done)
        _check_unused(session, changes.vanished())
        write(session, changes, counter)
        change.undone_by_id = counter.id
        session.flush()
    return counter


def _noted(actor: Actor | None, kind: str, on: date, unit_id: UUID, basis: str) -> PlaceChange:
    """Return the row of a change, and write its audit row."""
    change = PlaceChange(
        id=new_id(), kind=kind, on_day=on, unit_id=unit_id, basis=basis, made_at=clock.now(),
        made_by_id=actor.officer_id if actor else None, operation="", changes="", effects="{}",
    )  # fmt: skip
    record(f"place.{kind}", actor_id=change.made_by_id, record_kind="place_change", record_id=change.id,
           unit_id=unit_id)  # fmt: skip
    return change


def _carry(session: Session, change: PlaceChange, changes: Changes) -> None:
    """Write what a noted change changes, and let everybody who depends on it follow."""
    change.changes = CHANGES.dump_json(changes).decode()
    if change.unit_id in changes.began():  # it happened at what it makes
        make_units(session, changes, {change.unit_id})
    session.add(change)
    session.flush()
    write(session, changes, change)
    done = {effect.name: effect.follow(changes, change.on_day, change.basis) for effect in registry.effects()}
    change.effects = json.dumps(done)
    session.flush()


def _where(operation: Operation, changes: Changes) -> UUID | None:
    """Return the unit whose administrators see the change: the one above what was changed, if there is one."""
    before = [fact for fact in changes.removed if isinstance(fact, Version)]
    match operation:
        case Create():
            return operation.parent
        case Join() | Leave():
            return operation.overlay
        case Merge() | Split():
            return next((v.parent for v in before if v.parent), None) or min(v.unit for v in before)
        case _:
            return operation.unit


def _shared_out(
    actor: Actor | None, operations: Sequence[Operation], named: Iterable[UUID]
) -> dict[tuple[date, UUID], list[Operation]]:
    """Return the operations by their day and by the actor's unit in which they happen, the earliest day first."""
    today = clock.today()
    roots = actor.roots(Permission.ADMINISTER, today) if actor else set(
        db.session.scalars(select(Unit.id).where(Unit.parent_id.is_(None)))
    )  # fmt: skip
    root_of: dict[UUID, UUID] = {}
    wanted = set(named)
    for root in sorted(roots):
        tree = below([root], today)
        root_of |= dict.fromkeys(db.session.scalars(select(tree.c.id).where(tree.c.id.in_(wanted))), root)
    shared: dict[tuple[date, UUID], list[Operation]] = {}
    for operation in operations:
        above = next(iter(sorted(named_by(operation))), None)
        if isinstance(operation, Create):
            root_of[operation.unit.id] = root_of[above] if above else operation.unit.id
            above = operation.unit.id
        shared.setdefault((operation.on, root_of[above] if above else min(roots)), []).append(operation)
    return dict(sorted(shared.items()))


def _touched(changes: Changes) -> set[UUID]:
    """Return every unit whose facts the changes speak of."""
    touched = set(changes.units)
    for fact in (*changes.removed, *changes.added):
        match fact:
            case Membership():
                touched |= {fact.overlay, fact.member}
            case Reading():
                touched.add(fact.counted)
            case Version() if fact.parent:
                touched.add(fact.parent)
    return touched


def _check_unused(session: Session, units: Iterable[UUID]) -> None:
    """Refuse to let units vanish about which anything has been written since."""
    vanishing = list(units)
    harmless = _OWN_TABLES.union(*(effect.tables for effect in registry.effects()))
    for table in Model.metadata.tables.values():
        if table.name in harmless or not vanishing:
            continue
        for column in table.columns:
            points = any(key.column is table_of(Unit).c.id for key in column.foreign_keys)
            if points and session.execute(select(1).where(column.in_(vanishing)).limit(1)).first():
                raise Refused(
                    N_("Đã có hồ sơ ghi cho đơn vị mới; không hoàn tác được nữa, hãy nhập thay đổi mới.")
                )
