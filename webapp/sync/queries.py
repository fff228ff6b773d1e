"""What a phone is told: its scope, and what changed in it since its cursor."""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    Row,
    SQLColumnExpression,
    String,
    and_,
    bindparam,
    case,
    cast,
    func,
    or_,
    select,
)

from webapp import clock
from webapp.accounts.models import Device, Officer
from webapp.accounts.queries import Contact, contacts_of
from webapp.db import db, run
from webapp.permissions import Permission
from webapp.places.dated import Reading
from webapp.places.models import Unit, UnitType
from webapp.places.queries import below, counts_of, stands_on, went_into
from webapp.sync.models import Feed, Quarantined, SyncedRecord, SyncedRevision
from webapp.sync.records import PROTOCOL
from webapp.sync.registry import Share, Window, add_to, kinds, told_whole

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from webapp.accounts.rules import Actor

PAGE = 400
HELD_PAGE = 200
"""How many operations in quarantine a page tells of."""
CHECKED_MONTHS = 3
"""How many past months the check of a phone's records covers, besides the present one."""
TOLD_DAYS = timedelta(days=60)
"""How long a phone is told what became of its operations in quarantine."""
LEFT_FOR = timedelta(days=366)
"""How long officers hear of what they wrote for groups they do not follow any more."""

COUNTS_TOLD = timedelta(days=366)
"""Of how far back a phone knows the household counts: of the meetings that are still written up or mended."""

_CURSOR = 2
_HALF = 8
"""A digest of the units with their contacts, and of each thing that is told whole, is half as long as others."""


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
        return _short_hash(sorted(str(unit) for units in self.mine.values() for unit in units))

    @property
    def digest(self) -> str:
        """Changes when anything about the units changes."""
        return _short_hash(self.units)


@dataclass(frozen=True)
class Cursor:
    """How far a phone has come, per feed; opaque on the wire."""

    officer_id: UUID
    positions: dict[UUID, int]
    scope_key: str
    scope_digest: str
    is_first_load: bool
    quarantine_digest: str

    def write(self) -> str:
        """Return the token that travels."""
        plain = json.dumps([
            _CURSOR, str(self.officer_id), {str(feed): seq for feed, seq in self.positions.items()},
            self.scope_key, self.scope_digest, self.is_first_load, self.quarantine_digest,
        ])  # fmt: skip
        return urlsafe_b64encode(plain.encode()).decode()

    @classmethod
    def read(cls, token: str, officer_id: UUID) -> Cursor | None:
        """Return the cursor of this officer, or None when the token says nothing we know."""
        try:
            version, owner, positions, key, digest, first, kept = json.loads(urlsafe_b64decode(token))
            cursor = cls(
                UUID(owner),
                {UUID(feed): int(seq) for feed, seq in positions.items()},
                str(key),
                str(digest),
                bool(first),
                str(kept),
            )
        except (ValueError, TypeError, AttributeError, RecursionError):
            return None
        return cursor if version == _CURSOR and cursor.officer_id == officer_id else None


def pull(actor: Actor, token: str, *, wants_check: bool = False, wants_own: bool = True) -> dict[str, Any]:
    """Return one page of what changed for the actor since the cursor `token` (docs/sync-protocol.md, section 5).

    Without `wants_own` it leaves out bodies that the actor's device has sent itself, except while it starts over.
    """
    scope = scope_of(actor)
    cursor = Cursor.read(token, actor.officer_id)
    reset = cursor is None or cursor.scope_key != scope.key
    positions = {} if cursor is None or reset else dict(cursor.positions)
    first_load = reset or (cursor is not None and cursor.is_first_load)
    answer: dict[str, Any] = {
        "protocol": PROTOCOL,
        "officer": str(actor.officer_id),
        "server_time": clock.iso(clock.now()),
        "reset": reset,
        "gone": [],
    }
    answer |= {kind.pull_name: [] for kind in kinds()}
    own_device = None if wants_own or first_load else actor.device_id
    # A phone that starts over is told its groups first, alone: they are what the form needs.
    room = PAGE if not reset else 0
    has_news = False
    for feed_id, last, told_at in _feed_heads(scope.mine):
        has_news |= told_at > positions.get(feed_id, 0)
        if room <= 0:
            break
        window = Window(
            scope.share(actor.officer_id, feed_id), positions.get(feed_id, 0), last, room + 1, first_load,
            clock.today(), own_device,
        )  # fmt: skip
        room -= _read_feed(window, positions, answer)
    _round_off(answer, scope)
    more = room <= 0 and bool(scope.mine)
    known, _, said = (cursor.scope_digest if cursor and not reset else "").partition(":")
    units_digest, told_digest = said[:_HALF], said[_HALF:]
    if known != scope.digest or wants_check:
        units = _with_contacts(actor, scope)
        fresh = _short_hash(units)[:_HALF]
        if (known, units_digest) != (scope.digest, fresh):
            answer["scope"] = {"units": units}
        units_digest = fresh
    if not reset and (has_news or wants_check or not told_digest):
        told = told_whole(actor.officer_id, scope.groups, scope.known)
        marks = [_short_hash(value)[:_HALF] for value in told.values()]
        before = [told_digest[n * _HALF : (n + 1) * _HALF] for n in range(len(marks))]
        answer |= {
            name: told[name] for name, mark, old in zip(told, marks, before, strict=True) if mark != old
        }
        told_digest = "".join(marks)
    scope_digest = f"{scope.digest}:{units_digest}{told_digest}"
    known_held = "" if cursor is None or reset else cursor.quarantine_digest
    held_told, held_digest = _told_of_quarantine(actor, known_held, wants_check=wants_check)
    answer |= held_told
    is_first_load = first_load and more
    more = more or ":" in held_digest
    if wants_check and not more:
        answer["check"] = check_of(actor, scope)
    done = Cursor(actor.officer_id, positions, scope.key, scope_digest, is_first_load, held_digest)
    return answer | {"more": more, "cursor": done.write()}


