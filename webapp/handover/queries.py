"""What is unsettled when an assignment ends: entries, what is held back, and what phones may still hold."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from flask_babel import gettext
from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from webapp import clock
from webapp.accounts.models import Account, Device, Officer, Role, RolePermission
from webapp.assignments.models import Assignment
from webapp.assignments.queries import holds_on
from webapp.db import db
from webapp.describe import describe, label_at
from webapp.handover.models import HandoverItem
from webapp.handover.rules import PLANNED, RETURNED, Way, settled_how
from webapp.meetings.models import MeetingEntry, MeetingRevision
from webapp.meetings.queries import body_of, versions_of
from webapp.meetings.records import Meeting, Withdrawal
from webapp.permissions import Permission
from webapp.places.models import Unit
from webapp.places.queries import below
from webapp.review.queries import reviews_of
from webapp.sync.models import Quarantined
from webapp.sync.queries import answered_by, has_undecided

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from webapp.accounts.rules import Actor


class Whose(NamedTuple):
    """An assignment with what a page calls it."""

    row: Assignment
    officer: str
    title: str
    unit: str
    role: str
    role_en: str

    @property
    def is_over(self) -> bool:
        """Say whether it is held no more."""
        return self.row.valid_to is not None and self.row.valid_to <= clock.today()


def assignment(actor: Actor, assignment_id: UUID, permission: Permission) -> Whose | None:
    """Return an assignment at a unit where the actor holds `permission`; out of scope is not found."""
    today = clock.today()
    scope = below(actor.roots(permission, today), today)
    row = db.session.execute(
        select(Assignment, Officer.full_name, Officer.title, Unit.name, Role.label, Role.label_en)
        .join(Officer, Officer.id == Assignment.officer_id)
        .join(Unit, Unit.id == Assignment.unit_id)
        .join(Role, Role.code == Assignment.role_code)
        .where(Assignment.id == assignment_id, Assignment.unit_id.in_(select(scope.c.id)))
    ).one_or_none()
    return Whose(*row) if row else None


def _of(found: Assignment) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions that an entry is this officer's to answer for, of what lies below this unit."""
    tree = below([found.unit_id], clock.today())
    return MeetingEntry.unit_id.in_(select(tree.c.id)), answered_by(MeetingEntry, found.officer_id)


def _is_open() -> ColumnElement[bool]:
    """Return the condition that an entry needs work yet: it was returned, or has two versions to choose from."""
    return or_(MeetingEntry.state == RETURNED, has_undecided(MeetingRevision, MeetingEntry))


class Item(NamedTuple):
    """An entry that is not done of the one whose assignment ends, and how it was settled, if it was.

    One that is open and has somebody in `to` is theirs from the day on which the assignment ends.
    """

    entry: MeetingEntry
    group: str
    way: Way | None
    to: str | None


def items(found: Assignment) -> list[Item]:
    """Return the entries that are to be settled or were, those that are open first, the newest meeting first."""
    rows = db.session.execute(
        select(MeetingEntry, Unit.name, HandoverItem.way, Officer.full_name, _is_open())
        .join(Unit, Unit.id == MeetingEntry.unit_id)
        .outerjoin(
            HandoverItem,
            and_(HandoverItem.meeting_id == MeetingEntry.id, HandoverItem.assignment_id == found.id),
        )
        .outerjoin(Officer, Officer.id == HandoverItem.to_id)
        .where(or_(HandoverItem.way.is_not(None), and_(*_of(found), _is_open())))
        .order_by(MeetingEntry.meeting_date.desc(), MeetingEntry.id)
    )  # fmt: skip
    listed = [
        Item(entry, group, settled_how(way, is_open=is_open), to) for entry, group, way, to, is_open in rows
    ]
    return sorted(listed, key=lambda item: item.way is not None)


def open_entries(found: Assignment, meeting_ids: Collection[UUID]) -> Sequence[MeetingEntry]:
    """Return those of these entries that are still to be settled, locked, in the order of their ids."""
    done = select(HandoverItem.meeting_id).where(
        HandoverItem.assignment_id == found.id, HandoverItem.way != PLANNED
    )
    return db.session.scalars(
        select(MeetingEntry)
        .where(
            MeetingEntry.id.in_(meeting_ids), MeetingEntry.id.not_in(done), *_of(found), _is_open(),
        )
        .order_by(MeetingEntry.id)
        .with_for_update()
    ).all()  # fmt: skip


