"""What sync must know of meeting entries, and what a pull says of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, select

from webapp import clock
from webapp.accounts.models import Officer
from webapp.db import db
from webapp.meetings.models import MeetingEntry, MeetingRevision
from webapp.meetings.records import Meeting, Withdrawal
from webapp.sync.queries import revisions_of, told_bodies
from webapp.sync.registry import Change, RecordKind, Window, register

HISTORY = timedelta(days=366)
"""How far back a phone knows its groups, as summaries."""
OWN_WHOLE = timedelta(days=60)
"""How long an officer's own entries stay whole on the phone."""
NEWEST_WHOLE = 2
"""How many entries of a group come whole on the first load."""


def project(body: Meeting) -> dict[str, Any]:
    """Return the columns of the standing row."""
    return {
        "meeting_date": body.meeting_date, "status": body.status, "format": body.format, "theme": body.theme,
        "not_held_reason": body.not_held_reason, "households_total": body.households_total,
        "households_present": body.households_present, "petition_count": len(body.petition_ids),
        "next_meeting": agreed(body.rescheduled_to or body.next_meeting),
    }  # fmt: skip


def agreed(moment: datetime | None) -> datetime | None:
    """Return a moment the group agreed on; without a zone it is the group's own time."""
    return moment.replace(tzinfo=clock.LOCAL_ZONE) if moment and moment.tzinfo is None else moment


def changes(window: Window) -> list[Change]:
    """Return the entries of a window: whole where the phone needs them whole, else as summaries."""
    entry = MeetingEntry
    mine = or_(entry.unit_id.in_(window.unit_ids), entry.author_id == window.officer_id)
    chosen = (
        select(entry, Officer.full_name)
        .join(Officer, Officer.id == entry.author_id)
        .where(
            mine,
            entry.feed_unit_id == window.feed_id,
            entry.feed_seq > window.after,
            entry.feed_seq <= window.until,
        )
        .order_by(entry.feed_seq)
        .limit(window.limit)
    )
    newest: frozenset[UUID] = frozenset()
    if window.is_first_load:
        recent = entry.meeting_date >= window.today - HISTORY
        chosen = chosen.where(
            or_(recent, and_(entry.author_id == window.officer_id, entry.state == "returned"))
        )
        newest = _newest(window)
    rows = db.session.execute(chosen).all()
    whole = {
        found.id
        for found, _ in rows
        if not window.is_first_load or found.id in newest or _is_own_and_open(found, window)
    }
    bodies = told_bodies(MeetingRevision, whole, window.own_device)
    revisions = revisions_of(MeetingRevision, whole)
    told = []
    for found, author in rows:
        record = summary(found, author)
        if found.id in whole:
            record |= bodies[found.id] | {"revisions": revisions.get(found.id, []), "reviews": []}
        told.append(Change(found.feed_seq, record))
    return told


def _newest(window: Window) -> frozenset[UUID]:
    """Return the newest entries of each group, which a first load brings whole."""
    entry = MeetingEntry
    place = func.row_number().over(
        partition_by=entry.unit_id, order_by=(entry.meeting_date.desc(), entry.id.desc())
    )
    ranked = (
        select(entry.id, place.label("place"))
        .where(entry.unit_id.in_(window.unit_ids), entry.meeting_date >= window.today - HISTORY)
        .subquery()
    )
    return frozenset(db.session.scalars(select(ranked.c.id).where(ranked.c.place <= NEWEST_WHOLE)))


def _is_own_and_open(found: MeetingEntry, window: Window) -> bool:
    """Say whether an entry is the officer's own and may still need their work."""
    recent = found.meeting_date >= window.today - OWN_WHOLE
    return found.author_id == window.officer_id and (recent or found.state == "returned")


def summary(found: MeetingEntry, author: str) -> dict[str, Any]:
    """Return what a pull says of every entry."""
    return {
        "id": str(found.id), "seq": found.feed_seq, "unit_id": str(found.unit_id),
        "author": {"id": str(found.author_id), "name": author},
        "rev": found.rev, "state": found.state, "meeting_date": found.meeting_date.isoformat(),
        "status": found.status, "format": found.format, "theme": found.theme,
        "not_held_reason": found.not_held_reason, "households_total": found.households_total,
        "households_present": found.households_present, "petition_count": found.petition_count,
        "received_at": clock.iso(found.received_at), "receipt": found.receipt_code,
    }  # fmt: skip


def checked(
    officer_id: UUID, feed_id: UUID, unit_ids: frozenset[UUID], since: date
) -> Iterable[tuple[UUID, int]]:
    """Return the (id, seq) of the entries since a day that the officer's phone should hold."""
    rows = db.session.execute(
        select(MeetingEntry.id, MeetingEntry.feed_seq).where(
            MeetingEntry.feed_unit_id == feed_id,
            MeetingEntry.meeting_date >= since,
            or_(MeetingEntry.unit_id.in_(unit_ids), MeetingEntry.author_id == officer_id),
        )
    )
    return [(row.id, row.feed_seq) for row in rows]


KIND = RecordKind(
    name="meeting", body=Meeting, withdrawal=Withdrawal, table=MeetingEntry, revisions=MeetingRevision,
    saved_state="submitted", project=project, day=lambda body: body.meeting_date,
    pull_name="entries", changes=changes, checked=checked,
)  # fmt: skip


def init() -> None:
    """Make meeting entries known to sync."""
    register(KIND)
