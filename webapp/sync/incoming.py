"""One operation on its way in: its text, what it says, and what can be told of it without a database."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from flask import current_app
from flask_babel import force_locale, gettext
from pydantic import ValidationError

from webapp.fields import Record, Rejected
from webapp.sync import rules
from webapp.sync.records import Operation
from webapp.sync.registry import WITHDRAW, RecordKind, kind_of
from webapp.sync.rules import MESSAGES, Code


class Sent(NamedTuple):
    """One operation as it came: its exact text and the proof of the device."""

    text: str
    mac: str


class Outcome(NamedTuple):
    """What became of one operation."""

    op_id: UUID | None
    outcome: str
    code: str
    message: str
    receipt: str
    received_at: datetime
    is_repeated: bool = False
    """It had been stored before: nothing was written now."""


@dataclass
class Item:
    """One operation on its way in. `code` is set as soon as its fate is known."""

    text: str
    mac: str
    digest: bytes
    receipt: str
    operation: Operation | None = None
    base_op: UUID | None = None
    """The operation it was made on before that was answered."""
    kind: RecordKind | None = None
    body: Record | None = None
    is_withdrawal: bool = False
    clock_jumped: bool = False
    code: Code | None = None
    message: str = ""
    answer: Outcome | None = None
    redacted_at: datetime | None = None

    @property
    def sealed(self) -> bytes:
        """Return what stands for its digest where something in it was masked."""
        return rules.seal(receipt_key(), self.digest)

    def kept(self) -> dict[str, Any]:
        """Return what is kept of how it came."""
        digest = self.sealed if self.redacted_at else self.digest
        return {"digest": digest, "redacted_at": self.redacted_at, "receipt_code": self.receipt}

    def refuse(self, code: Code, message: str = "") -> None:
        """Settle that this one goes to quarantine."""
        self.code, self.message = code, message or MESSAGES[code]


def read(text: str, mac: str = "") -> Item:
    """Parse and check one operation as far as that needs no database."""
    digest = rules.digest(text)
    item = Item(text, mac, digest, rules.receipt_code(receipt_key(), digest))
    try:
        item.operation = operation = Operation.model_validate(json.loads(text))
    except (ValueError, RecursionError):
        item.refuse(Code.UNREADABLE)
        return item
    item.base_op = operation.base_op
    found = kind_of(operation.kind)
    if found is None:
        item.refuse(Code.UNKNOWN_KIND)
        return item
    item.kind, verb = found
    item.is_withdrawal = verb == WITHDRAW
    model = item.kind.withdrawal if item.is_withdrawal else item.kind.body
    try:
        item.body = model.model_validate(operation.body)
    except (ValidationError, OverflowError) as error:
        item.refuse(Code.INVALID, _where_invalid(model, error))
    return item


def _where_invalid(model: type[Record], error: ValidationError | OverflowError) -> str:
    """Say in one sentence which field does not fit: in Vietnamese, for it is stored and read by others."""
    with force_locale("vi"):
        return _sentence_on(model, error)


def _sentence_on(model: type[Record], error: ValidationError | OverflowError) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        cause = first.get("ctx", {}).get("error")
        name = cause.field if isinstance(cause, Rejected) else str(first["loc"][0] if first["loc"] else "")
        info = model.model_fields.get(name)
        label = gettext(info.title) if info and info.title else name
        return gettext("Mục “%(label)s” chưa hợp lệ; phiếu được giữ chờ sửa.", label=label)[:300]
    return gettext(MESSAGES[Code.INVALID])


def find_bases(items: list[Item]) -> None:
    """See on what was made what does not say it: of one record, what comes together was unanswered together."""
    earlier: dict[tuple[UUID, UUID, int], UUID] = {}
    for operation, item in ((item.operation, item) for item in items):
        if operation:
            item.base_op = item.base_op or earlier.get((operation.id, operation.device, operation.base_rev))
            earlier[operation.id, operation.device, operation.rev] = operation.op_id


def receipt_key() -> bytes:
    """Return what only this server makes receipts with."""
    return str(current_app.config["SECRET_KEY"]).encode()
