"""What capabilities tell sync about their records, so that sync need not know them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from webapp.fields import Record
from webapp.sync.models import SyncedRecord, SyncedRevision

SAVE = "save"
WITHDRAW = "withdraw"


@dataclass(frozen=True)
class Share:
    """What of one feed an officer's phone should hold."""

    officer_id: UUID
    feed_id: UUID
    unit_ids: frozenset[UUID]
    """The groups this officer follows; records of others only when they answer for them."""
    left: frozenset[UUID]
    """The groups they followed until lately: of these only what still needs their work."""
    open: frozenset[UUID]
    """Their records of such groups that do."""

    def holds(self, record: SyncedRecord, *parts_of: UUID | None) -> bool:
        """Say whether the phone should hold a record, by itself or as a part of others."""
        if record.unit_id in self.unit_ids:
            return True
        if (record.keeper_id or record.author_id) != self.officer_id:
            return False
        return record.unit_id not in self.left or not self.open.isdisjoint({record.id, *parts_of})


@dataclass(frozen=True)
class Window:
    """What part of one feed a pull asks for."""

    share: Share
    after: int
    until: int
    """Numbers above `after` and not above `until`."""
    limit: int
    is_first_load: bool
    """A first load brings a window of history, mostly as summaries; later changes come whole."""
    today: date
    own_device: UUID | None
    """The phone that asks, when it wants nothing told that it has sent itself."""


class Change(NamedTuple):
    """One changed record as a pull says it; none when the phone is to drop it."""

    seq: int
    id: UUID
    record: dict[str, Any] | None


class Met(NamedTuple):
    """What a record that others refer to says of them."""

    author_id: UUID
    unit_id: UUID
    day: date


@dataclass(frozen=True)
class RecordKind:
    """A kind of record phones write: `<name>.save` and `<name>.withdraw`."""

    name: str
    body: type[Record]
    withdrawal: type[Record]
    table: type[SyncedRecord]
    revisions: type[SyncedRevision]
    saved_state: str
    """The record's state once a revision stands."""
    project: Callable[[Any], dict[str, Any]]
    """Columns of the standing row, from a valid body."""
    day: Callable[[Any], date | None]
    """The day whose assignments authorise the author; None for the day it was made."""
    pull_name: str
    """The key under which a pull lists this kind."""
    changes: Callable[[Window], list[Change]]
    """Read what changed inside a window, in the order of the feed."""
    fixed_states: frozenset[str] = frozenset()
    """States in which its author can no longer revise or withdraw a record: others have begun to act on it."""
    checked: Callable[[Share, date], Iterable[tuple[UUID, int]]] | None = None
    """Given a share and a day, the (id, seq) of the records since then that a phone should hold."""
    received: Callable[[Share, datetime], Iterable[tuple[UUID, int]]] | None = None
    """The same of what was received since a moment, of kinds that have no day of their own."""
    unsettled: Callable[[UUID, Collection[UUID], date], Mapping[UUID, UUID]] | None = None
    """Given an officer, the groups they left, and the day, their records (with the group) that need their work yet."""
    parts: Callable[[Collection[UUID]], Iterable[UUID]] | None = None
    """Given records of other kinds that a phone drops, those of this kind that go with them."""
    refers_to: Callable[[Any], UUID | None] | None = None
    """The record of another kind at which this one was made, given its body: its day authorises too."""
    met: Callable[[Collection[UUID]], Mapping[UUID, Met]] | None = None
    """Of records of this kind that others refer to: who wrote them, where, and their day."""


@dataclass(frozen=True)
class Written:
    """One revision of a record that was just written, for those who keep something beside it."""

    record_id: UUID
    unit_id: UUID
    author_id: UUID
    body: Record
    is_new: bool
    """The first revision of its record."""
    stands: bool
    """False for a parallel version."""
    learned_at: datetime | None
    recorded_at: datetime
    clock_offset: int | None
    clock_jumped: bool


