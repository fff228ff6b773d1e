"""How lists name places, and which place is meant: by a path of names, never by a code alone. Pure."""

from __future__ import annotations

import difflib
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from typing import Final, NamedTuple
from uuid import UUID

from webapp.sheets.cells import spelled, text
from webapp.sheets.columns import forms_of
from webapp.sheets.faults import Fault
from webapp.text import fold

_TOKENS: Final = re.compile(r"\d+|[^\W\d_]+")
_PATH: Final = re.compile(r"\s*[,;>/\\|]\s*|\s+[-–]\s+|\s+thuộc\s+", re.IGNORECASE)
_SHOWN: Final = 3
"""How many of several candidates a sentence names."""
_CLOSE: Final = 0.84
_FEW: Final = 400


class Type(NamedTuple):
    """A type of unit."""

    code: str
    rank: int
    label: str
    can_meet: bool = False


@dataclass
class Node:
    """A place, there already or to be made by this file."""

    id: UUID
    kind: str
    name: str
    parent: UUID | None
    since: date
    code: str | None = None
    ended: date | None = None
    is_mine: bool = True
    """In the scope of who imports; what stands above it is known by name only."""
    row: int = 0
    """The row that makes it, when it is not there yet."""
    bare: str = ""


@dataclass(frozen=True)
class Named:
    """A place as a list names it."""

    text: str
    bare: str
    """The key of the name without the word for its type."""
    kinds: frozenset[str] = frozenset()
    """The types that word can mean; empty when there is none."""
    rest: str = ""
    """What was written after that word."""
    is_shortened: bool = False
    """The word for the type is only its first letters."""


class Vocabulary:
    """The words by which the types of an installation are called."""

    def __init__(self, types: Iterable[Type]) -> None:
        self.types = {one.code: one for one in types}
        self._forms: dict[str, list[tuple[tuple[str, ...], bool]]] = {}
        for one in self.types.values():
            forms = forms_of(one.label)
            self._forms[one.code] = [
                (tuple(form.split()), len(forms) > 1 and form == forms[-1]) for form in forms
            ]
        self.named = lru_cache(maxsize=50_000)(self._named)

    def of_rank(self, rank: int) -> frozenset[str]:
        """Return the types of a tier."""
        return frozenset(code for code, one in self.types.items() if one.rank == rank)

    def label(self, kinds: Iterable[str]) -> str:
        """Return the labels of types, for a sentence."""
        return ", ".join(self.types[kind].label for kind in sorted(kinds, key=lambda kind: self.types[kind]))

    def called(self, said: str) -> frozenset[str]:
        """Return the types that are called so."""
        folded = " ".join(_TOKENS.findall(fold(said)))
        return frozenset(
            code for code, forms in self._forms.items() if any(" ".join(f) == folded for f, _ in forms)
        )

    def _named(self, said: str, among: frozenset[str] | None = None) -> Named:
        """Read a name: the word for its type, if it begins with one of those `among` which it may be, and the rest."""
        said = text(said)
        found = list(_TOKENS.finditer(said))
        folded = [fold(one[0]) for one in found]
        best, kinds, shortened = 0, set[str](), False
        for code in among or self.types:
            for form, is_short in self._matching(code, said, folded):
                if form > best:
                    best, kinds, shortened = form, {code}, is_short
                elif form == best and best:
                    kinds.add(code)
        if best == len(found):
            best, kinds, shortened = 0, set(), False
        rest = found[best:]
        if len(rest) > 1 and fold(rest[0][0]) == "so" and rest[1][0].isdigit():
            rest = rest[1:]
        bare = " ".join(str(int(one[0])) if one[0].isdigit() else spelled(one[0]) for one in rest)
        start = rest[0].start() if rest else 0
        return Named(said, bare, frozenset(kinds), said[start:], shortened)

    def _matching(self, code: str, said: str, folded: Sequence[str]) -> Iterable[tuple[int, bool]]:
        for form, is_short in self._forms[code]:
            if tuple(folded[: len(form)]) == form:
                yield len(form), is_short
            if len(form) == 1 and len(folded) > 1 and folded[0] == form[0][0] and said[1:2] == ".":
                yield 1, True
        word = self._forms[code][0][0][0]
        if len(self._forms[code]) > 1 and len(folded) > 1 and folded[0] == word:
            numbered = folded[2:] if folded[1] == "so" else folded[1:]
            if numbered and numbered[0].isdigit():
                yield 1, False

    def path(self, said: str) -> list[str]:
        """Return the names of a path, from the top: lists write the inner place first."""
        return [part for part in _PATH.split(text(said)) if part][::-1]


