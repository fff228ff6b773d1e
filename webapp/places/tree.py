"""The tree of places on any day, as its facts say, and what must hold of it on every day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import pairwise
from uuid import UUID

from webapp.fields import N_
from webapp.places.dated import SUCCEEDED, Changes, Fact, Kind, Membership, Reading, Refused, State, Version


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
