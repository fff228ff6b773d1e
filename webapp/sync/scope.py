"""What a phone may know: the groups its officer follows, their neighbours, and the units above them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Date, bindparam, or_, select

from webapp import clock
from webapp.accounts.queries import Contact, contacts_of
from webapp.db import db, run
from webapp.permissions import Permission
from webapp.places.dated import Reading
from webapp.places.models import Unit, UnitType
from webapp.places.queries import below, counts_of, stands_on, went_into
from webapp.sync.registry import Share, kinds
from webapp.sync.rules import short_hash

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from webapp.accounts.rules import Actor

LEFT_FOR = timedelta(days=366)
"""How long officers hear of what they wrote for groups they do not follow any more."""

COUNTS_TOLD = timedelta(days=366)
"""Of how far back a phone knows the household counts: of the meetings that are still written up or mended."""

# Built once: to build a statement costs more than to run it, and every pull begins with these.
_DAY = bindparam("day", type_=Date)
_TREE = below(bindparam("roots", expanding=True), _DAY)
_FOLLOWED = (
    select(Unit.id, Unit.feed_unit_id, Unit.base_id, stands_on(_DAY))
    .join(_TREE, _TREE.c.id == Unit.id)
    .join(UnitType, UnitType.code == Unit.type_code)
    .where(UnitType.can_meet)
)
_NEIGHBOURS = (
    select(Unit.id, Unit.type_code, Unit.name, Unit.parent_id, Unit.base_id, UnitType.label)
    .join(UnitType, UnitType.code == Unit.type_code)
    .where(Unit.base_id.in_(bindparam("bases", expanding=True)), stands_on(_DAY))
    .order_by(Unit.sort_key, Unit.id)
)


@dataclass(frozen=True)
class Scope:
    """The units a phone may know."""

    units: list[dict[str, Any]]
    mine: Mapping[UUID, frozenset[UUID]]
    """The groups followed, and those that went into them, by feed; none where the officer only left some."""
    left: frozenset[UUID]
    """The groups followed until lately, and not now."""
    open: frozenset[UUID]
    """The officer's records of those that still need their work."""
    became: Mapping[UUID, UUID]
    """Of a group that was merged or divided, the one followed now at which its records are shown."""

    def share(self, officer_id: UUID, feed_id: UUID) -> Share:
        """Return what of one feed the officer's phone should hold."""
        return Share(officer_id, feed_id, self.mine[feed_id], self.left, self.open)

    @property
    def groups(self) -> frozenset[UUID]:
        """Return the groups followed today."""
        return frozenset(UUID(unit["id"]) for unit in self.units if unit.get("mine"))

    @property
    def known(self) -> frozenset[UUID]:
        """Return all units the phone may know."""
        return frozenset(UUID(unit["id"]) for unit in self.units)

    @property
    def key(self) -> str:
        """Changes when the groups followed change: then the phone starts over."""
        return short_hash(sorted(str(unit) for units in self.mine.values() for unit in units))

    @property
    def digest(self) -> str:
        """Changes when anything about the units changes."""
        return short_hash(self.units)


def scope_of(actor: Actor) -> Scope:
    """Return the groups the actor follows, those of the same place for a substitute, and the units above them."""
    today = clock.today()
    roots = actor.roots(Permission.RECORD_MEETING, today)
    former = _former_roots(actor, today)
    if not roots and not former:
        return Scope([], {}, frozenset(), frozenset(), {})
    mine: dict[UUID, UUID] = {}
    ended: dict[UUID, UUID] = {}
    bases: set[UUID] = set()
    for unit_id, feed_id, base_id, stands in run(_FOLLOWED, {"roots": list(roots), "day": today}):
        if feed_id and base_id:
            (mine if stands else ended)[unit_id] = feed_id
            bases.add(base_id)
    became = went_into(ended.keys(), mine.keys(), today) if ended else {}
    counts = counts_of(mine.keys())
    units = []
    for unit in run(_NEIGHBOURS, {"bases": list(bases), "day": today}):
        said: dict[str, Any] = {"id": str(unit.id), "type": unit.type_code, "name": unit.name}
        if unit.id != unit.base_id:
            said["parent_id"] = str(unit.parent_id)
        if unit.id in mine:
            said |= {"mine": True, "type_label": unit.label}
            said |= _counted(counts.between(unit.id, today - COUNTS_TOLD, today))
        units.append(said)
    by_feed: dict[UUID, set[UUID]] = defaultdict(set)
    for unit_id, feed_id in (mine | {unit_id: ended[unit_id] for unit_id in became}).items():
        by_feed[feed_id].add(unit_id)
    followed = {unit_id for unit_ids in by_feed.values() for unit_id in unit_ids}
    left, unsettled = _left(actor, former, followed, today) if former else ({}, {})
    for feed_id in left.values():
        by_feed[feed_id]  # heard, although none of its groups may be followed
    units += _named(set(unsettled.values()) - {UUID(unit["id"]) for unit in units})
    return Scope(
        units, {feed: frozenset(ids) for feed, ids in by_feed.items()}, frozenset(left), frozenset(unsettled),
        became,
    )  # fmt: skip