@dataclass
class Places:
    """The places there are and those this file makes, found by the names lists give them."""

    words: Vocabulary
    nodes: dict[UUID, Node] = field(default_factory=dict)
    ended: dict[tuple[UUID | None, str, str], Node] = field(default_factory=dict)
    refused: dict[tuple[UUID | None, str], str] = field(default_factory=dict)
    """Rows whose new place was refused, by what is above it and the key of its name."""
    _by_bare: dict[str, list[Node]] = field(default_factory=lambda: defaultdict(list))
    _below: dict[UUID | None, dict[str, list[Node]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )
    _heads: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """What stands before the numbers in the names of a type."""
    _codes: dict[str, list[Node]] = field(default_factory=lambda: defaultdict(list))

    def add(self, node: Node) -> None:
        """Make a place known."""
        kind = self.words.types[node.kind]
        node.bare = self.words.named(node.name, self.words.of_rank(kind.rank)).bare
        if node.ended:
            self.ended[node.parent, node.kind, node.bare] = node
            return
        self.nodes[node.id] = node
        if node.row and node.parent is None and node not in self.roots:
            self.roots.append(node)
        if node.name[-1:].isdigit():
            self._heads[node.kind][re.sub(r"\d+$", "", node.name)] += 1
        self._by_bare[node.bare].append(node)
        self._below[node.parent][node.bare].append(node)
        if node.code:
            self._codes[_code_key(node.code)].append(node)

    def give_code(self, node: Node, code: str) -> None:
        """Let a place have a code from now on."""
        node.code = code
        self._codes[_code_key(code)].append(node)

    def with_code(self, code: str) -> list[Node]:
        """Return the places that have this code."""
        return self._codes.get(_code_key(code), [])

    def rank(self, node: Node) -> int:
        """Return the rank of a place's type."""
        return self.words.types[node.kind].rank

    def children(self, parent: UUID | None) -> list[Node]:
        """Return what stands directly below a place."""
        return [node for nodes in self._below.get(parent, {}).values() for node in nodes]

    def line(self, node: Node) -> list[Node]:
        """Return a place and all above it, nearest first."""
        found = [node]
        while (parent := found[-1].parent) and parent in self.nodes:
            found.append(self.nodes[parent])
        return found

    def path(self, node: Node) -> str:
        """Name a place with those above it that the importer administers."""
        line = self.line(node)
        return ", ".join(one.name for one in line if one.is_mine or one is node)

    @cached_property
    def roots(self) -> list[Node]:
        """The highest places of the scope."""
        return [
            node for node in self.nodes.values()
            if node.is_mine and not (node.parent in self.nodes and self.nodes[node.parent].is_mine)
        ]  # fmt: skip

    def matching(self, chain: Sequence[Named], ranks: Sequence[int | None]) -> list[Node]:
        """Return the places a path of names can mean, from the top; names between may be left out."""
        current = [
            node for node in self._by_bare.get(chain[0].bare, ()) if self._fits(node, chain[0], ranks[0])
        ]
        for named, rank in zip(chain[1:], ranks[1:], strict=True):
            current = [found for node in current for found in self._under(node, named, rank)]
        return current

    def _fits(self, node: Node, named: Named, rank: int | None) -> bool:
        return (not named.kinds or node.kind in named.kinds) and (rank is None or self.rank(node) == rank)

    def _under(self, node: Node, named: Named, rank: int | None) -> list[Node]:
        below = self._below.get(node.id, {})
        found = [one for one in below.get(named.bare, ()) if self._fits(one, named, rank)]
        if found or (rank is not None and self.rank(node) >= rank - 1):
            return found
        return [deep for one in self.children(node.id) for deep in self._under(one, named, rank)]

    def one(self, chain: Sequence[Named], ranks: Sequence[int | None]) -> Node:
        """Return the one place a path of names means; refuse when there is none, or more than one."""
        found = self.matching(chain, ranks)
        if len(found) > 1:
            mine = [node for node in found if node.is_mine]
            found = mine or found
        if len(found) > 1:
            raise Fault(
                "unit_ambiguous", n=len(found), name=chain[-1].text,
                places="; ".join(self.path(one) for one in found[:_SHOWN]) + ("…" if len(found) > _SHOWN else ""),
            )  # fmt: skip
        if not found:
            raise self.unknown(chain, ranks)
        return found[0]

    def unknown(self, chain: Sequence[Named], ranks: Sequence[int | None]) -> Fault:
        """Say that there is no such place, and what may have been meant."""
        known: Sequence[Node] = ()
        for length in range(1, len(chain) + 1):  # the first name that leads nowhere
            if not self.matching(chain[:length], ranks[:length]):
                above = self.matching(chain[: length - 1], ranks[: length - 1]) if length > 1 else []
                named, rank = chain[length - 1], ranks[length - 1]
                known = [one for node in above for one in self.children(node.id)] or list(self.nodes.values())
                break
        else:
            named, rank = chain[-1], ranks[-1]
            above = []
        if rank is not None:
            known = [node for node in known if self.rank(node) == rank]
        row = self.refused.get((above[0].id if above else None, named.bare))
        if row:
            return Fault("unit_refused", name=named.text, row=row)
        same = next((node for node in known if node.bare == named.bare and named.kinds), None)
        if same:
            return Fault("unit_other_type", name=named.text, known=same.name)
        near = self.near(named, known)
        if near:
            return Fault("unit_nearly", name=named.text, known=near.name)
        if above:
            return Fault("unit_unknown_there", name=named.text, above=self.path(above[0]))
        return Fault("unit_unknown", name=named.text)

    def near(self, named: Named, known: Collection[Node], *, only_marks: bool = False) -> Node | None:
        """Return the place whose name differs by its diacritics only, or by a slip of the pen."""
        folded = fold(named.bare)
        for node in known:
            if fold(node.bare) == folded and node.bare != named.bare:
                return node
        if only_marks or any(ch.isdigit() for ch in folded) or len(known) > _FEW:
            return None
        by_name = {node.bare: node for node in known}
        close = difflib.get_close_matches(named.bare, by_name, n=1, cutoff=_CLOSE)
        return by_name[close[0]] if close else None

    def numbered(self, kind: str) -> str:
        """Return what numbered places of a type are called here: “Tổ NDTQ số ”."""
        most = self._heads[kind].most_common(1)
        return most[0][0] if most else f"{self.words.types[kind].label} số "

    def proper(self, named: Named, kind: str) -> str:
        """Return the full name a new place gets: with the word for its type in front."""
        said = named.text
        if said.isupper() and len(said) > 3:  # noqa: PLR2004 - not a number with a letter
            said = " ".join(word.capitalize() for word in said.split())
        if named.kinds and not named.is_shortened:
            return said[:1].upper() + said[1:]
        rest = said[len(said) - len(named.rest) :]
        head = self.numbered(kind) if rest.isdigit() else f"{self.words.types[kind].label} "
        return head + rest


def same_code(one: str, other: str) -> bool:
    """Say whether two official codes are one."""
    return _code_key(one) == _code_key(other)


def _code_key(code: str) -> str:
    """Return the key of an official code; a number lost its zeros on the way."""
    return text(code).casefold().lstrip("0")
