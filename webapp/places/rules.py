"""The tree of places as pure data: facts with dates, operations that change them, and what must always hold.

A unit is nothing but an id. What is true of it are `Version`s: from a day on, until another, it stands below a
parent under a name and a type. When it ends, a last version without end says where what it held is found from
then on (`State.MERGED`, `State.SPLIT`, `State.KEPT`), so that every meeting stays reachable from every later tree.

An operation turns a tree into `Changes`: facts taken out and facts put in. Its counter-action is the same the
other way round. Whatever the operation, the changed tree must have no `faults`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Any, Literal, NamedTuple
from uuid import UUID

from pydantic import Field, TypeAdapter

from webapp.fields import N_, Line, Record


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


def count_fault(readings: Iterable[Reading], as_of: date, today: date) -> str | None:
    """Say why a group's households cannot be counted anew from `as_of` on; None when they can.

    Readings are entered in the order of their days, so that no earlier meeting is divided by another number
    afterwards. Only what was read today may be put right today.
    """
    if as_of > today:
        return N_("Ngày này chưa tới.")
    newest = max((reading.as_of for reading in readings), default=None)
    if newest and (as_of < newest or (as_of == newest and as_of != today)):
        return N_(
            "Đã có số hộ tính từ ngày này hoặc sau đó. Ghi số mới từ ngày sau đó: số liệu cũ không đổi."
        )
    return None


class Counts:
    """Readings of households, by unit and day."""

    def __init__(self, readings: Iterable[Reading]) -> None:
        self._read: dict[UUID, list[Reading]] = {}
        for reading in sorted(readings, key=lambda reading: reading.as_of):
            self._read.setdefault(reading.counted, []).append(reading)

    def on(self, unit: UUID, day: date) -> int | None:
        """Return how many households a unit had on `day`, as far as it was read."""
        found = self.between(unit, day, day)
        return found[0].households if found else None

    def between(self, unit: UUID, first: date, last: date) -> list[Reading]:
        """Return the readings that hold on some day from `first` to `last`, the newest first."""
        readings = self._read.get(unit, [])
        begin = max(bisect_right(readings, first, key=_as_of) - 1, 0)
        return readings[begin : bisect_right(readings, last, key=_as_of)][::-1]


def _as_of(reading: Reading) -> date:
    return reading.as_of


class Refused(Exception):  # noqa: N818 - an answer, not a bug
    """An operation that does not fit the tree: one Vietnamese sentence says why."""


class Tree:
    """The facts of a tree, or of the part of it that an operation touches."""

    def __init__(self, kinds: Mapping[str, Kind], facts: Iterable[Fact] = ()) -> None:
        self.kinds = kinds
        self.facts: dict[Fact, None] = {}
        self._versions: dict[UUID, list[Version]] = {}
        self._below: dict[UUID, dict[Version, None]] = {}
        self._shared: dict[UUID, dict[Membership, None]] = {}
        self._counted: dict[UUID, dict[Reading, None]] = {}
        for fact in facts:
            self._add(fact)

    def _add(self, fact: Fact) -> None:
        if fact in self.facts:
            return
        self.facts[fact] = None
        match fact:
            case Version():
                versions = self._versions.setdefault(fact.unit, [])
                versions.append(fact)
                versions.sort(key=lambda version: version.start)
                if fact.parent:
                    self._below.setdefault(fact.parent, {})[fact] = None
            case Membership():
                for one in (fact.overlay, fact.member):
                    self._shared.setdefault(one, {})[fact] = None
            case Reading():
                self._counted.setdefault(fact.counted, {})[fact] = None

    def _remove(self, fact: Fact) -> None:
        del self.facts[fact]
        match fact:
            case Version():
                self._versions[fact.unit].remove(fact)
                if fact.parent:
                    del self._below[fact.parent][fact]
            case Membership():
                for one in (fact.overlay, fact.member):
                    del self._shared[one][fact]
            case Reading():
                del self._counted[fact.counted][fact]

    def apply(self, changes: Changes) -> None:
        """Change the facts, or refuse when what is to be taken out is no longer there."""
        if any(fact not in self.facts for fact in changes.removed):
            raise Refused(N_("Sau đó đã có thay đổi khác ở đơn vị này; hoàn tác thay đổi sau trước."))
        for fact in changes.removed:
            self._remove(fact)
        for fact in changes.added:
            self._add(fact)

    @property
    def units(self) -> tuple[UUID, ...]:
        """Return every unit that is known."""
        return tuple(unit for unit, versions in self._versions.items() if versions)

    def versions(self, unit: UUID) -> tuple[Version, ...]:
        """Return what was and is true of a unit, the oldest first."""
        return tuple(self._versions.get(unit, ()))

    def on(self, unit: UUID, day: date) -> Version | None:
        """Return the version under which a unit stands on `day`, or None."""
        return next((v for v in self.versions(unit) if v.state is State.STANDS and v.holds_on(day)), None)

    def placed_below(self, unit: UUID) -> tuple[Version, ...]:
        """Return every version placed below a unit, of any day and state."""
        return tuple(self._below.get(unit, ()))

    def children(self, unit: UUID, day: date) -> list[Version]:
        """Return what stands directly below a unit on `day`; members of overlays are not its children."""
        found = [v for v in self.placed_below(unit) if v.state is State.STANDS and v.holds_on(day)]
        return sorted(found, key=lambda version: (version.name, version.unit))

    def standing(self, day: date) -> list[Version]:
        """Return every unit that stands on `day`."""
        return [found for unit in self.units if (found := self.on(unit, day))]

    def reach(self, unit: UUID, day: date) -> frozenset[UUID]:
        """Return the units standing on `day` under which the records of a unit are found."""
        if self.on(unit, day):
            return frozenset({unit})
        after = [v for v in self.versions(unit) if v.state is not State.STANDS and v.holds_on(day)]
        return frozenset(found for v in after if v.parent for found in self.reach(v.parent, day))

    def found_on(self, unit: UUID, day: date) -> frozenset[UUID]:
        """Return the units standing on `day` that answer for a unit of any time, also one that came later.

        What came later is found at what it came from, or, when it came from nothing, at what it was put below.
        """
        versions = self.versions(unit)
        if not versions or versions[0].start <= day:
            return self.reach(unit, day)
        origins = {v.unit for v in self.placed_below(unit) if v.state in SUCCEEDED}
        if not origins and versions[0].parent:
            origins = {versions[0].parent}
        return frozenset(found for one in origins for found in self.found_on(one, day))

    def line(self, unit: UUID, day: date) -> list[Version]:
        """Return a unit that stands on `day` and all above it, nearest first."""
        found: list[Version] = []
        version = self.on(unit, day)
        while version:
            found.append(version)
            version = self.on(version.parent, day) if version.parent else None
        return found

    def households(self, unit: UUID, day: date) -> int | None:
        """Return a unit's own newest reading not after `day`."""
        readings = [f for f in self.readings(unit) if f.as_of <= day]
        return max(readings, key=lambda reading: reading.as_of).households if readings else None

    def readings(self, unit: UUID) -> list[Reading]:
        """Return every reading of a unit."""
        return list(self._counted.get(unit, ()))

    def memberships(self, unit: UUID) -> list[Membership]:
        """Return the memberships of a unit, or of an overlay."""
        return list(self._shared.get(unit, ()))

    # What must hold on every day

    def faults(self, units: Iterable[UUID] | None = None) -> Iterator[str]:
        """Say what is wrong with these units (by default all), on any day."""
        for unit in self.units if units is None else units:
            versions = self.versions(unit)
            standing = [v for v in versions if v.state is State.STANDS]
            if not versions:
                if any(v.state is State.STANDS or v.unit != unit for v in self.placed_below(unit)):
                    yield N_("Còn đơn vị đặt dưới một đơn vị không tồn tại.")
                continue
            for before, after in pairwise(standing):
                if before.end != after.start:
                    yield N_("Thời gian của một đơn vị bị chồng hoặc bị hở.")
            last = standing[-1].end if standing else None
            endings = [v for v in versions if v.state is not State.STANDS]
            if (
                not standing
                or (last is None) == bool(endings)
                or any(v.start != last or v.end is not None or v.parent in (None, unit) for v in endings)
            ):
                yield N_("Đơn vị đã kết thúc phải có nơi giữ hồ sơ của mình.")
            for version in versions:
                yield from self._misplaced(version)
            for child in self.placed_below(unit):
                yield from self._misplaced(child)
            yield from self._astray(unit)

    def _misplaced(self, version: Version) -> Iterator[str]:
        if version.start == version.end or (version.end and version.end < version.start):
            yield N_("Thời gian của một đơn vị bị chồng hoặc bị hở.")
        if version.parent is None:
            return
        above = [v for v in self.versions(version.parent) if v.state is State.STANDS]
        if version.state is not State.STANDS:
            if not above or above[0].start > version.start:
                yield N_("Đơn vị kế tiếp chưa có vào ngày này.")
            return
        if (
            not above
            or above[0].start > version.start
            or (above[-1].end is not None and (version.end is None or version.end > above[-1].end))
        ):
            yield N_("Đơn vị cấp trên không tồn tại suốt thời gian này.")
        for v in above:
            overlaps = (version.end is None or v.start < version.end) and (
                v.end is None or version.start < v.end
            )
            if overlaps and not self._may_stand_below(version.kind, v.kind):
                yield N_("Cấp của đơn vị không đặt dưới đơn vị này được.")

    def _may_stand_below(self, kind: str, above: str) -> bool:
        """Ranks grow downwards, which keeps the tree free of circles on every day; overlays may stand anywhere."""
        child, parent = self.kinds[kind], self.kinds[above]
        return not parent.is_overlay and (child.is_overlay or child.rank > parent.rank)

    def _astray(self, unit: UUID) -> Iterator[str]:
        for membership in self.memberships(unit):
            for one in (membership.overlay, membership.member):
                standing = [v for v in self.versions(one) if v.state is State.STANDS]
                ends = standing[-1].end if standing else None
                if (
                    not standing
                    or standing[0].start > membership.start
                    or (ends and (membership.end is None or membership.end > ends))
                ):
                    yield N_("Một cụm có thành viên không tồn tại vào ngày này.")


