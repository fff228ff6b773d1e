"""What sync must know of meeting entries, and what a pull says of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import and_, false, func, or_, select
from sqlalchemy.orm import aliased

from webapp import clock
from webapp.accounts.models import Officer
from webapp.bulletins.actions import note_conveyed
from webapp.db import db
from webapp.meetings.models import MeetingEntry, MeetingRevision
from webapp.meetings.records import Meeting, MeetingStatus, Withdrawal
from webapp.petitions import actions as petitions
from webapp.petitions.actions import Telling
from webapp.petitions.records import Feedback, View
from webapp.redaction.actions import RewordOf, register_copies
from webapp.sync.queries import (
    answered_by,
    author_of,
    has_undecided,
    revisions_of,
    standing_bodies,
    told_bodies,
    told_to,
)
from webapp.sync.registry import (
    Change,
    Met,
    RecordKind,
    Share,
    Window,
    Written,
    register,
    register_effect,
    register_lock,
)

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
    entry, share, keeper = MeetingEntry, window.share, aliased(Officer)
    is_theirs = answered_by(entry, share.officer_id)
    is_asked = and_(is_theirs, has_undecided(MeetingRevision, entry)) if window.is_first_load else false()
    chosen = (
        select(entry, Officer.full_name, keeper.full_name, is_asked)
        .join(Officer, Officer.id == entry.author_id)
        .outerjoin(keeper, keeper.id == entry.keeper_id)
        .where(
            told_to(entry, share),
            entry.feed_unit_id == share.feed_id,
            entry.feed_seq > window.after,
            entry.feed_seq <= window.until,
        )
        .order_by(entry.feed_seq)
        .limit(window.limit)
    )
    if window.is_first_load:
        recent = entry.meeting_date >= window.today - HISTORY
        chosen = chosen.where(or_(recent, and_(is_theirs, entry.state == "returned"), is_asked))
    rows = db.session.execute(chosen).all()
    needed = {found.id for found, *_, asked in rows if asked}
    if window.is_first_load:
        needed |= _newest(window)
    held = [found for found, *_ in rows if share.holds(found)]
    whole = {
        found.id: found
        for found in held
        if not window.is_first_load or found.id in needed or _is_own_and_open(found, window)
    }
    bodies = told_bodies(MeetingRevision, whole.keys(), window.own_device)
    revisions = revisions_of(MeetingRevision, list(whole.values()), share.officer_id, window.own_device)
    told = []
    for found, author, keeper_name, _ in rows:
        if found not in held:
            told.append(Change(found.feed_seq, found.id, None))
            continue
        record = summary(found, author, keeper_name)
        if found.id in whole:
            record |= bodies[found.id] | {"revisions": revisions.get(found.id, []), "reviews": []}
        told.append(Change(found.feed_seq, found.id, record))
    return told


def _newest(window: Window) -> frozenset[UUID]:
    """Return the newest entries of each group, which a first load brings whole."""
    entry = MeetingEntry
    place = func.row_number().over(
        partition_by=entry.unit_id, order_by=(entry.meeting_date.desc(), entry.id.desc())
    )
    ranked = (
        select(entry.id, place.label("place"))
        .where(entry.unit_id.in_(window.share.unit_ids), entry.meeting_date >= window.today - HISTORY)
        .subquery()
    )
    return frozenset(db.session.scalars(select(ranked.c.id).where(ranked.c.place <= NEWEST_WHOLE)))


def _is_own_and_open(found: MeetingEntry, window: Window) -> bool:
    """Say whether an entry is the officer's to answer for and may still need their work."""
    recent = found.meeting_date >= window.today - OWN_WHOLE
    is_own = (found.keeper_id or found.author_id) == window.share.officer_id
    return is_own and (recent or found.state == "returned")


def summary(found: MeetingEntry, author: str, keeper: str | None = None) -> dict[str, Any]:
    """Return what a pull says of every entry."""
    return author_of(found, author, keeper) | {
        "id": str(found.id), "seq": found.feed_seq, "unit_id": str(found.unit_id),
        "rev": found.rev, "state": found.state, "meeting_date": found.meeting_date.isoformat(),
        "status": found.status, "format": found.format, "theme": found.theme,
        "not_held_reason": found.not_held_reason, "households_total": found.households_total,
        "households_present": found.households_present, "petition_count": found.petition_count,
        "received_at": clock.iso(found.received_at), "receipt": found.receipt_code,
    }  # fmt: skip


