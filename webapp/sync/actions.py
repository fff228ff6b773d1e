"""Taking in what phones send: every operation is applied once, recognised, or kept in quarantine."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple, cast
from uuid import UUID

from flask import current_app
from flask_babel import force_locale, gettext
from pydantic import ValidationError
from sqlalchemy import Row, Select, bindparam, func, select, update
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, StatementError

from webapp import clock
from webapp.accounts.models import Device
from webapp.accounts.rules import Actor
from webapp.audit.actions import record_all
from webapp.audit.actions import row as audit_row
from webapp.db import db, insertion, run, table_of, transaction
from webapp.fields import Record, Rejected
from webapp.permissions import Permission
from webapp.places.models import Unit, UnitType
from webapp.places.queries import below
from webapp.sync import feeds, rules
from webapp.sync.models import Quarantined, Receipt
from webapp.sync.records import Operation
from webapp.sync.registry import (
    WITHDRAW,
    Arriving,
    Effect,
    Met,
    RecordKind,
    Written,
    effects_of,
    kind_of,
    kinds,
    locks_of,
    screened,
)
from webapp.sync.rules import MESSAGES, Code, Known, Proposal, Room

_DEVICES = (
    select(Device.id, Device.secret, Device.revoked_at)
    .where(Device.id.in_(bindparam("ids", expanding=True)), Device.account_id == bindparam("account"))
    .order_by(Device.id)
    .with_for_update()
)
_RECEIPTS = select(table_of(Receipt)).where(Receipt.op_id.in_(bindparam("ids", expanding=True)))
_KEPT = select(
    Quarantined.digest,
    Quarantined.code,
    Quarantined.message,
    Quarantined.receipt_code,
    Quarantined.received_at,
).where(Quarantined.digest.in_(bindparam("digests", expanding=True)))
_WAITING = select(func.count(), func.coalesce(func.sum(func.length(Quarantined.payload)), 0)).where(
    Quarantined.officer_id == bindparam("officer"),
    Quarantined.device_id == bindparam("device"),
    Quarantined.settled.is_(None),
)
_UNITS = (
    select(Unit.id, Unit.feed_unit_id, Unit.base_id, UnitType.can_meet)
    .join(UnitType, UnitType.code == Unit.type_code)
    .where(Unit.id.in_(bindparam("ids", expanding=True)), Unit.feed_unit_id.is_not(None))
)


@cache
def _known_records(table: Any) -> Select[*tuple[Any, ...]]:  # noqa: ANN401 - a model, as above
    """Return the statement that finds and locks records, in the order of their ids."""
    return (
        select(table.id, table.unit_id, table.author_id, table.rev, table.op_id, table.state, table.keeper_id)
        .where(table.id.in_(bindparam("ids", expanding=True)))
        .order_by(table.id)
        .with_for_update()
    )


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
        return rules.seal(_receipt_key(), self.digest)

    def kept(self) -> dict[str, Any]:
        """Return what is kept of how it came."""
        digest = self.sealed if self.redacted_at else self.digest
        return {"digest": digest, "redacted_at": self.redacted_at, "receipt_code": self.receipt}

    def refuse(self, code: Code, message: str = "") -> None:
        """Settle that this one goes to quarantine."""
        self.code, self.message = code, message or MESSAGES[code]


class _Masked(Exception):  # noqa: N818 - no error: it has to be written otherwise than it came
    """Something of what arrives was masked before: the bodies as they may be kept, by their place."""

    def __init__(self, bodies: dict[int, dict[str, Any]]) -> None:
        super().__init__()
        self.bodies = bodies


@dataclass
class World:
    """What the database knows that matters to a batch."""

    units: dict[UUID, tuple[UUID, UUID | None]]
    """Feed and base by unit, for the units where meetings are held."""
    grants: dict[UUID, UUID]
    """Base by unit at which the author holds a grant to record."""
    known: dict[tuple[str, UUID], Known]
    met: dict[UUID, Met]
    """The records that others of the batch were made at."""
    room: Room | None
    """What a revoked device may still leave in quarantine; no other is limited."""
    beside: set[UUID]
    """The operations that are known to be second versions."""


@dataclass
class Plan:
    """Rows to write for a batch, gathered before anything is written."""

    inserts: dict[RecordKind, dict[UUID, dict[str, Any]]] = field(default_factory=dict)
    updates: dict[RecordKind, dict[UUID, dict[str, Any]]] = field(default_factory=dict)
    revisions: dict[RecordKind, list[dict[str, Any]]] = field(default_factory=dict)
    written: dict[RecordKind, list[Written]] = field(default_factory=dict)
    """The saved bodies among the revisions, for the effects of other capabilities."""
    receipts: list[dict[str, Any]] = field(default_factory=list)
    quarantined: list[dict[str, Any]] = field(default_factory=list)
    audit: list[dict[str, Any]] = field(default_factory=list)
    feeds: dict[tuple[str, UUID], UUID] = field(default_factory=dict)


def push(actor: Actor, sent: Sequence[Sent], sent_at: datetime | None = None) -> list[Outcome]:
    """Take in operations signed by devices of the actor; one outcome each, in their order.

    `sent_at` is the device's clock at the sending: by it is seen whether it was set since something was saved.

    What was frozen before the person signed in anew names the earlier device and carries its signature:
    each operation is checked against the device it names, and that device's revocation counts.
    """
    items = [_read(one.text, one.mac) for one in sent]
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
        item = _read(held.payload.decode())
        if item.code is not None:
            return item.code
        now = clock.now()
        world = _look_up(author, [item], _receipts([item]))
        code = _decide(author, item, world, is_vouched_for=True)
        if rules.outcome_of(code) != rules.QUARANTINED:
            plan = Plan()
            _plan_revision(item, code, world, plan, now)
            # It is known by what came, also where something in it was masked since.
            as_it_came = {name: getattr(held, name) for name in ("digest", "redacted_at", "receipt_code")}
            plan.revisions[item.kind][0] |= as_it_came  # type: ignore[index] # it was read
            plan.receipts[0] |= {"digest": held.digest, "receipt_code": held.receipt_code}
            _write(plan)
        return code


def submit(actor: Actor, operations: Iterable[dict[str, Any]]) -> list[Outcome]:
    """Take in operations made by the server's own plain forms: the same path, without a device's proof."""
    texts = [json.dumps(operation, ensure_ascii=False, default=str) for operation in operations]
    with transaction():
        return _take_in(actor, [_read(text) for text in texts])


def _read(text: str, mac: str = "") -> Item:
    """Parse and check one operation as far as that needs no database."""
    digest = rules.digest(text)
    item = Item(text, mac, digest, rules.receipt_code(_receipt_key(), digest))
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


def _take_in(actor: Actor, items: list[Item]) -> list[Outcome]:
    """Write the batch set-wise, and one by one only if that fails, so that a bad one delays nobody."""
    now = clock.now()
    _find_bases(items)
    if not _try(actor, items, now):
        stuck: set[UUID] = set()
        for item in items:
            _take_in_one(actor, item, stuck, now)
    return [item.answer for item in items if item.answer is not None]


def _find_bases(items: list[Item]) -> None:
    """See on what was made what does not say it: of one record, what comes together was unanswered together."""
    earlier: dict[tuple[UUID, UUID, int], UUID] = {}
    for operation, item in ((item.operation, item) for item in items):
        if operation:
            item.base_op = item.base_op or earlier.get((operation.id, operation.device, operation.base_rev))
            earlier[operation.id, operation.device, operation.rev] = operation.op_id


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
    item.answer = _answer(item, Code.BUSY, now)


def _try(actor: Actor, items: list[Item], now: datetime) -> bool:
    """Judge and write the items in one savepoint; on failure nothing of it remains and False is returned."""
    fresh: list[Item] = []
    try:
        with db.session.connection().begin_nested():
            receipts = _receipts(items)
            fresh = _recognise(items, receipts)
            world = _look_up(actor, fresh, receipts)
            plan = Plan()
            settled = [(item, _settle(actor, item, world, plan, now)) for item in fresh]
            _write(plan)
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


def _receipts(items: list[Item]) -> dict[UUID, Row[Any]]:
    """Load the receipts of the items, and of what they were made on."""
    asked = {item.operation.op_id for item in items if item.operation}
    asked |= {item.base_op for item in items if item.base_op}
    return {row.op_id: row for row in run(_RECEIPTS, {"ids": asked})}


def _recognise(items: list[Item], receipts: dict[UUID, Row[Any]]) -> list[Item]:
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


def _look_up(actor: Actor, items: list[Item], receipts: dict[UUID, Row[Any]]) -> World:
    """Load, set-wise, the units and records the items speak of; records are locked in the order of their ids."""
    unit_ids = {item.body.unit_id for item in items if item.body is not None and not item.is_withdrawal}  # type: ignore[attr-defined]
    roots = {grant.unit_id for grant in actor.grants if Permission.RECORD_MEETING in grant.permissions}
    known: dict[tuple[str, UUID], Known] = {}
    wanted: dict[RecordKind, set[UUID]] = {}
    for item in items:
        if item.kind and item.operation:
            wanted.setdefault(item.kind, set()).add(item.operation.id)
    for kind, ids in sorted(wanted.items(), key=lambda one: one[0].name):
        rows = run(_known_records(cast("Any", kind.table)), {"ids": ids})
        for record_id, unit_id, author_id, rev, op_id, state, keeper_id in rows:
            known[kind.name, record_id] = Known(unit_id, author_id, rev, op_id, state, keeper_id)
            unit_ids.add(unit_id)
    units: dict[UUID, tuple[UUID, UUID | None]] = {}
    grants: dict[UUID, UUID] = {}
    for unit_id, feed_id, base_id, can_meet in run(_UNITS, {"ids": unit_ids | roots}):
        if can_meet:
            units[unit_id] = feed_id, base_id
        if unit_id in roots and base_id:
            grants[unit_id] = base_id
    beside = {op_id for op_id, receipt in receipts.items() if receipt.outcome == rules.PARALLEL}
    return World(units, grants, known, _met(items), _room(actor) if actor.is_revoked else None, beside)


def _met(items: list[Item]) -> dict[UUID, Met]:
    """Load what the records say at which others of the batch were made."""
    wanted = {
        found
        for item in items
        if item.kind and item.kind.refers_to and item.code is None and not item.is_withdrawal
        if (found := item.kind.refers_to(item.body))
    }
    met: dict[UUID, Met] = {}
    for kind in kinds():
        if kind.met and wanted:
            met |= kind.met(wanted)
    return met


def _room(actor: Actor) -> Room:
    """Return what the actor's device may still leave in quarantine; its row is locked, so nobody else fills it."""
    operations, size = run(_WAITING, {"officer": actor.officer_id, "device": actor.device_id}).one()
    return Room(rules.REVOKED_OPERATIONS - operations, rules.REVOKED_BYTES - size)