# Operations


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


def plan(tree: Tree, operation: Operation) -> Changes:
    """Return what an operation changes, or raise `Refused`. The tree is left as it is."""
    changes = _tidied(_MAKERS[operation.op](tree, operation))
    check(tree, changes)
    return changes


def check(tree: Tree, changes: Changes) -> None:
    """Raise `Refused` unless the tree stays a tree on every day with these changes."""
    tree.apply(changes)
    try:
        fault = next(tree.faults(changes.units | {m for f in changes.added if isinstance(f, Membership)
                                                  for m in (f.overlay, f.member)}), None)  # fmt: skip
    finally:
        tree.apply(changes.reversed())
    if fault:
        raise Refused(fault)


def _tidied(changes: Changes) -> Changes:
    """Leave out what is taken out and put in again."""
    both = set(changes.removed) & set(changes.added)
    return Changes(
        tuple(fact for fact in changes.removed if fact not in both),
        tuple(dict.fromkeys(fact for fact in changes.added if fact not in both)),
    )


def _latest(tree: Tree, unit: UUID, on: date) -> Version:
    """Return the version that stands from `on` on without end; changes are entered in their order."""
    standing = [v for v in tree.versions(unit) if v.state is State.STANDS]
    if not standing or standing[0].start > on or standing[-1].end is not None:
        raise Refused(N_("Đơn vị này không còn hoặc chưa có vào ngày ấy."))
    if standing[-1].start > on:
        raise Refused(N_("Đơn vị này đã có thay đổi sau ngày ấy; nhập theo thứ tự thời gian."))
    return standing[-1]