def _feed_heads(mine: Mapping[UUID, frozenset[UUID]]) -> list[tuple[UUID, int, int]]:
    """Read how far each feed has come, before reading its rows: what is numbered up to there is committed."""
    rows = db.session.execute(
        select(Feed.unit_id, Feed.seq, Feed.told_seq).where(Feed.unit_id.in_(mine)).order_by(Feed.unit_id)
    )
    return [(row.unit_id, row.seq, row.told_seq) for row in rows]


def _read_feed(window: Window, positions: dict[UUID, int], answer: dict[str, Any]) -> int:
    """Add the changes of one feed to the answer, one less than the limit, move its position, return how many."""
    changes = sorted(
        ((kind, change) for kind in kinds() for change in kind.changes(window)), key=lambda one: one[1].seq
    )
    room = window.limit - 1
    page = changes[:room]
    for kind in kinds():
        records = [change.record for of_kind, change in page if of_kind is kind and change.record]
        add_to(kind.name, [record for record in records if "revisions" in record])
        answer[kind.pull_name].extend(records)
    answer["gone"].extend(str(change.id) for _, change in page if change.record is None)
    positions[window.share.feed_id] = page[-1][1].seq if len(changes) > room else window.until
    return len(changes) if len(changes) > room else len(page)


def _round_off(answer: dict[str, Any], scope: Scope) -> None:
    """Let what goes with dropped records be dropped too, and tell the others as of where they are shown now."""
    if answer["gone"]:
        gone = {UUID(one) for one in answer["gone"]}
        answer["gone"] += [str(one) for kind in kinds() if kind.parts for one in kind.parts(gone)]
    if scope.became:
        _show_where_they_are_now([one for kind in kinds() for one in answer[kind.pull_name]], scope.became)


def _show_where_they_are_now(records: list[dict[str, Any]], became: Mapping[UUID, UUID]) -> None:
    """Tell of what was written for a group that has ended as of the group followed now; the book keeps the old one."""
    for record in records:
        now = became.get(UUID(record["unit_id"]))
        if now:
            record["unit_id"] = str(now)
        if now and "body" in record:
            record["body"] = record["body"] | {"unit_id": str(now)}


def check_of(actor: Actor, scope: Scope) -> dict[str, Any]:
    """Return the digest a phone compares with its own, over the recent entries it should hold."""
    since = clock.today().replace(day=1)
    for _ in range(CHECKED_MONTHS):
        since = (since - timedelta(days=1)).replace(day=1)
    lines = sorted(
        f"{record_id}:{seq}\n"
        for kind in kinds()
        if kind.checked
        for feed_id in scope.mine
        for record_id, seq in kind.checked(scope.share(actor.officer_id, feed_id), since)
    )
    digest = hashlib.sha256("".join(lines).encode()).hexdigest()
    return {"since": since.isoformat(), "count": len(lines), "digest": digest}


