"""Writing a demonstration into an empty database, set-wise."""

from __future__ import annotations

import gc
import json
import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

import click
from flask import current_app
from sqlalchemy import exists, insert, select

from webapp import clock
from webapp.accounts.actions import password_hash
from webapp.accounts.models import Account, Device, Officer
from webapp.assignments.models import Assignment, Exemption
from webapp.audit.models import AuditEvent
from webapp.bulletins.models import BulletinItem, BulletinKind, BulletinPlace, Conveyance
from webapp.calendar.models import CalendarPublication, PlannedAttendee, PlannedMeeting
from webapp.db import new_id, transaction
from webapp.demo.bulletins import Editors
from webapp.demo.desk import COMMENT
from webapp.demo.district import FULL, District, Place, Scale
from webapp.demo.meetings import Demonstration, Saved
from webapp.demo.people import DEMONSTRATION_PASSWORD, DEMONSTRATION_PEOPLE, Staff
from webapp.demo.petitions import Life
from webapp.demo.plans import Planner
from webapp.flash_reports.models import FlashReportRecord, FlashReportRevision
from webapp.meetings.models import MeetingEntry, MeetingRevision
from webapp.meetings.records import MeetingFormat, MeetingStatus
from webapp.ops.actions import prepare_database
from webapp.ops.models import Setting
from webapp.ops.queries import DEMONSTRATION, is_demonstration
from webapp.petitions.models import PetitionEvent, PetitionRecord, PetitionRevision
from webapp.petitions.records import Level, Petition, Redirection, Urgency
from webapp.petitions.rules import State
from webapp.places.models import HouseholdCount, Unit, UnitMembership
from webapp.places.presets import PRESETS
from webapp.places.rows import write_units
from webapp.places.unit_types import add_types
from webapp.redaction.models import Redaction
from webapp.redaction.records import Reason
from webapp.redaction.rules import mark, reworded
from webapp.review.models import ReviewEvent, ReviewRemark
from webapp.sync import rules
from webapp.sync.models import Feed, Receipt
from webapp.text import person_sort_key

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from webapp.db import Model

SEED: Final = 2022
CHUNK: Final = 2000
Rows = list[dict[str, Any]]
Months = tuple[date, ...]
Progress = Callable[[int], object]
"""Told how many more groups are done."""


def demonstrate(today: date, seed: int = SEED, scale: Scale = FULL, earlier: Months = ()) -> None:
    """Make an empty database a demonstration; one that is a demonstration already is left as it is.

    Its records are those of the last twelve months, and of the `earlier` ones.
    """
    prepare_database()
    if is_demonstration():
        click.echo("The demonstration is there already; it is left as it is.")
        return
    with transaction() as session:
        if session.scalar(select(exists().where(Unit.id.is_not(None)))):
            raise click.ClickException(
                "This database holds data of its own: a demonstration needs an empty one."
            )
    with click.progressbar(
        length=scale.groups, label=f"Inventing a {'commune' if scale.is_alone else 'district'} and its year"
    ) as bar:
        counts = fill(today, seed, bar.update, scale, earlier)
    click.echo(
        f"{counts['meeting']} meetings and {counts['petition']} petitions of {counts['group']} groups."
    )
    click.echo(f"The people to sign in as share the password {DEMONSTRATION_PASSWORD}")


