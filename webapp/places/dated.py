"""Dated facts of the tree of places, and what takes some out and puts others in.

A unit is nothing but an id. What is true of it are `Version`s: from a day on, until another, it stands below a
parent under a name and a type. When it ends, a last version without end says where what it held is found from
then on (`State.MERGED`, `State.SPLIT`, `State.KEPT`), so that every meeting stays reachable from every later tree.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from pydantic import TypeAdapter


class State(StrEnum):
    """Whether a unit stands, or how it ended."""

    STANDS = "stands"
    MERGED = "merged"
    """It went into another, which carries on what it had."""
    SPLIT = "split"
    """It was divided; one such version for each part."""
    KEPT = "kept"
    """It ended with no successor; the unit above keeps its records."""


SUCCEEDED = frozenset({State.MERGED, State.SPLIT})


class Kind(NamedTuple):
    """What the tree must know of a unit's type."""

    rank: int
    is_overlay: bool = False
    can_meet: bool = False


@dataclass(frozen=True, slots=True)
class Version:
    """What is true of a unit from `start` until the day before `end`."""

    unit: UUID
    start: date
    end: date | None
    kind: str
    parent: UUID | None
    name: str
    code: str | None = None
    state: State = State.STANDS

    def holds_on(self, day: date) -> bool:
        """Say whether it is in force on `day`."""
        return self.start <= day and (self.end is None or day < self.end)


@dataclass(frozen=True, slots=True)
class Membership:
    """A unit belongs to an overlay for a while."""

    overlay: UUID
    member: UUID
    start: date
    end: date | None


@dataclass(frozen=True, slots=True)
class Reading:
    """How many households a unit has from `as_of` on, until the next reading."""

    counted: UUID
    as_of: date
    households: int


Fact = Version | Membership | Reading


@dataclass(frozen=True, slots=True)
class Changes:
    """Facts that an operation takes out of the tree, and facts it puts in."""

    removed: tuple[Fact, ...] = ()
    added: tuple[Fact, ...] = ()

    def __add__(self, other: Changes) -> Changes:
        """Return both together."""
        return Changes(self.removed + other.removed, self.added + other.added)

    def reversed(self) -> Changes:
        """Return the counter-action."""
        return Changes(self.added, self.removed)

    @property
    def units(self) -> frozenset[UUID]:
        """Return the units whose versions change."""
        return frozenset(fact.unit for fact in (*self.removed, *self.added) if isinstance(fact, Version))

    def endings(self) -> tuple[Version, ...]:
        """Return the versions that say what became of a unit which ends by this."""
        return tuple(
            fact for fact in self.added if isinstance(fact, Version) and fact.state is not State.STANDS
        )

    def began(self) -> frozenset[UUID]:
        """Return the units that did not exist before."""
        before = {fact.unit for fact in self.removed if isinstance(fact, Version)}
        return self.units - before

    def vanished(self) -> frozenset[UUID]:
        """Return the units that no longer exist on any day."""
        return self.reversed().began()


CHANGES = TypeAdapter(Changes)
"""Writes changes as JSON and reads them back."""


class Refused(Exception):  # noqa: N818 - an answer, not a bug
    """An operation that does not fit the tree: one Vietnamese sentence says why."""
