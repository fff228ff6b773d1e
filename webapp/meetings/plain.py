"""The way without JavaScript: what its pages show of an entry, and the operations that its forms become."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from flask_babel import gettext as _
from sqlalchemy import select

from webapp import clock
from webapp.accounts.rules import Actor
from webapp.db import db, new_id
from webapp.errors import Problem
from webapp.forms import spoken_rows
from webapp.meetings import queries
from webapp.meetings.forms import ChoiceForm, Entry, MeetingForm, blank_form
from webapp.meetings.models import MeetingEntry, MeetingRevision
from webapp.meetings.records import Meeting, Photo
from webapp.petitions.models import PetitionRecord, PetitionRevision
from webapp.petitions.records import Petition
from webapp.petitions.rules import State
from webapp.sync.models import Quarantined
from webapp.sync.queries import standing_bodies
from webapp.sync.rules import WITHDRAWN, Code


def opened_with(found: MeetingEntry | None) -> dict[str, Any]:
    """Return what the form of an entry is filled with, its petitions among it; of none, the day."""
    if found is None:
        return {"meeting_date": clock.today()}
    said = queries.body_of(found).model_dump()
    petitions = petitions_of(found)
    rows = [
        (standing_bodies(PetitionRevision, [petition.id])[petition.id])
        | {"id": str(petition.id), "rev": str(petition.rev)}
        for petition in petitions
    ]
    return said | {"unit_id": str(found.unit_id), "petitions": rows}


def petitions_of(found: MeetingEntry) -> list[PetitionRecord]:
    """Return the petitions that whoever answers for an entry raised, or was handed over, with it."""
    authors = {found.author_id, found.keeper_id or found.author_id}
    mine = PetitionRecord.meeting_id == found.id, PetitionRecord.author_id.in_(authors)
    return list(
        db.session.scalars(
            select(PetitionRecord).where(*mine, PetitionRecord.state != WITHDRAWN).order_by(PetitionRecord.id)
        )
    )


def in_words(version: MeetingRevision) -> MeetingForm | str:
    """Return what a version says: a form that holds it or, of a withdrawal, its reason."""
    body: dict[str, Any] = json.loads(version.payload)["body"]
    return str(body["reason"]) if version.is_withdrawal else blank_form(data=Meeting(**body).model_dump())


def photos_of(version: MeetingRevision) -> tuple[Photo, ...]:
    """Return the photos of a version; a withdrawal has none."""
    return () if version.is_withdrawal else Meeting(**json.loads(version.payload)["body"]).photos


def differing(versions: Iterable[MeetingRevision]) -> set[str]:
    """Name the fields that these versions do not say alike."""
    bodies = [Meeting(**json.loads(one.payload)["body"]) for one in versions if not one.is_withdrawal]
    return {
        name
        for name in Meeting.model_fields
        if any(getattr(one, name) != getattr(bodies[0], name) for one in bodies)
    }


def choice(found: MeetingEntry, versions: Collection[MeetingRevision]) -> ChoiceForm:
    """Return the form with which one of these versions of an entry is chosen."""
    settles = " ".join(str(one.op_id) for one in versions if one.is_parallel)
    said = {"opened": str(new_id()), "base_rev": found.rev, "settles": settles}
    return ChoiceForm(formdata=None, prefix="choice", data=said)


def operations(actor: Actor, form: MeetingForm, entry: Entry) -> Iterable[dict[str, Any]]:
    """Put one form into operations: the meeting, its petitions, and those that were taken out of it.

    A petition that says what it said, or that the desk has taken up, is left alone; and a form that was opened
    before something newer came knows nothing of the petitions that came with it.
    """
    meeting_id, opened = as_id(form.id.data), as_id(form.opened.data)
    found = queries.entry(actor, meeting_id, clock.today())
    # The plain page takes no pictures; those that the entry has stay with it.
    kept = {"photos": queries.body_of(found).photos} if found else {}
    body = entry.meeting.model_copy(update=kept).model_dump(mode="json", exclude_defaults=True)
    base_rev = as_rev(form.base_rev.data)
    yield operation(actor, opened, "meeting.save", meeting_id, base_rev, body)
    revs = {as_id(row["id"].data): as_rev(row["rev"].data) for row in spoken_rows(form.petitions)}
    known_petitions = petitions_of(found) if found else []
    before = standing_bodies(PetitionRevision, [known.id for known in known_petitions])
    for petition_id, petition in entry.petitions.items():
        if petition_id in before and Petition.model_validate(before[petition_id]) == petition:
            continue
        body = petition.model_dump(mode="json", exclude_defaults=True)
        yield operation(actor, opened, "petition.save", petition_id, revs[petition_id], body)
    for known in known_petitions:
        is_dropped = known.id not in entry.petitions and known.state == State.RAISED
        if is_dropped and found and base_rev >= found.rev:
            reason = {"reason": _("Bỏ khỏi phiếu khi sửa.")}
            yield operation(actor, opened, "petition.withdraw", known.id, known.rev, reason)


def operation(
    actor: Actor,
    opened: UUID,
    kind: str,
    record_id: UUID,
    base_rev: int,
    body: dict[str, Any],
    shown: Collection[UUID] = (),
) -> dict[str, Any]:
    """Make an operation whose letters follow from the form and what it says: sent twice, it is the same.

    Of a meeting it decides between the versions that were `shown`, and no others. The second versions of a petition
    these pages show to nobody: what is saved here decides them all, or nobody without JavaScript ever could.
    """
    said = json.dumps([kind, str(record_id), base_rev, body], sort_keys=True, ensure_ascii=False)
    op_id = uuid5(opened, said)
    # The form's id is a UUIDv7, which begins with the moment at which it was opened.
    milliseconds = min(max(1, opened.int >> 80), int(clock.now().timestamp() * 1000))
    is_meeting = kind.startswith("meeting.")
    settles = {"settles": _settled(actor, op_id, record_id, shown)} if is_meeting else {}
    return {
        "op_id": str(op_id),
        "kind": kind,
        "id": str(record_id),
        "rev": base_rev + 1,
        "base_rev": base_rev,
        **settles,
        "made_at": clock.iso(datetime.fromtimestamp(milliseconds / 1000, UTC)),
        "author": str(actor.officer_id),
        "device": str(actor.device_id),
        "device_seq": milliseconds,
        "body": body,
    }


def _settled(actor: Actor, op_id: UUID, meeting_id: UUID, shown: Collection[UUID]) -> list[str]:
    """Name what an operation decides: what was shown, and what waits in quarantine of its record.

    Only of what came from this device was the author told here, when it was saved. An operation that came before
    names what it named then.
    """
    held = db.session.execute(
        select(Quarantined.op_id, Quarantined.payload, Quarantined.settled)
        .where(
            Quarantined.record_id == meeting_id,
            Quarantined.device_id == actor.device_id,
            Quarantined.code != Code.OP_REUSED,
        )
        .order_by(Quarantined.id)
    ).all()
    taken_in = db.session.scalar(select(MeetingRevision.payload).where(MeetingRevision.op_id == op_id))
    before = taken_in or next((one.payload for one in held if one.op_id == op_id), None)
    if before:
        return list(json.loads(before).get("settles") or [])
    return [str(one) for one in (*shown, *(row.op_id for row in held if row.settled is None))]


def as_id(text: str | None) -> UUID:
    """Read an id that a page has handed out, or raise `Problem("bad_request")`."""
    try:
        return UUID(text or "")
    except ValueError:
        raise Problem("bad_request") from None


def as_rev(text: str | None) -> int:
    """Read the number of a revision that a page has handed out; what is none is 0."""
    return int(text) if text and text.isdecimal() else 0
