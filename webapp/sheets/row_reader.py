"""One row of a sheet, read cell by cell. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from webapp.sheets import cells
from webapp.sheets.cells import Cell, text
from webapp.sheets.columns import TIER
from webapp.sheets.faults import Fault
from webapp.sheets.planned import Row, Sheet

PERSON_NAMES: Final = ("full_name", "family_name", "given_name")
"""The columns a person's name may stand in."""


@dataclass(frozen=True)
class RowReader:
    """A row under the headers of its sheet; a cell that cannot be read raises `Fault`."""

    row: Row
    sheet: Sheet
    at: str
    """Where the row stands, for other rows to point at it."""
    today: date

    def __contains__(self, code: str) -> bool:
        """Say whether the row fills a column."""
        return code in self.row.said

    def cell(self, code: str) -> Cell:
        """Return what stands in a column, as it was read from the file."""
        return self.row.said.get(code)

    def label(self, code: str) -> str:
        """Return the header of a column."""
        return self.sheet.labels.get(code) or code

    def text(self, code: str, most: int = 300) -> str:
        """Return what a column says."""
        return cells.checked(self.cell(code), self.label(code), most)

    def name(self, code: str, most: int = 160) -> str:
        """Return the name of a place or person that stands in a column."""
        return cells.name(self.cell(code), self.label(code), most)

    def day(self, code: str, *, may_be_future: bool = False) -> date | None:
        """Return the day a column says, if it says one."""
        if not self.text(code):
            return None
        found = cells.day(self.cell(code))
        if found > self.today and not may_be_future:
            raise Fault("date_future", value=f"{found:%d/%m/%Y}")
        return found

    def phone(self) -> str:
        """Return the phone number, if there is one."""
        return cells.phone(self.cell("phone")) if self.text("phone", 60) else ""

    def person_name(self) -> str:
        """Return the name of the person the row speaks of, if it names one."""
        filled = [code for code in PERSON_NAMES if self.text(code)]
        joined = " ".join(self.name(code, 120) for code in filled)
        return cells.person_name(joined, self.label("full_name")) if joined else ""

    def rough_name(self) -> str:
        """Return the name of the person as it stands there, readable or not."""
        return " ".join(text(self.cell(code)) for code in PERSON_NAMES if code in self)

    @property
    def tiers(self) -> list[int]:
        """The ranks of the tiers whose columns the row fills, from the top."""
        return sorted(int(code.removeprefix(TIER)) for code in self.row.said if code.startswith(TIER))

    @property
    def names_a_place(self) -> bool:
        """Whether the row says a place at all."""
        return bool(self.tiers) or "unit" in self or "within" in self

    def called(self) -> str:
        """Name what the row speaks of, as it does itself."""
        innermost_first = ("unit", "within", *(f"{TIER}{rank}" for rank in reversed(self.tiers)))
        places = [text(self.cell(code)) for code in innermost_first]
        person = self.rough_name() or text(self.cell("person_code"))
        return ", ".join(one for one in (person, *places) if one)[:200]
