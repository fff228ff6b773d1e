"""What is known while a file is judged: what there was, and what the rows before have made of it. Pure."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from webapp.sheets.columns import TIER
from webapp.sheets.directory import Directory
from webapp.sheets.faults import Fault
from webapp.sheets.naming import Named, Node, Places, Vocabulary, same_code
from webapp.sheets.planned import Defaults, Plan, Standing
from webapp.sheets.row_reader import RowReader


class Known:
    """What every kind of row is judged against and adds to."""

    def __init__(self, standing: Standing, defaults: Defaults, new_id: Callable[[], UUID]) -> None:
        self.standing, self.defaults, self.new_id = standing, defaults, new_id
        self.words = Vocabulary(standing.types)
        self.places = Places(self.words)
        for node in standing.places:
            self.places.add(node)
        self.people = Directory(standing.people)
        self.plan = Plan()
        self._first: dict[tuple[object, ...], str] = {}
        """The row that spoke of something first."""

    def once(self, fault: str, row: RowReader, *key: object) -> None:
        """Refuse what an earlier row said already."""
        first = self._first.setdefault(key, row.at)
        if first != row.at:
            raise Fault(fault, row=first)

    def chain(self, row: RowReader) -> tuple[list[Named], list[int | None]]:
        """Return the path of names a row gives, from the top, and the tier of each where its column says it."""
        chain = [self.words.named(row.name(f"{TIER}{rank}"), self.words.of_rank(rank)) for rank in row.tiers]
        ranks: list[int | None] = [*row.tiers]
        for code in ("within", "unit"):
            for name in self.words.path(row.name(code, 300)):
                chain.append(self.words.named(name))
                ranks.append(None)
        if not chain:
            raise Fault("unit_missing")
        return chain, ranks

    def place(self, row: RowReader) -> Node:
        """Return the place a row speaks of: there already, or made by this file."""
        chain, ranks = self.chain(row)
        node = self.places.one(chain, ranks)
        if not node.is_mine:
            raise Fault("unit_outside", name=node.name)
        code = row.text("unit_code", 16)
        if code and node.code and not same_code(code, node.code):
            raise Fault("code_contradicts", known=node.code, code=code)
        return node

    def person_code(self, row: RowReader) -> str:
        """Return the code a row gives for a person, as it is known here."""
        row.text("person_code", 40)  # refuses what cannot be one
        return self.people.code(row.cell("person_code"))

    def path(self, unit: UUID | None) -> str:
        """Name a place with those above it; say nothing when it is not known here."""
        node = self.places.nodes.get(unit) if unit else None
        return self.places.path(node) if node else ""
