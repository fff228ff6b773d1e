"""Reads of people for those who administer them, always below their units."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, case, exists, func, or_, select

from webapp import clock
from webapp.accounts.models import Account, Device, Officer, Role
from webapp.assignments.models import Assignment
from webapp.assignments.queries import is_below
from webapp.db import db
from webapp.paging import Paging
from webapp.people.models import Activation
from webapp.people.rules import AccountState, state_of
from webapp.permissions import Permission
from webapp.places.models import Unit, UnitType
from webapp.places.queries import below, stands_on
from webapp.text import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from webapp.accounts.rules import Actor

PAGE = 100


@dataclass(frozen=True)
class Filters:
    """What the address of the list asks for."""

    query: str = ""
    unit_id: UUID | None = None
    state: str = ""
    page: int = 1


class Person(NamedTuple):
    """One line of the list."""

    id: UUID
    name: str
    title: str
    unit: str
    code: str
    phone: str
    state: AccountState
    code_until: datetime | None


@dataclass(frozen=True)
class Found:
    """One page of people, how many there are in all, and how many of them stand how."""

    people: list[Person]
    total: int
    pages: int
    states: dict[AccountState, int]


def people(actor: Actor, filters: Filters) -> Found:
    """Return a page of the people in the actor's scope, sorted by given name."""
    paging = Paging(filters.page, PAGE)
    counted = {
        AccountState(state): count for state, count in db.session.execute(counts_by_state(actor, filters))
    }
    states = {state: counted.get(state, 0) for state in AccountState}
    total = sum(count for state, count in states.items() if filters.state in ("", state))
    rows = db.session.execute(page_of(actor, filters, paging))
    return Found([_person(row) for row in rows], total, paging.pages(total), states)


def counts_by_state(actor: Actor, filters: Filters) -> Select[str, int]:
    """Select how many of the people of a scope and name stand how."""
    standing = (
        select(_state(clock.now()).label("state"))
        .select_from(Officer)
        .join(Account, Account.officer_id == Officer.id)
        .where(*_fitting(actor, filters))
        .subquery()
    )
    return select(standing.c.state, func.count()).group_by(standing.c.state)


def page_of(actor: Actor, filters: Filters, paging: Paging) -> Select[Officer, Account, str, datetime]:
    """Select one page of the people, in the order of their given names."""
    lines = _lines().where(*_fitting(actor, filters))
    if filters.state:
        lines = lines.where(_state(clock.now()) == filters.state)
    return lines.order_by(Officer.sort_name, Officer.id).limit(paging.size).offset(paging.offset)


def _fitting(actor: Actor, filters: Filters) -> list[ColumnElement[bool]]:
    return [is_below(actor, filters.unit_id), *_named(filters.query)]


def _named(query: str) -> list[ColumnElement[bool]]:
    """Return the conditions that each syllable asked for begins a word of the name, the code or the phone number."""
    return [
        or_(
            (" " + Officer.folded_name).contains(f" {word}", autoescape=True),
            Account.code.istartswith(word, autoescape=True),
            Account.phone.startswith(word, autoescape=True),
        )
        for word in fold(query).split()
    ]


def _state(now: datetime) -> ColumnElement[str]:
    """Say how an account stands, as `webapp.people.rules.state_of` does."""
    has_code = exists().where(
        Activation.account_id == Account.id, Activation.used_at.is_(None), Activation.withdrawn_at.is_(None),
        Activation.expires_at > now,
    )  # fmt: skip
    return case(
        (~Account.is_active, AccountState.LOCKED.value),
        (has_code, AccountState.CODE_OUT.value),
        (Account.password_hash.is_not(None), AccountState.ACTIVE.value),
        else_=AccountState.NONE.value,
    )


def chosen(actor: Actor, officer_ids: Sequence[UUID]) -> list[Person]:
    """Return these people, as far as they are in the actor's scope, sorted by given name."""
    wanted = _lines().where(Officer.id.in_(officer_ids), is_below(actor))
    return [_person(row) for row in db.session.execute(wanted.order_by(Officer.sort_name))]


def _lines() -> Select[Officer, Account, str, datetime]:
    code_until = (
        select(func.max(Activation.expires_at))
        .where(
            Activation.account_id == Account.id,
            Activation.used_at.is_(None),
            Activation.withdrawn_at.is_(None),
        )
        .scalar_subquery()
    )
    return (
        select(Officer, Account, Unit.name, code_until)
        .join(Account, Account.officer_id == Officer.id)
        .outerjoin(Unit, Unit.id == Officer.home_unit_id)
    )


def _person(row: Row[Officer, Account, str, datetime]) -> Person:
    officer, account, unit, code_until = row
    state = state_of(
        is_active=account.is_active, has_password=account.password_hash is not None, code_until=code_until,
        now=clock.now(),
    )  # fmt: skip
    return Person(
        officer.id, officer.full_name, officer.title, unit or "", account.code, account.phone or "", state,
        code_until if state is AccountState.CODE_OUT else None,
    )  # fmt: skip


def facts_of(officer_id: UUID) -> dict[str, object]:
    """Return what the form of a person is filled with."""
    officer, account = db.session.execute(
        select(Officer, Account)
        .join(Account, Account.officer_id == Officer.id)
        .where(Officer.id == officer_id)
    ).one()
    return {
        "full_name": officer.full_name, "title": officer.title, "kind": officer.kind,
        "home_unit_id": officer.home_unit_id, "code": account.code, "phone": account.phone,
    }  # fmt: skip


class Held(NamedTuple):
    """A role somebody holds or held."""

    role: str
    role_en: str
    unit: str
    valid_from: date
    valid_to: date | None


def roles_of(officer_id: UUID) -> Sequence[Held]:
    """Return what roles an officer holds and held, the newest first."""
    rows = db.session.execute(
        select(Role.label, Role.label_en, Unit.name, Assignment.valid_from, Assignment.valid_to)
        .join(Role, Role.code == Assignment.role_code)
        .join(Unit, Unit.id == Assignment.unit_id)
        .where(Assignment.officer_id == officer_id)
        .order_by(Assignment.valid_to.is_not(None), Assignment.valid_from.desc(), Unit.sort_key)
    )
    return [Held(*row) for row in rows]


def devices_of(officer_id: UUID) -> int:
    """Return on how many devices somebody is signed in."""
    return (
        db.session.scalar(
            select(func.count())
            .select_from(Device)
            .join(Account, Account.id == Device.account_id)
            .where(
                Account.officer_id == officer_id, Device.signed_out_at.is_(None), Device.revoked_at.is_(None)
            )
        )
        or 0
    )


def home_units(actor: Actor | None) -> Sequence[Row[UUID, str, str, str]]:
    """Return the units in the actor's scope to which people may belong: those in which no group meets."""
    day = clock.today()
    found = (
        select(Unit.id, Unit.name, UnitType.label, UnitType.label_en)
        .join(UnitType, UnitType.code == Unit.type_code)
        .where(stands_on(day), ~UnitType.can_meet, ~UnitType.is_overlay)
        .order_by(UnitType.rank, Unit.sort_key)
    )
    if actor is not None:
        scope = below(actor.roots(Permission.ADMINISTER, day), day)
        found = found.where(Unit.id.in_(select(scope.c.id)))
    return db.session.execute(found).all()
