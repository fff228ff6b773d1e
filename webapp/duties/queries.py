"""Reads of windows and duties."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from sqlalchemy import select

from webapp.accounts.models import Role, RolePermission
from webapp.db import db
from webapp.duties.models import DutyRule, MeetingWindow
from webapp.duties.rules import Duty, MeetingType, Period, Stage, Window, month_of, nearest, stage
from webapp.permissions import Permission
from webapp.places.models import Unit, UnitType, UnitVersion
from webapp.places.queries import below, lines_above, versions_on

if TYPE_CHECKING:
    from collections.abc import Sequence

    from webapp.accounts.rules import Actor


def all_windows() -> list[Window]:
    """Return every window there is or was, the newest first; they are few."""
    rows = db.session.scalars(
        select(MeetingWindow).order_by(MeetingWindow.valid_from.desc(), MeetingWindow.made_at.desc())
    )
    return [
        Window(
            row.id, row.unit_id, MeetingType(row.meeting_type), row.first_day, row.last_day, row.valid_from,
            row.valid_to, row.basis,
        )
        for row in rows
    ]  # fmt: skip


def all_duties() -> list[Duty]:
    """Return every duty there is or was, the newest first; they are few."""
    rows = db.session.scalars(
        select(DutyRule).order_by(DutyRule.valid_from.desc(), DutyRule.made_at.desc(), DutyRule.role_code)
    )
    return [
        Duty(
            row.id, row.unit_id, row.role_code, MeetingType(row.meeting_type), row.min_count, row.for_each,
            Period(row.period), row.valid_from, row.valid_to, row.basis,
        )
        for row in rows
    ]  # fmt: skip


def line_of(unit_id: UUID, day: date) -> list[UUID]:
    """Return a unit and those above it on `day`, nearest first."""
    return lines_above([unit_id], day).get(unit_id, [unit_id])


def group_stages(unit_ids: Collection[UUID], day: date) -> dict[UUID, Stage]:
    """Say for each group whether the days kept for its meeting of this month are to come, are now, or are over."""
    rows = [row for row in all_windows() if row.meeting_type is MeetingType.GROUP]
    lines = lines_above(unit_ids, day)
    return {unit: stage(nearest(rows, lines.get(unit, [unit]), month_of(day)), day) for unit in unit_ids}


class Place(NamedTuple):
    """A unit for which somebody may decide."""

    id: UUID
    name: str
    label: str
    label_en: str


def places_to_decide(actor: Actor, day: date) -> Sequence[Place]:
    """Return the units in the actor's scope in which no group meets: windows and duties are set from there down."""
    tree = below(actor.roots(Permission.SET_DUTIES, day), day)
    rows = db.session.execute(
        select(UnitVersion.unit_id, UnitVersion.name, UnitType.label, UnitType.label_en)
        .join(UnitType, UnitType.code == UnitVersion.type_code)
        .where(
            UnitVersion.unit_id.in_(select(tree.c.id)),
            versions_on(day),
            ~UnitType.can_meet,
            ~UnitType.is_overlay,
        )
        .order_by(UnitType.rank, UnitVersion.sort_key)
    )
    return [Place(*row) for row in rows]


def seen_from(actor: Actor, day: date) -> frozenset[UUID]:
    """Return the units whose rows somebody sees who decides at some: those, what is below, and what is above."""
    roots = actor.roots(Permission.SET_DUTIES, day)
    tree = below(roots, day)
    above = (unit for line in lines_above(roots, day).values() for unit in line)
    return frozenset(db.session.scalars(select(tree.c.id))) | frozenset(above)


def roles() -> Sequence[Role]:
    """Return the roles that may have a duty: all but those that only keep the system."""
    keepers = select(RolePermission.role_code).where(RolePermission.permission == Permission.ADMINISTER)
    return db.session.scalars(select(Role).where(Role.code.not_in(keepers)).order_by(Role.label)).all()


def names_of(unit_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return the names of units as they are today, or were last."""
    return {
        row.id: row.name
        for row in db.session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(unit_ids)))
    }
