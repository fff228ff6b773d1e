"""Reads of the tree of places, always of the tree of a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    CTE,
    BindParameter,
    ColumnElement,
    Select,
    and_,
    bindparam,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from webapp import clock
from webapp.db import db, run
from webapp.places.dated import SUCCEEDED, Fact, Kind, Membership, Reading, State, Version
from webapp.places.households import Counts
from webapp.places.models import HouseholdCount, PlaceChange, Unit, UnitMembership, UnitType, UnitVersion
from webapp.places.tree import Tree

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence


Day = date | BindParameter[date]
"""A day, or the place of one in a statement that is built once."""


def stands_on(day: Day, unit: type[Unit] = Unit) -> ColumnElement[bool]:
    """Return the condition that a unit exists on `day`."""
    return and_(unit.valid_from <= day, or_(unit.valid_to.is_(None), unit.valid_to > day))


def holds_on(day: Day, version: type[UnitVersion] = UnitVersion) -> ColumnElement[bool]:
    """Return the condition that a version is in force on `day`, also one that says where an ended unit went."""
    return and_(version.valid_from <= day, or_(version.valid_to.is_(None), version.valid_to > day))


def versions_on(day: date) -> ColumnElement[bool]:
    """Return the condition that a version says what stands on `day`."""
    return and_(holds_on(day), UnitVersion.state == State.STANDS)


def below(roots: Select[UUID] | Collection[UUID] | BindParameter[Any], day: Day) -> CTE:
    """Return, as a CTE with column `id`, the `roots`, the members of overlays among them, and all below on `day`.

    What ended before `day` is found below what it went into, so that its records stay in somebody's scope.
    """
    members = select(UnitMembership.unit_id).where(
        UnitMembership.overlay_id.in_(roots),
        UnitMembership.valid_from <= day,
        or_(UnitMembership.valid_to.is_(None), UnitMembership.valid_to > day),
    )
    # Not one condition with "or": PostgreSQL would read every unit for it.
    tree = select(Unit.id).where(Unit.id.in_(roots)).cte(recursive=True)
    child = aliased(UnitVersion)
    step = select(child.unit_id).join(tree, child.parent_id == tree.c.id).where(holds_on(day, child))
    return tree.union(members, step)


def went_into(ended: Collection[UUID], standing: Collection[UUID], day: date) -> dict[UUID, UUID]:
    """Return, of units that were merged or divided, which of those `standing` on `day` each went into."""
    rows = db.session.execute(
        select(UnitVersion.unit_id, UnitVersion.parent_id)
        .where(UnitVersion.unit_id.in_(ended), UnitVersion.state.in_(SUCCEEDED), holds_on(day))
        .order_by(UnitVersion.parent_id)
    )
    heirs: dict[UUID, list[UUID]] = {}
    for unit_id, parent_id in rows:
        if parent_id:
            heirs.setdefault(unit_id, []).append(parent_id)

    def heir(unit_id: UUID) -> UUID | None:
        if unit_id in standing:
            return unit_id
        return next((found for one in heirs.get(unit_id, ()) if (found := heir(one))), None)

    return {unit_id: found for unit_id in ended if (found := heir(unit_id))}


def heirs_of(unit_ids: Collection[UUID], day: date) -> dict[UUID, list[UUID]]:
    """Return what each unit amounts to on `day`: itself, or what it was merged or divided into, in turn."""
    into: dict[UUID, list[UUID]] = {}
    asked = set(unit_ids)
    while asked:
        rows = db.session.execute(
            select(UnitVersion.unit_id, UnitVersion.parent_id)
            .where(UnitVersion.unit_id.in_(asked), UnitVersion.state.in_(SUCCEEDED), holds_on(day))
            .order_by(UnitVersion.parent_id)
        )
        found = [(unit, heir) for unit, heir in rows if heir]
        for unit, heir in found:
            into.setdefault(unit, []).append(heir)
        asked = {heir for _, heir in found} - into.keys()

    def last(unit: UUID) -> list[UUID]:
        return [end for heir in into[unit] for end in last(heir)] if unit in into else [unit]

    return {unit: list(dict.fromkeys(last(unit))) for unit in unit_ids}


def with_forebears(unit_ids: Collection[UUID], day: date) -> set[UUID]:
    """Return units with all that had been merged or divided into them by `day`."""
    found, asked = set(unit_ids), set(unit_ids)
    while asked:
        rows = db.session.scalars(
            select(UnitVersion.unit_id).where(
                UnitVersion.parent_id.in_(asked), UnitVersion.state.in_(SUCCEEDED), holds_on(day)
            )
        )
        asked = set(rows) - found
        found |= asked
    return found


def above(unit_id: UUID, day: date) -> list[UnitVersion]:
    """Return the unit's ancestors as they stood on `day`, nearest first; of one that had ended, where it went."""
    up = (
        select(UnitVersion.parent_id.label("id"), literal(0).label("step"))
        .where(UnitVersion.unit_id == unit_id, holds_on(day), UnitVersion.parent_id.is_not(None))
        .cte(recursive=True)
    )
    version = aliased(UnitVersion)
    up = up.union(
        select(version.parent_id, up.c.step + 1)
        .join(up, version.unit_id == up.c.id)
        .where(holds_on(day, version), version.parent_id.is_not(None))
    )
    found = db.session.scalars(
        select(UnitVersion)
        .join(up, up.c.id == UnitVersion.unit_id)
        .where(versions_on(day))
        .order_by(up.c.step)
    )
    return list(dict.fromkeys(found))


