"""Reads of the tree of places."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from webapp.db import db
from webapp.places.models import HouseholdCount, Unit, UnitMembership

if TYPE_CHECKING:
    from collections.abc import Collection


def stands_on(day: date, unit: type[Unit] = Unit) -> ColumnElement[bool]:
    """Return the condition that a unit exists on `day`."""
    return and_(unit.valid_from <= day, or_(unit.valid_to.is_(None), unit.valid_to > day))


def below(roots: Select[tuple[UUID]] | Collection[UUID], day: date) -> CTE:
    """Return, as a CTE with column `id`, the `roots`, the members of overlays among them, and all below on `day`."""
    members = select(UnitMembership.unit_id).where(
        UnitMembership.overlay_id.in_(roots),
        UnitMembership.valid_from <= day,
        or_(UnitMembership.valid_to.is_(None), UnitMembership.valid_to > day),
    )
    start = select(Unit.id).where(or_(Unit.id.in_(roots), Unit.id.in_(members)))
    tree = start.cte(recursive=True)
    child = aliased(Unit)
    return tree.union(select(child.id).join(tree, child.parent_id == tree.c.id).where(stands_on(day, child)))


def above(unit_id: UUID) -> list[Unit]:
    """Return the unit's ancestors, nearest first, by today's tree."""
    chain: list[Unit] = []
    unit = db.session.get(Unit, unit_id)
    while unit is not None and unit.parent_id is not None:
        unit = db.session.get(Unit, unit.parent_id)
        if unit is not None:
            chain.append(unit)
    return chain


def households_on(unit_ids: Collection[UUID], day: date) -> dict[UUID, HouseholdCount]:
    """Return each unit's newest household count not after `day`."""
    newest = (
        select(HouseholdCount.unit_id, func.max(HouseholdCount.as_of).label("as_of"))
        .where(HouseholdCount.unit_id.in_(unit_ids), HouseholdCount.as_of <= day)
        .group_by(HouseholdCount.unit_id)
        .subquery()
    )
    counts = select(HouseholdCount).join(
        newest, and_(HouseholdCount.unit_id == newest.c.unit_id, HouseholdCount.as_of == newest.c.as_of)
    )
    return {count.unit_id: count for count in db.session.scalars(counts)}