def _told_of_quarantine(actor: Actor, known: str, *, wants_check: bool) -> tuple[dict[str, Any], str]:
    """Return what is told of the actor's operations in quarantine where it differs from what is known, and its mark.

    The newest come first, as many as a page holds; the mark names the last of them where more follow. Such a longer
    list is told with every check too: that an old one was overtaken by a later operation is in no mark.
    """
    digest, _, above = known.partition(":")
    asked = {"officer": actor.officer_id, "since": clock.now() - TOLD_DAYS, "limit": HELD_PAGE + 1}
    rows = run(_HELD, asked | {"above": UUID(above) if above else _HIGHEST}).all()
    page = rows[:HELD_PAGE]
    rest = f":{page[-1].id}" if len(rows) > HELD_PAGE else ""
    held = _said_of(actor, page[::-1])
    if above:
        return {"quarantine_rest": held}, digest + rest
    now = _short_hash([held, list(run(_ALL_HELD, asked).one())] if rest else held)
    if (now == digest and not (rest and wants_check)) or not (held or digest):
        return {}, now
    return {"quarantine": held}, now + rest


def _said_of(actor: Actor, rows: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    """Return what the actor's own operations wait for in quarantine, and what became of the recent ones."""
    if not rows:
        return []
    last = _last_taken_in(actor.officer_id, {row.record_id for row in rows if row.record_id})
    told = []
    for row in rows:
        state = row.settled or "waiting"
        if state == "waiting" and row.record_id in last and _is_overtaken(row, last[row.record_id]):
            state = "superseded"
        # The phone has the words as it sent them: it is told what it may keep of them.
        masked = {"body": json.loads(row.payload)["body"]} if row.redacted_at else {}
        told.append({
            "op_id": str(row.op_id) if row.op_id else None, "record_id": str(row.record_id) if row.record_id else None,
            "receipt": row.receipt_code, "code": row.code, "message": row.message,
            "received_at": clock.iso(row.received_at), "state": state, "note": row.note, **masked,
        })  # fmt: skip
    return told


def _last_taken_in(officer_id: UUID, record_ids: Collection[UUID]) -> dict[UUID, Row[Any]]:
    """Return the officer's newest revision of each record."""
    last: dict[UUID, Row[Any]] = {}
    for kind in kinds():
        table = kind.revisions
        rows = db.session.execute(
            select(table.record_id, stood_with(table).label("stood"), table.is_parallel, table.received_at)
            .where(table.record_id.in_(record_ids), table.author_id == officer_id)
            .order_by(*in_order(table))
        )
        last |= {row.record_id: row for row in rows}
    return last


def _is_overtaken(held: Row[Any], last: Row[Any]) -> bool:
    """Say whether something held back is older than the last revision: by the clock only where nothing else tells."""
    if held.beside_rev is None or (last.is_parallel and last.stood == held.beside_rev):
        return bool(last.received_at > held.received_at)
    return bool(last.stood > held.beside_rev)


def stood_with(table: type[SyncedRevision]) -> ColumnElement[int]:
    """Return the revision that stood once a revision had come: itself, or the one it was kept beside."""
    return func.coalesce(table.beside_rev, table.rev)


def in_order(table: type[SyncedRevision]) -> tuple[SQLColumnExpression[Any], ...]:
    """Return the order in which the revisions of a record came, also where the server's clock was set back."""
    return stood_with(table), table.is_parallel, table.received_at, table.op_id


_TOLD = (
    Quarantined.officer_id == bindparam("officer"),
    or_(Quarantined.settled.is_(None), Quarantined.settled_at >= bindparam("since")),
)
_HELD = (
    select(
        Quarantined.id, Quarantined.op_id, Quarantined.record_id, Quarantined.beside_rev, Quarantined.receipt_code,
        Quarantined.code, Quarantined.message, Quarantined.received_at, Quarantined.settled, Quarantined.note,
        Quarantined.redacted_at,
        case((Quarantined.redacted_at.is_not(None), Quarantined.payload)).label("payload"),
    )
    .where(*_TOLD, Quarantined.id < bindparam("above"))
    .order_by(Quarantined.id.desc())
    .limit(bindparam("limit"))
)  # fmt: skip
_ALL_HELD = select(
    func.count(), func.count(Quarantined.settled), cast(func.max(Quarantined.settled_at), String),
    cast(func.max(Quarantined.redacted_at), String),
).where(*_TOLD)  # fmt: skip
"""Changes when anything of a longer list changes, also below its first page."""
_HIGHEST = UUID(int=2**128 - 1)


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


def _with_contacts(actor: Actor, scope: Scope) -> list[dict[str, Any]]:
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


def revisions_of(
    table: type[SyncedRevision], records: Sequence[SyncedRecord], reader: UUID
) -> dict[UUID, list[dict[str, Any]]]:
    """Return, by record, what is told of each of its revisions, oldest first.

    Who wrote one is said where it is not the record's author. Whoever a record was handed over to is told the words
    of another's parallel versions: they are asked which version stands, and have not seen them. What was redacted is
    told to everybody: a phone that has it puts these words in the place of its own.
    """
    told: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    authors = {record.id: record.author_id for record in records}
    kept = {record.id for record in records if record.keeper_id == reader}
    rows = db.session.execute(
        select(table.record_id, table.op_id, table.rev, table.recorded_at, table.received_at, table.receipt_code,
               table.is_parallel, table.is_withdrawal, table.author_id, table.redacted_at)
        .where(table.record_id.in_(authors)).order_by(*in_order(table))
    )  # fmt: skip
    with_body: dict[UUID, dict[str, Any]] = {}
    for (
        record_id,
        op_id,
        rev,
        recorded_at,
        received_at,
        code,
        parallel,
        withdrawal,
        author_id,
        redacted,
    ) in rows:
        said: dict[str, Any] = {
            "op_id": str(op_id), "rev": rev, "made_at": clock.iso(recorded_at), "received_at": clock.iso(received_at),
            "receipt": code, "parallel": parallel,
        } | ({"withdrawal": True} if withdrawal else {}) | ({"redacted": True} if redacted else {})  # fmt: skip
        if author_id != authors[record_id]:
            said["author"] = {"id": str(author_id)}
        if redacted or (record_id in kept and parallel and author_id != reader):
            with_body[op_id] = said
        told[record_id].append(said)
    _name_authors([said["author"] for revisions in told.values() for said in revisions if "author" in said])
    if with_body:
        payloads = select(table.op_id, table.payload).where(table.op_id.in_(with_body))
        for op_id, payload in db.session.execute(payloads):
            with_body[op_id]["body"] = json.loads(payload)["body"]
    return told


def _name_authors(told: Sequence[dict[str, str]]) -> None:
    """Put the names to people of whom only the id is said so far."""
    ids = {UUID(one["id"]) for one in told}
    names = select(Officer.id, Officer.full_name).where(Officer.id.in_(ids))
    found = {str(row.id): row.full_name for row in db.session.execute(names)} if ids else {}
    for one in told:
        one["name"] = found[one["id"]]


def author_of(record: SyncedRecord, author: str, keeper: str | None) -> dict[str, Any]:
    """Return what a pull says of who wrote a record and, if it was handed over, to whom."""
    said = {"author": {"id": str(record.author_id), "name": author}}
    return said | ({"keeper": {"id": str(record.keeper_id), "name": keeper}} if record.keeper_id else {})


def answered_by(table: type[SyncedRecord], officer_id: UUID) -> ColumnElement[bool]:
    """Return the condition that an officer answers for a record: it was handed over to them, or they wrote it."""
    return or_(table.keeper_id == officer_id, and_(table.keeper_id.is_(None), table.author_id == officer_id))


def told_to(table: type[SyncedRecord], share: Share) -> ColumnElement[bool]:
    """Return the condition that a record may concern a phone: to be held, or to be dropped."""
    return or_(
        table.unit_id.in_(share.unit_ids), table.author_id == share.officer_id,
        table.keeper_id == share.officer_id,
    )  # fmt: skip


def standing_bodies(
    revisions: type[SyncedRevision], record_ids: Collection[UUID]
) -> dict[UUID, dict[str, Any]]:
    """Return, by record, the newest standing body as its author's phone froze it.

    A withdrawal has no body of its own: what was withdrawn is still told.
    """
    return {record_id: body for record_id, (body, _) in _standing(revisions, record_ids).items()}


def told_bodies(
    revisions: type[SyncedRevision], record_ids: Collection[UUID], own_device: UUID | None
) -> dict[UUID, dict[str, Any]]:
    """Return, by record, its standing body as ``{"body": …}``, or nothing where `own_device` froze it and has it.

    What was redacted is told to its own device too.
    """
    found = _standing(revisions, record_ids)
    return {
        record_id: {} if own_device and device == own_device else {"body": body}
        for record_id in record_ids
        for body, device in [found.get(record_id, ({}, None))]
    }


def _standing(
    revisions: type[SyncedRevision], record_ids: Collection[UUID]
) -> dict[UUID, tuple[dict[str, Any], UUID | None]]:
    device_id = case((revisions.redacted_at.is_(None), revisions.device_id))
    rows = db.session.execute(
        select(revisions.record_id, revisions.payload, device_id)
        .where(revisions.record_id.in_(record_ids), ~revisions.is_parallel, ~revisions.is_withdrawal)
        .order_by(revisions.rev)  # not by the time: a server's clock may be set back
    )
    newest = {record_id: (payload, device) for record_id, payload, device in rows}
    return {
        record_id: (json.loads(payload)["body"], device) for record_id, (payload, device) in newest.items()
    }


def device_of(actor: Actor) -> Device:
    """Return the device the actor acts from."""
    return db.session.get_one(Device, actor.device_id)


def _short_hash(value: Any) -> str:  # noqa: ANN401 - anything JSON can say
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]
