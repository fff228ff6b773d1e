"""Reads of people and their rights."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple, cast
from uuid import UUID

from sqlalchemy import Select, and_, bindparam, func, or_, select, true
from sqlalchemy.orm import aliased

from webapp.accounts.models import Account, Device, Officer, Role, RolePermission
from webapp.accounts.rules import Actor, Grant
from webapp.assignments.models import Assignment
from webapp.db import db, run
from webapp.ops.queries import demonstration_codes
from webapp.permissions import Permission
from webapp.places.models import HouseholdCount, Unit, UnitMembership, UnitType, UnitVersion
from webapp.places.queries import holds_on, versions_on

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable


_PERSON = (
    select(Device.revoked_at, Device.last_seen_at, Account.id, Officer.id, Officer.full_name, Officer.title)
    .join(Account, Account.id == Device.account_id)
    .join(Officer, Officer.id == Account.officer_id)
    .where(Device.id == bindparam("device"), Device.signed_out_at.is_(None), Account.is_active)
)
_LOCKED = (
    select(Device.id)
    .join(Account, Account.id == Device.account_id)
    .where(Device.id == bindparam("device"), Device.signed_out_at.is_(None), ~Account.is_active)
)
_OFFICER = (
    select(Account.id, Account.is_active, Officer.full_name, Officer.title)
    .join(Officer, Officer.id == Account.officer_id)
    .where(Officer.id == bindparam("officer"))
)
_ROLES = (
    select(
        Assignment.role_code,
        Assignment.unit_id,
        Assignment.valid_from,
        Assignment.valid_to,
        RolePermission.permission,
    )
    .outerjoin(RolePermission, RolePermission.role_code == Assignment.role_code)
    .where(Assignment.officer_id == bindparam("officer"))
)


def actor_of_device(device_id: UUID) -> Actor | None:
    """Return who acts from a signed-in device, or None when its session has ended."""
    row = run(_PERSON, {"device": device_id}).one_or_none()
    if row is None:
        return None
    revoked_at, seen_at, account_id, officer_id, name, title = row
    return Actor(
        officer_id, account_id, device_id, name, title, tuple(grants_of(officer_id)), revoked_at is not None,
        seen_at,
    )  # fmt: skip


def is_locked(device_id: UUID) -> bool:
    """Say whether a device would be signed in, were its account not locked."""
    return run(_LOCKED, {"device": device_id}).first() is not None


def actor_of_officer(officer_id: UUID, device_id: UUID) -> Actor | None:
    """Return an officer as an actor, for applying what they recorded on `device_id` when somebody else brings it."""
    row = run(_OFFICER, {"officer": officer_id}).one_or_none()
    if row is None:
        return None
    account_id, is_active, name, title = row
    grants = tuple(grants_of(officer_id))
    return Actor(officer_id, account_id, device_id, name, title, grants, is_revoked=not is_active)


def grants_of(officer_id: UUID) -> Iterable[Grant]:
    """Return every role the officer holds or held, with what it allows today."""
    held: dict[tuple[str, UUID, date, date | None], set[Permission]] = defaultdict(set)
    for role, unit_id, start, end, permission in run(_ROLES, {"officer": officer_id}):
        held[role, unit_id, start, end].update([Permission(permission)] if permission else [])
    return [
        Grant(role, unit_id, frozenset(allowed), start, end)
        for (role, unit_id, start, end), allowed in held.items()
    ]


def account_by_identifier(identifier: str) -> Account | None:
    """Return the account with this phone number or code."""
    return db.session.scalar(
        select(Account).where(or_(Account.code == identifier, Account.phone == identifier))
    )


class Following(NamedTuple):
    """How many people hold one role at places of one tier."""

    role: str
    role_en: str
    tier: str
    tier_en: str
    people: int
    covered: int
    """Places of the tier at which somebody holds the role."""
    places: int
    """Places of the tier there are."""
    kinds: dict[str, int]
    """How many of the people are of which kind of officer."""


def who_follows_what(day: date, scope: Select[UUID] | None = None) -> list[Following]:
    """Count, for each role and tier, the people and the places on `day`, from the top of the tree down.

    `scope` narrows it to some units.
    """
    within = Unit.id.in_(scope) if scope is not None else true()
    tiers: dict[tuple[int, bool], tuple[set[str], set[str], int]] = {}
    counts = (
        select(UnitVersion.type_code, func.count().label("places"))
        .join(Unit, Unit.id == UnitVersion.unit_id)
        .where(versions_on(day), within)
        .group_by(UnitVersion.type_code)
        .subquery()
    )
    for kind, count in db.session.execute(
        select(UnitType, counts.c.places).join(counts, counts.c.type_code == UnitType.code)
    ):
        vi, en, places = tiers.get((kind.rank, kind.is_overlay), (set(), set(), 0))
        tiers[kind.rank, kind.is_overlay] = vi | {kind.label}, en | {kind.label_en}, places + count
    people = func.count(Assignment.officer_id.distinct())
    tier = Role.code, UnitType.rank, UnitType.is_overlay
    held = (
        select(*tier)
        .join(Assignment, Assignment.role_code == Role.code)
        .join(Unit, Unit.id == Assignment.unit_id)
        .join(UnitVersion, and_(UnitVersion.unit_id == Unit.id, versions_on(day)))
        .join(UnitType, UnitType.code == UnitVersion.type_code)
        .where(
            Assignment.valid_from <= day, or_(Assignment.valid_to.is_(None), Assignment.valid_to > day), within
        )
        .group_by(*tier)
    )  # fmt: skip
    kinds: dict[tuple[str, int, bool], dict[str, int]] = defaultdict(dict)
    for *key, kind, count in db.session.execute(
        held.join(Officer, Officer.id == Assignment.officer_id)
        .add_columns(Officer.kind, people)
        .group_by(Officer.kind)
    ):
        kinds[cast("tuple[str, int, bool]", tuple(key))][kind] = count
    rows = db.session.execute(
        held.add_columns(Role.label, Role.label_en, people, func.count(Assignment.unit_id.distinct()))
        .group_by(Role.label, Role.label_en)
        .order_by(UnitType.rank, Role.code)
    )
    return [
        Following(
            label, label_en, ", ".join(sorted(vi)), ", ".join(sorted(en)), count, covered, places,
            kinds[code, rank, is_overlay],
        )
        for code, rank, is_overlay, label, label_en, count, covered in rows
        for vi, en, places in [tiers[rank, is_overlay]]
    ]  # fmt: skip


class Contact(NamedTuple):
    """Somebody who follows a place, as the others who follow it may know them."""

    officer_id: UUID
    name: str
    title: str
    role: str
    place: str
    """What they follow: the place itself, one above it, or a cluster it lies in."""
    agency: str
    phone: str | None


def contacts_of(groups: Collection[UUID], day: date) -> dict[UUID, list[Contact]]:
    """Return who follows these groups on `day` at every tier, by the unit at which a notebook lists them.

    Those above the base tier, and those of clusters, stand at the unit of the base tier, nearest first.
    """
    around = _Around(groups, day)
    rows = db.session.scalars(select(Unit.base_id).where(Unit.id.in_(groups), Unit.base_id.is_not(None)))
    bases = {base for base in rows if base}
    above = {base: around.line(base) for base in bases}
    beside = {unit for line in above.values() for unit in line}
    listed = {unit: around.following[unit] for unit in around.parents if unit not in beside}
    listed |= {base: around.contacts(base) for base in bases}
    return {unit: found for unit, found in listed.items() if found}


def contacts_at(unit_id: UUID, day: date) -> list[Contact]:
    """Return who follows a place of any tier on `day`: itself, what lies above it and around it, nearest first."""
    return _Around([unit_id], day).contacts(unit_id)


class _Around:
    """What lies above some units and is laid over them on a day, and who follows it."""

    def __init__(self, unit_ids: Collection[UUID], day: date) -> None:
        self.parents = _parents(unit_ids, day)
        self.overlays: dict[UUID, list[UUID]] = defaultdict(list)
        for membership in db.session.scalars(
            select(UnitMembership).where(
                UnitMembership.unit_id.in_(self.parents), UnitMembership.valid_from <= day,
                or_(UnitMembership.valid_to.is_(None), UnitMembership.valid_to > day),
            )
        ):  # fmt: skip
            self.overlays[membership.unit_id].append(membership.overlay_id)
        everywhere = set(self.parents) | {one for found in self.overlays.values() for one in found}
        self.following = _followers(everywhere, day)

    def line(self, unit_id: UUID) -> list[UUID]:
        """Return a unit and all above it, nearest first."""
        found, unit = list[UUID](), unit_id if unit_id in self.parents else None
        while unit:
            found.append(unit)
            unit = self.parents.get(unit)
        return found

    def contacts(self, unit_id: UUID) -> list[Contact]:
        """Return who follows a unit, what lies above it and the overlays around it, nearest first, each once."""
        places = [place for unit in self.line(unit_id) for place in (unit, *self.overlays[unit])]
        return list(dict.fromkeys(one for place in places for one in self.following[place]))


def _parents(unit_ids: Collection[UUID], day: date) -> dict[UUID, UUID | None]:
    """Return some units that stand on `day` and all above them, each with what it stands below."""
    version = aliased(UnitVersion)
    up = select(UnitVersion.unit_id, UnitVersion.parent_id).where(
        UnitVersion.unit_id.in_(unit_ids), versions_on(day)
    )
    line = up.cte(recursive=True)
    line = line.union(
        select(version.unit_id, version.parent_id)
        .join(line, line.c.parent_id == version.unit_id)
        .where(holds_on(day, version))
    )
    return {unit: parent for unit, parent in db.session.execute(select(line))}  # noqa: C416 - a row is no pair


def _followers(unit_ids: Collection[UUID], day: date) -> defaultdict[UUID, list[Contact]]:
    """Return who holds a role at each of these units, but for those who only keep the system."""
    agency, place = aliased(Unit), aliased(Unit)
    keepers = select(RolePermission.role_code).where(RolePermission.permission == Permission.ADMINISTER)
    rows = db.session.execute(
        select(
            Assignment.unit_id, Officer.id, Officer.full_name, Officer.title, Role.label, place.name, agency.name,
            Account.phone,
        )
        .join(Officer, Officer.id == Assignment.officer_id)
        .join(Role, Role.code == Assignment.role_code)
        .join(place, place.id == Assignment.unit_id)
        .outerjoin(agency, agency.id == Officer.home_unit_id)
        .outerjoin(Account, Account.officer_id == Officer.id)
        .where(
            Assignment.unit_id.in_(unit_ids), Assignment.role_code.not_in(keepers), Assignment.valid_from <= day,
            or_(Assignment.valid_to.is_(None), Assignment.valid_to > day),
        )
        .order_by(Assignment.is_primary.desc(), Officer.sort_name, Officer.id)
    )  # fmt: skip
    found: defaultdict[UUID, list[Contact]] = defaultdict(list)
    for unit_id, officer_id, name, title, role, where, home, phone in rows:
        found[unit_id].append(Contact(officer_id, name, title, role, where, home or "", phone))
    return found


class Noted(NamedTuple):
    """A reading of a group's households, with who wrote it down."""

    as_of: date
    households: int
    source: str
    at: datetime | None
    by: str | None
    title: str | None


