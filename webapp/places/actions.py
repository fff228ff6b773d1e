"""Writes of the tree: each operation one action, previewed by its rules, audited, undone by its counter-action."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update

from webapp import clock
from webapp.audit.actions import record, record_all
from webapp.audit.actions import row as audit_row
from webapp.db import Model, db, new_id, table_of, transaction
from webapp.errors import Problem
from webapp.fields import N_
from webapp.permissions import Permission
from webapp.places import households, registry, rules
from webapp.places.dated import CHANGES, Changes, Fact, Membership, Reading, Refused, State, Version
from webapp.places.models import HouseholdCount, PlaceChange, Unit, UnitMembership, UnitType, UnitVersion
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
from webapp.places.presets import UnitKind
from webapp.places.queries import below, tree_of, types_within, versions_of
from webapp.text import fold, sort_key

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from webapp.accounts.rules import Actor

OWN_TABLES = frozenset({"unit", "unit_version", "unit_membership", "household_count", "place_change"})
CHUNK = 2000
FINAL = frozenset({"undo", "import"})
"""Kinds of changes that are not undone."""


def preview(actor: Actor | None, operation: Operation) -> Changes:
    """Return what an operation would change; raise `Refused` or `Problem` as carrying it out would."""
    _check_right(actor, named_by(operation))
    return rules.plan(tree_of(named_by(operation)), operation)


def carry_out(actor: Actor | None, operation: Operation, basis: str = "") -> PlaceChange:
    """Change the tree by one operation, on the legal `basis`, and let everybody who depends on it follow.

    `actor` is None at the server's console. Raises `Refused` when it does not fit the tree, `Problem`
    (``not_found``, ``forbidden``) when it is not the actor's to do.
    """
    with transaction() as session:
        named = named_by(operation)
        _check_right(actor, named)
        _lock(session, named)
        changes = rules.plan(tree_of(named), operation)
        where = _where(operation, changes)
        change = _noted(actor, operation.op, operation.on, where or min(changes.units), basis)
        session.add(change)
        change.operation = OPERATION.dump_json(operation).decode()
        change.changes = CHANGES.dump_json(changes).decode()
        _write(session, changes, change)
        done = {effect.name: effect.follow(changes, operation.on, basis) for effect in registry.effects()}
        change.effects = json.dumps(done)
        session.flush()
    return change


def carry_out_all(actor: Actor | None, operations: Sequence[Operation], basis: str = "") -> list[PlaceChange]:
    """Carry out many operations, all or none; those of one day below one of the actor's units are one change.

    Each may speak of units that those before it make. Raises as `carry_out` does.
    """
    with transaction() as session:
        made = {operation.unit.id for operation in operations if isinstance(operation, Create)}
        named = {unit for operation in operations for unit in named_by(operation)} - made
        if named or actor is not None:
            _check_right(actor, named)
        _lock(session, named)
        tree = tree_of(named)
        done = []
        for (on, root), together in _shared_out(actor, operations, named).items():
            steps = []
            for operation in together:
                steps.append(rules.plan(tree, operation))
                tree.apply(steps[-1])
            changes = rules.together(*steps)
            change = _noted(actor, "batch", on, root, basis)
            change.operation = json.dumps([json.loads(OPERATION.dump_json(one)) for one in together])
            change.changes = CHANGES.dump_json(changes).decode()
            if root in made:  # the change happened at what it makes
                top = tuple(fact for fact in changes.added if isinstance(fact, Version) and fact.unit == root)
                _make_units(session, Changes((), top))
            session.add(change)
            session.flush()
            _write(session, changes, change)
            change.effects = json.dumps(
                {effect.name: effect.follow(changes, on, basis) for effect in registry.effects()}
            )
            session.flush()
            done.append(change)
    return done


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


def carry_out_import(name: str, where: UUID, changes: Changes, on: date, basis: str) -> None:
    """Write checked changes of an official list below one unit: at the console only, inside a transaction."""
    session = db.session()
    change = _noted(None, "import", on, where, basis)
    change.operation = json.dumps({"import": name})
    change.changes = CHANGES.dump_json(changes).decode()
    began = changes.began()
    if where in began:
        _make_units(
            session,
            Changes((), tuple(f for f in changes.added if isinstance(f, Version) and f.unit == where)),
        )
    session.add(change)
    session.flush()
    _write(session, changes, change)
    done = {effect.name: effect.follow(changes, on, basis) for effect in registry.effects()}
    change.effects = json.dumps(done)
    session.flush()


def undo(actor: Actor | None, change_id: UUID) -> PlaceChange:
    """Take a change back by its counter-action: as if it had not been entered, and both stay in the history.

    Raises `Refused` when something was built on it since, `Problem` as `carry_out` does.
    """
    with transaction() as session:
        change = session.get(PlaceChange, change_id, with_for_update=True)
        if change is None:
            raise Problem("not_found")
        _check_right(actor, [change.unit_id])
        if change.undone_by_id or change.kind in FINAL:
            raise Refused(N_("Thay đổi này không hoàn tác được, hoặc đã được hoàn tác."))
        changes = CHANGES.validate_json(change.changes).reversed()
        _lock(session, changes.units)
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
        _write(session, changes, counter)
        change.undone_by_id = counter.id
        session.flush()
    return counter


def count_households(
    actor: Actor | None, unit_id: UUID, as_of: date, households: int, source: str = ""
) -> None:
    """Write down how many households a group has from a day on, and where the number comes from.

    Raises `Refused` when a later meeting was counted already, `Problem` (``not_found``, ``forbidden``) when the
    group is not the actor's to count.
    """
    count_all(actor, [Reading(unit_id, as_of, households)], source)


def count_all(actor: Actor | None, readings: Sequence[Reading], source: str = "") -> None:
    """Write down many readings, all or none, as `count_households` writes one."""
    units = {reading.counted for reading in readings}
    with transaction() as session:
        _check_right(actor, units, Permission.COUNT_HOUSEHOLDS)
        _lock(session, units)
        tree = tree_of(units)
        for reading in sorted(readings, key=lambda reading: reading.as_of):
            stands = tree.on(reading.counted, reading.as_of)
            if stands is None or not tree.kinds[stands.kind].can_meet:
                raise Refused(N_("Đơn vị này không còn hoặc chưa có vào ngày ấy."))
            known = tree.readings(reading.counted)
            if fault := households.count_fault(known, reading.as_of, clock.today()):
                raise Refused(fault)
            before = tuple(one for one in known if one.as_of == reading.as_of)
            tree.apply(Changes(before, (reading,)))
            session.merge(
                HouseholdCount(
                    unit_id=reading.counted, as_of=reading.as_of, households=reading.households, source=source[:160],
                    noted_at=clock.now(), noted_by_id=actor.officer_id if actor else None,
                )
            )  # fmt: skip
        session.flush()
        record_all([
            audit_row("households.counted", actor_id=actor.officer_id if actor else None, record_kind="unit",
                      record_id=unit, unit_id=unit)
            for unit in sorted(units)
        ])  # fmt: skip


def settle(day: date) -> int:
    """Let the rows of units say what their versions say of `day`; return how many did not. Safe to run again."""
    stale = (
        select(UnitVersion.unit_id)
        .join(Unit, Unit.id == UnitVersion.unit_id)
        .where(
            UnitVersion.valid_from <= day, (UnitVersion.valid_to.is_(None)) | (UnitVersion.valid_to > day),
            UnitVersion.valid_from > Unit.valid_from,
            (Unit.name != UnitVersion.name) | (Unit.type_code != UnitVersion.type_code)
            | (func.coalesce(Unit.official_code, "") != func.coalesce(UnitVersion.official_code, ""))
            | Unit.parent_id.is_distinct_from(UnitVersion.parent_id),
            UnitVersion.state == State.STANDS,
        )
    )  # fmt: skip
    ended = select(Unit.id).where(
        Unit.valid_to <= day, Unit.base_id == Unit.id, Unit.valid_to > Unit.valid_from
    )
    if not db.session.scalars(stale.union(ended)).first():
        return 0
    with transaction() as session:
        units = set(session.scalars(stale)) | set(session.scalars(ended))
        _refresh(session, units, day)
    return len(units)


def add_types(session: Session, preset: Iterable[UnitKind]) -> None:
    """Add the types of a preset that are not there yet; those that are keep their labels and flags."""
    known = set(session.scalars(select(UnitType.code)))
    rows = [kind._asdict() for kind in preset if kind.code not in known]
    if rows:
        session.execute(insert(UnitType), rows)


def name_types(actor: Actor | None, names: Mapping[str, tuple[str, str]]) -> None:
    """Call types of units by the names they have here, Vietnamese and English: thôn for ấp, khu vực for huyện.

    Raises `Problem`: ``not_found`` for a type that is not there, ``forbidden`` for one of which units stand where
    the actor does not administer.
    """
    today = clock.today()
    with transaction() as session:
        if actor is not None:
            roots = actor.roots(Permission.ADMINISTER, today)
            if not roots or not set(names) <= types_within(roots, today):
                raise Problem("forbidden")
        for code, (label, label_en) in names.items():
            kind = session.get(UnitType, code)
            if kind is None:
                raise Problem("not_found")
            if (kind.label, kind.label_en) == (label, label_en):
                continue
            kind.label, kind.label_en = label, label_en
            record("unit_type.labelled", actor_id=actor.officer_id if actor else None, record_kind="unit_type",
                   record_id=None)  # fmt: skip


def write_units(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write new units, parents before children, with the versions they begin with: for filling and importing.

    A row has the columns of `Unit`; `base_id` is the unit of the base tier it lies in, `feed_unit_id` follows it.
    """
    said = ("type_code", "parent_id", "name", "official_code", "valid_from", "valid_to")
    units, versions = [], []
    for row in rows:
        known = {name: row.get(name) for name in said}
        known |= {"sort_key": sort_key(row["name"]), "folded_name": fold(row["name"])}
        base = {"base_id": row.get("base_id"), "feed_unit_id": row.get("base_id")}
        units.append({"id": row["id"], **known, **base})
        versions.append({"id": new_id(), "unit_id": row["id"], "state": State.STANDS.value, **known})
        versions[-1]["change_id"] = row.get("change_id")
    for model, values in ((Unit, units), (UnitVersion, versions)):
        for start in range(0, len(values), CHUNK):
            session.connection().execute(insert(model), values[start : start + CHUNK])


