"""Bugs planted on purpose, to see that the schedules find them. Those of the phone are in phone.mjs."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.db import insertion, run, transaction
from webapp.sync import actions, feeds, pull, registry
from webapp.sync.models import Receipt
from webapp.sync.plan import Plan
from webapp.sync.registry import kinds
from webapp.sync.rules import Known

_numbers: dict[UUID, int] = {}


def forget() -> None:
    """Forget what a schedule left behind in this process."""
    _numbers.clear()


def receipt_outside_the_transaction() -> None:
    """Write receipts in a transaction of their own, after the effect's."""
    whole = Plan.write
    kept = threading.local()

    def write(plan: Plan) -> None:
        kept.late, plan.receipts = [*kept.late, *plan.receipts], []
        whole(plan)

    @contextmanager
    def two_transactions() -> Iterator[Session]:
        kept.late = []
        with transaction() as session:
            yield session
        if kept.late:
            with transaction():
                run(insertion(Receipt), kept.late)

    setattr(Plan, "write", write)  # noqa: B010 - mypy lets no method be assigned
    setattr(actions, "transaction", two_transactions)  # noqa: B010 - it is imported there, not offered


def cursor_unsafe_number() -> None:
    """Number changes as a database sequence does: nobody waits, and the newest number is seen before its row."""

    def newest(feed_id: UUID) -> int:
        if feed_id not in _numbers:
            tables = [cast("Any", kind.table) for kind in kinds()]
            found = [
                run(select(func.max(table.feed_seq)).where(table.feed_unit_id == feed_id)).scalar() or 0
                for table in tables
            ]
            _numbers[feed_id] = max(found)
        return _numbers[feed_id]

    def take_numbers(wanted: Iterable[UUID]) -> Mapping[UUID, Iterator[int]]:
        taken = {}
        for feed_id, count in sorted(Counter(wanted).items()):
            first = newest(feed_id) + 1
            _numbers[feed_id] += count
            taken[feed_id] = iter(range(first, first + count))
        return taken

    def heads(mine: Mapping[UUID, frozenset[UUID]]) -> list[tuple[UUID, int, int]]:
        return [(feed_id, newest(feed_id), 0) for feed_id in sorted(mine)]

    feeds.take_numbers = take_numbers  # type: ignore[assignment]
    pull._feed_heads = heads


def nothing_screened() -> None:
    """Mask what is stored, and let the same words in again."""
    registry._screens.clear()


def everything_decided() -> None:
    """Let a save decide all second versions there are, as it was before a form named those it knew of."""

    def left_open(_known: Known, _settles: Collection[UUID] | None) -> frozenset[UUID]:
        return frozenset()

    setattr(Known, "left_open", left_open)  # noqa: B010 - as above


SERVER: dict[str, Callable[[], None]] = {
    "receipt": receipt_outside_the_transaction,
    "cursor": cursor_unsafe_number,
    "unscreened": nothing_screened,
    "decided": everything_decided,
}


@dataclass(frozen=True)
class Plant:
    """A bug that can be planted, and what the schedules say when they find it."""

    name: str
    story: str
    symptoms: tuple[str, ...]
    """Any of them shows this bug: which one comes first depends on what it hits first."""
    side: str = "server_plant"
    """The argument of `runner.run` that plants it."""


ALL = (
    Plant("pop", "rows are taken off the outbox before they are sent", ("lost:",), "plant"),
    Plant("thaw", "what was sent without an answer may be edited", ("frozen text changed",), "plant"),
    Plant(
        "blind",
        "a form does not say what it was filled with",
        ("overwritten unread", "which it did not know", "another body than saved", "a photo of"),
        "plant",
    ),
    Plant("receipt", "receipts are written in a transaction of their own", ("applied and in quarantine",)),
    Plant(
        "unscreened",
        "what was masked is let in again",
        ("masked and still", "belongs elsewhere and is still"),
    ),
    Plant("decided", "a save decides versions that its author never saw", ("which did not know it",)),
    Plant(
        "cursor",
        "changes are numbered as a database sequence does",
        (
            "does not know",
            "on the server",
            "than the server",
        ),  # a new record is missed, or a change of a known one
    ),
)
