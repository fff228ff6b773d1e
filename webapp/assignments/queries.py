"""Reads of assignments, always below the units where the actor may see them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select

from webapp import clock
from webapp.accounts.models import Officer
from webapp.assignments.models import Assignment, Exemption
from webapp.assignments.rules import Book, Exempt, Held
from webapp.db import db
from webapp.permissions import Permission
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


def officers_below(actor: Actor, unit_id: UUID | None = None) -> Select[UUID]:
    """Return the officers who belong to, or hold a role at, units the actor administers (below `unit_id`)."""
    day = clock.today()
    scope = below(actor.roots(Permission.ADMINISTER, day), day)
    units = select(scope.c.id)
    if unit_id:
        part = below([unit_id], day)
        units = units.where(scope.c.id.in_(select(part.c.id)))
    held = select(Assignment.officer_id).where(Assignment.unit_id.in_(units), lasts_beyond(day))
    return select(Officer.id).where(or_(Officer.home_unit_id.in_(units), Officer.id.in_(held)))


def book_of(unit_ids: Iterable[UUID], officer_ids: Iterable[UUID]) -> Book:
    """Return the book of what is or was held at these units, and when these officers are exempt."""
    rows = [
        row
        for some in _chunks(unit_ids)
        for row in db.session.scalars(select(Assignment).where(Assignment.unit_id.in_(some)))
    ]
    exempt = [
        Exempt(row.officer_id, row.valid_from, row.valid_to)
        for some in _chunks(officer_ids)
        for row in db.session.scalars(select(Exemption).where(Exemption.officer_id.in_(some)))
    ]
    return Book(map(fact_of, rows), exempt)


def fact_of(row: Assignment) -> Held:
    """Return an assignment as the rules know it."""
    return Held(
        row.id, row.officer_id, row.unit_id, row.role_code, row.is_primary, row.valid_from, row.valid_to
    )


def _chunks(ids: Iterable[UUID]) -> Iterable[list[UUID]]:
    listed = sorted(set(ids))
    return (listed[start : start + CHUNK] for start in range(0, len(listed), CHUNK))
