"""What a phone is told of its officer's operations in quarantine, and what became of them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Row, String, bindparam, case, cast, func, or_, select

from webapp import clock
from webapp.db import db, run
from webapp.sync.models import Quarantined
from webapp.sync.registry import kinds
from webapp.sync.rules import short_hash

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from webapp.accounts.rules import Actor

HELD_PAGE = 200
"""How many operations in quarantine a page tells of."""

TOLD_DAYS = timedelta(days=60)
"""How long a phone is told what became of its operations in quarantine."""

_TOLD = (
    Quarantined.officer_id == bindparam("officer"),
    or_(Quarantined.settled.is_(None), Quarantined.settled_at >= bindparam("since")),
)
_HELD = (
    select(
        Quarantined.id, Quarantined.op_id, Quarantined.record_id, Quarantined.beside_rev, Quarantined.receipt_code,
        Quarantined.code, Quarantined.message, Quarantined.received_at, Quarantined.settled, Quarantined.note,
        Quarantined.redacted_at,
        case((Quarantined.redacted_at.is_not(None), Quarantined.payload)).label("payload"),
    )
    .where(*_TOLD, Quarantined.id < bindparam("above"))
    .order_by(Quarantined.id.desc())
    .limit(bindparam("limit"))
)  # fmt: skip
_ALL_HELD = select(
    func.count(), func.count(Quarantined.settled), cast(func.max(Quarantined.settled_at), String),
    cast(func.max(Quarantined.redacted_at), String),
).where(*_TOLD)  # fmt: skip
"""Changes when anything of a longer list changes, also below its first page."""

_HIGHEST = UUID(int=2**128 - 1)


def told_of_quarantine(actor: Actor, known: str, *, wants_check: bool) -> tuple[dict[str, Any], str]:
    """Return what is told of the actor's operations in quarantine where it differs from what is known, and its mark.

    The newest come first, as many as a page holds; the mark names the last of them where more follow. Such a longer
    list is told with every check too: that an old one was overtaken by a later operation is in no mark.
    """
    digest, _, above = known.partition(":")
    asked = {"officer": actor.officer_id, "since": clock.now() - TOLD_DAYS, "limit": HELD_PAGE + 1}
    rows = run(_HELD, asked | {"above": UUID(above) if above else _HIGHEST}).all()
    page = rows[:HELD_PAGE]
    rest = f":{page[-1].id}" if len(rows) > HELD_PAGE else ""
    held = _said_of(actor, page[::-1])
    if above:
        return {"quarantine_rest": held}, digest + rest
    now = short_hash([held, list(run(_ALL_HELD, asked).one())] if rest else held)
    if (now == digest and not (rest and wants_check)) or not (held or digest):
        return {}, now
    return {"quarantine": held}, now + rest


def _said_of(actor: Actor, rows: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    """Return what the actor's own operations wait for in quarantine, and what became of the recent ones."""
    if not rows:
        return []
    last = _last_taken_in(actor.officer_id, {row.record_id for row in rows if row.record_id})
    told = []
    for row in rows:
        state = row.settled or "waiting"
        if state == "waiting" and row.record_id in last and _is_overtaken(row, last[row.record_id]):
            state = "superseded"
        # The phone has the words as it sent them: it is told what it may keep of them.
        masked = {"body": json.loads(row.payload)["body"]} if row.redacted_at else {}
        told.append({
            "op_id": str(row.op_id) if row.op_id else None, "record_id": str(row.record_id) if row.record_id else None,
            "receipt": row.receipt_code, "code": row.code, "message": row.message,
            "received_at": clock.iso(row.received_at), "state": state, "note": row.note, **masked,
        })  # fmt: skip
    return told


def _last_taken_in(officer_id: UUID, record_ids: Collection[UUID]) -> dict[UUID, Row[Any]]:
    """Return the officer's newest revision of each record, of those that stood."""
    last: dict[UUID, Row[Any]] = {}
    for kind in kinds():
        table = kind.revisions
        rows = db.session.execute(
            select(table.record_id, table.rev, table.received_at)
            .where(table.record_id.in_(record_ids), table.author_id == officer_id, ~table.is_parallel)
            .order_by(table.rev)
        )
        last |= {row.record_id: row for row in rows}
    return last


def _is_overtaken(held: Row[Any], last: Row[Any]) -> bool:
    """Say whether something held back is older than the last revision: by the clock only where nothing else tells."""
    if held.beside_rev is None:
        return bool(last.received_at > held.received_at)
    return bool(last.rev > held.beside_rev)