def counts_noted(unit_id: UUID) -> list[Noted]:
    """Return the readings of a group's households, the newest first."""
    rows = db.session.execute(
        select(
            HouseholdCount.as_of, HouseholdCount.households, HouseholdCount.source, HouseholdCount.noted_at,
            Officer.full_name, Officer.title,
        )
        .outerjoin(Officer, Officer.id == HouseholdCount.noted_by_id)
        .where(HouseholdCount.unit_id == unit_id)
        .order_by(HouseholdCount.as_of.desc())
    )  # fmt: skip
    return [Noted(*row) for row in rows]


class OfferedPerson(NamedTuple):
    """Somebody invented, whom a demonstration lets anybody be with one tap."""

    code: str
    name: str
    role: str
    place: str


def offered_people() -> list[OfferedPerson]:
    """Return the people a demonstration offers, in its order; nobody in a real installation."""
    codes = demonstration_codes()
    if not codes:
        return []
    rows = db.session.execute(
        select(Account.code, Officer.full_name, Role.label, Unit.name)
        .join(Officer, Officer.id == Account.officer_id)
        .join(Assignment, Assignment.officer_id == Officer.id)
        .join(Role, Role.code == Assignment.role_code)
        .join(Unit, Unit.id == Assignment.unit_id)
        .join(UnitType, UnitType.code == Unit.type_code)
        .where(Account.code.in_(codes))
        .order_by(UnitType.rank.desc(), Unit.sort_key.desc())
    )
    # The last one wins: of several roles, the one at the highest tier says best who this is.
    people = {row.code: OfferedPerson(*row) for row in rows}
    return [people[code] for code in codes if code in people]