Effect = Callable[[Sequence[Written]], None]
"""What a capability writes with the revisions of another's records, in their transaction and in their order."""


class Arriving(NamedTuple):
    """An operation on its way in, for those who may have to mask something in it."""

    record_id: UUID
    model: type[Record] | None
    """What its body is; none when it fits nothing."""
    body: Mapping[str, Any]


Screen = Callable[[Sequence[Arriving]], Mapping[int, dict[str, Any]]]
"""Given what arrives, the bodies that may not be kept as they came, as they may be, by their place."""

Addition = Callable[[Sequence[UUID]], Mapping[UUID, dict[str, Any]]]
"""Given record ids, what else a pull says of each."""

Told = Callable[[UUID, frozenset[UUID], frozenset[UUID]], Any]
"""Given the officer, the groups they follow and all units their phone may know, something a phone is told whole."""

_kinds: dict[str, RecordKind] = {}
_told: dict[str, Told] = {}
_additions: dict[str, list[Addition]] = {}
_effects: dict[str, list[Effect]] = {}
_locks: dict[str, list[Effect]] = {}
_screens: list[Screen] = []


def register(kind: RecordKind) -> None:
    """Make a kind of record known."""
    _kinds[kind.name] = kind


def register_addition(kind_name: str, addition: Addition) -> None:
    """Let a capability add what it knows to the pulled records of another (reviews to meetings)."""
    additions = _additions.setdefault(kind_name, [])
    if addition not in additions:
        additions.append(addition)


def add_to(kind_name: str, records: Sequence[dict[str, Any]]) -> None:
    """Complete whole records with what other capabilities know of them."""
    ids = [UUID(record["id"]) for record in records]
    for addition in _additions.get(kind_name, []) if ids else []:
        found = addition(ids)
        for record_id, record in zip(ids, records, strict=True):
            record.update(found.get(record_id, {}))


def register_effect(kind_name: str, effect: Effect) -> None:
    """Let a capability write what follows from the revisions of another's records (photos of meetings)."""
    effects = _effects.setdefault(kind_name, [])
    if effect not in effects:
        effects.append(effect)


def effects_of(kind_name: str) -> Sequence[Effect]:
    """Return what is to be done with written revisions of a kind."""
    return tuple(_effects.get(kind_name, ()))


def register_lock(kind_name: str, lock: Effect) -> None:
    """Let a capability lock rows of its own that its effect will change: the feeds are locked after all others."""
    locks = _locks.setdefault(kind_name, [])
    if lock not in locks:
        locks.append(lock)


def locks_of(kind_name: str) -> Sequence[Effect]:
    """Return what is to be locked before revisions of a kind are written."""
    return tuple(_locks.get(kind_name, ()))


def register_screen(screen: Screen) -> None:
    """Let a capability mask in what arrives what was masked before (redaction)."""
    if screen not in _screens:
        _screens.append(screen)


def screened(arriving: Sequence[Arriving]) -> dict[int, dict[str, Any]]:
    """Return what may not be kept as it came, as it may be, by its place."""
    return {place: body for screen in _screens for place, body in screen(arriving).items()}


def register_told(name: str, told: Told) -> None:
    """Let a capability tell phones something under a name, again as a whole whenever it differs.

    It is looked at once a day, and when the capability has announced a change (`feeds.announce`).
    """
    _told[name] = told


def told_whole(officer_id: UUID, mine: frozenset[UUID], known: frozenset[UUID]) -> dict[str, Any]:
    """Return all that phones are told whole, by name."""
    return {name: told(officer_id, mine, known) for name, told in sorted(_told.items())}


def kinds() -> Sequence[RecordKind]:
    """Return every registered kind."""
    return tuple(_kinds.values())


def kind_of(operation_kind: str) -> tuple[RecordKind, str] | None:
    """Return the record kind and the verb of an operation's `kind`, or None when it is unknown."""
    name, _, verb = operation_kind.partition(".")
    kind = _kinds.get(name)
    return (kind, verb) if kind and verb in (SAVE, WITHDRAW) else None
