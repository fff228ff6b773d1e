"""Reads of the desk, always below the units where the actor may read."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, Select, func, or_, select
from sqlalchemy.orm import aliased

from webapp import clock
from webapp.accounts.models import Officer
from webapp.db import db
from webapp.describe import Line, describe
from webapp.fields import Record
from webapp.flash_reports.records import FlashReport
from webapp.meetings.models import MeetingEntry, MeetingRevision
from webapp.meetings.records import Meeting
from webapp.paging import Paging
from webapp.permissions import Permission
from webapp.petitions.models import PetitionRecord, PetitionRevision
from webapp.petitions.records import Petition
from webapp.places.households import Counts
from webapp.places.models import Unit
from webapp.places.queries import below, counts_of, stands_on
from webapp.review.models import ReviewEvent, ReviewRemark
from webapp.review.rules import RELEASABLE
from webapp.sync.facts import lock_record
from webapp.sync.models import Quarantined
from webapp.sync.queries import in_order, standing_bodies
from webapp.sync.rules import Times, times_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from webapp.accounts.rules import Actor

PAGE = 30


@dataclass(frozen=True)
class Filters:
    """What the address of the queue asks for."""

    state: str = "submitted"
    unit_id: UUID | None = None
    month: date | None = None
    status: str = ""
    page: int = 1


@dataclass(frozen=True)
class Row:
    """One line of the queue."""

    entry: MeetingEntry
    group: str
    parent: str
    author: str
    times: Times
    """Of the standing revision: the first has come at `entry.received_at`, and the list is in that order."""
    households: int | None
    """Of the group on the day of the meeting, as it was read; else as the author said."""


@dataclass(frozen=True)
class Queue:
    """One page of the queue, and how many there are by state under the same filters."""

    rows: Sequence[Row]
    counts: dict[str, int]
    pages: int


def readable_units(actor: Actor) -> CTE:
    """Return the units whose entries the actor may read today."""
    today = clock.today()
    return below(actor.roots(Permission.READ_MEETING, today), today)


def queue(actor: Actor, filters: Filters) -> Queue:
    """Return a page of the entries in the actor's scope that fit, oldest arrival first while they wait."""
    scope, paging = readable_units(actor), Paging(filters.page, PAGE)
    if filters.unit_id:
        chosen = below([filters.unit_id], clock.today())
        fitting = select(MeetingEntry.id).where(
            MeetingEntry.unit_id.in_(select(chosen.c.id).intersect(select(scope.c.id)))
        )
    else:
        fitting = select(MeetingEntry.id).where(MeetingEntry.unit_id.in_(select(scope.c.id)))
    if filters.month:
        following = (filters.month.replace(day=1) + timedelta(days=32)).replace(day=1)
        fitting = fitting.where(
            MeetingEntry.meeting_date >= filters.month, MeetingEntry.meeting_date < following
        )
    if filters.status:
        fitting = fitting.where(MeetingEntry.status == filters.status)
    counts = _counts(fitting)
    group, parent = aliased(Unit), aliased(Unit)
    written = MeetingRevision
    order = MeetingEntry.received_at if filters.state == "submitted" else MeetingEntry.received_at.desc()
    rows = db.session.execute(
        select(
            MeetingEntry, group.name, parent.name, Officer.full_name, written.learned_at, written.recorded_at,
            written.clock_offset, written.received_at, written.clock_jumped,
        )
        .join(written, written.op_id == MeetingEntry.op_id)
        .join(group, group.id == MeetingEntry.unit_id)
        .join(parent, parent.id == group.parent_id)
        .join(Officer, Officer.id == MeetingEntry.author_id)
        .where(MeetingEntry.id.in_(fitting), MeetingEntry.state == filters.state)
        .order_by(order, MeetingEntry.id).limit(PAGE).offset(paging.offset)
    )  # fmt: skip
    pages = paging.pages(counts.get(filters.state, 0))
    found = rows.all()
    read = counts_of([row[0].unit_id for row in found])
    rows_of_page = []
    for entry, name, above, author, learned, recorded, offset, received, jumped in found:
        times = times_of(learned, recorded, offset, received, has_jumped=jumped)
        rows_of_page.append(Row(entry, name, above, author, times, _households(entry, read)))
    return Queue(rows_of_page, counts, pages)


def households_of(found: MeetingEntry) -> int | None:
    """Return how many households a group had on the day of its meeting, as it was read; else as the author said."""
    return _households(found, counts_of([found.unit_id]))


def _households(found: MeetingEntry, read: Counts) -> int | None:
    return read.on(found.unit_id, found.meeting_date) or found.households_total


