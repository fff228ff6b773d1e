"""Reads of assignments, always below the units where the actor may see them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from webapp import clock
from webapp.accounts.models import Officer, Role, RolePermission
from webapp.assignments.models import Assignment, AssignmentLine, Exemption
from webapp.assignments.rules import Book, Exempt, Held
from webapp.db import db
from webapp.permissions import Permission
from webapp.places.models import Unit, UnitType
from webapp.places.queries import below

if TYPE_CHECKING:
    from collections.abc import Sequence

    from webapp.accounts.rules import Actor

CHUNK = 400
"""How many ids one statement names: SQLite takes 32,766 values, and a list of a whole district has more of them."""


def lasts_beyond(day: date) -> ColumnElement[bool]:
    """Return the condition that an assignment is held on `day` or later."""
    return or_(Assignment.valid_to.is_(None), Assignment.valid_to > day)


def holds_on(day: date) -> ColumnElement[bool]:
    """Return the condition that an assignment is held on `day`."""
    return (Assignment.valid_from <= day) & lasts_beyond(day)


def held_at(unit_ids: Collection[UUID], day: date) -> Sequence[Assignment]:
    """Return the roles held at these units on `day` or later."""
    return db.session.scalars(
        select(Assignment).where(Assignment.unit_id.in_(unit_ids), lasts_beyond(day))
    ).all()


def is_below(
    actor: Actor, unit_id: UUID | None = None, permission: Permission = Permission.ADMINISTER
) -> ColumnElement[bool]:
    """Return the condition that an officer belongs to, or holds a role at, units in scope.

    In scope is where the actor holds `permission`, below `unit_id` if it is asked for.
    """
    day = clock.today()
    scope = below(actor.roots(permission, day), day)
    units = select(scope.c.id)
    if unit_id:
        part = below([unit_id], day)
        units = units.where(scope.c.id.in_(select(part.c.id)))
    held = select(Assignment.officer_id).where(Assignment.unit_id.in_(units), lasts_beyond(day))
    return or_(Officer.home_unit_id.in_(units), Officer.id.in_(held))


def officers_below(
    actor: Actor, unit_id: UUID | None = None, permission: Permission = Permission.ADMINISTER
) -> Select[UUID]:
    """Return who belongs to, or holds a role at, units where the actor holds `permission` (below `unit_id`)."""
    return select(Officer.id).where(is_below(actor, unit_id, permission))


def book_of(unit_ids: Iterable[UUID], officer_ids: Iterable[UUID]) -> Book:
    """Return the book of what is or was held at these units, and when these officers are exempt."""
    rows = [
        row
        for some in chunks(unit_ids)
        for row in db.session.scalars(select(Assignment).where(Assignment.unit_id.in_(some)))
    ]
    exempt = [
        Exempt(row.officer_id, row.valid_from, row.valid_to)
        for some in chunks(officer_ids)
        for row in db.session.scalars(select(Exemption).where(Exemption.officer_id.in_(some)))
    ]
    return Book(map(fact_of, rows), exempt)


def exempt_on(day: date) -> ColumnElement[bool]:
    """Return the condition that an exemption is in force on `day`."""
    return (Exemption.valid_from <= day) & or_(Exemption.valid_to.is_(None), Exemption.valid_to > day)


def fact_of(row: Assignment) -> Held:
    """Return an assignment as the rules know it."""
    return Held(
        row.id, row.officer_id, row.unit_id, row.role_code, row.is_primary, row.valid_from, row.valid_to
    )


def chunks(ids: Iterable[UUID]) -> Iterable[list[UUID]]:
    """Return ids in as many as one statement names."""
    listed = sorted(set(ids))
    return (listed[start : start + CHUNK] for start in range(0, len(listed), CHUNK))


class Entry(NamedTuple):
    """An assignment as a page lists it."""

    row: Assignment
    officer: str
    unit: str
    role: str
    role_en: str


def place(actor: Actor, unit_id: UUID, permission: Permission = Permission.READ_PLACES) -> Unit | None:
    """Return a unit where the actor holds `permission`; out of scope is not found."""
    day = clock.today()
    scope = below(actor.roots(permission, day), day)
    return db.session.scalar(select(Unit).where(Unit.id == unit_id, Unit.id.in_(select(scope.c.id))))


def officer(
    actor: Actor, officer_id: UUID, permission: Permission = Permission.READ_PLACES
) -> Officer | None:
    """Return somebody who belongs to, or holds a role at, units where the actor holds `permission`."""
    return db.session.scalar(
        select(Officer).where(
            Officer.id == officer_id, Officer.id.in_(officers_below(actor, None, permission))
        )
    )


def _entries() -> Select[Assignment, str, str, str, str]:
    return (
        select(Assignment, Officer.full_name, Unit.name, Role.label, Role.label_en)
        .join(Officer, Officer.id == Assignment.officer_id)
        .join(Unit, Unit.id == Assignment.unit_id)
        .join(Role, Role.code == Assignment.role_code)
        .where(or_(Assignment.valid_to.is_(None), Assignment.valid_to > Assignment.valid_from))
        .order_by(
            Assignment.valid_to.is_not(None), Assignment.valid_to.desc(), Assignment.is_primary.desc(),
            Assignment.valid_from.desc(), Unit.sort_key, Officer.sort_name,
        )
    )  # fmt: skip


def at_place(unit_id: UUID) -> list[Entry]:
    """Return who holds and held what at a unit, what holds today first."""
    return [Entry(*row) for row in db.session.execute(_entries().where(Assignment.unit_id == unit_id))]


def of_officer(actor: Actor, officer_id: UUID) -> list[Entry]:
    """Return what somebody holds and held in the actor's scope, what holds today first."""
    day = clock.today()
    scope = below(actor.roots(Permission.READ_PLACES, day) | actor.roots(Permission.ADMINISTER, day), day)
    mine = _entries().where(Assignment.officer_id == officer_id, Assignment.unit_id.in_(select(scope.c.id)))
    return [Entry(*row) for row in db.session.execute(mine)]


