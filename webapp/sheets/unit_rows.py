"""Rows that say which places there are. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from webapp.fields import N_
from webapp.places.operations import Create, NewUnit, Rename
from webapp.sheets import cells
from webapp.sheets.cells import text
from webapp.sheets.columns import TIER, forms_of, heading
from webapp.sheets.count_rows import CountRows
from webapp.sheets.faults import Fault
from webapp.sheets.known import Known
from webapp.sheets.naming import Named, Node, same_code
from webapp.sheets.planned import Says, Verdict
from webapp.sheets.row_reader import RowReader


class UnitRows:
    """Judges units; the household counts that may stand beside them go to `counts`."""

    def __init__(self, known: Known, counts: CountRows) -> None:
        self._known, self._counts = known, counts
        self._words, self._places = known.words, known.places

    def depth(self, row: RowReader) -> int:
        """Return the rank of the place a row speaks of, as far as it says so."""
        kinds: Iterable[str] = ()
        if "unit_type" in row:
            kinds = self._words.called(text(row.cell("unit_type")))
        if "unit" in row:
            path = self._words.path(text(row.cell("unit")))
            kinds = kinds or (self._words.named(path[-1]).kinds if path else ())
        elif not kinds:
            return max(row.tiers, default=99)
        return min((self._words.types[kind].rank for kind in kinds), default=99)

    def judge(self, row: RowReader) -> tuple[str, Says]:
        """Return which place a row speaks of, and what it does; note a refused one, so that others can point at it."""
        try:
            return self._judged(row)
        except Fault:
            with suppress(Fault):
                chain, ranks = self._known.chain(row)
                above = self._places.matching(chain[:-1], ranks[:-1]) if len(chain) > 1 else []
                key = above[0].id if above else None
                self._places.refused.setdefault((key, chain[-1].bare), row.at)
            raise

    def _judged(self, row: RowReader) -> tuple[str, Says]:
        chain, ranks = self._known.chain(row)
        chain[-1], kinds = self._kinds(row, chain[-1], ranks[-1])
        found = [node for node in self._places.matching(chain, ranks) if not kinds or node.kind in kinds]
        if len(found) > 1:
            places = "; ".join(self._places.path(one) for one in found[:3])
            raise Fault("unit_ambiguous", n=len(found), name=chain[-1].text, places=places)
        if found:
            node = found[0]
            says = self._same(row, node)
        else:
            above = self._places.one(chain[:-1], ranks[:-1]) if len(chain) > 1 else None
            node = self._new(row, chain[-1], kinds, above)
            says = self._created(row, node)
        if row.text("households"):
            says += self._counts.reading(row, node, row.day("from"))
        return self._places.path(node), says

    def _same(self, row: RowReader, node: Node) -> Says:
        """Plan what a row adds to a place that is there: its official code, when it had none."""
        if not node.is_mine:
            raise Fault("unit_outside", name=node.name)
        self._known.once("unit_twice", row, "unit", node.id)
        code = self._code(row, node)
        if not code:
            return []
        on = self._known.standing.day
        self._known.plan.operations.append(Rename(on=on, unit=node.id, name=node.name, code=code))
        self._places.give_code(node, code)
        return [(Verdict.CHANGED, N_("Thêm mã %(code)s."), {"code": code})]

    def _created(self, row: RowReader, node: Node) -> Says:
        """Plan that a new place is made."""
        self._places.add(node)
        self._known.once("unit_twice", row, "unit", node.id)
        self._known.plan.operations.append(Create(
            on=node.since, parent=node.parent,
            unit=NewUnit(id=node.id, kind=node.kind, name=node.name, code=node.code),
        ))  # fmt: skip
        above = self._known.path(node.parent) or "–"
        said = {"name": node.name, "above": above, "day": f"{node.since:%d/%m/%Y}"}
        return [(Verdict.CREATED, N_("Lập %(name)s, thuộc %(above)s, từ ngày %(day)s."), said)]

    # Of which type it is

    def _kinds(self, row: RowReader, named: Named, rank: int | None) -> tuple[Named, frozenset[str]]:
        """Return the types a row's place may be of, and its name read with them."""
        said = row.text("unit_type")
        kinds = named.kinds
        if said:
            called = self._words.called(said)
            if not called:
                raise Fault("unit_type_unknown", value=said, types=self._words.label(self._words.types))
            if kinds and not kinds & called:
                raise Fault("unit_type_contradicts", name=named.text, value=said)
            kinds = called
            named = self._words.named(named.text, called)
        elif not kinds and rank is not None:
            kinds = self._kinds_in_header(row, rank) or self._words.of_rank(rank)
        if rank is not None and kinds:
            kinds &= self._words.of_rank(rank)
            if not kinds:
                raise Fault("unit_type_contradicts", name=named.text, value=said)
        return named, kinds

    def _kinds_in_header(self, row: RowReader, rank: int) -> frozenset[str]:
        """Return the types of a tier that the header of its column names."""
        header = f" {heading(row.sheet.labels.get(f'{TIER}{rank}', ''))} "
        return frozenset(
            kind
            for kind in self._words.of_rank(rank)
            if any(f" {form} " in header for form in forms_of(self._words.types[kind].label))
        )

    def _kind(self, named: Named, kinds: frozenset[str], above: Node | None) -> str:
        """Return the one type a new place is of."""
        if len(kinds) > 1 and above:
            beside = {one.kind for one in self._places.children(above.id)} & kinds
            kinds = frozenset(beside) if len(beside) == 1 and named.kinds else kinds
        if len(kinds) != 1:
            types = self._words.label(kinds or self._words.types)
            raise Fault("unit_type_missing", name=named.text, types=types)
        return next(iter(kinds))

    # A place that is not there yet

    def _new(self, row: RowReader, named: Named, kinds: frozenset[str], above: Node | None) -> Node:
        """Return the place a row would make below another."""
        roots = self._places.roots
        if above is None and len(roots) == 1:
            above = roots[0]
        kind = self._kind(named, kinds, above)
        if above is None:
            if roots:
                raise Fault("unit_without_parent", name=named.text)
        else:
            self._check_above(named, kind, above)
        since = row.day("from") or self._known.defaults.day
        if above and since < above.since:
            raise Fault("unit_before_parent", above=above.name, day=f"{above.since:%d/%m/%Y}")
        self._check_name(named, kind, above)
        name = self._places.proper(named, kind)
        node = Node(self._known.new_id(), kind, name, above.id if above else None, since, row=row.row.number)
        node.code = self._code(row, node) or None
        return node

    def _check_above(self, named: Named, kind: str, above: Node) -> None:
        """Refuse a place below one it cannot belong to, and one that leaves out a tier there is."""
        if not above.is_mine:
            raise Fault("unit_outside", name=above.name)
        below, rank = self._words.types[kind], self._places.rank
        if rank(above) >= below.rank:
            raise Fault("unit_misplaced", kind=below.label, above=above.name)
        if any(rank(beside) < below.rank for beside in self._places.children(above.id)):
            raise Fault("unit_without_parent", name=named.text)

    def _check_name(self, named: Named, kind: str, above: Node | None) -> None:
        """Refuse the name of a place that ended there, and one that may be misspelled."""
        key = above.id if above else None
        ended = self._places.ended.get((key, kind, named.bare))
        if ended and ended.ended:
            raise Fault("unit_ended", name=ended.name, day=f"{ended.ended:%d/%m/%Y}")
        near = self._places.near(named, self._places.children(key), only_marks=True)
        if near and near.kind == kind and not (cells.has_marks(named.bare) and cells.has_marks(near.bare)):
            raise Fault("unit_nearly", name=named.text, known=near.name)

    # Its official code

    def _code(self, row: RowReader, node: Node) -> str:
        """Return the official code a row gives a place that has none yet."""
        code = row.text("unit_code", 16)
        if not code:
            return ""
        if node.code:
            if not same_code(code, node.code):
                raise Fault("code_contradicts", known=node.code, code=code)
            return ""
        if not isinstance(row.cell("unit_code"), str):
            code = code.zfill(self._digits(node.kind))
        other = next((one for one in self._places.with_code(code) if one.id != node.id), None)
        if other:
            raise Fault("code_taken", code=code, known=other.name)
        return code

    def _digits(self, kind: str) -> int:
        """Return how long the codes of a tier are, when all are equally long: a cell took their zeros."""
        rank = self._words.types[kind].rank
        lengths = {
            len(one.code)
            for one in self._known.standing.places
            if one.code and self._places.rank(one) == rank
        }
        return lengths.pop() if len(lengths) == 1 else 0