def _settle(actor: Actor, item: Item, world: World, plan: Plan, now: datetime) -> Outcome:
    """Decide one item and gather its rows; later items of the batch see what it changed."""
    code = item.code or _decide(actor, item, world)
    if rules.outcome_of(code) != rules.QUARANTINED:
        _plan_revision(item, code, world, plan, now)
    elif world.room and not world.room.takes(len(rules.as_bytes(item.text))):
        code = Code.QUARANTINE_FULL
    else:
        _plan_quarantine(actor, item, code, world, plan, now)
    return _answer(item, code, now)


def _decide(actor: Actor, item: Item, world: World, *, is_vouched_for: bool = False) -> Code:
    operation, kind, body = item.operation, item.kind, item.body
    if operation is None or kind is None or body is None:
        return Code.UNREADABLE
    if operation.author != actor.officer_id:
        return Code.WRONG_AUTHOR
    known = world.known.get((kind.name, operation.id))
    unit_id: UUID | None = None if item.is_withdrawal else body.unit_id  # type: ignore[attr-defined]
    place = unit_id or (known.unit_id if known else None)
    if place and place not in world.units:
        return Code.UNKNOWN_UNIT
    base = world.units[place][1] if place else None
    written = clock.local(_times(operation, clock.now()).recorded).date()
    days = {(None if item.is_withdrawal else kind.day(body)) or written}
    referred = None if item.is_withdrawal or not kind.refers_to else world.met.get(kind.refers_to(body))  # type: ignore[arg-type]
    if referred and (referred.author_id, referred.unit_id) == (operation.author, place):
        days.add(
            referred.day
        )  # what was heard at a meeting may be written down when somebody else follows the group
    # Whoever records anywhere in the same unit of the base tier may stand in for a colleague there.
    authorised = is_vouched_for or any(
        world.grants.get(root) == base for day in days for root in actor.roots(Permission.RECORD_MEETING, day)
    )
    if known and unit_id and unit_id != known.unit_id and _went_into(known.unit_id, unit_id):
        unit_id = known.unit_id  # the phone names the group as it is called now
    proposal = Proposal(
        unit_id,
        operation.author,
        operation.base_rev,
        item.is_withdrawal,
        item.base_op,
        item.base_op in world.beside,
    )
    is_fixed = known is not None and known.state in kind.fixed_states
    return rules.judge(proposal, known, authorised=authorised, is_fixed=is_fixed)


