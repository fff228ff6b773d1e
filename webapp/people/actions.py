"""Writes of people: keep a person, hand out and use activation codes, lock and unlock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import current_app
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from webapp import clock
from webapp.accounts.actions import open_device, password_hash, revoke_devices
from webapp.accounts.models import Account, Device, Officer
from webapp.accounts.rules import Actor, tidy_identifier
from webapp.assignments.models import Assignment
from webapp.audit.actions import record, record_all
from webapp.audit.actions import row as audit_row
from webapp.db import new_id, transaction
from webapp.errors import Problem
from webapp.fields import N_
from webapp.people import queries, rules
from webapp.people.models import Activation
from webapp.text import fold, person_sort_key

CHUNK = 2000
"""How many values one statement names."""


class TakenError(Exception):
    """Somebody else has this code or phone number already; the text says so."""


@dataclass(frozen=True)
class PersonFacts:
    """What is kept of somebody who works in the system."""

    full_name: str
    title: str
    kind: str
    home_unit_id: UUID
    code: str
    phone: str


@dataclass(frozen=True)
class Slip:
    """What is printed for one person. The code is nowhere else."""

    name: str
    title: str
    unit: str
    code: str
    expires_at: datetime


def save_person(actor: Actor | None, officer_id: UUID, facts: PersonFacts) -> None:
    """Keep a person: a new id makes a new one, with an account nobody can sign in to yet.

    Raises `TakenError`, or `Problem` (``not_found``) when the person or the unit is not the actor's to keep.
    """
    save_people(actor, {officer_id: facts})


def save_people(actor: Actor | None, people: Mapping[UUID, PersonFacts]) -> None:
    """Keep many people, all or none, as `save_person` keeps one; `actor` is None at the server's console."""
    if not {facts.home_unit_id for facts in people.values()} <= {row.id for row in queries.home_units(actor)}:
        raise Problem("not_found")
    with transaction() as session:
        known = {
            account.officer_id: account
            for account in session.scalars(select(Account).where(Account.officer_id.in_(people)))
        }
        if actor is not None and len(queries.chosen(actor, list(known))) < len(known):
            raise Problem("not_found")
        signs = {
            officer_id: (tidy_identifier(facts.code), tidy_identifier(facts.phone) or None)
            for officer_id, facts in people.items()
        }
        _check_free(session, signs)
        for account in known.values():  # two may swap numbers
            if (account.code, account.phone) != signs[account.officer_id]:
                account.code, account.phone = str(account.id), None
        session.flush()
        for officer_id, facts in people.items():
            told = {
                "full_name": facts.full_name, "sort_name": person_sort_key(facts.full_name),
                "folded_name": fold(facts.full_name), "title": facts.title,
                "kind": facts.kind, "home_unit_id": facts.home_unit_id,
            }  # fmt: skip
            if officer_id in known:
                session.execute(update(Officer).where(Officer.id == officer_id).values(**told))
                known[officer_id].code, known[officer_id].phone = signs[officer_id]
            else:
                session.add(Officer(id=officer_id, **told))
        session.flush()
        session.add_all(
            Account(id=new_id(), officer_id=officer_id, code=code, phone=phone)
            for officer_id, (code, phone) in signs.items() if officer_id not in known
        )  # fmt: skip
        session.flush()
        record_all([
            audit_row("person_saved", actor_id=actor.officer_id if actor else None, record_kind="officer",
                      record_id=officer_id, unit_id=facts.home_unit_id)
            for officer_id, facts in people.items()
        ])  # fmt: skip


def _check_free(session: Session, signs: Mapping[UUID, tuple[str, str | None]]) -> None:
    """Refuse codes and phone numbers by which two people could sign in."""
    names = [name for pair in signs.values() for name in {*pair} if name]
    taken = len(set(names)) < len(names)
    for start in range(0, len(names), CHUNK):
        some = names[start : start + CHUNK]
        holders = select(Account.officer_id).where(or_(Account.code.in_(some), Account.phone.in_(some)))
        taken = taken or not set(session.scalars(holders)) <= set(signs)
    if taken:
        raise TakenError(N_("Mã cán bộ hoặc số điện thoại này đã có người dùng."))