def lines_above(unit_ids: Collection[UUID] | Select[UUID], day: date) -> dict[UUID, list[UUID]]:
    """Return, for each of these units that stood on `day`, itself and its ancestors of that day, nearest first."""
    line = (
        select(
            UnitVersion.unit_id.label("unit"), UnitVersion.unit_id.label("id"), UnitVersion.parent_id.label("up"),
            literal(0).label("step"),
        )
        .where(UnitVersion.unit_id.in_(unit_ids), versions_on(day))
        .cte(recursive=True)
    )  # fmt: skip
    version = aliased(UnitVersion)
    line = line.union(
        select(line.c.unit, version.unit_id, version.parent_id, line.c.step + 1)
        .join(line, version.unit_id == line.c.up)
        .where(holds_on(day, version), version.state == State.STANDS)
    )
    found: dict[UUID, list[UUID]] = {}
    for row in db.session.execute(select(line.c.unit, line.c.id).order_by(line.c.unit, line.c.step)):
        found.setdefault(row.unit, []).append(row.id)
    return found


def version_on(unit_id: UUID, day: date) -> UnitVersion | None:
    """Return what was true of a unit on `day`; of one that had ended, what was true last."""
    return db.session.scalar(
        select(UnitVersion)
        .where(UnitVersion.unit_id == unit_id, UnitVersion.valid_from <= day)
        .order_by(UnitVersion.valid_from.desc())
        .limit(1)
    )


def basis_of(version: UnitVersion) -> str:
    """Return by which decision a version began."""
    change = db.session.get(PlaceChange, version.change_id) if version.change_id else None
    return change.basis if change else ""


def children(unit_id: UUID | None, day: date) -> Sequence[UnitVersion]:
    """Return what stood directly below a unit on `day` (or at the top), in Vietnamese order."""
    return db.session.scalars(
        select(UnitVersion)
        .join(UnitType, UnitType.code == UnitVersion.type_code)
        .where(
            UnitVersion.parent_id == unit_id if unit_id else UnitVersion.parent_id.is_(None), versions_on(day)
        )
        .order_by(UnitType.rank, UnitVersion.sort_key, UnitVersion.unit_id)
    ).all()


def with_code_or_top(code: str | None, day: date) -> Sequence[UnitVersion]:
    """Return the units that stood on `day` with an official code; without one, those at the top of the tree."""
    if code is None:
        return [unit for unit in children(None, day) if not types()[unit.type_code].is_overlay]
    return db.session.scalars(
        select(UnitVersion).where(UnitVersion.official_code == code, versions_on(day))
    ).all()