def _times(operation: Operation, now: datetime) -> rules.Times:
    return rules.times_of(operation.learned_at, operation.made_at, operation.clock_offset, now)


def _went_into(old: UUID, new: UUID) -> bool:
    """Say whether what was written at one unit is found at another today."""
    tree = below([new], clock.today())
    return db.session.scalar(select(tree.c.id).where(tree.c.id == old)) is not None


def _plan_revision(item: Item, code: Code, world: World, plan: Plan, now: datetime) -> None:
    operation, kind, body = item.operation, item.kind, item.body
    is_parallel = code is Code.PARALLEL
    if operation is None or kind is None or body is None:
        raise TypeError("only a readable operation is planned")
    known = world.known.get((kind.name, operation.id))
    unit_id: UUID = known.unit_id if known else body.unit_id  # type: ignore[attr-defined]
    feed_id, _ = world.units[unit_id]
    plan.feeds[kind.name, operation.id] = feed_id
    plan.revisions.setdefault(kind, []).append({
        "op_id": operation.op_id, "record_id": operation.id, "rev": operation.rev, "base_rev": operation.base_rev,
        "is_parallel": is_parallel, "beside_rev": known.rev if known and is_parallel else None,
        "is_withdrawal": item.is_withdrawal, "payload": item.text,
        "author_id": operation.author, "device_id": operation.device, "device_seq": operation.device_seq,
        "learned_at": operation.learned_at, "recorded_at": operation.made_at, "clock_offset": operation.clock_offset,
        "clock_jumped": item.clock_jumped, "received_at": now,
    } | item.kept())  # fmt: skip
    if not item.is_withdrawal:
        written = Written(
            operation.id, unit_id, operation.author, body, is_new=known is None, stands=not is_parallel,
            learned_at=operation.learned_at, recorded_at=operation.made_at, clock_offset=operation.clock_offset,
            clock_jumped=item.clock_jumped,
        )  # fmt: skip
        plan.written.setdefault(kind, []).append(written)
    plan.receipts.append({
        "op_id": operation.op_id, "digest": item.kept()["digest"], "outcome": rules.outcome_of(code),
        "code": code, "message": MESSAGES[code], "receipt_code": item.receipt, "received_at": now,
    })  # fmt: skip
    plan.audit.append(
        audit_row(
            operation.kind,
            actor_id=operation.author,
            record_kind=kind.name,
            record_id=operation.id,
            unit_id=unit_id,
        )
    )
    changed = plan.inserts.get(kind, {}).get(operation.id)
    if changed is None:
        changed = (
            plan.updates.setdefault(kind, {}).setdefault(operation.id, {"id": operation.id})
            if known
            else None
        )
    if is_parallel:
        world.beside.add(operation.op_id)
        return
    standing: dict[str, Any] = {
        "rev": operation.rev, "op_id": operation.op_id, "receipt_code": item.receipt,
        "recorded_at": _times(operation, now).recorded,
        "state": rules.WITHDRAWN if item.is_withdrawal else kind.saved_state,
    } | ({} if item.is_withdrawal else kind.project(body))  # fmt: skip
    if changed is None:
        changed = {
            "id": operation.id,
            "unit_id": unit_id,
            "author_id": operation.author,
            "feed_unit_id": feed_id,
            "received_at": now,
        }
        plan.inserts.setdefault(kind, {})[operation.id] = changed
    changed.update(standing)
    if not item.is_withdrawal and (day := kind.day(body)):
        world.met[operation.id] = Met(operation.author, unit_id, day)
    first = known or Known(unit_id, operation.author, 0, None, "")
    world.known[kind.name, operation.id] = replace(
        first, rev=operation.rev, op_id=operation.op_id, state=standing["state"]
    )