def _counts(fitting: Select[Any]) -> dict[str, int]:
    rows = db.session.execute(
        select(MeetingEntry.state, func.count())
        .where(MeetingEntry.id.in_(fitting))
        .group_by(MeetingEntry.state)
    )
    return {state: count for state, count in rows}  # noqa: C416 - a row is no pair to mypy


def filter_units(actor: Actor) -> list[Unit]:
    """Return the units by which the actor can narrow the queue: those of the base tier, or else those below them."""
    scope = readable_units(actor)
    places = db.session.scalars(
        select(Unit)
        .where(Unit.id.in_(select(scope.c.id)), Unit.base_id == Unit.id, stands_on(clock.today()))
        .order_by(Unit.sort_key)
    ).all()
    if len(places) > 1:
        return list(places)
    return list(
        db.session.scalars(
            select(Unit).where(
                Unit.id.in_(select(scope.c.id)), Unit.parent_id.is_not(None), Unit.id != Unit.base_id,
                stands_on(clock.today()), Unit.id.in_(select(Unit.parent_id)),
            ).order_by(Unit.sort_key)
        )
    )  # fmt: skip


def entry(actor: Actor, entry_id: UUID) -> MeetingEntry | None:
    """Return one entry in the actor's scope; out of scope is not found."""
    scope = readable_units(actor)
    return db.session.scalar(
        select(MeetingEntry).where(MeetingEntry.id == entry_id, MeetingEntry.unit_id.in_(select(scope.c.id)))
    )


def may(actor: Actor, found: MeetingEntry, permission: Permission) -> bool:
    """Say whether the actor holds `permission` at the entry's group today."""
    today = clock.today()
    tree = below(actor.roots(permission, today), today)
    return db.session.scalar(select(tree.c.id).where(tree.c.id == found.unit_id)) is not None


def next_waiting(actor: Actor, after: MeetingEntry) -> UUID | None:
    """Return the entry that has waited longest, other than `after`."""
    scope = readable_units(actor)
    return db.session.scalar(
        select(MeetingEntry.id)
        .where(MeetingEntry.state == "submitted", MeetingEntry.id != after.id)
        .where(MeetingEntry.unit_id.in_(select(scope.c.id)))
        .order_by(MeetingEntry.received_at, MeetingEntry.id).limit(1)
    )  # fmt: skip


def petitions_of(found: MeetingEntry) -> list[tuple[PetitionRecord, Petition]]:
    """Return the petitions raised at an entry's meeting, with what they say."""
    records = db.session.scalars(
        select(PetitionRecord)
        .where(
            PetitionRecord.meeting_id == found.id,
            PetitionRecord.unit_id == found.unit_id,
            PetitionRecord.state != "withdrawn",
        )
        .order_by(PetitionRecord.id)
    ).all()
    bodies = standing_bodies(PetitionRevision, [record.id for record in records])
    return [(record, Petition.model_validate(bodies[record.id])) for record in records]


def revisions(found: MeetingEntry) -> Sequence[MeetingRevision]:
    """Return every revision of an entry, newest first."""
    return db.session.scalars(
        select(MeetingRevision).where(MeetingRevision.record_id == found.id)
        .order_by(*(key.desc() for key in in_order(MeetingRevision)))
    ).all()  # fmt: skip


@dataclass(frozen=True)
class Difference:
    """One field of two revisions, side by side."""

    label: str
    before: str
    after: str

    @property
    def is_changed(self) -> bool:
        """Say whether the two differ."""
        return self.before != self.after


def side_by_side(before: MeetingRevision, after: MeetingRevision) -> list[Difference]:
    """Return what two revisions say, field by field."""
    columns = [
        describe(Meeting.model_validate(json.loads(revision.payload)["body"])) for revision in (before, after)
    ]
    labels = {line.path: line.label for lines in columns for line in lines}
    left, right = ({line.path: line.text for line in lines} for lines in columns)
    return [Difference(label, left.get(path, "–"), right.get(path, "–")) for path, label in labels.items()]


def withdrawal_reason(revision: MeetingRevision) -> str:
    """Return why an entry was withdrawn."""
    return str(json.loads(revision.payload)["body"].get("reason", ""))