def members(overlay_ids: Collection[UUID], day: date) -> dict[UUID, list[UnitVersion]]:
    """Return what belonged to each of these overlays on `day`, in Vietnamese order."""
    joined = (
        UnitMembership.overlay_id.in_(overlay_ids), UnitMembership.valid_from <= day,
        or_(UnitMembership.valid_to.is_(None), UnitMembership.valid_to > day),
    )  # fmt: skip
    rows = db.session.execute(
        select(UnitMembership.overlay_id, UnitVersion)
        .join(UnitMembership, UnitMembership.unit_id == UnitVersion.unit_id)
        .where(*joined, versions_on(day))
        .order_by(UnitVersion.sort_key, UnitVersion.unit_id)
    )
    found: dict[UUID, list[UnitVersion]] = {overlay_id: [] for overlay_id in overlay_ids}
    for overlay_id, member in rows:
        found[overlay_id].append(member)
    return found


def tops(seen: CTE, day: date) -> Sequence[UnitVersion]:
    """Return the units of a scope that stood on `day` with nothing of the scope above or around them."""
    inside = select(seen.c.id)
    around = select(UnitMembership.unit_id).where(
        UnitMembership.overlay_id.in_(inside), UnitMembership.valid_from <= day,
        or_(UnitMembership.valid_to.is_(None), UnitMembership.valid_to > day),
    )  # fmt: skip
    return db.session.scalars(
        select(UnitVersion)
        .where(
            UnitVersion.unit_id.in_(inside), versions_on(day),
            or_(UnitVersion.parent_id.is_(None), UnitVersion.parent_id.not_in(inside)),
            UnitVersion.unit_id.not_in(around),
        )
        .order_by(UnitVersion.sort_key, UnitVersion.unit_id)
    ).all()  # fmt: skip


_COUNTS = select(HouseholdCount.unit_id, HouseholdCount.as_of, HouseholdCount.households)
_COUNTS_OF = _COUNTS.where(HouseholdCount.unit_id.in_(bindparam("units", expanding=True)))


def counts_of(unit_ids: Collection[UUID] | Select[UUID]) -> Counts:
    """Return how many households some units had on any day."""
    if isinstance(unit_ids, Select):
        rows = db.session.execute(_COUNTS.where(HouseholdCount.unit_id.in_(unit_ids)))
    else:
        rows = run(_COUNTS_OF, {"units": list(unit_ids)})
    return Counts(Reading(*row) for row in rows)


def kinds() -> dict[str, Kind]:
    """Return the types of units, as the rules know them."""
    return {
        row.code: Kind(row.rank, row.is_overlay, row.can_meet) for row in db.session.scalars(select(UnitType))
    }


def tree_of(unit_ids: Iterable[UUID]) -> Tree:
    """Return the part of the tree that a change of these units touches: they, what is below, and what is above."""
    wanted = set(unit_ids)
    near = set(wanted)
    near.update(db.session.scalars(select(UnitVersion.unit_id).where(UnitVersion.parent_id.in_(wanted))))
    shared = select(UnitMembership).where(
        or_(UnitMembership.overlay_id.in_(wanted), UnitMembership.unit_id.in_(wanted))
    )
    memberships = db.session.scalars(shared).all()
    near.update(one for m in memberships for one in (m.overlay_id, m.unit_id))
    parents = select(UnitVersion.parent_id).where(
        UnitVersion.unit_id.in_(near), UnitVersion.parent_id.is_not(None)
    )
    near.update(parent for parent in db.session.scalars(parents) if parent)
    counts = db.session.scalars(select(HouseholdCount).where(HouseholdCount.unit_id.in_(wanted)))
    facts: list[Fact] = [Membership(m.overlay_id, m.unit_id, m.valid_from, m.valid_to) for m in memberships]
    facts += [Reading(count.unit_id, count.as_of, count.households) for count in counts]
    facts += versions_of(near)
    return Tree(kinds(), facts)


def versions_of(unit_ids: Iterable[UUID] | Select[UUID]) -> list[Version]:
    """Return everything that was ever true of these units, as the rules know it."""
    wanted = unit_ids if isinstance(unit_ids, Select) else list(unit_ids)
    rows = db.session.scalars(select(UnitVersion).where(UnitVersion.unit_id.in_(wanted)))
    return [fact_of(row) for row in rows]


def fact_of(row: UnitVersion) -> Version:
    """Return a version as the rules know it."""
    return Version(
        row.unit_id, row.valid_from, row.valid_to, row.type_code, row.parent_id, row.name, row.official_code,
        State(row.state),
    )  # fmt: skip


