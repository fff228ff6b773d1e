"""What rows are judged against, and what is planned of them."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from webapp.assignments.rules import Held
from webapp.fields import N_, Choice
from webapp.places.dated import Reading
from webapp.places.operations import Operation
from webapp.sheets.cells import Cell
from webapp.sheets.columns import Kind
from webapp.sheets.naming import Node, Type


class Verdict(Choice):
    """What becomes of a row."""

    REFUSED = "refused", N_("Chưa nhận được")
    CREATED = "created", N_("Thêm mới")
    CHANGED = "changed", N_("Thay đổi")
    UNCHANGED = "unchanged", N_("Đã có, không đổi")
    SKIPPED = "skipped", N_("Bỏ qua")


@dataclass(frozen=True)
class Person:
    """Somebody who is kept, or will be by this file."""

    id: UUID
    name: str
    title: str
    kind: str
    home: UUID | None
    code: str
    phone: str | None = None
    is_mine: bool = True
    row: int = 0


@dataclass(frozen=True)
class Standing:
    """What there is, as far as the importer administers it."""

    day: date
    types: Sequence[Type]
    places: Sequence[Node]
    people: Sequence[Person] = ()
    readings: Mapping[UUID, Mapping[date, int]] = field(default_factory=dict)
    person_kinds: Sequence[tuple[str, str]] = ()
    roles: Mapping[str, str] = field(default_factory=dict)
    """Labels of the roles that may be given, by code."""
    high_roles: Mapping[str, str] = field(default_factory=dict)
    held: Sequence[Held] = ()
    exempt: Sequence[Any] = ()


class Row(NamedTuple):
    """A row of a sheet: the cells its columns were matched to, by what they say."""

    part: int
    number: int
    said: Mapping[str, Cell]


@dataclass(frozen=True)
class Sheet:
    """The rows of one sheet, and what its header says of them."""

    part: int
    title: str
    kind: Kind | None
    rows: Sequence[Row]
    labels: Mapping[str, str] = field(default_factory=dict)
    """The header of each column, by what the column says."""
    skipped: Sequence[int] = ()


class Defaults(NamedTuple):
    """What holds where a row says nothing."""

    day: date
    person_kind: str = ""


Says = list[tuple[Verdict, str, dict[str, str]]]
"""What a row does, in messages with their values; nothing when it is so already."""


class Line(NamedTuple):
    """What becomes of a row, in words."""

    part: int
    row: int
    verdict: Verdict
    what: str
    says: tuple[tuple[str, dict[str, str]], ...] = ()
    """Messages with their values."""
    fault: str = ""
    """The code of what is wrong, of `webapp.sheets.faults.FAULTS`; its values are those of the only message."""


@dataclass
class Plan:
    """What a file does: line by line, and as what is handed to the capabilities that do it."""

    lines: list[Line] = field(default_factory=list)
    operations: list[Operation] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    assignments: list[tuple[Held, str, date | None]] = field(default_factory=list)
    """Each with the number and the date of its decision."""

    @property
    def counts(self) -> Counter[Verdict]:
        """Count the rows by what becomes of them."""
        return Counter(line.verdict for line in self.lines)

    @property
    def digest(self) -> str:
        """Return what two plans share that say the same of every row."""
        said = json.dumps([line[:] for line in self.lines], ensure_ascii=False)
        return hashlib.sha256(said.encode()).hexdigest()
