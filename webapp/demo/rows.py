"""Invented records as rows, as if the phones of a commune had sent them."""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

from flask import current_app
from sqlalchemy import insert

from webapp.accounts.models import Device
from webapp.audit.models import AuditEvent
from webapp.bulletins.models import Conveyance
from webapp.db import new_id
from webapp.demo.desk import COMMENT
from webapp.demo.district import Place
from webapp.demo.petitions import Life
from webapp.demo.saved import Saved
from webapp.flash_reports.models import FlashReportRecord, FlashReportRevision
from webapp.meetings.models import MeetingEntry, MeetingRevision
from webapp.meetings.records import MeetingFormat, MeetingStatus
from webapp.petitions.models import PetitionEvent, PetitionRecord, PetitionRevision
from webapp.petitions.records import Level, Petition, Redirection, Urgency
from webapp.petitions.rules import State
from webapp.redaction.models import Redaction
from webapp.redaction.records import Reason
from webapp.redaction.rules import mark, reworded
from webapp.review.models import ReviewEvent, ReviewRemark
from webapp.sync import rules
from webapp.sync.models import Feed, Receipt

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from webapp.db import Model

CHUNK: Final = 2000
Rows = list[dict[str, Any]]


def insert_all(session: Session, table: type[Model], rows: Iterable[dict[str, Any]]) -> None:
    """Write rows, some thousand at a time."""
    waiting = list(rows)
    for start in range(0, len(waiting), CHUNK):
        session.connection().execute(insert(table), waiting[start : start + CHUNK])


def audit(
    at: datetime, actor_id: UUID | None, action: str, kind: str, record_id: UUID | None, unit_id: UUID | None
) -> dict[str, Any]:
    """Return the row that says who did something."""
    return {
        "id": new_id(), "at": at, "actor_id": actor_id, "action": action, "record_kind": kind,
        "record_id": record_id,
        "unit_id": unit_id,
    }  # fmt: skip


class RecordWriter:
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
                    audit(opening.at, opening.by, "flash_report.open", saved.kind, saved.id, saved.unit_id)
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
            insert_all(self.session, table, waiting)

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
                audit(
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
                audit(review.at, review.by, f"review.{review.decision}", "meeting", saved.id, saved.unit_id)
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
                audit(one.at, one.by, f"petition.{deed}", "petition", saved.id, saved.unit_id)
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
