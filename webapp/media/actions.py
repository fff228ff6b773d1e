"""Writes of media: taking in bytes, keeping what entries refer to, throwing away what nobody needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from webapp import clock
from webapp.audit.actions import record
from webapp.db import db, insertion, run, transaction
from webapp.media.models import MediaObject, MediaReference
from webapp.media.queries import has_room, leftovers, photos_beside, storage, upload_of
from webapp.media.rules import UNFINISHED_FOR, Step, Upload, is_whole, next_step
from webapp.meetings.records import Meeting

if TYPE_CHECKING:
    from uuid import UUID

    from webapp.accounts.rules import Actor
    from webapp.sync.registry import Written

CHUNK: Final = 500
"""How many photos of the store are looked up at once."""


class Word(Enum):
    """What became of the bytes of one request."""

    TAKEN = "taken"
    NO_ROOM = "no room"
    WRONG_OFFSET = "wrong offset"
    WRONG_CONTENT = "wrong content"


class Answer(NamedTuple):
    """What became of the bytes, and how far the photo has come."""

    word: Word
    upload: Upload


def take_in(actor: Actor, sha256: str, offset: int, size: int, data: bytes) -> Answer:
    """Add bytes to a photo; verify and finish it when they were the last.

    The row is locked: of two that send the same photo at once, one waits and then learns how far it has come.
    Bytes are on the disk before the row counts them, so a crash in between loses nothing and doubles nothing.
    """
    with transaction():
        found = _locked(actor, sha256, size)
        if found is None:
            return Answer(Word.NO_ROOM, Upload(size, 0, is_complete=False))
        upload = upload_of(found)
        step = next_step(upload, offset, size)
        if step is Step.ALREADY_THERE:
            return Answer(Word.TAKEN, upload)
        if step is Step.WRONG_OFFSET:
            return Answer(Word.WRONG_OFFSET, upload)
        storage().append(sha256, offset, data)
        found.size, found.received, found.changed_at = size, offset + len(data), clock.now()
        found.complete_at = None
        if found.received == size and not _finish(actor, found):
            return Answer(Word.WRONG_CONTENT, Upload(size, 0, is_complete=False))
        return Answer(Word.TAKEN, Upload(size, found.received, found.complete_at is not None))


def _locked(actor: Actor, sha256: str, size: int) -> MediaObject | None:
    """Return the photo's row, locked until the end; make it when it is the first time and there is room for it."""
    chosen = select(MediaObject).where(MediaObject.sha256 == sha256).with_for_update()
    found = db.session.scalar(chosen)
    if found is None:
        if not has_room(actor, sha256):
            return None
        now = clock.now()
        first = {
            "sha256": sha256, "size": size, "received": 0, "started_at": now, "changed_at": now,
            "complete_at": None, "first_uploader_id": actor.officer_id,
        }  # fmt: skip
        try:
            with db.session.connection().begin_nested():
                run(insertion(MediaObject), first)
        except IntegrityError:
            pass  # somebody else was first, and is done: take theirs
        found = db.session.scalars(chosen).one()
    return found


def _finish(actor: Actor, found: MediaObject) -> bool:
    """Make a photo whole if it is what its name says; otherwise throw away what came of it."""
    if not is_whole(found.sha256, storage().unfinished(found.sha256)):
        storage().remove(found.sha256)
        db.session.delete(found)
        return False
    storage().finish(found.sha256)
    found.complete_at = found.changed_at
    record("media.received", actor_id=actor.officer_id, record_kind="media", record_id=None)
    return True


def refer(written: Sequence[Written]) -> None:
    """Keep which photos the entries name: those of the standing revision, and of parallel ones not yet decided."""
    named: dict[UUID, set[str]] = {}
    replaced: set[UUID] = set()
    for one in written:
        if not isinstance(one.body, Meeting):
            continue
        photos = {photo.sha256 for photo in one.body.photos}
        if one.stands:
            named[one.record_id] = photos
            if not one.is_new:
                replaced.add(one.record_id)
        else:
            named.setdefault(one.record_id, set()).update(photos)
    if replaced:
        run(delete(MediaReference).where(MediaReference.meeting_id.in_(replaced)))
        for meeting_id, names in photos_beside(replaced).items():
            named[meeting_id] |= names
    rows = [(meeting_id, sha256) for meeting_id, names in named.items() for sha256 in sorted(names)]
    if not rows:
        return
    known = run(
        select(MediaReference.meeting_id, MediaReference.sha256).where(MediaReference.meeting_id.in_(named))
    )
    there = {(meeting_id, sha256) for meeting_id, sha256 in known}
    fresh = [{"meeting_id": row[0], "sha256": row[1]} for row in rows if row not in there]
    if fresh:
        run(insertion(MediaReference), fresh)


def sweep() -> int:
    """Throw away uploads that nobody finishes and photos nobody refers to; return how many. Safe to repeat.

    Any number of processes may do it while requests are answered: nothing is locked but the photo that goes.
    """
    count = 0
    for sha256 in leftovers(clock.now()):
        with transaction() as session:
            # Looked at again under the lock: it may have been finished or referred to meanwhile.
            found = session.get(MediaObject, sha256, with_for_update=True)
            if found is None or not leftovers(clock.now(), sha256):
                continue
            session.delete(found)
            session.flush()
            storage().remove(sha256)
            count += 1
    for sha256 in _uncounted():
        with transaction() as session:
            # Bytes of which the database knows nothing: the server died between the two.
            if session.get(MediaObject, sha256) is None and _rests(sha256):
                storage().remove(sha256)
                count += 1
    return count


def _uncounted() -> Iterator[str]:
    """Return the photos in the store that no row names."""
    names = iter(storage().names())
    while some := set(islice(names, CHUNK)):
        yield from some - set(
            db.session.scalars(select(MediaObject.sha256).where(MediaObject.sha256.in_(some)))
        )


def _rests(sha256: str) -> bool:
    """Say whether nothing was added to a photo for so long that it is no upload of this moment."""
    touched = storage().touched_at(sha256)
    return touched is not None and touched < clock.now() - UNFINISHED_FOR
