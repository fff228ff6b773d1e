"""What sync must know of meeting entries, and what a pull says of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select

from webapp import clock
from webapp.accounts.models import Officer
from webapp.db import db
from webapp.meetings.models import MeetingEntry, MeetingRevision
from webapp.meetings.records import Meeting, Withdrawal
from webapp.sync.queries import revisions_of, standing_bodies
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
    }  # fmt: skip


def changes(window: Window) -> list[Change]:
    """Return the entries of a window: whole where the phone needs them whole, else as summaries."""
    entry = MeetingEntry
    mine = or_(entry.unit_id.in_(window.unit_ids), entry.author_id == window.officer_id)
    rank = func.row_number().over(
        partition_by=entry.unit_id, order_by=(entry.meeting_date.desc(), entry.id.desc())
    )
    numbered = (
        select(entry.id, rank.label("place")).where(mine, entry.feed_unit_id == window.feed_id).subquery()
    )
    chosen = (
        select(entry, Officer.full_name, numbered.c.place)
        .join(Officer, Officer.id == entry.author_id)
        .join(numbered, numbered.c.id == entry.id)
        .where(
            entry.feed_unit_id == window.feed_id,
            entry.feed_seq > window.after,
            entry.feed_seq <= window.until,
        )
        .order_by(entry.feed_seq)
        .limit(window.limit)
    )
    if window.is_first_load:
        recent = entry.meeting_date >= window.today - HISTORY
        chosen = chosen.where(
            or_(recent, and_(entry.author_id == window.officer_id, entry.state == "returned"))
        )
    rows = db.session.execute(chosen).all()
    whole = {
        found.id
        for found, _, place in rows
        if not window.is_first_load or _is_wanted_whole(found, place, window)
    }
    bodies = standing_bodies(MeetingRevision, whole)
    revisions = revisions_of(MeetingRevision, whole)
    told = []
    for found, author, _ in rows:
        record = summary(found, author)
        if found.id in whole:
            record |= {
                "body": bodies.get(found.id, {}),
                "revisions": revisions.get(found.id, []),
                "reviews": [],
            }
        told.append(Change(found.feed_seq, record))
    return told


def _is_wanted_whole(found: MeetingEntry, place: int, window: Window) -> bool:
    own = found.author_id == window.officer_id
    recent = found.meeting_date >= window.today - OWN_WHOLE
    return place <= NEWEST_WHOLE or (own and (recent or found.state == "returned"))


def summary(found: MeetingEntry, author: str) -> dict[str, Any]:
    """Return what a pull says of every entry."""
    return {
        "id": str(found.id), "unit_id": str(found.unit_id), "author": {"id": str(found.author_id), "name": author},
        "rev": found.rev, "state": found.state, "meeting_date": found.meeting_date.isoformat(),
        "status": found.status, "format": found.format, "theme": found.theme,
        "not_held_reason": found.not_held_reason, "households_total": found.households_total,
        "households_present": found.households_present, "petition_count": found.petition_count,
        "received_at": clock.iso(found.received_at), "receipt": found.receipt_code,
    }  # fmt: skip


KIND = RecordKind(
    name="meeting", body=Meeting, withdrawal=Withdrawal, table=MeetingEntry, revisions=MeetingRevision,
    saved_state="submitted", project=project, day=lambda body: body.meeting_date,
    pull_name="entries", changes=changes,
)  # fmt: skip


def init() -> None:
    """Make meeting entries known to sync."""
    register(KIND)