def _plan_quarantine(actor: Actor, item: Item, code: Code, world: World, plan: Plan, now: datetime) -> None:
    operation = item.operation
    known = world.known.get((item.kind.name, operation.id)) if item.kind and operation else None
    plan.quarantined.append({
        "op_id": operation.op_id if operation else None,
        "code": code, "message": item.message or MESSAGES[code],
        "payload": rules.as_bytes(item.text), "officer_id": actor.officer_id, "device_id": actor.device_id,
        "unit_id": _named_unit(operation), "record_id": operation.id if operation else None,
        "beside_rev": known.rev if known else 0 if item.kind else None, "received_at": now,
    } | item.kept())  # fmt: skip
    plan.audit.append(
        audit_row("quarantined", actor_id=actor.officer_id, record_kind="operation",
                  record_id=operation.op_id if operation else None)
    )  # fmt: skip


def _named_unit(operation: Operation | None) -> UUID | None:
    """Return the unit an operation names, also when its body is not valid, so that reviewers find it."""
    try:
        return UUID(str(operation.body.get("unit_id"))) if operation else None
    except ValueError:
        return None


def _write(plan: Plan) -> None:
    """Write everything set-wise. The feeds are locked last of all locks, and held until commit."""
    _let_act(plan, locks_of)
    numbers = feeds.take_numbers(plan.feeds.values())
    number_of = {key: next(numbers[feed_id]) for key, feed_id in plan.feeds.items()}
    for kind, inserted in plan.inserts.items():
        for record_id, values in inserted.items():
            values["feed_seq"] = number_of[kind.name, record_id]
        run(insertion(cast("Any", kind.table)), list(inserted.values()))
    for kind, updated in plan.updates.items():
        for record_id, values in updated.items():
            values["feed_seq"] = number_of[kind.name, record_id]
            run(update(table_of(kind.table)).where(kind.table.id == record_id).values(**values))
    for kind, revisions in plan.revisions.items():
        run(insertion(cast("Any", kind.revisions)), revisions)
    _let_act(plan, effects_of)
    if plan.receipts:
        run(insertion(Receipt), plan.receipts)
    for kept in plan.quarantined:
        run(insertion(Quarantined), [kept])
    record_all(plan.audit)


def _let_act(plan: Plan, of: Callable[[str], Sequence[Effect]]) -> None:
    """Let other capabilities do what follows from the written revisions of each kind."""
    for kind, written in plan.written.items():
        for act in of(kind.name):
            act(written)


def _answer(item: Item, code: Code, now: datetime) -> Outcome:
    op_id = item.operation.op_id if item.operation else None
    message = gettext(item.message if item.code is code and item.message else MESSAGES[code])
    outcome = rules.outcome_of(code)
    return Outcome(op_id, outcome, code.value, message, "" if outcome == rules.RETRY else item.receipt, now)


def _receipt_key() -> bytes:
    return str(current_app.config["SECRET_KEY"]).encode()


def secret_text(secret: bytes) -> str:
    """Write a device's secret as it travels: base64url without padding."""
    return urlsafe_b64encode(secret).decode().rstrip("=")