def make_administrator(name: str, code: str, unit_id: UUID) -> Slip:
    """Make somebody administrator of a unit, from the server's console, and return their slip.

    An installation begins like this: everybody else is handed out by that person. Raises `TakenError`.
    """
    code = tidy_identifier(code)
    today = clock.today()
    with transaction() as session:
        if session.scalar(select(Account.id).where(Account.code == code)) is not None:
            raise TakenError(N_("Mã cán bộ hoặc số điện thoại này đã có người dùng."))
        officer = Officer(
            id=new_id(), full_name=name, sort_name=person_sort_key(name), title="Quản trị hệ thống",
            kind="district_office", home_unit_id=unit_id,
        )  # fmt: skip
        session.add(officer)
        session.flush()
        account = Account(id=new_id(), officer_id=officer.id, code=code)
        session.add(account)
        session.add(
            Assignment(
                id=new_id(),
                officer_id=officer.id,
                unit_id=unit_id,
                role_code="administrator",
                valid_from=today,
            )
        )
        session.flush()
        record(
            "administrator_made", actor_id=None, record_kind="officer", record_id=officer.id, unit_id=unit_id
        )
        return _slip(session, account.id, None, name, officer.title, "")


def hand_out(actor: Actor, officer_ids: Sequence[UUID]) -> list[Slip]:
    """Make a code for each of these people and return the slips; a code given to them before ends now.

    People outside the actor's scope and locked accounts get none.
    """
    slips: list[Slip] = []
    with transaction() as session:
        for person in queries.chosen(actor, officer_ids):
            if person.state is rules.AccountState.LOCKED:
                continue
            account_id = session.scalars(select(Account.id).where(Account.officer_id == person.id)).one()
            slips.append(_slip(session, account_id, actor.officer_id, person.name, person.title, person.unit))
            record("code_handed_out", actor_id=actor.officer_id, record_kind="officer", record_id=person.id)
    return slips


def _slip(session: Session, account_id: UUID, made_by: UUID | None, name: str, title: str, unit: str) -> Slip:
    """Make the code of an account, in the transaction of the deed; the code it had before ends."""
    now = clock.now()
    session.execute(
        update(Activation)
        .where(
            Activation.account_id == account_id,
            Activation.used_at.is_(None),
            Activation.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=now)
    )
    slip = Slip(name, title, unit, rules.new_code(), now + rules.LIFETIME)
    session.add(
        Activation(
            account_id=account_id, digest=_digest(slip.code), made_at=now, made_by_id=made_by,
            expires_at=slip.expires_at,
        )
    )  # fmt: skip
    return slip


def activate(code: str, password: str, device_label: str) -> Device | None:
    """Use a code: its owner has this password from now on and is signed in here; None when it is not good."""
    now = clock.now()
    hashed = password_hash(password)
    with transaction() as session:
        used = session.execute(
            update(Activation)
            .where(
                Activation.digest == _digest(code),
                Activation.used_at.is_(None),
                Activation.withdrawn_at.is_(None),
                Activation.expires_at > now,
                Activation.account_id.in_(select(Account.id).where(Account.is_active)),
            )
            .values(used_at=now)
            .returning(Activation.account_id)
        ).scalar_one_or_none()
        if used is None:
            return None
        account = session.get_one(Account, used)
        account.password_hash = hashed
        account_id = account.id
        record("activated", actor_id=account.officer_id, record_kind="account", record_id=account.id)
    return open_device(account_id, device_label)


def set_locked(actor: Actor, officer_id: UUID, *, locked: bool) -> None:
    """Lock an account or let it be used again. A locked one is signed out everywhere; nothing it wrote is lost."""
    _require_mine(actor, officer_id)
    if officer_id == actor.officer_id:
        raise Problem("forbidden")  # nobody locks themselves out
    with transaction() as session:
        session.execute(update(Account).where(Account.officer_id == officer_id).values(is_active=not locked))
        record("locked" if locked else "unlocked", actor_id=actor.officer_id, record_kind="officer",
               record_id=officer_id)  # fmt: skip


def revoke_phones(actor: Actor, officer_id: UUID) -> int:
    """Revoke every device somebody ever signed in on, as after a loss; return how many."""
    (person,) = queries.chosen(actor, [officer_id]) or (None,)
    if person is None:
        raise Problem("not_found")
    return revoke_devices(person.code, by=actor.officer_id)


def _require_mine(actor: Actor, officer_id: UUID) -> None:
    if not queries.chosen(actor, [officer_id]):
        raise Problem("not_found")


def _digest(code: str) -> bytes:
    return rules.digest(code, current_app.config["SECRET_KEY"])
