"""What is chosen of a file before it is looked at row by row, as it is kept between the steps. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from pydantic import TypeAdapter

from webapp.sheets.columns import Part


class State(StrEnum):
    """How far a file has come."""

    MATCHING = "matching"
    """Somebody looks at which column says what."""
    CHECKING = "checking"
    CHECKED = "checked"
    """The dry run is there to be read."""
    WRITING = "writing"
    DONE = "done"


@dataclass
class Layout:
    """What each sheet holds, and what holds where a row says nothing."""

    day: date
    parts: list[Part] = field(default_factory=list)
    person_kind: str = ""
    basis: str = ""

    def used(self) -> list[Part]:
        """Return the sheets that are taken in."""
        return [part for part in self.parts if part.kind and part.columns]


LAYOUT = TypeAdapter(Layout)


def to_json(layout: Layout) -> str:
    """Write a layout."""
    return LAYOUT.dump_json(layout).decode()


def from_json(said: str) -> Layout:
    """Read a layout."""
    return LAYOUT.validate_json(said)
