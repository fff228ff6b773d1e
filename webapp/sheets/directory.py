"""The people who are known, found by what lists say of them: a code, a phone number, a name. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from webapp.sheets import cells
from webapp.sheets.cells import Cell, spelled
from webapp.sheets.faults import Fault
from webapp.sheets.planned import Person


class Directory:
    """The people there are and those this file makes."""

    def __init__(self, people: Iterable[Person]) -> None:
        self.refused: dict[str, str] = {}
        """Rows whose person was refused, by code and by the key of the name."""
        self._by_code: dict[str, Person] = {}
        self._by_phone: dict[str, Person] = {}
        self._by_name: dict[str, dict[UUID, Person]] = defaultdict(dict)
        for person in people:
            self.add(person)

    def add(self, person: Person) -> None:
        """Make a person known."""
        self._by_code[person.code] = person
        if person.phone:
            self._by_phone[person.phone] = person
        if person.is_mine:
            self._by_name[spelled(person.name)][person.id] = person

    def replace(self, before: Person, after: Person) -> None:
        """Let a person be known by what is said of them now, no longer by what was."""
        self._by_code.pop(before.code, None)
        if before.phone:
            self._by_phone.pop(before.phone, None)
        self._by_name[spelled(before.name)].pop(before.id, None)
        self.add(after)

    def code(self, cell: Cell) -> str:
        """Return the code a cell gives; a number that lost its zeros gets them back from who is known by it."""
        code = cells.code(cell)
        if not code.isdigit() or code in self._by_code or isinstance(cell, str):
            return code
        same = [known for known in self._by_code if known.isdigit() and known.lstrip("0") == code]
        return same[0] if len(same) == 1 else code

    def called(self, name: str) -> list[Person]:
        """Return who is called so, in the scope of who imports."""
        return list(self._by_name[spelled(name)].values())

    def recognised(self, name: str, code: str, phone: str) -> Person | None:
        """Return who is meant: by code or phone number, and the name must agree unless both say the same person."""
        found = [
            person for person in (
                self._by_code.get(code) or self._by_phone.get(code),
                self._by_phone.get(phone) or self._by_code.get(phone),
            ) if person
        ]  # fmt: skip
        if not found:
            return None
        if any(not person.is_mine for person in found):
            raise Fault("person_outside")
        if len({person.id for person in found}) > 1:
            raise Fault("person_two", code=code, phone=phone)
        known = found[0]
        if len(found) == 1 and spelled(known.name) != spelled(name):
            raise Fault("person_other_name", said=code or phone, known=known.name, name=name)
        return known

    def unnamed(self, code: str, phone: str) -> Person | None:
        """Return who is meant by a code or phone number that stands without a name."""
        found = (
            self._by_code.get(code)
            or self._by_phone.get(phone)
            or self._by_phone.get(code)
            or self._by_code.get(phone)
        )
        return self.recognised(found.name, code, phone) if found else None
