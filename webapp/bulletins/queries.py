"""Reads of bulletins, always inside what the actor may see; and what phones are told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import aliased

from webapp import clock
from webapp.bulletins import rules
from webapp.bulletins.models import (
    Attachment,
    BulletinAttachment,
    BulletinItem,
    BulletinKind,
    BulletinPlace,
    Conveyance,
)
from webapp.bulletins.rules import Attached, Audience, Item, Line, State, Step
from webapp.db import db
from webapp.permissions import Permission
from webapp.places.dated import SUCCEEDED
from webapp.places.models import Unit, UnitType, UnitVersion
from webapp.places.queries import below, holds_on, lines_above, stands_on, versions_on, went_into
from webapp.sync.registry import kind_of
from webapp.sync.rules import WITHDRAWN

if TYPE_CHECKING:
    from webapp.accounts.rules import Actor
    from webapp.sync.models import SyncedRecord


def lines(unit_ids: Collection[UUID] | Select[UUID], day: date) -> dict[UUID, Line]:
    """Return the lines of units on a day, each step with its type on that day."""
    chains = lines_above(unit_ids, day)
    inside = {unit for chain in chains.values() for unit in chain}
    kinds = {
        row.unit_id: row.type_code
        for row in db.session.execute(
            select(UnitVersion.unit_id, UnitVersion.type_code).where(
                UnitVersion.unit_id.in_(inside), versions_on(day)
            )
        )
    }
    return {unit: [Step(one, kinds[one]) for one in chain] for unit, chain in chains.items()}


def as_items(found: Sequence[BulletinItem]) -> list[Item]:
    """Return items as the rules know them; a place that was merged or divided also stands for what it went into."""
    ids = [one.id for one in found]
    places: dict[UUID, set[UUID]] = defaultdict(set)
    kinds: dict[UUID, set[str]] = defaultdict(set)
    for place in db.session.scalars(select(BulletinPlace).where(BulletinPlace.item_id.in_(ids))):
        places[place.item_id].add(place.unit_id)
    heirs = _heirs({unit for some in places.values() for unit in some})
    for some in places.values():
        some |= {heir for unit in some for heir in heirs.get(unit, ())}
    for kind in db.session.scalars(select(BulletinKind).where(BulletinKind.item_id.in_(ids))):
        kinds[kind.item_id].add(kind.type_code)
    return [
        Item(
            one.id, one.unit_id, one.month, State(one.state),
            Audience(frozenset(places[one.id]), frozenset(kinds[one.id])), one.is_pinned,
        )
        for one in found
    ]  # fmt: skip


def _heirs(unit_ids: Collection[UUID]) -> dict[UUID, set[UUID]]:
    """Return, of units that were merged or divided by today, all that they went into, however often."""
    line = (
        select(UnitVersion.unit_id.label("unit"), UnitVersion.parent_id.label("heir"))
        .where(
            UnitVersion.unit_id.in_(unit_ids), UnitVersion.state.in_(SUCCEEDED), holds_on(clock.today())
        )
        .cte(recursive=True)
    )  # fmt: skip
    later = aliased(UnitVersion)
    line = line.union(
        select(line.c.unit, later.parent_id)
        .join(line, later.unit_id == line.c.heir)
        .where(later.state.in_(SUCCEEDED), holds_on(clock.today(), later))
    )
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for unit_id, heir in db.session.execute(select(line.c.unit, line.c.heir)):
        found[unit_id].add(heir)
    return found


def published_for(unit_id: UUID, month: date) -> list[Item]:
    """Return what a place has published for a month and what stands."""
    return as_items(
        db.session.scalars(
            select(BulletinItem).where(
                BulletinItem.unit_id == unit_id,
                BulletinItem.month == month,
                BulletinItem.state == State.PUBLISHED,
            )
        ).all()
    )


def _reading(actor: Actor) -> Select[UUID]:
    tree = below(actor.roots(Permission.READ_MEETING, clock.today()), clock.today())
    return select(tree.c.id)


def seen_by(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that the actor may see an item.

    Drafts are for those who publish there; what was published is for those who read at its place, below it
    (it reaches their groups) or above it.
    """
    today = clock.today()
    roots = actor.roots(Permission.READ_MEETING, today)
    around = {unit for chain in lines_above(roots, today).values() for unit in chain}
    read = or_(BulletinItem.unit_id.in_(_reading(actor)), BulletinItem.unit_id.in_(around))
    own = BulletinItem.unit_id.in_(actor.roots(Permission.PUBLISH_BULLETIN, today))
    return or_(own, read & (BulletinItem.state != State.DRAFT))


def items_of(actor: Actor, month: date) -> Sequence[BulletinItem]:
    """Return the items of a month the actor may see: what stands first, the pinned ones on top."""
    found = db.session.scalars(
        select(BulletinItem)
        .where(BulletinItem.month == month, seen_by(actor))
        .order_by(BulletinItem.is_pinned.desc(), BulletinItem.made_at, BulletinItem.id)
    ).all()
    order = [State.DRAFT, State.PUBLISHED, State.REPLACED, State.WITHDRAWN]
    return sorted(found, key=lambda one: order.index(State(one.state)))