def _from(tree: Tree, unit: UUID, on: date, **different: object) -> Changes:
    """Change what is true of a unit from a day on."""
    old = _latest(tree, unit, on)
    new = replace(old, start=on, **different)  # type: ignore[arg-type]
    if old.start == on:
        return Changes((old,), (new,))
    return Changes((old,), (replace(old, end=on), new))


def together(*many: Changes) -> Changes:
    """Return changes that follow one another as one."""
    return _tidied(_joined(*many))


def _joined(*many: Changes) -> Changes:
    return Changes(
        tuple(fact for one in many for fact in one.removed), tuple(fact for one in many for fact in one.added)
    )


def _create(tree: Tree, operation: Create) -> Changes:
    new = operation.unit
    if tree.versions(new.id):
        raise Refused(N_("Đơn vị này đã có."))
    _known(tree, new.kind)
    if operation.parent:
        _latest(tree, operation.parent, operation.on)
    return Changes((), (Version(new.id, operation.on, None, new.kind, operation.parent, new.name, new.code),))


def _rename(tree: Tree, operation: Rename) -> Changes:
    old = _latest(tree, operation.unit, operation.on)
    kind = operation.kind or old.kind
    if _known(tree, kind).rank != tree.kinds[old.kind].rank:
        raise Refused(N_("Đổi loại chỉ trong cùng một cấp."))
    return _from(tree, operation.unit, operation.on, name=operation.name, kind=kind,
                 code=operation.code or old.code)  # fmt: skip


