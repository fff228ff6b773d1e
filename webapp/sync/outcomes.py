"""What a phone is told of an operation: of one it has sent before, what it was told then."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext
from sqlalchemy import Row, bindparam, select

from webapp.db import run, table_of
from webapp.sync import rules
from webapp.sync.incoming import Item, Outcome
from webapp.sync.models import Quarantined, Receipt
from webapp.sync.rules import MESSAGES, Code

_RECEIPTS = select(table_of(Receipt)).where(Receipt.op_id.in_(bindparam("ids", expanding=True)))
_KEPT = select(
    Quarantined.digest,
    Quarantined.code,
    Quarantined.message,
    Quarantined.receipt_code,
    Quarantined.received_at,
).where(Quarantined.digest.in_(bindparam("digests", expanding=True)))


def receipts_of(items: list[Item]) -> dict[UUID, Row[Any]]:
    """Load the receipts of the items that came before."""
    asked = {item.operation.op_id for item in items if item.operation}
    return {row.op_id: row for row in run(_RECEIPTS, {"ids": asked})}


def recognise(items: list[Item], receipts: dict[UUID, Row[Any]]) -> list[Item]:
    """Answer repetitions from the stored receipts; return those never seen before."""
    digests = [digest for item in items for digest in (item.digest, item.sealed)]
    kept = {row.digest: row for row in run(_KEPT, {"digests": digests})}
    fresh: list[Item] = []
    first: dict[UUID, bytes] = {}
    for item in items:
        op_id = item.operation.op_id if item.operation else None
        receipt = receipts.get(op_id) if op_id else None
        before = kept.get(item.digest) or kept.get(item.sealed)
        if receipt and receipt.digest in (item.digest, item.sealed):
            word = rules.DUPLICATE if receipt.outcome == rules.APPLIED else receipt.outcome
            item.answer = Outcome(
                op_id,
                word,
                receipt.code,
                gettext(receipt.message),
                receipt.receipt_code,
                receipt.received_at,
                is_repeated=True,
            )
        elif before:
            item.answer = Outcome(
                op_id,
                rules.QUARANTINED,
                before.code,
                gettext(before.message),
                before.receipt_code,
                before.received_at,
                is_repeated=True,
            )
        else:
            if receipt or (op_id and first.setdefault(op_id, item.digest) != item.digest):
                item.refuse(Code.OP_REUSED)
            fresh.append(item)
    return fresh


def answer_of(item: Item, code: Code, now: datetime) -> Outcome:
    """Return what is told of an operation that was settled now."""
    op_id = item.operation.op_id if item.operation else None
    message = gettext(item.message if item.code is code and item.message else MESSAGES[code])
    outcome = rules.outcome_of(code)
    return Outcome(op_id, outcome, code.value, message, "" if outcome == rules.RETRY else item.receipt, now)
