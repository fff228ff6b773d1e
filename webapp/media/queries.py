"""Reads of photos: a photo is seen through an entry that refers to it, and through nothing else."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from flask import current_app
from sqlalchemy import or_, select

from webapp import clock
from webapp.db import db
from webapp.media.models import MediaObject, MediaReference
from webapp.media.rules import LOOSE_FOR, MAX_LOOSE, UNFINISHED_FOR, Upload
from webapp.media.storage import Folder, Storage
from webapp.meetings.models import MeetingEntry, MeetingRevision
from webapp.meetings.queries import visible_to
from webapp.sync.models import Quarantined
from webapp.sync.queries import is_undecided

if TYPE_CHECKING:
    from webapp.accounts.rules import Actor


def storage() -> Storage:
    """Return where this installation keeps its photos."""
    return Folder(Path(current_app.instance_path) / "media")


def progress(sha256: str) -> Upload:
    """Return how far a photo has come."""
    return upload_of(db.session.get(MediaObject, sha256))


def upload_of(found: MediaObject | None) -> Upload:
    """Return how far a photo has come, as its row says and the store can prove: a restored backup may lack files."""
    if found is None:
        return Upload(0, 0, is_complete=False)
    if found.complete_at is None:
        there = min(found.received, storage().received(found.sha256))
        return Upload(found.size, there, is_complete=False)
    if storage().whole(found.sha256) is None:
        return Upload(found.size, 0, is_complete=False)
    return Upload(found.size, found.size, is_complete=True)


def has_room(actor: Actor, sha256: str) -> bool:
    """Say whether one more photo of the actor is taken in: an entry refers to it, or few others wait for theirs."""
    referred = select(MediaReference.sha256)
    if db.session.scalar(referred.where(MediaReference.sha256 == sha256).limit(1)):
        return True
    loose = ~referred.where(MediaReference.sha256 == MediaObject.sha256).exists()
    own = select(MediaObject.sha256).where(MediaObject.first_uploader_id == actor.officer_id, loose)
    return len(db.session.scalars(own.limit(MAX_LOOSE)).all()) < MAX_LOOSE


def photo(actor: Actor, sha256: str) -> bytes | None:
    """Return a photo if an entry in the actor's scope refers to it, else None: out of scope is not found."""
    seen = db.session.scalar(
        select(MediaReference.sha256)
        .join(MeetingEntry, MeetingEntry.id == MediaReference.meeting_id)
        .join(MediaObject, MediaObject.sha256 == MediaReference.sha256)
        .where(
            MediaReference.sha256 == sha256,
            MediaObject.complete_at.is_not(None),
            visible_to(actor, clock.today()),
        )
        .limit(1)
    )
    return storage().whole(seen) if seen else None


def leftovers(now: datetime, sha256: str | None = None) -> list[str]:
    """Return the photos nobody will finish, and those to which nothing refers any more; or ask it of one."""
    loose = ~select(MediaReference.sha256).where(MediaReference.sha256 == MediaObject.sha256).exists()
    rest = select(MediaObject.sha256).where(
        or_(
            MediaObject.complete_at.is_(None) & (MediaObject.changed_at < now - UNFINISHED_FOR),
            (MediaObject.complete_at < now - LOOSE_FOR) & loose,
        )
    )
    if sha256:
        rest = rest.where(MediaObject.sha256 == sha256)
    found = db.session.scalars(rest.order_by(MediaObject.sha256)).all()
    waiting = _named_in_quarantine(found)
    return [sha256 for sha256 in found if sha256 not in waiting]


def _named_in_quarantine(names: Collection[str]) -> set[str]:
    """Return which photos an operation in quarantine names: it may still be taken into the book."""
    if not names:
        return set()
    payloads = db.session.scalars(select(Quarantined.payload).where(Quarantined.settled.is_(None)))
    return {name for payload in payloads for name in names if name.encode() in payload}


def photos_beside(meeting_ids: Collection[UUID]) -> dict[UUID, set[str]]:
    """Return, by entry, the photos of its second versions of which nobody has said yet whether they stand."""
    rows = db.session.execute(
        select(MeetingRevision.record_id, MeetingRevision.payload)
        .join(MeetingEntry, MeetingEntry.id == MeetingRevision.record_id)
        .where(MeetingRevision.record_id.in_(meeting_ids), is_undecided(MeetingRevision, MeetingEntry))
    )
    found: dict[UUID, set[str]] = defaultdict(set)
    for meeting_id, payload in rows:
        found[meeting_id] |= {photo["sha256"] for photo in json.loads(payload)["body"].get("photos", [])}
    return found