def fill(
    today: date,
    seed: int = SEED,
    progress: Progress | None = None,
    scale: Scale = FULL,
    earlier: Months = (),
) -> Counter[str]:
    """Write the demonstration in one transaction, mark the database as one, and count what was written."""
    demonstration = Demonstration.of(today, seed, scale, earlier)
    district, staff = demonstration.district, demonstration.staff
    shown = [person.code for person in DEMONSTRATION_PEOPLE if person.code in staff.demonstrators]
    with transaction() as session, _no_garbage_collection():
        session.add(Setting(key=DEMONSTRATION, value=",".join(shown)))
        session.flush()
        _write_places(session, district)
        accounts = _write_people(session, staff, district)
        _write_plans(session, Planner(district, staff, today, seed), district)
        _write_bulletins(session, demonstration.editors)
        writer = _Writer(session, accounts)
        for commune, records in demonstration.records():
            writer.write(commune, records)
            if progress:
                progress(len(district.groups_of_commune(commune.id)))
    counts = writer.counts
    counts.update(place.kind for place in district.places)
    counts["officer"] = len(staff.people)
    return counts


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Hold the collector back: a fifth of the time went into rows that were all still in use."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _insert(session: Session, table: type[Model], rows: Iterable[dict[str, Any]]) -> None:
    waiting = list(rows)
    for start in range(0, len(waiting), CHUNK):
        session.connection().execute(insert(table), waiting[start : start + CHUNK])


def _write_places(session: Session, district: District) -> None:
    add_types(session, PRESETS[district.preset])
    write_units(session, [
        {
            "id": place.id, "type_code": place.kind, "parent_id": place.parent_id, "base_id": place.commune_id,
            "name": place.name, "official_code": place.official_code, "valid_from": district.since,
        }
        for place in district.places
    ])  # fmt: skip
    _insert(session, UnitMembership, (
        {"overlay_id": cluster, "unit_id": commune, "valid_from": district.since, "valid_to": None}
        for cluster, commune in district.memberships
    ))  # fmt: skip
    _insert(session, HouseholdCount, (
        {"unit_id": group, "as_of": as_of, "households": households}
        for group, counts in district.households.items() for as_of, households in counts
    ))  # fmt: skip


def _write_people(session: Session, staff: Staff, district: District) -> dict[UUID, UUID]:
    """Write officers, accounts and assignments; return the account of each officer."""
    _insert(session, Officer, (
        {
            "id": person.id, "full_name": person.name, "sort_name": person_sort_key(person.name),
            "title": person.title,
            "kind": person.kind, "home_unit_id": person.home_id,
        }
        for person in staff.people
    ))  # fmt: skip
    open_to_visitors = {person.code: password_hash(DEMONSTRATION_PASSWORD) for person in DEMONSTRATION_PEOPLE}
    accounts = {person.id: new_id() for person in staff.people}
    # Numbers that nobody can have: the cards of contacts show them, and a tap calls nobody.
    _insert(session, Account, (
        {
            "id": accounts[person.id], "officer_id": person.id, "code": person.code, "phone": f"0000{number:06d}",
            "password_hash": open_to_visitors.get(person.code), "is_active": True, "failed_sign_ins": 0,
            "locked_until": None,
        }
        for number, person in enumerate(staff.people, 1)
    ))  # fmt: skip
    _insert(session, Assignment, (
        {
            "id": duty.id, "officer_id": duty.person_id, "unit_id": duty.place_id, "role_code": duty.role,
            "is_primary": duty.is_primary, "decision_ref": duty.decision, "valid_from": duty.valid_from,
            "valid_to": duty.valid_to, "end_reason": duty.end_reason,
        }
        for duty in staff.duties
    ))  # fmt: skip
    _insert(session, Exemption, (
        {
            "id": leave.id, "officer_id": leave.person_id, "reason": leave.reason, "decision_ref": leave.decision,
            "valid_from": leave.valid_from, "valid_to": leave.valid_to,
        }
        for leave in staff.leaves
    ))  # fmt: skip
    _insert(
        session,
        AuditEvent,
        [_audit(clock.now(), None, "demonstration.filled", district.preset, district.root.id, None)],
    )
    return accounts


def _write_plans(session: Session, planner: Planner, district: District) -> None:
    """Write the calendar, which the public sees."""
    plans, now = list(planner.plans()), clock.now()
    _insert(session, PlannedMeeting, (
        {
            "id": plan.id, "unit_id": plan.place_id, "meeting_type": plan.kind, "starts_at": plan.at,
            "minutes": plan.minutes, "place": plan.where, "subject": plan.subject, "is_public": plan.is_public,
            "changes": 0, "changed_at": now, "changed_by_id": plan.by, "cancelled_at": None,
        }
        for plan in plans
    ))  # fmt: skip
    _insert(session, PlannedAttendee, (
        {"meeting_id": plan.id, "officer_id": person, "attended_at": plan.at if was_there else None}
        for plan in plans for person, was_there in plan.people.items()
    ))  # fmt: skip
    session.add(
        CalendarPublication(
            unit_id=district.root.id, is_public=True, changed_at=now, changed_by_id=planner.publisher
        )
    )  # fmt: skip
    session.flush()


