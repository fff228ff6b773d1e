"""What may be asked of the tree of places, as it is typed in, kept and read again."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, TypeAdapter

from webapp.fields import Line, Record


class NewUnit(Record):
    """A unit that an operation makes."""

    id: UUID
    kind: str
    name: Annotated[Line, Field(min_length=1, max_length=160)]
    code: str | None = None


class Part(NewUnit):
    """One of the units into which another is divided."""

    children: tuple[UUID, ...] = ()
    households: int | None = None


class _Operation(Record):
    on: date
    """The first day on which it is so."""


class Create(_Operation):
    """Make a unit."""

    op: Literal["create"] = "create"
    unit: NewUnit
    parent: UUID | None = None


class Rename(_Operation):
    """Give a unit another name, official code, or type of the same rank."""

    op: Literal["rename"] = "rename"
    unit: UUID
    name: Annotated[Line, Field(min_length=1, max_length=160)]
    kind: str | None = None
    code: str | None = None


class Move(_Operation):
    """Place a unit below another one."""

    op: Literal["move"] = "move"
    unit: UUID
    parent: UUID | None = None


class Merge(_Operation):
    """Make one unit of several; what stood below them stands below it."""

    op: Literal["merge"] = "merge"
    sources: Annotated[tuple[UUID, ...], Field(min_length=2)]
    into: NewUnit
    parent: UUID | None = None
    """Where the new unit stands; by default where the first of the old ones stood."""


class Split(_Operation):
    """Make several units of one; each part takes some of what stood below it."""

    op: Literal["split"] = "split"
    source: UUID
    parts: Annotated[tuple[Part, ...], Field(min_length=2)]


class Close(_Operation):
    """End a unit below which nothing stands any more; the unit above keeps its records."""

    op: Literal["close"] = "close"
    unit: UUID


class Join(_Operation):
    """Put a unit into an overlay."""

    op: Literal["join"] = "join"
    overlay: UUID
    unit: UUID


class Leave(_Operation):
    """Take a unit out of an overlay."""

    op: Literal["leave"] = "leave"
    overlay: UUID
    unit: UUID


Operation = Annotated[
    Create | Rename | Move | Merge | Split | Close | Join | Leave, Field(discriminator="op")
]

OPERATION: TypeAdapter[Operation] = TypeAdapter(Operation)
"""Reads an operation from JSON."""


def named_by(operation: Operation) -> frozenset[UUID]:
    """Return the existing units that an operation names."""
    match operation:
        case Create():
            named = {operation.parent}
        case Move():
            named = {operation.unit, operation.parent}
        case Merge():
            named = {*operation.sources, operation.parent}
        case Split():
            named = {operation.source, *(child for part in operation.parts for child in part.children)}
        case Join() | Leave():
            named = {operation.overlay, operation.unit}
        case _:
            named = {operation.unit}
    return frozenset(unit for unit in named if unit)