def checked(share: Share, since: date) -> Iterable[tuple[UUID, int]]:
    """Return the (id, seq) of the entries since a day that a phone should hold."""
    rows = db.session.scalars(
        select(MeetingEntry).where(
            MeetingEntry.feed_unit_id == share.feed_id, MeetingEntry.meeting_date >= since,
            told_to(MeetingEntry, share),
        )
    )  # fmt: skip
    return [(found.id, found.feed_seq) for found in rows if share.holds(found)]


def unsettled(officer_id: UUID, unit_ids: Collection[UUID], since: date) -> dict[UUID, UUID]:
    """Return the entries, with their groups, that an officer must still answer for of groups they left on `since`.

    They were returned, or they wait and are of about that time: a verdict may still come. Or nobody has said yet
    which of two versions stands.
    """
    rows = db.session.execute(
        select(MeetingEntry.id, MeetingEntry.unit_id).where(
            MeetingEntry.unit_id.in_(unit_ids), answered_by(MeetingEntry, officer_id),
            or_(
                MeetingEntry.state == "returned",
                and_(MeetingEntry.state == "submitted", MeetingEntry.meeting_date >= since - OWN_WHOLE),
                has_undecided(MeetingRevision, MeetingEntry),
            ),
        )
    )  # fmt: skip
    return {row.id: row.unit_id for row in rows}


def met(ids: Collection[UUID]) -> dict[UUID, Met]:
    """Return who wrote these entries, of which group, and the day of the meeting."""
    rows = db.session.execute(
        select(MeetingEntry.id, MeetingEntry.author_id, MeetingEntry.unit_id, MeetingEntry.meeting_date)
        .where(MeetingEntry.id.in_(ids))
    )  # fmt: skip
    return {row.id: Met(row.author_id, row.unit_id, row.meeting_date) for row in rows}


KIND = RecordKind(
    name="meeting", body=Meeting, withdrawal=Withdrawal, table=MeetingEntry, revisions=MeetingRevision,
    saved_state="submitted", project=project, day=lambda body: body.meeting_date,
    pull_name="entries", changes=changes, checked=checked, unsettled=unsettled, met=met,
)  # fmt: skip


def convey(written: Sequence[Written]) -> None:
    """Write down which items of bulletins the standing revisions say were conveyed; the last word holds."""
    said = {}
    for one in written:
        rows = cast("Meeting", one.body).conveyed
        items = {row.item_id: row.questions for row in rows if row.item_id}
        if one.stands and (items or not one.is_new):
            said[one.record_id] = items
    if said:
        note_conveyed(said)


def mask_conveyed(record_ids: Collection[UUID], _: RewordOf) -> set[UUID]:
    """Write down anew the questions that items drew, from what entries say now: it is masked already."""
    known = set(db.session.scalars(select(MeetingEntry.id).where(MeetingEntry.id.in_(record_ids))))
    said = {}
    for record_id, body in standing_bodies(MeetingRevision, known).items():
        rows = Meeting.model_validate(body).conveyed
        if items := {row.item_id: row.questions for row in rows if row.item_id}:
            said[record_id] = items
    if said:
        note_conveyed(said)
    return set()


def _tellings(written: Sequence[Written]) -> list[Telling]:
    """Return which answers were told to groups at their meetings, as the standing revisions say."""
    return [
        Telling(
            row.petition_id, row.answer_id, one.record_id, one.unit_id, one.author_id,
            Feedback(day=body.meeting_date, view=row.view or View.UNKNOWN, text=row.said),
            one.learned_at, one.recorded_at, one.clock_offset, one.clock_jumped,
        )
        for one in written
        if one.stands and (body := cast("Meeting", one.body)).status is MeetingStatus.HELD
        for row in body.feedback_given
        if row.petition_id and row.answer_id
    ]  # fmt: skip


def lock_told(written: Sequence[Written]) -> None:
    """Lock the petitions that entries speak of."""
    if tellings := _tellings(written):
        petitions.lock_told(tellings)


def tell(written: Sequence[Written]) -> None:
    """Let petitions know which answers were brought back to their groups."""
    if tellings := _tellings(written):
        petitions.hear(tellings)


def init() -> None:
    """Make meeting entries known to sync."""
    register(KIND)
    register_effect(KIND.name, convey)
    register_lock(KIND.name, lock_told)
    register_effect(KIND.name, tell)
    register_copies(mask_conveyed)