def exemptions_of(officer_id: UUID) -> Sequence[Exemption]:
    """Return when somebody is and was exempt, the newest first."""
    return db.session.scalars(
        select(Exemption).where(Exemption.officer_id == officer_id).order_by(Exemption.valid_from.desc())
    ).all()


class Candidate(NamedTuple):
    """Somebody who may be assigned."""

    id: UUID
    name: str
    title: str
    home: str
    places: int


def candidates(actor: Actor, unit: Unit, role: str, *, everybody: bool) -> list[Candidate]:
    """Return whom the actor may assign to a unit: those of the same unit of the base tier, or everybody in scope."""
    day = clock.today()
    home = aliased(Unit)
    held = (
        select(func.count())
        .where(Assignment.officer_id == Officer.id, Assignment.role_code == role, holds_on(day))
        .correlate(Officer)
        .scalar_subquery()
    )
    free = select(Exemption.officer_id).where(exempt_on(day))
    found = (
        select(Officer.id, Officer.full_name, Officer.title, home.name, held)
        .outerjoin(home, home.id == Officer.home_unit_id)
        .where(Officer.id.in_(officers_below(actor)), Officer.id.not_in(free))
        .order_by(Officer.sort_name, Officer.id)
    )
    if unit.base_id and not everybody:
        found = found.where(home.base_id == unit.base_id)
    return [Candidate(*row) for row in db.session.execute(found)]


def roles_for(unit: Unit) -> list[Role]:
    """Return the roles that may be handed out at a unit: those expected on its tier first."""
    rank = db.session.scalar(select(UnitType.rank).where(UnitType.code == unit.type_code))
    expected = set(db.session.scalars(select(AssignmentLine.role_code).where(AssignmentLine.rank == rank)))
    return sorted(
        db.session.scalars(select(Role).order_by(Role.code)), key=lambda role: role.code not in expected
    )


def administers(actor: Actor, unit_id: UUID) -> bool:
    """Say whether the actor may change assignments at a unit."""
    return place(actor, unit_id, Permission.ADMINISTER) is not None


def records(role: str) -> bool:
    """Say whether a role writes entries: then its end is a hand-over."""
    return (
        db.session.scalar(
            select(RolePermission.role_code).where(
                and_(RolePermission.role_code == role, RolePermission.permission == Permission.RECORD_MEETING)
            )
        )
        is not None
    )
