"""What there is that a file may speak of, in the scope of who hands it in."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CTE, Select, or_, select

from webapp import clock
from webapp.accounts.models import Account, Officer, Role, RolePermission
from webapp.assignments.models import Assignment, Exemption
from webapp.assignments.queries import CHUNK, lasts_beyond
from webapp.assignments.rules import Exempt, Held
from webapp.db import db
from webapp.errors import Problem
from webapp.people.rules import KINDS
from webapp.permissions import Permission
from webapp.places.models import HouseholdCount, Unit, UnitType
from webapp.places.queries import below
from webapp.sheets.columns import Tier
from webapp.sheets.layout import State
from webapp.sheets.models import SheetImport
from webapp.sheets.naming import Node, Type
from webapp.sheets.planned import Person, Standing

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from webapp.accounts.rules import Actor


def opened(actor: Actor, import_id: UUID) -> SheetImport:
    """Return a file somebody handed in themselves; those of others are not found, nor those that have gone."""
    found = db.session.get(SheetImport, import_id)
    if found is None or found.officer_id != actor.officer_id or found.expires_at <= clock.now():
        raise Problem("not_found")
    return found


def mine(actor: Actor) -> Sequence[SheetImport]:
    """Return the files somebody handed in that are still here, the newest first."""
    return db.session.scalars(
        select(SheetImport)
        .where(SheetImport.officer_id == actor.officer_id, SheetImport.expires_at > clock.now())
        .order_by(SheetImport.made_at.desc())
    ).all()


def is_at_work(found: SheetImport) -> bool:
    """Say whether a file is being looked at or written at this moment."""
    return found.state in (State.CHECKING, State.WRITING)


def types() -> list[Type]:
    """Return the types of units that spreadsheets may speak of: overlays are laid over the tree by hand."""
    rows = db.session.scalars(
        select(UnitType).where(~UnitType.is_overlay).order_by(UnitType.rank, UnitType.code)
    )
    return [Type(row.code, row.rank, row.label, row.can_meet) for row in rows]


def tiers(actor: Actor | None) -> list[Tier]:
    """Return the tiers of the installation from the top, each with the labels that are in use there or could be."""
    scope = _scope(actor)
    in_use = select(Unit.type_code).distinct()
    used = set(db.session.scalars(in_use if scope is None else in_use.where(Unit.id.in_(select(scope.c.id)))))
    by_rank: dict[int, dict[str, Type]] = defaultdict(dict)
    for one in types():
        by_rank[one.rank][one.code] = one
    found = []
    for rank, all_of_it in sorted(by_rank.items()):
        there = {code: one.label for code, one in all_of_it.items() if code in used}
        labels = there or {code: one.label for code, one in all_of_it.items()}
        found.append(Tier(rank, labels, any(one.can_meet for one in all_of_it.values())))
    return found


def top_rank(actor: Actor | None) -> int:
    """Return the rank of the highest units in the scope."""
    scope = _scope(actor)
    ranks = select(UnitType.rank).join(Unit, Unit.type_code == UnitType.code).where(~UnitType.is_overlay)
    if scope is not None:
        ranks = ranks.where(Unit.id.in_(select(scope.c.id)))
    return min(db.session.scalars(ranks.distinct()), default=0)


def _scope(actor: Actor | None) -> CTE | None:
    day = clock.today()
    return below(actor.roots(Permission.ADMINISTER, day), day) if actor else None


def standing(actor: Actor | None, signs: Collection[str] = ()) -> Standing:
    """Return everything a file may speak of; `actor` is None at the server's console, where that is all there is.

    `signs` are the codes and phone numbers in the file: whoever has one of them is known, also outside the scope.
    """
    day, scope = clock.today(), _scope(actor)
    inside = None if scope is None else select(scope.c.id)
    known = types()
    places = _places(inside, day, {one.code for one in known})
    counts: dict[UUID, dict[date, int]] = defaultdict(dict)
    readings = select(HouseholdCount)
    for row in db.session.scalars(
        readings if inside is None else readings.where(HouseholdCount.unit_id.in_(inside))
    ):
        counts[row.unit_id][row.as_of] = row.households
    high = set(db.session.scalars(
        select(RolePermission.role_code).where(RolePermission.permission == Permission.ADMINISTER)
    ))  # fmt: skip
    roles = {role.code: role.label for role in db.session.scalars(select(Role).order_by(Role.code))}
    held = select(Assignment)
    return Standing(
        day, known, places, _people(inside, day, list(signs)), counts, KINDS,
        {code: label for code, label in roles.items() if code not in high},
        {code: label for code, label in roles.items() if code in high},
        [
            Held(row.id, row.officer_id, row.unit_id, row.role_code, row.is_primary, row.valid_from, row.valid_to)
            for row in db.session.scalars(held if inside is None else held.where(Assignment.unit_id.in_(inside)))
        ],
        [Exempt(row.officer_id, row.valid_from, row.valid_to) for row in db.session.scalars(select(Exemption))],
    )  # fmt: skip


def _places(inside: Select[UUID] | None, day: date, known: set[str]) -> list[Node]:
    """Return the units of the scope, those that ended with the day, and what stands above the scope."""
    rows = db.session.scalars(
        (select(Unit) if inside is None else select(Unit).where(Unit.id.in_(inside)))
        .where(Unit.valid_from <= day, or_(Unit.valid_to.is_(None), Unit.valid_to > Unit.valid_from))
    ).all()  # fmt: skip
    found = [
        Node(row.id, row.type_code, row.name, row.parent_id, row.valid_from, row.official_code,
             row.valid_to if row.valid_to and row.valid_to <= day else None)
        for row in rows if row.type_code in known
    ]  # fmt: skip
    seen = {row.id for row in rows}
    above = {row.parent_id for row in rows if row.parent_id} - seen
    while above:
        upper = db.session.scalars(select(Unit).where(Unit.id.in_(above))).all()
        found += [
            Node(row.id, row.type_code, row.name, row.parent_id, row.valid_from, row.official_code, is_mine=False)
            for row in upper if row.type_code in known and (row.valid_to is None or row.valid_to > day)
        ]  # fmt: skip
        seen |= above
        above = {row.parent_id for row in upper if row.parent_id} - seen
    return found


def _people(inside: Select[UUID] | None, day: date, signs: list[str]) -> list[Person]:
    """Return everybody in the scope, and of those outside who has one of these codes or numbers that it is taken."""
    everybody = select(Officer, Account.code, Account.phone).join(Account, Account.officer_id == Officer.id)
    found: dict[UUID, Person] = {}

    def add(chosen: Select[Officer, str, str | None], *, is_mine: bool) -> None:
        for one, code, phone in db.session.execute(chosen):
            person = Person(
                one.id, one.full_name, one.title, one.kind, one.home_unit_id, code, phone, is_mine
            )
            found.setdefault(one.id, person)

    if inside is None:
        add(everybody, is_mine=True)
        return list(found.values())
    at = select(Assignment.officer_id).where(Assignment.unit_id.in_(inside), lasts_beyond(day))
    add(everybody.where(or_(Officer.home_unit_id.in_(inside), Officer.id.in_(at))), is_mine=True)
    for start in range(0, len(signs), CHUNK):
        some = signs[start : start + CHUNK]
        add(everybody.where(or_(Account.code.in_(some), Account.phone.in_(some))), is_mine=False)
    return list(found.values())