def _write_bulletins(session: Session, editors: Editors) -> None:
    """Write every version of every item, and for whom it is."""
    _insert(session, BulletinItem, (
        {
            "id": item.id, "unit_id": item.place_id, "month": item.month, "title": item.title, "text": item.text,
            "is_pinned": item.is_pinned, "state": item.state.value, "version": item.version,
            "replaces_id": item.replaces_id, "made_at": item.made_at, "made_by_id": item.by,
            "published_at": item.published_at, "published_by_id": item.by if item.published_at else None,
            "ended_at": item.ended_at,
        }
        for item in editors.items
    ))  # fmt: skip
    _insert(
        session, BulletinPlace, ({"item_id": item.id, "unit_id": item.place_id} for item in editors.items)
    )
    _insert(session, BulletinKind, (
        {"item_id": item.id, "type_code": kind} for item in editors.items for kind in item.kinds
    ))  # fmt: skip
    _insert(session, AuditEvent, (
        _audit(item.published_at, item.by, "bulletin_published", "bulletin_item", item.id, item.place_id)
        for item in editors.items if item.published_at
    ))  # fmt: skip


def _audit(
    at: datetime, actor_id: UUID | None, action: str, kind: str, record_id: UUID | None, unit_id: UUID | None
) -> dict[str, Any]:
    return {
        "id": new_id(), "at": at, "actor_id": actor_id, "action": action, "record_kind": kind,
        "record_id": record_id,
        "unit_id": unit_id,
    }  # fmt: skip


