"""Masking: in every stored copy at once, so that nothing that is served holds the words any more."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from flask import current_app
from sqlalchemy import or_, select, update

from webapp import clock
from webapp.audit.actions import record
from webapp.db import db, insertion, run, table_of, transaction
from webapp.errors import Problem
from webapp.fields import N_, Record
from webapp.redaction import queries, rules
from webapp.redaction.models import RedactedPassage, Redaction
from webapp.redaction.records import Reason, Redacting
from webapp.redaction.rules import Passage, Place
from webapp.sync.feeds import take_numbers
from webapp.sync.models import Quarantined, Receipt, SyncedRecord, SyncedRevision
from webapp.sync.registry import RecordKind, kind_of, kinds
from webapp.sync.rules import seal


class Refused(Exception):  # noqa: N818 - a fact about what was said, not a bug
    """What was asked for cannot be masked: `field` says where to pin the sentence."""

    def __init__(self, field: str, message: str) -> None:
        """Pin `message` (a Vietnamese sentence) to `field`."""
        super().__init__(message)
        self.field, self.message = field, message


RewordOf = Callable[[UUID, str], str]
"""Given a record and a text that was written of it, what is to stand there."""
Copies = Callable[[Collection[UUID], RewordOf], set[UUID]]
"""Mask what a capability holds of records beside their revisions; return of which something was masked."""
MAX_NOTE = 300

_copies: list[Copies] = []


def register_copies(copies: Copies) -> None:
    """Let a capability mask what it holds of records beside their revisions (what the desk said of an entry)."""
    if copies not in _copies:
        _copies.append(copies)


@dataclass
class _Copy:
    """A stored operation: a revision, or something in quarantine."""

    row: SyncedRevision | Quarantined
    record_id: UUID
    operation: dict[str, Any]
    model: type[Record] | None
    stands: bool = False
    """What the record's row says is of this one: the newest that was saved and is no parallel version."""

    @property
    def body(self) -> dict[str, Any]:
        return cast("dict[str, Any]", self.operation["body"])


@dataclass
class _Family:
    """A record, what it names, and what names it: a passage that is masked in the one is masked in all."""

    kind: RecordKind
    record: SyncedRecord
    members: dict[UUID, tuple[RecordKind, SyncedRecord]]
    copies: list[_Copy] = field(default_factory=list)

    def own(self) -> list[_Copy]:
        return [one for one in self.copies if one.record_id == self.record.id]

    def standing(self) -> dict[str, str]:
        found = next((one for one in self.own() if one.stands), None)
        return rules.texts_of(found.model, found.body) if found else {}


def redact(actor_id: UUID, kind: RecordKind, record_id: UUID, asked: Redacting) -> None:
    """Mask a passage of a record, or a field of it as a whole, in all that is stored; raise `Refused`.

    Whoever calls has seen to it that the actor may.
    """
    with transaction():
        family = _locked(kind, record_id)
        if asked.passage:
            wanted = {
                found
                for one in family.own()
                for text in rules.texts_of(one.model, one.body).values()
                for found in rules.found_in(text, asked.passage)
            }
            if len(rules.letters_of(asked.passage)) < rules.SHORTEST:
                raise Refused("passage", N_("Đoạn quá ngắn: chọn ít nhất hai chữ cái."))
            if not wanted:
                raise Refused("passage", N_("Không thấy đoạn này trong phiếu; chép lại đúng từng chữ."))
            _mask(actor_id, family, asked.reason, wanted)
            return
        standing = family.standing()
        place = rules.place(asked.field, standing) if asked.field else None
        if place is None or not any(place.holds(*said, stands=True) for said in standing.items()):
            raise Refused("passage", N_("Chép đoạn cần che, hoặc chọn một mục."))
        _mask(actor_id, family, asked.reason, _said_at(family, place), place)


def redact_whole(actor_id: UUID, kind: RecordKind, record_id: UUID, reason: Reason) -> None:
    """Mask everything somebody wrote in a record, and what still arrives of it."""
    with transaction():
        family = _locked(kind, record_id)
        everything = {text for one in family.own() for text in rules.texts_of(one.model, one.body).values()}
        _mask(actor_id, family, reason, everything, is_whole=True)