class Totals(NamedTuple):
    """What lies below a unit on a day, itself included: how many units of each type, and how many households."""

    by_type: dict[str, int]
    households: int


def totals(unit_ids: Collection[UUID], day: date) -> dict[UUID, Totals]:
    """Count what stood below each of these units on `day`, itself included."""
    tree = select(Unit.id.label("top"), Unit.id.label("id")).where(Unit.id.in_(unit_ids)).cte(recursive=True)
    child = aliased(UnitVersion)
    tree = tree.union(
        select(tree.c.top, child.unit_id)
        .join(child, child.parent_id == tree.c.id)
        .where(holds_on(day, child), child.state == State.STANDS)
    )
    newest = (
        select(HouseholdCount.unit_id, func.max(HouseholdCount.as_of).label("as_of"))
        .where(HouseholdCount.unit_id.in_(select(tree.c.id)), HouseholdCount.as_of <= day)
        .group_by(HouseholdCount.unit_id)
        .subquery()
    )
    counted = (
        select(HouseholdCount.unit_id, HouseholdCount.households)
        .join(
            newest,
            and_(HouseholdCount.unit_id == newest.c.unit_id, HouseholdCount.as_of == newest.c.as_of),
        )
        .subquery()
    )
    found = {unit_id: Totals({}, 0) for unit_id in unit_ids}
    for top, kind, count, households in db.session.execute(
        select(
            tree.c.top, UnitVersion.type_code, func.count(), func.coalesce(func.sum(counted.c.households), 0)
        )
        .join(UnitVersion, and_(UnitVersion.unit_id == tree.c.id, versions_on(day)))
        .outerjoin(counted, counted.c.unit_id == tree.c.id)
        .group_by(tree.c.top, UnitVersion.type_code)
    ):
        found[top].by_type[kind] = count
        found[top] = found[top]._replace(households=found[top].households + households)
    return found


def names_on(unit_ids: Iterable[UUID], day: date) -> dict[UUID, str]:
    """Return what units were called on `day`; those of another time by their nearest name."""
    rows = db.session.execute(
        select(UnitVersion.unit_id, UnitVersion.name)
        .where(UnitVersion.unit_id.in_(set(unit_ids)))
        .order_by(UnitVersion.valid_from <= day, UnitVersion.valid_from)
    )
    return {row.unit_id: row.name for row in rows}


def visible(roots: Collection[UUID], day: date) -> CTE:
    """Return the units somebody may see on the tree of `day`: below their places on that day or today."""
    then, now = below(roots, day), below(roots, clock.today())
    return select(then.c.id).union(select(now.c.id)).cte()


def changes_at(roots: Collection[UUID], limit: int) -> Sequence[PlaceChange]:
    """Return the newest changes of the tree below `roots`, and those from above that reach into it."""
    tree = below(roots, clock.today())
    return db.session.scalars(
        select(PlaceChange)
        .where(
            or_(
                PlaceChange.unit_id.in_(select(tree.c.id)),
                PlaceChange.id.in_(
                    select(UnitVersion.change_id).where(UnitVersion.unit_id.in_(select(tree.c.id)))
                ),
            )
        )
        .order_by(PlaceChange.made_at.desc(), PlaceChange.id.desc())
        .limit(limit)
    ).all()


def types() -> dict[str, UnitType]:
    """Return every type of unit, from the top of the tree down."""
    found = db.session.scalars(select(UnitType).order_by(UnitType.rank, UnitType.code))
    return {kind.code: kind for kind in found}


def types_within(roots: Collection[UUID], day: date) -> set[str]:
    """Return the types of which every unit that stands on `day` lies below some units."""
    tree = below(roots, day)
    outside = select(UnitVersion.type_code).where(
        versions_on(day), UnitVersion.unit_id.not_in(select(tree.c.id))
    )
    return set(db.session.scalars(select(UnitType.code).where(UnitType.code.not_in(outside))))


def standing(day: date, types: Collection[str]) -> Sequence[UnitVersion]:
    """Return the units of some types that stood on `day`, in Vietnamese order."""
    return db.session.scalars(
        select(UnitVersion)
        .where(UnitVersion.type_code.in_(types), versions_on(day))
        .order_by(UnitVersion.sort_key, UnitVersion.unit_id)
    ).all()
