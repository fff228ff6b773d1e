"""Taking in what phones send: every operation is applied once, recognised, or kept in quarantine."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import bindparam, select
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, StatementError

from webapp import clock
from webapp.accounts.models import Device
from webapp.accounts.rules import Actor
from webapp.db import db, run, transaction
from webapp.sync import rules
from webapp.sync.facts import World, look_up
from webapp.sync.incoming import Item, Outcome, Sent, find_bases, read
from webapp.sync.judging import decide
from webapp.sync.models import Quarantined
from webapp.sync.outcomes import answer_of, receipts_of, recognise
from webapp.sync.plan import Plan
from webapp.sync.records import Operation
from webapp.sync.registry import Arriving, screened
from webapp.sync.rules import Code

_DEVICES = (
    select(Device.id, Device.secret, Device.revoked_at)
    .where(Device.id.in_(bindparam("ids", expanding=True)), Device.account_id == bindparam("account"))
    .order_by(Device.id)
    .with_for_update()
)


class _Masked(Exception):  # noqa: N818 - no error: it has to be written otherwise than it came
    """Something of what arrives was masked before: the bodies as they may be kept, by their place."""

    def __init__(self, bodies: dict[int, dict[str, Any]]) -> None:
        super().__init__()
        self.bodies = bodies


def push(actor: Actor, sent: Sequence[Sent], sent_at: datetime | None = None) -> list[Outcome]:
    """Take in operations signed by devices of the actor; one outcome each, in their order.

    `sent_at` is the device's clock at the sending: by it is seen whether it was set since something was saved.

    What was frozen before the person signed in anew names the earlier device and carries its signature:
    each operation is checked against the device it names, and that device's revocation counts.
    """
    items = [read(one.text, one.mac) for one in sent]
    now = clock.now()
    for item in items:
        if item.operation and sent_at:
            item.clock_jumped = rules.has_jumped(item.operation.clock_offset, now - sent_at)
    with transaction():
        _check_signatures(actor, items)
        return _take_in(actor, items)


def _check_signatures(actor: Actor, items: list[Item]) -> None:
    """Refuse what is not proven to come from one of the actor's own devices.

    The devices are locked, in the order of their ids: a repetition of the batch waits here and then finds
    the receipts.
    """
    named = {actor.device_id} | {item.operation.device for item in items if item.operation}
    devices = {device.id: device for device in run(_DEVICES, {"ids": named, "account": actor.account_id})}
    for item in items:
        device = devices.get(item.operation.device) if item.operation else None
        if item.operation and item.operation.author != actor.officer_id:
            item.refuse(Code.WRONG_AUTHOR)
        elif item.operation and (
            device is None or not rules.is_signed_by(device.secret, item.text, item.mac)
        ):
            item.refuse(Code.BAD_MAC)
        elif actor.is_revoked or (device and device.revoked_at):
            item.refuse(Code.REVOKED_DEVICE)


def release(author: Actor, held: Quarantined) -> Code:
    """Apply an operation that was kept in quarantine after all, on a reviewer's word that its author may.

    Returns the code; anything but `APPLIED` and `PARALLEL` means that nothing was written.
    """
    with transaction():
        item = read(held.payload.decode())
        if item.code is not None:
            return item.code
        if item.operation:
            # By whatever app it was made: it knew of nothing that came while it waited.
            item.operation = item.operation.model_copy(update={"settles": item.operation.settles or []})
        now = clock.now()
        world = look_up(author, [item])
        code = decide(author, item, world, is_vouched_for=True)
        if rules.outcome_of(code) != rules.QUARANTINED:
            plan = Plan()
            plan.add_revision(item, code, world, now)
            # It is known by what came, also where something in it was masked since.
            as_it_came = {name: getattr(held, name) for name in ("digest", "redacted_at", "receipt_code")}
            plan.revisions[item.kind][0] |= as_it_came  # type: ignore[index] # it was read
            plan.receipts[0] |= {"digest": held.digest, "receipt_code": held.receipt_code}
            plan.write()
        return code


def submit(actor: Actor, operations: Iterable[dict[str, Any]]) -> list[Outcome]:
    """Take in operations made by the server's own plain forms: the same path, without a device's proof."""
    texts = [json.dumps(operation, ensure_ascii=False, default=str) for operation in operations]
    with transaction():
        return _take_in(actor, [read(text) for text in texts])


def _take_in(actor: Actor, items: list[Item]) -> list[Outcome]:
    """Write the batch set-wise, and one by one only if that fails, so that a bad one delays nobody."""
    now = clock.now()
    find_bases(items)
    if not _try(actor, items, now):
        stuck: set[UUID] = set()
        for item in items:
            _take_in_one(actor, item, stuck, now)
    return [item.answer for item in items if item.answer is not None]


def _take_in_one(actor: Actor, item: Item, stuck: set[UUID], now: datetime) -> None:
    """Write one item by itself; what is of the same record as one that could not be stored waits with it."""
    record_id = item.operation.id if item.operation else None
    if record_id not in stuck:
        if _try(actor, [item], now):
            return
        item.refuse(Code.INVALID)  # what the database will not take is kept as it came
        if _try(actor, [item], now):
            return
        stuck |= {record_id} if record_id else set()
    item.answer = answer_of(item, Code.BUSY, now)


def _try(actor: Actor, items: list[Item], now: datetime) -> bool:
    """Judge and write the items in one savepoint; on failure nothing of it remains and False is returned."""
    fresh: list[Item] = []
    try:
        with db.session.connection().begin_nested():
            fresh = recognise(items, receipts_of(items))
            world = look_up(actor, fresh)
            plan = Plan()
            settled = [(item, _settle(actor, item, world, plan, now)) for item in fresh]
            plan.write()
            _refuse_masked(fresh)
    except _Masked as masked:
        for place, body in masked.bodies.items():
            _put_masked(fresh[place], body, now)
        return _try(actor, items, now)
    except (IntegrityError, DataError) as error:
        current_app.logger.warning("batch of %d rolled back: %s", len(items), type(error.orig).__name__)
        return False
    except (StatementError, ValueError, ArithmeticError) as error:
        if isinstance(error, DBAPIError):
            raise  # the database is busy or away: the phone comes again
        current_app.logger.exception("batch of %d rolled back: what one says cannot be stored", len(items))
        return False
    for item, answer in settled:
        item.answer = answer
    return True


def _settle(actor: Actor, item: Item, world: World, plan: Plan, now: datetime) -> Outcome:
    """Decide one item and gather its rows; later items of the batch see what it changed."""
    code = item.code or decide(actor, item, world)
    if rules.outcome_of(code) != rules.QUARANTINED:
        plan.add_revision(item, code, world, now)
    elif world.room and not world.room.takes(len(rules.as_bytes(item.text))):
        code = Code.QUARANTINE_FULL
    else:
        plan.add_quarantine(actor, item, code, world, now)
    return answer_of(item, code, now)


def _refuse_masked(fresh: list[Item]) -> None:
    """See that nothing is kept that was masked before. The feeds are locked: nobody masks anything meanwhile."""
    read = [(place, item, item.operation) for place, item in enumerate(fresh) if item.operation]
    arriving = [
        Arriving(operation.id, type(item.body) if item.body else None, operation.body)
        for _, item, operation in read
    ]
    found = screened(arriving) if arriving else {}
    if found:
        raise _Masked({read[place][0]: body for place, body in found.items()})


def _put_masked(item: Item, body: dict[str, Any], now: datetime) -> None:
    operation = json.loads(item.text) | {"body": body}
    item.text, item.redacted_at = json.dumps(operation, ensure_ascii=False), now
    item.operation = Operation.model_validate(operation)
    item.body = type(item.body).model_validate(body) if item.body else None


def secret_text(secret: bytes) -> str:
    """Write a device's secret as it travels: base64url without padding."""
    return urlsafe_b64encode(secret).decode().rstrip("=")