def _noted(actor: Actor | None, kind: str, on: date, unit_id: UUID, basis: str) -> PlaceChange:
    """Return the row of a change, and write its audit row."""
    change = PlaceChange(
        id=new_id(), kind=kind, on_day=on, unit_id=unit_id, basis=basis, made_at=clock.now(),
        made_by_id=actor.officer_id if actor else None, operation="", changes="", effects="{}",
    )  # fmt: skip
    record(f"place.{kind}", actor_id=change.made_by_id, record_kind="place_change", record_id=change.id,
           unit_id=unit_id)  # fmt: skip
    return change


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


def _check_right(
    actor: Actor | None, units: Iterable[UUID], permission: Permission = Permission.ADMINISTER
) -> None:
    if actor is None:
        return
    today = clock.today()
    roots = actor.roots(permission, today)
    if not roots:
        raise Problem("forbidden")
    named = set(units)
    tree = below(roots, today)
    if not named or named != set(db.session.scalars(select(tree.c.id).where(tree.c.id.in_(named)))):
        raise Problem("not_found")


def _lock(session: Session, units: Iterable[UUID]) -> None:
    session.execute(select(Unit.id).where(Unit.id.in_(set(units))).order_by(Unit.id).with_for_update())


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
    harmless = OWN_TABLES.union(*(effect.tables for effect in registry.effects()))
    for table in Model.metadata.tables.values():
        if table.name in harmless or not vanishing:
            continue
        for column in table.columns:
            points = any(key.column is table_of(Unit).c.id for key in column.foreign_keys)
            if points and session.execute(select(1).where(column.in_(vanishing)).limit(1)).first():
                raise Refused(
                    N_("Đã có hồ sơ ghi cho đơn vị mới; không hoàn tác được nữa, hãy nhập thay đổi mới.")
                )