class _Writer:
    """Writes the records of one commune after the other, as if its phones had sent them."""

    def __init__(self, session: Session, accounts: dict[UUID, UUID]) -> None:
        self.session, self.accounts = session, accounts
        self.key = str(current_app.config["SECRET_KEY"]).encode()
        self.counts: Counter[str] = Counter()

    def write(self, commune: Place, records: list[Saved]) -> None:
        """Write the records in the order of their last change, which is the order of the feed."""
        tables: tuple[type[Model], ...] = (
            Feed, Device, *(kind.records for kind in _KINDS.values()), *(kind.revisions for kind in _KINDS.values()),
            Receipt, PetitionEvent, ReviewEvent, ReviewRemark, Redaction, Conveyance, AuditEvent,
        )  # fmt: skip
        rows: dict[type[Model], Rows] = {table: [] for table in tables}
        rows[Feed].append({"unit_id": commune.id, "seq": len(records)})
        last_seen: dict[tuple[UUID, UUID], datetime] = {}
        for seq, saved in enumerate(records, 1):
            kind = _KINDS[saved.kind]
            self._mask(saved, rows)
            row = self._revisions(saved, rows, kind.revisions)
            rows[kind.records].append(
                row | {"feed_unit_id": commune.id, "feed_seq": seq} | kind.columns(saved)
            )
            self._reviews(saved, rows)
            self._happened(saved, rows)
            if opening := saved.opening:
                rows[AuditEvent].append(
                    _audit(opening.at, opening.by, "flash_report.open", saved.kind, saved.id, saved.unit_id)
                )
            rows[Conveyance] += _conveyed(saved)
            phone = (saved.device_id, saved.author_id)
            last_seen[phone] = max(
                saved.revisions[-1].received_at, last_seen.get(phone, saved.revisions[0].received_at)
            )
            self.counts[saved.kind] += 1
        rows[Device] = [
            {
                # Nobody holds these phones: their sessions are over, and their secrets are nowhere else.
                "id": device_id, "account_id": self.accounts[author_id], "secret": secrets.token_bytes(32),
                "label": "", "created_at": seen - timedelta(days=400), "last_seen_at": seen,
                "signed_out_at": seen,
                "revoked_at": None,
            }
            for (device_id, author_id), seen in last_seen.items()
        ]  # fmt: skip
        # Who stands for others comes before them: they name it.
        rows[PetitionRecord].sort(key=lambda row: row["head_id"] is not None)
        for table, waiting in rows.items():
            _insert(self.session, table, waiting)

    def _mask(self, saved: Saved, rows: dict[type[Model], Rows]) -> None:
        """Describe nowhere what was sent to another channel, as if it had been masked when it was."""
        if saved.state != State.REDIRECTED or saved.life is None:
            return
        sent = saved.life.log[-1]
        for revision in saved.revisions:
            revision.body = reworded(Petition, revision.body, lambda *_: mark(Reason.CHANNEL))
            revision.text = json.dumps(
                json.loads(revision.text) | {"body": revision.body}, ensure_ascii=False
            )
        rows[Redaction].append({
            "id": new_id(), "record_id": saved.id, "record_kind": saved.kind, "field": "", "is_whole": True,
            "reason": Reason.CHANNEL.value, "actor_id": sent.by, "at": sent.at,
        })  # fmt: skip

    def _revisions(self, saved: Saved, rows: dict[type[Model], Rows], table: type[Model]) -> dict[str, Any]:
        """Add an entry's revisions and their receipts; return the columns of the standing row."""
        message = rules.MESSAGES[rules.Code.APPLIED]
        code = ""
        masked_at = saved.life.log[-1].at if saved.life and saved.state == State.REDIRECTED else None
        for revision in saved.revisions:
            digest = rules.digest(revision.text)
            code = rules.receipt_code(self.key, digest)
            rows[table].append({
                "op_id": revision.op_id, "record_id": saved.id, "rev": revision.rev,
                "base_rev": revision.rev - 1,
                "is_parallel": False, "is_withdrawal": False, "payload": revision.text, "digest": digest,
                "author_id": saved.author_id, "device_id": saved.device_id, "device_seq": revision.device_seq,
                "learned_at": revision.learned_at, "recorded_at": revision.made_at,
                "clock_offset": revision.clock_offset, "received_at": revision.received_at,
                "receipt_code": code, "redacted_at": masked_at,
            })  # fmt: skip
            rows[Receipt].append({
                "op_id": revision.op_id, "digest": digest, "outcome": rules.APPLIED,
                "code": rules.Code.APPLIED.value,
                "message": message, "receipt_code": code, "received_at": revision.received_at,
            })  # fmt: skip
            rows[AuditEvent].append(
                _audit(
                    revision.received_at,
                    saved.author_id,
                    f"{saved.kind}.save",
                    saved.kind,
                    saved.id,
                    saved.unit_id,
                )
            )
        first, newest = saved.revisions[0], saved.revisions[-1]
        return {
            "id": saved.id, "unit_id": saved.unit_id, "author_id": saved.author_id, "rev": newest.rev,
            "op_id": newest.op_id, "state": saved.state,
            "recorded_at": rules.times_of(
                None, newest.made_at, newest.clock_offset, newest.received_at
            ).recorded,
            "received_at": first.received_at, "receipt_code": code,
        }  # fmt: skip

    def _reviews(self, saved: Saved, rows: dict[type[Model], Rows]) -> None:
        for review in saved.reviews:
            rows[ReviewEvent].append({
                "id": review.id, "meeting_id": saved.id, "op_id": review.op_id, "rev": review.rev,
                "decision": review.decision,
                "decides_op_id": None if review.decision == COMMENT else review.op_id,
                "text": review.text, "actor_id": review.by, "at": review.at,
            })  # fmt: skip
            rows[ReviewRemark] += [
                {"event_id": review.id, "position": position, "field": field, "text": text}
                for position, (field, text) in enumerate(review.remarks)
            ]
            rows[AuditEvent].append(
                _audit(review.at, review.by, f"review.{review.decision}", "meeting", saved.id, saved.unit_id)
            )
            self.counts["review"] += 1

    def _happened(self, saved: Saved, rows: dict[type[Model], Rows]) -> None:
        for seq, one in enumerate(saved.life.log if saved.life else (), 1):
            deed, heard = one.event.deed.value, one.heard
            rows[PetitionEvent].append({
                "id": one.event.id, "petition_id": saved.id, "seq": seq, "deed": deed, "relation": one.relation or "",
                "actor_id": one.by, "about_id": one.event.about, "unit_id": one.event.unit,
                "said": one.said.model_dump_json(exclude_defaults=True),
                "learned_at": heard.learned_at if heard else None, "recorded_at": heard.made_at if heard else one.at,
                "clock_offset": heard.clock_offset if heard else None, "received_at": one.at,
            })  # fmt: skip
            rows[AuditEvent].append(
                _audit(one.at, one.by, f"petition.{deed}", "petition", saved.id, saved.unit_id)
            )