def item(actor: Actor, item_id: UUID) -> BulletinItem | None:
    """Return one item if the actor may see it."""
    return db.session.scalar(select(BulletinItem).where(BulletinItem.id == item_id, seen_by(actor)))


def attachments(item_ids: Iterable[UUID]) -> defaultdict[UUID, list[Attached]]:
    """Return the files of items, by item, in their order."""
    found: defaultdict[UUID, list[Attached]] = defaultdict(list)
    rows = db.session.execute(
        select(BulletinAttachment.item_id, Attachment.sha256, BulletinAttachment.name, Attachment.media_type,
               Attachment.size)
        .join(Attachment, Attachment.sha256 == BulletinAttachment.sha256)
        .where(BulletinAttachment.item_id.in_(set(item_ids)))
        .order_by(BulletinAttachment.item_id, BulletinAttachment.place)
    )  # fmt: skip
    for row in rows:
        found[row.item_id].append(Attached(row.sha256, row.name, row.media_type, row.size))
    return found


def attachment(actor: Actor, sha256: str) -> tuple[Attached, bytes] | None:
    """Return a file with its bytes if an item the actor may see has it, or one that is due for a group of theirs."""
    holders = select(BulletinAttachment.item_id).where(BulletinAttachment.sha256 == sha256)
    seen = db.session.scalar(
        select(BulletinItem.id).where(BulletinItem.id.in_(holders), seen_by(actor)).limit(1)
    )
    if seen is None:
        own = set(db.session.scalars(holders))
        due = due_for(recorded_by(actor)) if own else []
        seen = next((row.id for row, _ in due if row.id in own), None)
    if seen is None:
        return None
    [file] = [one for one in attachments([seen])[seen] if one.sha256 == sha256]
    return file, db.session.scalars(select(Attachment.data).where(Attachment.sha256 == sha256)).one()


def replacement_of(actor: Actor, item_id: UUID) -> BulletinItem | None:
    """Return the version that replaces an item, or is being composed to do so, if the actor may see it."""
    return db.session.scalar(select(BulletinItem).where(BulletinItem.replaces_id == item_id, seen_by(actor)))


class Told(NamedTuple):
    """An entry in which an item was conveyed."""

    record_id: UUID
    questions: str
    received_at: datetime


@dataclass
class Reach:
    """Of the groups an item is for, as far as the actor sees them, which were told."""

    lines: dict[UUID, Line]
    """By group covered."""
    told: dict[UUID, list[Told]] = field(default_factory=lambda: defaultdict(list))
    """By group covered that was told."""

    def count(self, place: UUID | None = None) -> tuple[int, int]:
        """Return how many groups were told, of how many; only those at or below `place`."""
        groups = self.groups(place)
        return sum(group in self.told for group in groups), len(groups)

    def groups(self, place: UUID | None = None) -> list[UUID]:
        """Return the groups covered, only those at or below `place`."""
        return [
            group
            for group, line in self.lines.items()
            if place is None or any(step.unit == place for step in line)
        ]

    def places(self, bases: Collection[str]) -> list[UUID]:
        """Return the places that have a line of their own: communes where there are several, else what is below."""
        found = {step.unit for line in self.lines.values() for step in line if step.kind in bases}
        if len(found) > 1:
            return list(found)
        return list(dict.fromkeys(line[1].unit for line in self.lines.values() if len(line) > 1))


def reach(actor: Actor, found: Sequence[BulletinItem]) -> dict[UUID, Reach]:
    """Return the reach of items of one month among the groups where the actor reads.

    Groups are those of today, or of the last day of a month that is over. Every entry counts that was received
    and not withdrawn; what a group was told that has since been merged counts for the one it went into.
    """
    if not found:
        return {}
    day = min(clock.today(), rules.last_day(found[0].month))
    meeting = select(Unit.id).join(UnitType, UnitType.code == Unit.type_code).where(UnitType.can_meet)
    here = lines(meeting.where(Unit.id.in_(_reading(actor))), day)
    reached = {
        one.id: Reach({group: here[group] for group in rules.covered(one.audience, here)})
        for one in as_items(found)
    }
    entry = _entries()
    rows = db.session.execute(
        select(Conveyance.item_id, entry.unit_id, entry.id, Conveyance.questions, entry.received_at)
        .join(entry, entry.id == Conveyance.record_id)
        .where(Conveyance.item_id.in_(reached), entry.state != WITHDRAWN, entry.unit_id.in_(_reading(actor)))
        .order_by(entry.received_at, entry.id)
    ).all()
    ended = {row.unit_id for row in rows} - here.keys()
    heirs = went_into(ended, here.keys(), day) if ended else {}
    for item_id, unit_id, record_id, questions, received_at in rows:
        group = heirs.get(unit_id, unit_id)
        if group in reached[item_id].lines:
            reached[item_id].told[group].append(Told(record_id, questions, received_at))
    return reached