def _move(tree: Tree, operation: Move) -> Changes:
    if operation.parent:
        _latest(tree, operation.parent, operation.on)
    return _from(tree, operation.unit, operation.on, parent=operation.parent)


def _end(tree: Tree, unit: UUID, on: date, state: State, keepers: Iterable[UUID]) -> Changes:
    """End a unit, and say where its records are found from then on."""
    old = _latest(tree, unit, on)
    if old.start == on:
        raise Refused(N_("Đơn vị này đã có thay đổi đúng ngày ấy; hoàn tác thay đổi đó trước."))
    later = [fact for fact in tree.readings(unit) if fact.as_of > on]
    memberships = [m for m in tree.memberships(unit) if m.end is None or m.end > on]
    endings = [replace(old, start=on, end=None, parent=keeper, state=state) for keeper in keepers]
    kept = [replace(m, end=on) for m in memberships if m.start < on]
    return Changes((old, *later, *memberships), (replace(old, end=on), *endings, *kept))


def _merge(tree: Tree, operation: Merge) -> Changes:
    on, into = operation.on, operation.into
    sources = list(dict.fromkeys(operation.sources))
    old = [_latest(tree, source, on) for source in sources]
    ranks = {tree.kinds[version.kind].rank for version in old} | {_known(tree, into.kind).rank}
    if len(sources) < 2 or len(ranks) > 1:  # noqa: PLR2004 - one unit is no merger
        raise Refused(N_("Chỉ nhập từ hai đơn vị cùng cấp trở lên."))
    parent = operation.parent or old[0].parent
    done = [_create(tree, Create(on=on, unit=into, parent=parent))]
    done += [_end(tree, source, on, State.MERGED, [into.id]) for source in sources]
    done += [_from(tree, child.unit, on, parent=into.id) for s in sources for child in _children(tree, s, on)]
    overlays = {m.overlay: m.end for s in sources for m in tree.memberships(s)
                if m.member == s and (m.end is None or m.end > on)}  # fmt: skip
    joined = [Membership(overlay, into.id, on, end) for overlay, end in overlays.items()]
    members = [replace(m, overlay=into.id, start=on) for s in sources for m in tree.memberships(s)
               if m.overlay == s and (m.end is None or m.end > on)]  # fmt: skip
    return _joined(*done, Changes((), (*joined, *members, *_sums(tree, sources, into.id, on))))


def _sums(tree: Tree, sources: list[UUID], into: UUID, on: date) -> list[Reading]:
    """Return the readings of a merged unit: on its first day, and on every later day one of the old ones was read."""
    days = {on} | {f.as_of for source in sources for f in tree.readings(source) if f.as_of > on}
    found = []
    for day in sorted(days):
        known = [n for source in sources if (n := tree.households(source, day)) is not None]
        if known:
            found.append(Reading(into, day, sum(known)))
    return found


def _children(tree: Tree, unit: UUID, on: date) -> list[Version]:
    """Return what stands below a unit on `on` or comes to stand there later: all of it has to go along."""
    later = [v for v in tree.placed_below(unit) if v.state is State.STANDS and (v.end is None or v.end > on)]
    if any(v.start > on for v in later):
        raise Refused(N_("Đơn vị này đã có thay đổi sau ngày ấy; nhập theo thứ tự thời gian."))
    return later


def _split(tree: Tree, operation: Split) -> Changes:
    on, source = operation.on, operation.source
    old = _latest(tree, source, on)
    given = [child for part in operation.parts for child in part.children]
    children = {child.unit for child in _children(tree, source, on)}
    if set(given) != children or len(given) != len(children):
        raise Refused(N_("Mỗi đơn vị bên dưới phải thuộc đúng một phần."))
    if any(_known(tree, part.kind).rank != tree.kinds[old.kind].rank for part in operation.parts):
        raise Refused(N_("Đổi loại chỉ trong cùng một cấp."))
    total = tree.households(source, on)
    shares = [part.households for part in operation.parts if part.households is not None]
    if total is not None and (len(shares) < len(operation.parts) or sum(shares) != total or min(shares) < 0):
        raise Refused(N_("Số hộ của các phần phải cộng lại bằng số hộ của đơn vị cũ."))
    if any(f.as_of > on for f in tree.readings(source)):
        raise Refused(N_("Đơn vị này đã có số hộ ghi sau ngày ấy."))
    done = [_end(tree, source, on, State.SPLIT, [part.id for part in operation.parts])]
    memberships = [
        m for m in tree.memberships(source) if m.member == source and (m.end is None or m.end > on)
    ]
    for part in operation.parts:
        done.append(_create(tree, Create(on=on, unit=part, parent=old.parent)))
        done += [_from(tree, child, on, parent=part.id) for child in part.children]
        readings = (
            [Reading(part.id, on, part.households)]
            if total is not None and part.households is not None
            else []
        )
        done.append(Changes((), (*(replace(m, member=part.id, start=on) for m in memberships), *readings)))
    return _joined(*done)