def _conveyed(saved: Saved) -> Iterator[dict[str, Any]]:
    """Return what the standing revision of an entry says was conveyed."""
    for row in saved.revisions[-1].body.get("conveyed", ()):
        if "item_id" in row:
            yield {
                "record_id": saved.id,
                "item_id": UUID(row["item_id"]),
                "questions": row.get("questions", ""),
            }


def _meeting_columns(saved: Saved) -> dict[str, Any]:
    body = saved.revisions[-1].body
    following = body.get("rescheduled_to") or body.get("next_meeting")
    return {
        "meeting_date": date.fromisoformat(body["meeting_date"]), "status": body.get("status",
        MeetingStatus.HELD.value),
        "format": body.get("format", MeetingFormat.REGULAR.value), "theme": body.get("theme", ""),
        "not_held_reason": body.get("not_held_reason"), "households_total": body.get("households_total"),
        "households_present": body.get("households_present"), "petition_count": len(body.get("petition_ids",
        ())),
        "next_meeting": datetime.fromisoformat(following) if following else None,
    }  # fmt: skip


def _petition_columns(saved: Saved) -> dict[str, Any]:
    body = saved.revisions[-1].body
    return {
        "meeting_id": UUID(body["meeting_id"]), "title": body["title"], "category": body["category"],
        "urgency": body.get("urgency", Urgency.NORMAL.value), "level": body.get("level", Level.LOCAL.value),
        "people_affected": body.get("people_affected"),
    } | (_life_columns(saved.life) if saved.life else {})  # fmt: skip


def _flash_columns(saved: Saved) -> dict[str, Any]:
    opening = saved.opening
    return {
        "what": saved.revisions[-1].body["what"], "opened_at": opening.at if opening else None,
        "opened_by_id": opening.by if opening else None, "opened_role": opening.role if opening else None,
        "opened_unit_id": opening.unit_id if opening else None,
    }  # fmt: skip


class _Kind(NamedTuple):
    """Where the records of a kind stand, where their revisions do, and what its own columns say."""

    records: type[Model]
    revisions: type[Model]
    columns: Callable[[Saved], dict[str, Any]]


_KINDS: Final = {
    "meeting": _Kind(MeetingEntry, MeetingRevision, _meeting_columns),
    "petition": _Kind(PetitionRecord, PetitionRevision, _petition_columns),
    "flash_report": _Kind(FlashReportRecord, FlashReportRevision, _flash_columns),
}


def _life_columns(life: Life) -> dict[str, Any]:
    standing = life.standing
    channels = [one.said.channel.value for one in life.log if isinstance(one.said, Redirection)]
    return {
        "since": life.since, "next_by": life.next_by, "event_seq": len(life.log), "ending_id": standing.ending,
        "owner_unit_id": standing.owner, "due": standing.due, "view": standing.view.value if standing.view else None,
        "channel": channels[0] if channels else None, "head_id": standing.head,
    }  # fmt: skip