def due(day: date) -> Select[HandoverItem, Assignment]:
    """Select what was planned for `day` or before with whoever follows the place now, and whose it was."""
    new = aliased(Assignment)
    follows = (
        exists()
        .where(
            new.unit_id == Assignment.unit_id, new.officer_id == HandoverItem.to_id, new.valid_from <= day,
            or_(new.valid_to.is_(None), new.valid_to > day),
        )
        .where(RolePermission.role_code == new.role_code, RolePermission.permission == Permission.RECORD_MEETING)
    )  # fmt: skip
    return (
        select(HandoverItem, Assignment)
        .join(Assignment, Assignment.id == HandoverItem.assignment_id)
        .where(HandoverItem.way == PLANNED, Assignment.valid_to <= day, follows)
        .order_by(HandoverItem.assignment_id, HandoverItem.meeting_id)
    )


class HeldBack(NamedTuple):
    """Something of theirs that waits in quarantine."""

    message: str
    receipt: str
    received_at: datetime
    group: str


def held_back(found: Assignment) -> list[HeldBack]:
    """Return what of the officer's waits in quarantine for this place."""
    tree = below([found.unit_id], clock.today())
    rows = db.session.execute(
        select(Quarantined.message, Quarantined.receipt_code, Quarantined.received_at, Unit.name)
        .join(Unit, Unit.id == Quarantined.unit_id)
        .where(
            Quarantined.officer_id == found.officer_id, Quarantined.settled.is_(None),
            Quarantined.unit_id.in_(select(tree.c.id)),
        )
        .order_by(Quarantined.received_at)
    )  # fmt: skip
    return [HeldBack(*row) for row in rows]


class Phone(NamedTuple):
    """A device somebody is signed in on, and when it was last heard of: what was written since, nobody here knows."""

    label: str
    last_seen_at: datetime
    is_revoked: bool
    last_sent_at: datetime | None


def phones(officer_id: UUID) -> list[Phone]:
    """Return the devices of an officer that may still hold something unsent, the latest heard of first."""
    sent = (
        select(func.max(MeetingRevision.received_at))
        .where(MeetingRevision.device_id == Device.id, MeetingRevision.author_id == officer_id)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(Device.label, Device.last_seen_at, Device.revoked_at, sent)
        .join(Account, Account.id == Device.account_id)
        .where(Account.officer_id == officer_id, Device.signed_out_at.is_(None))
        .order_by(Device.last_seen_at.desc())
    )
    return [Phone(label, seen, revoked is not None, last) for label, seen, revoked, last in rows]


class Receiver(NamedTuple):
    """Somebody to whom entries of a place may be handed over."""

    id: UUID
    name: str
    title: str
    is_primary: bool


def receivers(found: Assignment, day: date) -> list[Receiver]:
    """Return who else may record at this place on `day`, whoever is in charge first."""
    rows = db.session.execute(
        select(Officer.id, Officer.full_name, Officer.title, Assignment.is_primary)
        .join(Officer, Officer.id == Assignment.officer_id)
        .join(RolePermission, RolePermission.role_code == Assignment.role_code)
        .where(
            Assignment.unit_id == found.unit_id, Assignment.officer_id != found.officer_id, holds_on(day),
            RolePermission.permission == Permission.RECORD_MEETING,
        )
        .order_by(Assignment.is_primary.desc(), Officer.sort_name)
    )  # fmt: skip
    return [Receiver(*row) for row in rows]


@dataclass(frozen=True)
class Told:
    """One line of an entry as it is taken out of the system: a field, what it says, and what the desk asked there."""

    label: str
    text: str
    remark: str


def whole(entry: MeetingEntry) -> list[Told]:
    """Return an entry line by line, with what the desk asked for, then its undecided second versions."""
    body = body_of(entry)
    asked = [one for one in reviews_of([entry.id]).get(entry.id, []) if one["decision"] == RETURNED][-1:]
    remarks = {remark["field"]: remark["text"] for one in asked for remark in one["remarks"]}
    lines = [Told(line.label, line.text, remarks.pop(line.path, "")) for line in describe(body)]
    lines += [Told(label_at(body, field), "", text) for field, text in remarks.items()]
    return [Told("", "", one["text"]) for one in asked if one["text"]] + lines + _undecided(entry)


def _undecided(entry: MeetingEntry) -> list[Told]:
    """Return the second versions of an entry that nobody has decided about, each under its heading."""
    lines: list[Told] = []
    second = (version for version in versions_of(entry) if version.is_parallel)
    for number, version in enumerate(second, 1):
        lines.append(Told(gettext("Bản kia (%(number)s)", number=number), "", ""))
        said = (Withdrawal if version.is_withdrawal else Meeting)(**json.loads(version.payload)["body"])
        lines += [Told(line.label, line.text, "") for line in describe(said)]
    return lines


def successor(found: Assignment) -> str | None:
    """Return who came after, if the book says so."""
    return db.session.scalar(
        select(Officer.full_name)
        .join(Assignment, Assignment.officer_id == Officer.id)
        .where(Assignment.replaces_id == found.id, Assignment.officer_id != found.officer_id)
        .order_by(Assignment.valid_from)
        .limit(1)
    )