def _write(session: Session, changes: Changes, change: PlaceChange) -> None:
    fresh = _make_units(session, changes)
    put_in = {replace(fact, end=None) if isinstance(fact, Version) else fact: fact for fact in changes.added}
    for fact in changes.removed:
        after = put_in.pop(replace(fact, end=None), None) if isinstance(fact, Version) else None
        if isinstance(fact, Version) and isinstance(after, Version):
            session.execute(_rows_of(update(UnitVersion), fact).values(valid_to=after.end))
        else:
            _take_out(session, fact)
    session.flush()
    session.add_all([_row_of(fact, change) for fact in put_in.values()])
    session.flush()
    _refresh(session, changes.units - fresh, clock.today())
    _find_bases(session, fresh, clock.today())


def _make_units(session: Session, changes: Changes) -> set[UUID]:
    """Give every unit that begins a row; one that was taken back and begins again has its row already.

    Return those whose row says all there is to say of them.
    """
    began = changes.began()
    versions: dict[UUID, list[Version]] = {}
    for fact in changes.added:
        if isinstance(fact, Version) and fact.unit in began:
            versions.setdefault(fact.unit, []).append(fact)
    new = began - set(session.scalars(select(Unit.id).where(Unit.id.in_(began))))
    rows = [
        {"id": unit, "valid_from": found[-1].start, "valid_to": None, **_columns(found[-1])}
        for unit, found in versions.items()
        if unit in new
    ]
    for start in range(0, len(rows), CHUNK):
        session.connection().execute(insert(Unit), rows[start : start + CHUNK])
    return {unit for unit in new if len(versions[unit]) == 1}


def _take_out(session: Session, fact: Fact) -> None:
    match fact:
        case Version():
            session.execute(_rows_of(delete(UnitVersion), fact))
        case Membership():
            session.execute(delete(UnitMembership).where(
                UnitMembership.overlay_id == fact.overlay, UnitMembership.unit_id == fact.member,
                UnitMembership.valid_from == fact.start))  # fmt: skip
        case Reading():
            session.execute(delete(HouseholdCount).where(
                HouseholdCount.unit_id == fact.counted, HouseholdCount.as_of == fact.as_of))  # fmt: skip