def _entries() -> type[SyncedRecord]:
    """Return the table of meeting entries, as sync knows it: they are above bulletins, and record what was conveyed."""
    kind = kind_of("meeting.save")
    if kind is None:
        raise LookupError("meeting")
    return kind[0].table


def names(unit_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the names of units as they are today, or were last, in Vietnamese order."""
    rows = db.session.execute(
        select(Unit.id, Unit.name).where(Unit.id.in_(set(unit_ids))).order_by(Unit.sort_key, Unit.id)
    )
    return {row.id: row.name for row in rows}


def base_types() -> set[str]:
    """Return the types of the base tier."""
    return set(db.session.scalars(select(UnitType.code).where(UnitType.is_base)))


class Place(NamedTuple):
    """A place an item may be for, with those below it."""

    id: UUID
    name: str
    below: list[tuple[UUID, str]]


def places_below(unit_id: UUID) -> list[Place]:
    """Return two tiers below a unit, as they stand today: an audience is chosen from them."""
    today = clock.today()
    rows = db.session.execute(
        select(Unit.id, Unit.name, Unit.parent_id)
        .join(UnitType, UnitType.code == Unit.type_code)
        .where(
            stands_on(today), ~UnitType.is_agency, ~UnitType.is_overlay,
            or_(
                Unit.parent_id == unit_id,
                Unit.parent_id.in_(select(Unit.id).where(Unit.parent_id == unit_id, stands_on(today))),
            ),
        )
        .order_by(Unit.sort_key, Unit.id)
    ).all()  # fmt: skip
    children: dict[UUID, list[tuple[UUID, str]]] = defaultdict(list)
    for row in rows:
        children[row.parent_id].append((row.id, row.name))
    return [Place(one, name, children[one]) for one, name in children[unit_id]]


def kinds_below(unit_id: UUID) -> Sequence[UnitType]:
    """Return the types of units there are below a unit, from the top."""
    tree = below([unit_id], clock.today())
    used = select(Unit.type_code).where(
        Unit.id.in_(select(tree.c.id)), Unit.id != unit_id, stands_on(clock.today())
    )
    return db.session.scalars(
        select(UnitType)
        .where(UnitType.code.in_(used), ~UnitType.is_agency)
        .order_by(UnitType.rank, UnitType.code)
    ).all()


def due_for(groups: Collection[UUID]) -> list[tuple[BulletinItem, Item]]:
    """Return the published items of the present months that concern one of these groups, the pinned ones first."""
    today = clock.today()
    chains = lines(groups, today)
    around = {step.unit for line in chains.values() for step in line}
    month = rules.month_of(today)
    found = db.session.scalars(
        select(BulletinItem)
        .where(
            BulletinItem.unit_id.in_(around),
            BulletinItem.state == State.PUBLISHED,
            BulletinItem.month >= rules.month_after(month, -rules.TOLD_AROUND),
            BulletinItem.month <= rules.month_after(month, rules.TOLD_AROUND),
        )
        .order_by(
            BulletinItem.month.desc(),
            BulletinItem.is_pinned.desc(),
            BulletinItem.published_at,
            BulletinItem.id,
        )
    ).all()
    due = [
        (row, one)
        for row, one in zip(found, as_items(found), strict=True)
        if rules.covered(one.audience, chains)
    ]
    return due[: rules.MAX_TOLD]


def recorded_by(actor: Actor) -> Sequence[UUID]:
    """Return the groups of which the actor records the meetings."""
    today = clock.today()
    tree = below(actor.roots(Permission.RECORD_MEETING, today), today)
    return db.session.scalars(
        select(Unit.id)
        .join(UnitType, UnitType.code == Unit.type_code)
        .where(Unit.id.in_(select(tree.c.id)), UnitType.can_meet, stands_on(today))
    ).all()


def told(officer_id: UUID, mine: frozenset[UUID], known: frozenset[UUID]) -> list[dict[str, Any]]:  # noqa: ARG001 - as every teller is called
    """Return what an officer's phone is told of bulletins (docs/sync-protocol.md, section 5)."""
    due = due_for(mine) if mine else []
    publishers = names(row.unit_id for row, _ in due)
    files = attachments(row.id for row, _ in due)
    return [_told(row, one, publishers[row.unit_id], known, files[row.id]) for row, one in due]


def _told(
    row: BulletinItem, one: Item, publisher: str, known: frozenset[UUID], files: Sequence[Attached]
) -> dict[str, Any]:
    said: dict[str, Any] = {
        "id": str(row.id), "month": row.month.isoformat()[:7], "title": row.title, "text": row.text, "from": publisher,
        "at": clock.iso(row.published_at) if row.published_at else "",
    }  # fmt: skip
    if one.audience.places != {row.unit_id}:
        said["places"] = [str(place) for place in sorted(one.audience.places & known)]
    if one.audience.kinds:
        said["kinds"] = sorted(one.audience.kinds)
    if row.is_pinned:
        said["pinned"] = True
    if row.replaces_id:
        said["replaces"] = str(row.replaces_id)
    if files:
        said["files"] = [
            {"sha256": file.sha256, "name": file.name, "type": file.media_type, "size": file.size}
            for file in files
        ]
    return said
