"""Taking in a rescue file: each operation as its author's, whoever brings it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from flask import current_app
from pydantic import ValidationError
from sqlalchemy import select

from webapp import clock
from webapp.accounts.queries import actor_of_officer
from webapp.audit.actions import record_all
from webapp.audit.actions import row as audit_row
from webapp.db import db, table_of, transaction
from webapp.permissions import Permission
from webapp.places.models import Unit
from webapp.places.queries import below
from webapp.rescue import keys, rules
from webapp.rescue.rules import Carried, Package
from webapp.sync.actions import push
from webapp.sync.incoming import Outcome, Sent
from webapp.sync.records import MAX_OPERATIONS, Operation
from webapp.sync.registry import WITHDRAW, kind_of
from webapp.sync.rules import QUARANTINED, RETRY

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from webapp.accounts.rules import Actor


@dataclass(frozen=True)
class Line:
    """The receipts of one group and day, for somebody who may see entries there."""

    group: str
    day: date
    receipts: list[str]


@dataclass(frozen=True)
class Summary:
    """What became of a file. Whoever brought it learns how many there were, and nothing of what they say."""

    outcomes: list[Outcome]
    """One for each operation, in the order of the file."""
    lines: list[Line]
    """Only of places the importer may see."""

    @property
    def taken_in(self) -> int:
        """Count what is in the book now and was not before."""
        return sum(not (one.is_repeated or one.outcome in (QUARANTINED, RETRY)) for one in self.outcomes)

    @property
    def already_there(self) -> int:
        """Count what had arrived before."""
        return sum(one.is_repeated and one.outcome != QUARANTINED for one in self.outcomes)

    @property
    def waiting(self) -> int:
        """Count what is kept whole in quarantine, for its author and the desk."""
        return sum(one.outcome == QUARANTINED for one in self.outcomes)

    @property
    def not_stored(self) -> int:
        """Count what the database was too busy for: the file must be handed in again."""
        return sum(one.outcome == RETRY for one in self.outcomes)


class _Place(NamedTuple):
    """Where and when an operation belongs, as far as it says."""

    author_id: UUID
    unit_id: UUID
    day: date


def take_in(importer: Actor, file: bytes) -> Summary:
    """Open a rescue file and take in what it holds; raise `rules.UnusableFileError` when it cannot be opened.

    Safe to repeat, before and after the phone has sent the same operations itself: what was stored is
    recognised and gets the same receipts.
    """
    folder = Path(current_app.instance_path)
    package = rules.open_file(file, lambda kid: keys.key_named(folder, kid))
    found: dict[int, Outcome] = {}
    for author, places in _by_author(importer, package):
        for start in range(0, len(places), MAX_OPERATIONS):
            batch = places[start : start + MAX_OPERATIONS]
            outcomes = _push(author, importer, [package.operations[place] for place in batch])
            found.update(zip(batch, outcomes, strict=True))
    outcomes = [found[place] for place in range(len(package.operations))]
    return Summary(outcomes, _lines(importer, package.operations, outcomes))


def _push(author: Actor, importer: Actor, carried: Iterable[Carried]) -> list[Outcome]:
    """Push in the author's name, and write down who brought it in the same transaction."""
    with transaction():
        outcomes = push(author, [Sent(*one) for one in carried])
        record_all([
            audit_row("rescued", actor_id=importer.officer_id, record_kind="operation", record_id=one.op_id)
            for one in outcomes
            if not one.is_repeated and one.outcome != RETRY
        ])  # fmt: skip
    return outcomes


def _by_author(importer: Actor, package: Package) -> Iterable[tuple[Actor, list[int]]]:
    """Return each author with the places of their operations.

    What names nobody we know is kept for the person whose file it says it is, or else for the importer:
    signed by none of their devices, it waits in quarantine.
    """
    device_id = package.device_id or importer.device_id
    known: dict[UUID | None, Actor | None] = {None: None}
    grouped: dict[UUID, tuple[Actor, list[int]]] = {}
    for place, carried in enumerate(package.operations):
        claimed = rules.author_of(carried.text)
        for officer_id in (claimed, package.officer_id):
            if officer_id not in known:
                known[officer_id] = actor_of_officer(officer_id, device_id) if officer_id else None
        author = known[claimed] or known[package.officer_id] or importer
        grouped.setdefault(author.officer_id, (author, []))[1].append(place)
    return grouped.values()


def _lines(importer: Actor, carried: Sequence[Carried], outcomes: Sequence[Outcome]) -> list[Line]:
    """List the receipts by group and day, where the importer may see entries or wrote them."""
    places = [_place_of(one.text) for one in carried]
    today = clock.today()
    roots = importer.roots(Permission.READ_MEETING, today) | importer.roots(Permission.RECORD_MEETING, today)
    asked = {place.unit_id for place in places if place}
    units = {unit.id: unit for unit in db.session.scalars(select(Unit).where(Unit.id.in_(asked)))}
    tree = below(roots, today)
    visible = set(db.session.scalars(select(tree.c.id).where(tree.c.id.in_(asked))))
    found: dict[tuple[str, date, str], list[str]] = {}
    for place, outcome in zip(places, outcomes, strict=True):
        if place is None or place.unit_id not in units or outcome.outcome == RETRY:
            continue
        is_own = place.author_id == importer.officer_id and outcome.outcome != QUARANTINED
        if place.unit_id in visible or is_own:
            unit = units[place.unit_id]
            found.setdefault((unit.sort_key, place.day, unit.name), []).append(outcome.receipt)
    return [Line(name, day, receipts) for (_, day, name), receipts in sorted(found.items())]


def _place_of(text: str) -> _Place | None:
    """Read where and when an operation belongs; None when it cannot be read or says nothing of it."""
    try:
        operation = Operation.model_validate(json.loads(text))
        kind, verb = kind_of(operation.kind) or (None, "")
        if kind is None:
            return None
        made_on = clock.local(operation.made_at).date()
        if verb == WITHDRAW:
            table = table_of(kind.table)
            unit_id = db.session.scalar(select(table.c.unit_id).where(table.c.id == operation.id))
            return _Place(operation.author, unit_id, made_on) if unit_id else None
        body = kind.body.model_validate(operation.body)
    except (ValueError, RecursionError, ValidationError, OverflowError):
        return None
    return _Place(operation.author, body.unit_id, kind.day(body) or made_on)  # type: ignore[attr-defined]
