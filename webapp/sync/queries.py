"""What is told of records: their revisions in order, the bodies that stand, and who answers for them."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, case, exists, func, or_, select

from webapp import clock
from webapp.accounts.models import Device, Officer
from webapp.db import db
from webapp.sync.models import SyncedRecord, SyncedRevision
from webapp.sync.registry import Share

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from webapp.accounts.rules import Actor

_Record = TypeVar("_Record", bound=SyncedRecord)


def stood_with(table: type[SyncedRevision]) -> ColumnElement[int]:
    """Return the revision that stood once a revision had come: itself, or the one it was kept beside."""
    return func.coalesce(table.beside_rev, table.rev)


def is_undecided(revisions: type[SyncedRevision], table: type[SyncedRecord]) -> ColumnElement[bool]:
    """Return the condition that a revision is a second version, and nobody has said yet whether it stands."""
    return and_(revisions.is_parallel, stood_with(revisions) >= table.rev)


def has_undecided(revisions: type[SyncedRevision], table: type[SyncedRecord]) -> ColumnElement[bool]:
    """Return the condition that somebody has yet to say of a second version of a record whether it stands."""
    return exists().where(revisions.record_id == table.id, is_undecided(revisions, table))


def in_order(table: type[SyncedRevision]) -> tuple[SQLColumnExpression[Any], ...]:
    """Return the order in which the revisions of a record came, also where the server's clock was set back."""
    return stood_with(table), table.is_parallel, table.received_at, table.op_id


def revisions_of(
    table: type[SyncedRevision], records: Sequence[SyncedRecord], reader: UUID, own_device: UUID | None
) -> dict[UUID, list[dict[str, Any]]]:
    """Return, by record, what is told of each of its revisions, oldest first.

    Who wrote one is said where it is not the record's author. Whoever answers for a record is told the words of its
    undecided second versions, but for those of `own_device`: they are asked which version stands, and it was another
    phone that they were typed into. What was redacted is told to everybody: a phone that has it puts these words in
    the place of its own.
    """
    told: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    authors = {record.id: record.author_id for record in records}
    standing = {
        record.id: record.rev for record in records if (record.keeper_id or record.author_id) == reader
    }
    rows = db.session.execute(
        select(table.record_id, table.op_id, table.rev, table.recorded_at, table.received_at, table.receipt_code,
               table.is_parallel, table.is_withdrawal, table.author_id, table.redacted_at, table.device_id,
               stood_with(table).label("stood"))
        .where(table.record_id.in_(authors)).order_by(*in_order(table))
    )  # fmt: skip
    with_body: dict[UUID, dict[str, Any]] = {}
    for row in rows:
        said: dict[str, Any] = {
            "op_id": str(row.op_id), "rev": row.rev, "made_at": clock.iso(row.recorded_at),
            "received_at": clock.iso(row.received_at), "receipt": row.receipt_code, "parallel": row.is_parallel,
        }  # fmt: skip
        said |= {"withdrawal": True} if row.is_withdrawal else {}
        said |= {"redacted": True} if row.redacted_at else {}
        if row.author_id != authors[row.record_id]:
            said["author"] = {"id": str(row.author_id)}
        is_asked = row.is_parallel and row.record_id in standing and row.stood >= standing[row.record_id]
        if row.redacted_at or (is_asked and row.device_id != own_device):
            with_body[row.op_id] = said
        told[row.record_id].append(said)
    _name_authors([said["author"] for revisions in told.values() for said in revisions if "author" in said])
    if with_body:
        payloads = select(table.op_id, table.payload).where(table.op_id.in_(with_body))
        for op_id, payload in db.session.execute(payloads):
            with_body[op_id]["body"] = json.loads(payload)["body"]
    return told


def _name_authors(told: Sequence[dict[str, str]]) -> None:
    """Put the names to people of whom only the id is said so far."""
    ids = {UUID(one["id"]) for one in told}
    names = select(Officer.id, Officer.full_name).where(Officer.id.in_(ids))
    found = {str(row.id): row.full_name for row in db.session.execute(names)} if ids else {}
    for one in told:
        one["name"] = found[one["id"]]


def author_of(record: SyncedRecord, author: str, keeper: str | None) -> dict[str, Any]:
    """Return what a pull says of who wrote a record and, if it was handed over, to whom."""
    said = {"author": {"id": str(record.author_id), "name": author}}
    return said | ({"keeper": {"id": str(record.keeper_id), "name": keeper}} if record.keeper_id else {})


def answered_by(table: type[SyncedRecord], officer_id: UUID) -> ColumnElement[bool]:
    """Return the condition that an officer answers for a record: it was handed over to them, or they wrote it."""
    return or_(table.keeper_id == officer_id, and_(table.keeper_id.is_(None), table.author_id == officer_id))


def told_to(table: type[SyncedRecord], share: Share) -> ColumnElement[bool]:
    """Return the condition that a record may concern a phone: to be held, or to be dropped."""
    return or_(
        table.unit_id.in_(share.unit_ids), table.author_id == share.officer_id,
        table.keeper_id == share.officer_id,
    )  # fmt: skip


def received_since(table: type[_Record], share: Share, since: datetime) -> Sequence[_Record]:
    """Return the records of a feed that were received since a moment and may concern a phone."""
    chosen = select(table).where(
        table.feed_unit_id == share.feed_id, table.received_at >= since, told_to(table, share)
    )
    return db.session.scalars(chosen).all()


def standing_bodies(
    revisions: type[SyncedRevision], record_ids: Collection[UUID]
) -> dict[UUID, dict[str, Any]]:
    """Return, by record, the newest standing body as its author's phone froze it.

    A withdrawal has no body of its own: what was withdrawn is still told.
    """
    return {record_id: body for record_id, (body, _) in _standing(revisions, record_ids).items()}


def told_bodies(
    revisions: type[SyncedRevision], record_ids: Collection[UUID], own_device: UUID | None
) -> dict[UUID, dict[str, Any]]:
    """Return, by record, its standing body as ``{"body": …}``, or nothing where `own_device` froze it and has it.

    What was redacted is told to its own device too.
    """
    found = _standing(revisions, record_ids)
    return {
        record_id: {} if own_device and device == own_device else {"body": body}
        for record_id in record_ids
        for body, device in [found.get(record_id, ({}, None))]
    }


def _standing(
    revisions: type[SyncedRevision], record_ids: Collection[UUID]
) -> dict[UUID, tuple[dict[str, Any], UUID | None]]:
    device_id = case((revisions.redacted_at.is_(None), revisions.device_id))
    rows = db.session.execute(
        select(revisions.record_id, revisions.payload, device_id)
        .where(revisions.record_id.in_(record_ids), ~revisions.is_parallel, ~revisions.is_withdrawal)
        .order_by(revisions.rev)  # not by the time: a server's clock may be set back
    )
    newest = {record_id: (payload, device) for record_id, payload, device in rows}
    return {
        record_id: (json.loads(payload)["body"], device) for record_id, (payload, device) in newest.items()
    }


def device_of(actor: Actor) -> Device:
    """Return the device the actor acts from."""
    return db.session.get_one(Device, actor.device_id)