def _row_of(fact: Fact, change: PlaceChange) -> Model:
    match fact:
        case Version():
            return UnitVersion(id=new_id(), unit_id=fact.unit, valid_from=fact.start, valid_to=fact.end,
                               state=fact.state.value, change_id=change.id, **_columns(fact))  # fmt: skip
        case Membership():
            return UnitMembership(overlay_id=fact.overlay, unit_id=fact.member, valid_from=fact.start,
                                  valid_to=fact.end)  # fmt: skip
        case Reading():
            return HouseholdCount(unit_id=fact.counted, as_of=fact.as_of, households=fact.households)


def _rows_of(statement: Any, fact: Version) -> Any:  # noqa: ANN401 - an update or a delete
    parent = UnitVersion.parent_id == fact.parent if fact.parent else UnitVersion.parent_id.is_(None)
    return statement.where(
        UnitVersion.unit_id == fact.unit, UnitVersion.valid_from == fact.start,
        UnitVersion.state == fact.state.value, parent,
    )  # fmt: skip


def _columns(version: Version) -> dict[str, Any]:
    return {
        "type_code": version.kind, "parent_id": version.parent, "name": version.name,
        "official_code": version.code, "sort_key": sort_key(version.name), "folded_name": fold(version.name),
    }  # fmt: skip


def _refresh(session: Session, units: Iterable[UUID], day: date) -> None:
    """Let the rows of units say what their versions say of `day`, and which unit of the base tier they lie in."""
    changed = set(units)
    found: dict[UUID, list[Version]] = {unit: [] for unit in changed}
    went: set[UUID] = set()
    for version in sorted(versions_of(changed), key=lambda version: version.start):
        if version.state is State.STANDS:
            found[version.unit].append(version)
        elif version.parent:
            went.add(version.parent)
    for unit, versions in found.items():
        if not versions:  # it was taken back: it has stood on no day
            session.execute(update(Unit).where(Unit.id == unit).values(valid_to=Unit.valid_from))
            continue
        now = next((v for v in versions if v.holds_on(day)), versions[0 if versions[0].start > day else -1])
        session.execute(update(Unit).where(Unit.id == unit).values(
            valid_from=versions[0].start, valid_to=versions[-1].end, **_columns(now)))  # fmt: skip
    session.expire_all()
    standing = {unit for unit, versions in found.items() if any(v.holds_on(day) for v in versions)}
    for unit in standing | went:  # what has ended is found from what it went into
        _find_base(session, unit, day)
    session.expire_all()


def _find_bases(session: Session, units: Iterable[UUID], day: date) -> None:
    """Write down, for units that have just begun, which unit of the base tier each lies in, if it lies in one."""
    new = {row.id: row for row in session.scalars(select(Unit).where(Unit.id.in_(set(units))))}
    parents = {row.parent_id for row in new.values() if row.parent_id} - set(new)
    bases = {row.id: row.base_id for row in session.scalars(select(Unit).where(Unit.id.in_(parents)))}
    is_base = set(session.scalars(select(UnitType.code).where(UnitType.is_base)))

    def base_of(unit: UUID | None) -> UUID | None:
        if unit is None or unit not in new:
            return bases.get(unit) if unit else None
        return unit if new[unit].type_code in is_base else base_of(new[unit].parent_id)

    for unit, row in new.items():
        if row.valid_from <= day and (base := base_of(unit)):
            row.base_id = base
            row.feed_unit_id = row.feed_unit_id or base
    session.flush()
    session.expire_all()


def _find_base(session: Session, unit_id: UUID, day: date) -> None:
    """Write down, for a unit and all below it, which unit of the base tier they lie in, if it lies in one."""
    unit = session.get_one(Unit, unit_id)
    if unit.valid_from > day or (unit.valid_to and unit.valid_to <= day):
        return  # what has ended is found from what it went into
    base: Unit | None = unit
    while base is not None and not session.get_one(UnitType, base.type_code).is_base:
        base = session.get(Unit, base.parent_id) if base.parent_id else None
    if base is None:
        return
    tree = below([unit_id], day)
    session.execute(
        update(Unit).where(Unit.id.in_(select(tree.c.id)))
        .values(base_id=base.id, feed_unit_id=func.coalesce(Unit.feed_unit_id, base.id))
        .execution_options(synchronize_session=False)
    )  # fmt: skip


def new_unit(kind: str, name: str, code: str | None = None) -> NewUnit:
    """Return a unit to be made, with an id of its own."""
    return NewUnit(id=new_id(), kind=kind, name=name, code=code)