def lock_family(kind: RecordKind, record_id: UUID) -> None:
    """Lock what will be masked together, before anything else is: entries before petitions, as every writer does."""
    _members(kind, record_id)


def _said_at(family: _Family, place: Place) -> set[str]:
    """Return what a field says in all versions."""
    return {
        text
        for one in family.own()
        for path, text in rules.texts_of(one.model, one.body).items()
        if place.holds(path, text, stands=one.stands)
    }


def _locked(kind: RecordKind, record_id: UUID) -> _Family:
    """Lock a record, what it names and what names it, and then their feeds: nothing of them arrives meanwhile."""
    before = _members(kind, record_id)
    record = before[record_id][1]
    take_numbers({one.feed_unit_id for _, one in before.values()})
    members = _members(kind, record_id)
    if members.keys() != before.keys():
        raise Problem("overloaded", retry_after=1)  # one more came while we waited
    for _, member in members.values():
        db.session.refresh(member)
    return _Family(kind, record, members, [*_revisions(members), *_quarantined(record, members)])


def _members(kind: RecordKind, record_id: UUID) -> dict[UUID, tuple[RecordKind, SyncedRecord]]:
    payloads = db.session.scalars(select(kind.revisions.payload).where(kind.revisions.record_id == record_id))
    named = {record_id, *(one for payload in payloads for one in queries.ids_in(json.loads(payload)["body"]))}
    table = cast("Any", kind.table)
    feed = db.session.scalar(select(table.feed_unit_id).where(table.id == record_id))
    found: dict[UUID, tuple[RecordKind, SyncedRecord]] = {}
    for one in sorted(kinds(), key=lambda known: known.name):
        table, revisions = cast("Any", one.table), one.revisions
        naming = (
            select(revisions.record_id)
            .join(table, table.id == revisions.record_id)
            .where(table.feed_unit_id == feed, revisions.payload.contains(str(record_id)))
        )
        rows = db.session.scalars(
            select(table)
            .where(table.feed_unit_id == feed, or_(table.id.in_(named), table.id.in_(naming)))
            .order_by(table.id)
            .with_for_update()
        )
        found |= {row.id: (one, row) for row in rows}
    return found


def _revisions(members: dict[UUID, tuple[RecordKind, SyncedRecord]]) -> list[_Copy]:
    found: list[_Copy] = []
    newest: dict[UUID, _Copy] = {}
    for kind in {kind.name: kind for kind, _ in members.values()}.values():
        table = cast("Any", kind.revisions)
        for row in db.session.scalars(select(table).where(table.record_id.in_(members)).order_by(table.rev)):
            model = kind.withdrawal if row.is_withdrawal else kind.body
            found.append(_Copy(row, row.record_id, json.loads(row.payload), model))
            if not (row.is_parallel or row.is_withdrawal):
                newest[row.record_id] = found[-1]
    for one in newest.values():
        one.stands = True
    return found


def _quarantined(record: SyncedRecord, members: Collection[UUID]) -> Iterable[_Copy]:
    rows = db.session.scalars(
        select(Quarantined)
        .where(or_(Quarantined.record_id.in_(members), Quarantined.unit_id == record.unit_id))
        .with_for_update()
    )
    for row in rows.all():
        try:
            operation = json.loads(row.payload)
            body = operation["body"]
        except (ValueError, KeyError, TypeError, RecursionError):
            continue  # it could not be read, and is shown to nobody
        if isinstance(body, dict) and (row.record_id in members or record.id in queries.ids_in(body)):
            yield _Copy(row, row.record_id or record.id, operation, _model_of(operation, body))


def _model_of(operation: dict[str, Any], body: dict[str, Any]) -> type[Record] | None:
    found = kind_of(str(operation.get("kind")))
    if found is None:
        return None
    kind, verb = found
    model = kind.withdrawal if verb == "withdraw" else kind.body
    try:
        model.model_validate(body)
    except (ValueError, OverflowError):
        return None
    return model