def reviews_of(meeting_ids: Sequence[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """Return, by entry, what the desk said, oldest first, as a pull says it."""
    said: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    events = db.session.execute(
        select(ReviewEvent, Officer.full_name, Officer.title).join(Officer, Officer.id == ReviewEvent.actor_id)
        .where(ReviewEvent.meeting_id.in_(meeting_ids)).order_by(ReviewEvent.at, ReviewEvent.id)
    ).all()  # fmt: skip
    remarks: dict[UUID, list[dict[str, str]]] = defaultdict(list)
    for remark in db.session.scalars(
        select(ReviewRemark).where(ReviewRemark.event_id.in_([event.id for event, *_ in events]))
        .order_by(ReviewRemark.event_id, ReviewRemark.position)
    ):  # fmt: skip
        remarks[remark.event_id].append({"field": remark.field, "text": remark.text})
    for event, name, title in events:
        said[event.meeting_id].append({
            "id": str(event.id), "rev": event.rev, "decision": event.decision, "text": event.text,
            "by": f"{name}, {title}", "at": clock.iso(event.at), "remarks": remarks.get(event.id, []),
        })  # fmt: skip
    return said


@dataclass(frozen=True)
class Held:
    """One operation in quarantine, with what can be read of it."""

    row: Quarantined
    author: str
    group: str | None
    lines: list[Line]
    may_release: bool


@dataclass(frozen=True)
class Waiting:
    """One page of what waits in quarantine, and how much there is."""

    rows: list[Held]
    page: int
    """The last one when fewer are left than were asked for: what is settled leaves the list."""
    pages: int
    total: int


def quarantined(actor: Actor, page: int = 1) -> Waiting:
    """Return a page of what waits in quarantine in the actor's scope, newest first."""
    waiting = select(Quarantined.id).where(_held_below(actor), Quarantined.settled.is_(None))
    total = db.session.scalar(select(func.count()).select_from(waiting.subquery())) or 0
    pages = Paging(page, PAGE).pages(total)
    paging = Paging(min(page, pages), PAGE)
    rows = db.session.execute(
        select(Quarantined, Officer.full_name, Unit.name)
        .join(Officer, Officer.id == Quarantined.officer_id)
        .outerjoin(Unit, Unit.id == Quarantined.unit_id)
        .where(Quarantined.id.in_(waiting))
        .order_by(Quarantined.received_at.desc(), Quarantined.id)
        .limit(paging.size).offset(paging.offset)
    )  # fmt: skip
    shown = [
        Held(row, author, group, _readable(row.payload), row.code in RELEASABLE and may_settle(actor, row))
        for row, author, group in rows
    ]
    return Waiting(shown, paging.page, pages, total)


def held_in_scope(actor: Actor, held_id: UUID) -> Quarantined | None:
    """Return one operation in quarantine in the actor's scope, locked: after its record, as a push does."""
    lock_record(db.session.scalar(select(Quarantined.record_id).where(Quarantined.id == held_id)))
    return db.session.scalar(
        select(Quarantined).where(Quarantined.id == held_id, _held_below(actor)).with_for_update()
    )


def _held_below(actor: Actor) -> ColumnElement[bool]:
    scope = readable_units(actor)
    below_scope = select(scope.c.id)
    return or_(
        Quarantined.unit_id.in_(below_scope),
        Quarantined.officer_id.in_(select(Officer.id).where(Officer.home_unit_id.in_(below_scope))),
    )


def may_settle(actor: Actor, held: Quarantined) -> bool:
    """Say whether the actor decides where this was meant for: at its group, or else where its author works."""
    today = clock.today()
    tree = below(actor.roots(Permission.DECIDE_MEETING, today), today)
    author = db.session.get_one(Officer, held.officer_id)
    places = [place for place in (held.unit_id, author.home_unit_id) if place]
    return db.session.scalar(select(tree.c.id).where(tree.c.id.in_(places)).limit(1)) is not None


def _readable(payload: bytes) -> list[Line]:
    """Describe the body of a kept operation as far as it can be read."""
    try:
        operation = json.loads(payload)
        models: dict[str, type[Record]] = {
            "meeting.save": Meeting, "petition.save": Petition, "flash_report.save": FlashReport,
        }  # fmt: skip
        model = models[operation["kind"]]
        return describe(model.model_validate(operation["body"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        return []


def also_this_month(found: MeetingEntry) -> Sequence[MeetingEntry]:
    """Return other entries about the same group and month: two officers may both have written."""
    first = found.meeting_date.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    return db.session.scalars(
        select(MeetingEntry)
        .where(
            MeetingEntry.unit_id == found.unit_id,
            MeetingEntry.id != found.id,
            MeetingEntry.meeting_date >= first,
            MeetingEntry.meeting_date < following,
            MeetingEntry.state != "withdrawn",
        )
        .order_by(MeetingEntry.meeting_date)
    ).all()


def group_of(found: MeetingEntry) -> Unit:
    """Return the group an entry is about."""
    return db.session.get_one(Unit, found.unit_id)


def author_of(found: MeetingEntry) -> Officer:
    """Return who wrote an entry."""
    return db.session.get_one(Officer, found.author_id)


def keeper_of(found: MeetingEntry) -> Officer | None:
    """Return to whom an entry was handed over."""
    return db.session.get(Officer, found.keeper_id) if found.keeper_id else None