def _former_roots(actor: Actor, today: date) -> dict[UUID, date]:
    """Return the places at which the actor's right to record ended within a year, and when."""
    return {
        grant.unit_id: grant.valid_to
        for grant in actor.grants
        if Permission.RECORD_MEETING in grant.permissions and grant.valid_to
        if today - LEFT_FOR < grant.valid_to <= today and grant.valid_from < grant.valid_to
    }  # fmt: skip


def _left(
    actor: Actor, former: Mapping[UUID, date], followed: Collection[UUID], today: date
) -> tuple[dict[UUID, UUID], dict[UUID, UUID]]:
    """Return the groups below former places, with their feeds, and the records of them that still need the actor."""
    found = run(_FOLLOWED, {"roots": list(former), "day": today})
    left = {unit_id: feed_id for unit_id, feed_id, _, _ in found if feed_id and unit_id not in followed}
    unsettled: dict[UUID, UUID] = {}
    for kind in kinds():
        if left and kind.unsettled:
            unsettled |= kind.unsettled(actor.officer_id, left.keys(), min(former.values()))
    return left, unsettled


def _named(unit_ids: set[UUID]) -> list[dict[str, Any]]:
    """Name groups of which a phone holds no more than what still needs work, and what they lie in."""
    if not unit_ids:
        return []
    parents = select(Unit.parent_id).where(Unit.id.in_(unit_ids))
    rows = db.session.execute(
        select(Unit.id, Unit.type_code, Unit.name, Unit.parent_id)
        .where(or_(Unit.id.in_(unit_ids), Unit.id.in_(parents)))
        .order_by(Unit.sort_key)
    )
    return [
        {"id": str(row.id), "type": row.type_code, "name": row.name}
        | ({"parent_id": str(row.parent_id)} if row.id in unit_ids else {})
        for row in rows
    ]


def _counted(readings: Sequence[Reading]) -> dict[str, Any]:
    """Return what a phone is told of a group's households: the number of today, and those of the past year."""
    told = [{"households": one.households, "households_as_of": one.as_of.isoformat()} for one in readings]
    if not told:
        return {}
    return told[0] | ({"earlier_counts": told[1:]} if told[1:] else {})


def with_contacts(actor: Actor, scope: Scope) -> list[dict[str, Any]]:
    """Return the units of a scope with who else follows each: asked for when units change, and once a day."""
    mine = [unit for units in scope.mine.values() for unit in units]
    contacts = contacts_of(mine, clock.today())
    units = []
    for unit in scope.units:
        others = [one for one in contacts.get(UUID(unit["id"]), ()) if one.officer_id != actor.officer_id]
        units.append(unit | ({"contacts": [_card(one) for one in others]} if others else {}))
    return units


def _card(contact: Contact) -> dict[str, str]:
    """Return what a phone is told of somebody who follows the same place; what is empty is left out."""
    said = {
        "name": contact.name, "title": contact.title, "role": contact.role, "place": contact.place,
        "agency": contact.agency, "phone": contact.phone or "",
    }  # fmt: skip
    return {key: value for key, value in said.items() if value}