@dataclass(frozen=True)
class _Masking:
    """What is masked at once."""

    record_id: UUID
    reason: Reason
    passages: tuple[Passage, ...]
    place: Place | None
    is_whole: bool
    secret: bytes

    def in_copy(self, copy: _Copy) -> rules.Reword:
        """Return how the texts of a stored operation are masked."""

        def reword(path: str, text: str) -> str:
            at_place = self.place is not None and self.place.holds(path, text, stands=copy.stands)
            if at_place and text.strip() and copy.record_id == self.record_id:
                return rules.mark(self.reason)
            return self.said(copy.record_id, text)

        return reword

    def said(self, of: UUID, text: str) -> str:
        """Return a text that was written of a record as it may be kept."""
        if self.is_whole and of == self.record_id and text.strip():
            return rules.mark(self.reason)
        return rules.mask(self.secret, text, self.passages)


def _mask(
    actor_id: UUID, family: _Family, reason: Reason, wanted: set[str], place: Place | None = None, *,
    is_whole: bool = False,
) -> None:  # fmt: skip
    now, secret, record_id = clock.now(), queries.key(), family.record.id
    least = rules.TELLING if place or is_whole else rules.SHORTEST
    passages = {rules.passage(secret, text, reason) for text in wanted}
    known = tuple(one for one in passages if one.length >= least)
    masking = _Masking(record_id, reason, known, place, is_whole, secret)
    touched = {record_id} | {
        copy.record_id for copy in family.copies if _mask_copy(family, copy, masking, now)
    }
    db.session.flush()
    for mask in _copies:
        touched |= mask(family.members.keys(), masking.said)
    for one in sorted(touched & family.members.keys()):
        kind, standing = family.members[one]
        own = one == record_id
        _note(actor_id, kind, standing, Redaction(
            record_id=one, record_kind=kind.name, reason=reason.value, actor_id=actor_id, at=now,
            field=place.path if place and own else "", is_whole=is_whole and own,
        ), known)  # fmt: skip
        standing.feed_seq = next(take_numbers([standing.feed_unit_id])[standing.feed_unit_id])


def _mask_copy(family: _Family, copy: _Copy, masking: _Masking, now: datetime) -> bool:
    """Mask one stored operation and what its record's row says of it; say whether there was something to mask."""
    if isinstance(copy.row, Quarantined):
        copy.row.note = rules.mask(masking.secret, copy.row.note, masking.passages)[:MAX_NOTE]
    body = rules.reworded(copy.model, copy.body, masking.in_copy(copy))
    if not queries.changed(copy.body, body):
        return False
    if copy.stands:
        _project(*family.members[copy.record_id], copy.body, body)
    _store(copy, body, now)
    return True


def _note(
    actor_id: UUID, kind: RecordKind, standing: SyncedRecord, redaction: Redaction, passages: Iterable[Passage]
) -> None:  # fmt: skip
    """Write down that something was masked, and by what it is known again."""
    db.session.add(redaction)
    known = select(RedactedPassage.trace).where(RedactedPassage.record_id == standing.id)
    traces = set(db.session.scalars(known))
    rows = {
        one.trace: {"record_id": standing.id, "trace": one.trace, "length": one.length, "reason": one.reason.value}
        for one in passages
        if one.trace not in traces
    }  # fmt: skip
    if rows:
        run(insertion(RedactedPassage), list(rows.values()))
    record(f"{kind.name}.redact", actor_id=actor_id, record_kind=kind.name, record_id=standing.id,
           unit_id=standing.unit_id)  # fmt: skip


def _store(copy: _Copy, body: dict[str, Any], now: datetime) -> None:
    """Put a masked body in the place of what came; it is known again by its sealed digest."""
    copy.operation["body"] = body
    text, row = json.dumps(copy.operation, ensure_ascii=False), copy.row
    if row.redacted_at is None:
        plain = row.digest
        row.digest = seal(str(current_app.config["SECRET_KEY"]).encode(), plain)
        run(update(table_of(Receipt)).where(Receipt.digest == plain, Receipt.op_id == row.op_id)
            .values(digest=row.digest))  # fmt: skip
    row.redacted_at = now
    if isinstance(row, Quarantined):
        row.payload = text.encode("utf-8", "surrogatepass")
    else:
        row.payload = text


def _project(
    kind: RecordKind, standing: SyncedRecord, was: dict[str, Any], body: dict[str, Any]
) -> None:  # fmt: skip
    """Write on a record's row what is masked of it; what others have said of the record since stays."""
    before, after = (kind.project(kind.body.model_validate(one)) for one in (was, body))
    for name, value in after.items():
        if value != before[name]:
            setattr(standing, name, value)