def _close(tree: Tree, operation: Close) -> Changes:
    old = _latest(tree, operation.unit, operation.on)
    if _children(tree, operation.unit, operation.on):
        raise Refused(N_("Còn đơn vị bên dưới; chuyển hoặc kết thúc chúng trước."))
    if old.parent is None:
        raise Refused(N_("Đơn vị này không có cấp trên để giữ hồ sơ."))
    return _end(tree, operation.unit, operation.on, State.KEPT, [old.parent])


def _join(tree: Tree, operation: Join) -> Changes:
    overlay = _latest(tree, operation.overlay, operation.on)
    _latest(tree, operation.unit, operation.on)
    if not tree.kinds[overlay.kind].is_overlay or operation.overlay == operation.unit:
        raise Refused(N_("Chỉ đưa đơn vị vào cụm."))
    if any(m.overlay == operation.overlay and (m.end is None or m.end > operation.on)
           for m in tree.memberships(operation.unit)):  # fmt: skip
        raise Refused(N_("Đơn vị này đã ở trong cụm."))
    return Changes((), (Membership(operation.overlay, operation.unit, operation.on, None),))


def _leave(tree: Tree, operation: Leave) -> Changes:
    found = [m for m in tree.memberships(operation.unit)
             if m.overlay == operation.overlay and m.start <= operation.on and m.end is None]  # fmt: skip
    if not found:
        raise Refused(N_("Đơn vị này không ở trong cụm."))
    kept = () if found[0].start == operation.on else (replace(found[0], end=operation.on),)
    return Changes((found[0],), kept)


def _known(tree: Tree, kind: str) -> Kind:
    if kind not in tree.kinds:
        raise Refused(N_("Không có loại đơn vị này."))
    return tree.kinds[kind]


_MAKERS: Mapping[str, Callable[[Tree, Any], Changes]] = {
    "create": _create, "rename": _rename, "move": _move, "merge": _merge, "split": _split, "close": _close,
    "join": _join, "leave": _leave,
}  # fmt: skip


class Said(NamedTuple):
    """One thing that changes, for people to read: what, which unit, and what it was and will be."""

    what: str
    unit: UUID
    name: str
    before: str | UUID | None
    after: str | UUID | None


def lines(changes: Changes) -> list[Said]:
    """Say what changes, unit by unit: who begins, ends, moves or is renamed, and who is counted anew."""
    old = {f.unit: f for f in changes.removed if isinstance(f, Version) and f.state is State.STANDS}
    new = {
        f.unit: f
        for f in changes.added
        if isinstance(f, Version) and f.state is State.STANDS and f.end is None
    }
    said: list[Said] = []
    for unit, version in new.items():
        before = old.get(unit)
        if before is None:
            said.append(Said("begins", unit, version.name, None, version.parent))
            continue
        if before.parent != version.parent:
            said.append(Said("moves", unit, version.name, before.parent, version.parent))
        if (before.name, before.kind, before.code) != (version.name, version.kind, version.code):
            said.append(Said("renamed", unit, version.name, _called(before), _called(version)))
    said += [Said("ends", v.unit, v.name, None, v.parent) for v in changes.endings()]
    said += [
        Said("vanishes", f.unit, f.name, None, None) for f in old.values() if f.unit in changes.vanished()
    ]
    closed = {ending.unit for ending in changes.endings()}
    for fact in changes.added:
        match fact:
            case Membership(end=None):
                said.append(Said("joins", fact.member, "", None, fact.overlay))
            case Membership() if fact.member not in closed and fact.overlay not in closed:
                said.append(Said("leaves", fact.member, "", fact.overlay, None))
            case Reading():
                said.append(Said("counted", fact.counted, "", None, str(fact.households)))
    order = ("begins", "ends", "vanishes", "renamed", "moves", "joins", "leaves", "counted")
    return sorted(said, key=lambda line: order.index(line.what))


def _called(version: Version) -> str:
    return f"{version.name} ({version.code})" if version.code else version.name
