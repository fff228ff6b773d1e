"""The rows to write for a batch, gathered before anything is written, and then written at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Update, update

from webapp.accounts.rules import Actor
from webapp.audit.actions import record_all
from webapp.audit.actions import row as audit_row
from webapp.db import insertion, run, table_of
from webapp.sync import feeds, rules
from webapp.sync.facts import World
from webapp.sync.incoming import Item
from webapp.sync.judging import times_of
from webapp.sync.models import Quarantined, Receipt, SyncedRevision
from webapp.sync.records import Operation
from webapp.sync.registry import Effect, Met, RecordKind, Written, effects_of, locks_of
from webapp.sync.rules import MESSAGES, Code, Held, Known


@dataclass
class Plan:
    """Rows to write for a batch, gathered before anything is written."""

    inserts: dict[RecordKind, dict[UUID, dict[str, Any]]] = field(default_factory=dict)
    updates: dict[RecordKind, dict[UUID, dict[str, Any]]] = field(default_factory=dict)
    revisions: dict[RecordKind, list[dict[str, Any]]] = field(default_factory=dict)
    left_open: list[Update] = field(default_factory=list)
    """What whoever saved did not know of waits beside the new revision now."""
    written: dict[RecordKind, list[Written]] = field(default_factory=dict)
    """The saved bodies among the revisions, for the effects of other capabilities."""
    receipts: list[dict[str, Any]] = field(default_factory=list)
    quarantined: list[dict[str, Any]] = field(default_factory=list)
    audit: list[dict[str, Any]] = field(default_factory=list)
    feeds: dict[tuple[str, UUID], UUID] = field(default_factory=dict)

    def add_revision(self, item: Item, code: Code, world: World, now: datetime) -> None:
        """Gather what an operation that is taken in changes; later ones of the batch find it in the world."""
        operation, kind, body = item.operation, item.kind, item.body
        if operation is None or kind is None or body is None:
            raise TypeError("only a readable operation is planned")
        known = world.known.get((kind.name, operation.id))
        unit_id: UUID = known.unit_id if known else body.unit_id  # type: ignore[attr-defined]
        is_parallel = code is Code.PARALLEL
        self.feeds[kind.name, operation.id], _ = world.units[unit_id]
        learned_at, recorded_at, offset = operation.learned_at, operation.made_at, operation.clock_offset
        self.revisions.setdefault(kind, []).append({
            "op_id": operation.op_id, "record_id": operation.id, "rev": operation.rev, "base_rev": operation.base_rev,
            "is_parallel": is_parallel, "beside_rev": known.rev if known and is_parallel else None,
            "is_withdrawal": item.is_withdrawal, "payload": item.text,
            "author_id": operation.author, "device_id": operation.device, "device_seq": operation.device_seq,
            "learned_at": learned_at, "recorded_at": recorded_at, "clock_offset": offset,
            "clock_jumped": item.clock_jumped, "received_at": now,
        } | item.kept())  # fmt: skip
        if not item.is_withdrawal:
            self.written.setdefault(kind, []).append(Written(
                operation.id, unit_id, operation.author, body, is_new=known is None, stands=not is_parallel,
                learned_at=learned_at, recorded_at=recorded_at, clock_offset=offset, clock_jumped=item.clock_jumped,
            ))  # fmt: skip
        self.receipts.append({
            "op_id": operation.op_id, "digest": item.kept()["digest"], "outcome": rules.outcome_of(code),
            "code": code, "message": MESSAGES[code], "receipt_code": item.receipt, "received_at": now,
        })  # fmt: skip
        self.audit.append(
            audit_row(operation.kind, actor_id=operation.author, record_kind=kind.name, record_id=operation.id,
                      unit_id=unit_id)
        )  # fmt: skip
        standing = self._standing_row(
            kind, operation, known or Known(unit_id, operation.author, 0, None, ""), now
        )
        if known and is_parallel:
            world.beside.add(operation.op_id)
            undecided = known.undecided | {operation.op_id}
            world.known[kind.name, operation.id] = replace(known, undecided=undecided)
            return
        undecided = known.left_open(operation.settles) if known else frozenset()
        self._leave_open(kind.revisions, undecided, operation)
        self._leave_open(Quarantined, world.overlooked_by(item, operation), operation)
        standing |= {
            "rev": operation.rev, "op_id": operation.op_id, "receipt_code": item.receipt,
            "recorded_at": times_of(operation, now).recorded,
            "state": rules.WITHDRAWN if item.is_withdrawal else kind.saved_state,
        } | ({} if item.is_withdrawal else kind.project(body))  # fmt: skip
        if not item.is_withdrawal and (day := kind.day(body)):
            world.met[operation.id] = Met(operation.author, unit_id, day)
        world.known[kind.name, operation.id] = Known(
            unit_id, known.author_id if known else operation.author, operation.rev, operation.op_id,
            standing["state"], known.keeper_id if known else None, undecided,
        )  # fmt: skip

    def _leave_open(
        self, table: type[SyncedRevision | Quarantined], op_ids: Collection[UUID], operation: Operation
    ) -> None:
        if not op_ids:
            return
        of_author = [Quarantined.officer_id == operation.author] if table is Quarantined else []
        found = update(table_of(table)).where(table.op_id.in_(op_ids), *of_author)
        self.left_open.append(found.values(beside_rev=operation.rev))

    def _standing_row(
        self, kind: RecordKind, operation: Operation, known: Known, now: datetime
    ) -> dict[str, Any]:
        """Return what is written of a record's own row: all of it if it is new, or what has changed."""
        if row := self.inserts.get(kind, {}).get(operation.id):
            return row
        if known.rev:
            return self.updates.setdefault(kind, {}).setdefault(operation.id, {"id": operation.id})
        row = {
            "id": operation.id, "unit_id": known.unit_id, "author_id": known.author_id,
            "feed_unit_id": self.feeds[kind.name, operation.id], "received_at": now,
        }  # fmt: skip
        return self.inserts.setdefault(kind, {}).setdefault(operation.id, row)

    def add_quarantine(self, actor: Actor, item: Item, code: Code, world: World, now: datetime) -> None:
        """Gather what is kept of an operation that cannot be applied."""
        operation = item.operation
        known = world.known.get((item.kind.name, operation.id)) if item.kind and operation else None
        if operation and code is not Code.OP_REUSED:
            held = Held(operation.id, operation.base_rev, item.base_op, waits=True)
            world.held[operation.op_id] = held
        self.quarantined.append({
            "op_id": operation.op_id if operation else None,
            "code": code, "message": item.message or MESSAGES[code],
            "payload": rules.as_bytes(item.text), "officer_id": actor.officer_id, "device_id": actor.device_id,
            "unit_id": _named_unit(operation), "record_id": operation.id if operation else None,
            "beside_rev": known.rev if known else 0 if item.kind else None, "received_at": now,
        } | item.kept())  # fmt: skip
        self.audit.append(
            audit_row("quarantined", actor_id=actor.officer_id, record_kind="operation",
                      record_id=operation.op_id if operation else None)
        )  # fmt: skip

    def write(self) -> None:
        """Write everything set-wise. The feeds are locked last of all locks, and held until commit."""
        self._let_act(locks_of)
        numbers = feeds.take_numbers(self.feeds.values())
        number_of = {key: next(numbers[feed_id]) for key, feed_id in self.feeds.items()}
        for kind, inserted in self.inserts.items():
            for record_id, values in inserted.items():
                values["feed_seq"] = number_of[kind.name, record_id]
            run(insertion(cast("Any", kind.table)), list(inserted.values()))
        for kind, updated in self.updates.items():
            for record_id, values in updated.items():
                values["feed_seq"] = number_of[kind.name, record_id]
                run(update(table_of(kind.table)).where(kind.table.id == record_id).values(**values))
        for kind, revisions in self.revisions.items():
            run(insertion(cast("Any", kind.revisions)), revisions)
        if self.receipts:
            run(insertion(Receipt), self.receipts)
        for kept in self.quarantined:
            run(insertion(Quarantined), [kept])
        for left_open in self.left_open:
            run(left_open)
        self._let_act(effects_of)
        record_all(self.audit)

    def _let_act(self, of: Callable[[str], Sequence[Effect]]) -> None:
        """Let other capabilities do what follows from the written revisions of each kind."""
        for kind, written in self.written.items():
            for act in of(kind.name):
                act(written)


def _named_unit(operation: Operation | None) -> UUID | None:
    """Return the unit an operation names, also when its body is not valid, so that reviewers find it."""
    try:
        return UUID(str(operation.body.get("unit_id"))) if operation else None
    except ValueError:
        return None
