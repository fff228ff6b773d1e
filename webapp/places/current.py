"""What the row of a unit says: what its versions say of today, and in which unit of the base tier it lies."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import func, select, update

from webapp.db import db, transaction
from webapp.places.dated import State, Version
from webapp.places.models import Unit, UnitType, UnitVersion
from webapp.places.queries import below, versions_of
from webapp.text import fold, sort_key

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


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
        refresh(session, units, day)
    return len(units)


def columns(version: Version) -> dict[str, Any]:
    """Return what a version says of a unit, as both tables hold it."""
    return {
        "type_code": version.kind, "parent_id": version.parent, "name": version.name,
        "official_code": version.code, "sort_key": sort_key(version.name), "folded_name": fold(version.name),
    }  # fmt: skip


def refresh(session: Session, units: Iterable[UUID], day: date) -> None:
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
            valid_from=versions[0].start, valid_to=versions[-1].end, **columns(now)))  # fmt: skip
    session.expire_all()
    standing = {unit for unit, versions in found.items() if any(v.holds_on(day) for v in versions)}
    for unit in standing | went:  # what has ended is found from what it went into
        _find_base(session, unit, day)
    session.expire_all()


def find_bases(session: Session, units: Iterable[UUID], day: date) -> None:
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
