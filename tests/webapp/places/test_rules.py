"""The tree of places: what each operation does, and what no sequence of them can break."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule

from webapp.places.dated import Changes, Kind, Membership, Reading, Refused, State, Version
from webapp.places.operations import (
    OPERATION,
    Close,
    Create,
    Join,
    Leave,
    Merge,
    Move,
    NewUnit,
    Operation,
    Part,
    Rename,
    Split,
    named_by,
)
from webapp.places.rules import plan
from webapp.places.tree import Tree

KINDS = {
    "province": Kind(1), "district": Kind(2), "commune": Kind(3), "town": Kind(3), "hamlet": Kind(4),
    "group": Kind(5, can_meet=True), "cluster": Kind(0, is_overlay=True),
}  # fmt: skip
START = date(2020, 1, 1)
LATER = date(2025, 7, 1)


def uid(number: int) -> UUID:
    return UUID(int=number)


P, D, A, B, A1, A2, B1, G1, G2, G3, C = map(uid, range(1, 12))
NEW, OTHER = uid(50), uid(51)


def small() -> Tree:
    """Return a district of two communes with three hamlets and three groups, and a cluster of both communes."""
    rows: list[tuple[UUID, str, UUID | None]] = [
        (P, "province", None), (D, "district", P), (A, "commune", D), (B, "town", D), (A1, "hamlet", A),
        (A2, "hamlet", A), (B1, "hamlet", B), (G1, "group", A1), (G2, "group", A1), (G3, "group", B1),
        (C, "cluster", D),
    ]  # fmt: skip
    versions = [Version(unit, START, None, kind, parent, f"{kind} {unit.int}") for unit, kind, parent in rows]
    readings = [Reading(G1, START, 30), Reading(G2, START, 25), Reading(G3, START, 40)]
    return Tree(KINDS, [*versions, *readings, Membership(C, A, START, None), Membership(C, B, START, None)])


def do(tree: Tree, operation: Operation) -> Changes:
    changes = plan(tree, operation)
    tree.apply(changes)
    return changes


def new(unit: UUID, kind: str = "commune", name: str = "mới") -> NewUnit:
    return NewUnit(id=unit, kind=kind, name=name)


def merge() -> Merge:
    return Merge(on=LATER, sources=(A, B), into=new(NEW))


def test_a_merger_takes_everything_along_and_history_stays() -> None:
    tree = small()
    do(tree, merge())
    before, after = LATER - timedelta(days=1), LATER
    assert {v.unit for v in tree.children(D, before)} == {A, B, C}
    assert {v.unit for v in tree.children(D, after)} == {NEW, C}
    assert {v.unit for v in tree.children(NEW, after)} == {A1, A2, B1}
    assert tree.reach(A, after) == tree.reach(B, after) == {NEW}
    assert tree.reach(A, before) == {A}
    assert [m.member for m in tree.memberships(C) if m.end is None] == [NEW]
    assert not list(tree.faults())


def test_merged_groups_add_their_households_also_of_later_readings() -> None:
    tree = small()
    tree.apply(Changes((), (Reading(G1, date(2026, 1, 1), 33),)))
    do(tree, Merge(on=LATER, sources=(G1, G2), into=new(NEW, "group")))
    assert tree.households(NEW, LATER) == 55
    assert tree.households(NEW, date(2026, 2, 1)) == 58
    assert tree.households(G1, LATER - timedelta(days=1)) == 30


def test_a_division_gives_every_child_one_place_and_keeps_the_households() -> None:
    tree = small()
    parts = (
        Part(id=NEW, kind="commune", name="x", children=(A1,)),
        Part(id=OTHER, kind="town", name="y", children=(A2,)),
    )
    do(tree, Split(on=LATER, source=A, parts=parts))
    assert tree.reach(A, LATER) == {NEW, OTHER}
    assert [v.unit for v in tree.children(NEW, LATER)] == [A1]
    assert {m.member for m in tree.memberships(C) if m.end is None} == {NEW, OTHER, B}
    groups = tuple(Part(id=uid(60 + n), kind="group", name="tổ", households=n) for n in (10, 20))
    do(tree, Split(on=LATER, source=G1, parts=groups))
    assert tree.households(uid(70), LATER) == 10


def test_a_renamed_unit_keeps_its_old_name_before() -> None:
    tree = small()
    do(tree, Rename(on=LATER, unit=B, name="Xã Phú Túc", kind="commune", code="28810"))
    old, now = tree.on(B, date(2022, 3, 1)), tree.on(B, LATER)
    assert old
    assert now
    assert (old.kind, old.name, old.code) == ("town", "town 4", None)
    assert (now.kind, now.name, now.code) == ("commune", "Xã Phú Túc", "28810")


def test_two_changes_on_one_day_make_one_version() -> None:
    tree = small()
    do(tree, Rename(on=LATER, unit=A, name="x"))
    do(tree, Move(on=LATER, unit=A, parent=P))
    assert [(v.start, v.name, v.parent) for v in tree.versions(A)] == [
        (START, "commune 3", D), (LATER, "x", P)
    ]  # fmt: skip


def test_a_closed_unit_leaves_its_records_above() -> None:
    tree = small()
    do(tree, Close(on=LATER, unit=A2))
    assert tree.reach(A2, LATER) == {A}
    assert tree.versions(A2)[-1].state is State.KEPT


def test_members_come_and_go() -> None:
    tree = small()
    do(tree, Leave(on=LATER, overlay=C, unit=A))
    do(tree, Join(on=LATER + timedelta(days=5), overlay=C, unit=A))
    assert sorted((m.start, m.end) for m in tree.memberships(A) if m.end) == [(START, LATER)]


REFUSED: list[Operation] = [
    Close(on=LATER, unit=A),  # hamlets stand below it
    Close(on=LATER, unit=P),  # nobody above keeps its records
    Close(on=START, unit=A2),  # it would have stood on no day
    Move(on=LATER, unit=A, parent=A1),  # upside down
    Move(on=LATER, unit=A, parent=C),  # overlays are nobody's parent
    Move(on=START - timedelta(days=1), unit=A, parent=P),  # before it stood
    Create(on=LATER, unit=new(A), parent=D),  # it is there already
    Create(on=LATER, unit=new(NEW, "planet"), parent=D),
    Create(on=LATER, unit=new(NEW), parent=uid(99)),
    Rename(on=LATER, unit=A, name="x", kind="hamlet"),  # another rank
    Merge(on=LATER, sources=(A, A), into=new(NEW)),
    Merge(on=LATER, sources=(A, A1), into=new(NEW)),
    Merge(on=LATER, sources=(A, B), into=new(NEW, "hamlet")),
    Split(on=LATER, source=A, parts=(Part(id=NEW, kind="commune", name="x", children=(A1,)),
                                     Part(id=OTHER, kind="commune", name="y"))),
    Split(on=LATER, source=G1, parts=(Part(id=NEW, kind="group", name="x", households=9),
                                      Part(id=OTHER, kind="group", name="y", households=9))),
    Join(on=LATER, overlay=C, unit=A),
    Join(on=LATER, overlay=D, unit=A),
    Leave(on=LATER, overlay=C, unit=A1),
]  # fmt: skip


@pytest.mark.parametrize("operation", REFUSED, ids=lambda operation: operation.op)
def test_what_does_not_fit_is_refused_and_changes_nothing(operation: Operation) -> None:
    tree = small()
    before = dict(tree.facts)
    with pytest.raises(Refused):
        do(tree, operation)
    assert tree.facts == before


def test_changes_are_entered_in_their_order() -> None:
    tree = small()
    do(tree, merge())
    with pytest.raises(Refused):
        do(tree, Rename(on=LATER - timedelta(days=30), unit=A, name="x"))
    with pytest.raises(Refused):  # a hamlet that moves in 2025 cannot belong to something that ends in 2024
        do(tree, Merge(on=LATER - timedelta(days=30), sources=(A1, A2), into=new(OTHER, "hamlet")))


def test_what_others_stand_on_is_not_undone() -> None:
    tree = small()
    made = do(tree, Create(on=LATER, unit=new(NEW), parent=D))
    do(tree, Create(on=LATER, unit=new(OTHER, "hamlet"), parent=NEW))
    undone = Tree(KINDS, tree.facts)
    undone.apply(made.reversed())
    assert list(undone.faults([NEW]))


def test_a_changed_fact_cannot_be_taken_out() -> None:
    tree = small()
    made = do(tree, Rename(on=LATER, unit=A, name="x"))
    do(tree, Rename(on=LATER, unit=A, name="y"))
    with pytest.raises(Refused):
        tree.apply(made.reversed())


@pytest.mark.parametrize("operation", [merge(), *REFUSED], ids=lambda operation: operation.op)
def test_operations_travel_as_json(operation: Operation) -> None:
    assert OPERATION.validate_json(OPERATION.dump_json(operation)) == operation
    assert named_by(operation)


class AnyHistory(RuleBasedStateMachine):
    """Any operations on any days in order, against a model: who stood below whom on each day, remembered as it was."""

    units = Bundle("units")

    def __init__(self) -> None:
        super().__init__()
        self.tree = small()
        self.day = LATER
        self.count = 100
        self.done: list[tuple[date, Changes]] = []
        self.meetings: dict[UUID, date] = {G1: START, G2: START, G3: START}
        self.remembered: dict[date, set[Version]] = {date(2022, 3, 31): set(self.standing(date(2022, 3, 31)))}

    def standing(self, day: date) -> list[Version]:
        return [Version(v.unit, START, None, v.kind, v.parent, v.name) for v in self.tree.standing(day)]

    def mint(self) -> UUID:
        self.count += 1
        return uid(self.count)

    def attempt(self, operation: Operation) -> bool:
        try:
            self.done.append((self.day, do(self.tree, operation)))
        except Refused:
            return False
        return True

    @rule(target=units)
    def begin(self) -> object:
        return multiple(*(unit for unit in self.tree.units if unit != P))

    @rule(days=st.integers(1, 200))
    def time_passes(self, days: int) -> None:
        self.remembered[self.day] = set(self.standing(self.day))
        self.day += timedelta(days=days)

    @rule(target=units, parent=units, kind=st.sampled_from(sorted(KINDS)), households=st.integers(0, 45))
    def create(self, parent: UUID, kind: str, households: int) -> object:
        unit = self.mint()
        if not self.attempt(Create(on=self.day, unit=new(unit, kind), parent=parent)):
            return multiple()
        if KINDS[kind].can_meet:
            self.tree.apply(Changes((), (Reading(unit, self.day, households),)))
            self.meetings[unit] = self.day
        return unit

    @rule(unit=units, name=st.sampled_from(["Phú Túc", "An Khánh"]))
    def rename(self, unit: UUID, name: str) -> None:
        self.attempt(Rename(on=self.day, unit=unit, name=name))

    @rule(unit=units, parent=units)
    def move(self, unit: UUID, parent: UUID) -> None:
        self.attempt(Move(on=self.day, unit=unit, parent=parent))

    @rule(target=units, first=units, second=units)
    def merge(self, first: UUID, second: UUID) -> object:
        found = self.tree.on(first, self.day)
        if not found:
            return multiple()
        unit, total = self.mint(), self.total()
        if not self.attempt(Merge(on=self.day, sources=(first, second), into=new(unit, found.kind))):
            return multiple()
        assert self.total() == total
        return unit

    @rule(target=units, source=units, data=st.data())
    def split(self, source: UUID, data: st.DataObject) -> object:
        found = self.tree.on(source, self.day)
        if not found:
            return multiple()
        children = [v.unit for v in self.tree.children(source, self.day)]
        left = set(data.draw(st.lists(st.sampled_from(children), unique=True))) if children else set()
        counted = self.tree.households(source, self.day)
        share = data.draw(st.integers(0, counted)) if counted is not None else None
        rest = counted - share if share is not None and counted is not None else None
        parts = tuple(
            Part(id=self.mint(), kind=found.kind, name="phần", children=tuple(own), households=households)
            for own, households in ((left, share), (set(children) - left, rest))
        )
        total = self.total()
        if not self.attempt(Split(on=self.day, source=source, parts=parts)):
            return multiple()
        assert self.total() == total
        return multiple(*(part.id for part in parts))

    @rule(unit=units)
    def close(self, unit: UUID) -> None:
        self.attempt(Close(on=self.day, unit=unit))

    @rule(overlay=units, unit=units)
    def join_or_leave(self, overlay: UUID, unit: UUID) -> None:
        if not self.attempt(Join(on=self.day, overlay=overlay, unit=unit)):
            self.attempt(Leave(on=self.day, overlay=overlay, unit=unit))

    @rule()
    def undo(self) -> None:
        """Take the last change back: the tree is what it was, to the letter."""
        if self.done:
            day, last = self.done[-1]
            if any(
                isinstance(f, Reading) and f.counted in last.began() and f not in last.added
                for f in self.tree.facts
            ):
                return  # somebody counted there meanwhile
            before = set(self.tree.facts)
            self.tree.apply(last.reversed())
            self.tree.apply(last)
            assert set(self.tree.facts) == before
            self.tree.apply(last.reversed())
            self.done.pop()
            self.remembered = {on: standing for on, standing in self.remembered.items() if on < day}
            for unit in last.began():
                self.meetings.pop(unit, None)

    def total(self) -> int:
        """Count the households of all groups that stand today."""
        return sum(
            self.tree.households(v.unit, self.day) or 0
            for v in self.tree.standing(self.day)
            if KINDS[v.kind].can_meet
        )

    @invariant()
    def it_is_a_tree_on_every_day(self) -> None:
        assert not list(self.tree.faults())
        for day in {v.start for v in self.tree.facts if isinstance(v, Version)}:
            standing = {v.unit: v for v in self.tree.standing(day)}
            for version in standing.values():
                seen = {version.unit}
                above = version.parent
                while above is not None:
                    assert above not in seen
                    seen.add(above)
                    above = standing[above].parent

    @invariant()
    def every_meeting_is_reached_from_every_later_tree(self) -> None:
        for unit, held_on in self.meetings.items():
            for day in {held_on, self.day, self.day + timedelta(days=1000)}:
                reached = self.tree.reach(unit, day)
                assert reached, (unit, day)
                assert all(self.tree.on(one, day) for one in reached)

    @invariant()
    def the_past_is_as_it_was(self) -> None:
        for day, standing in self.remembered.items():
            if day < self.day:
                assert set(self.standing(day)) == standing


TestAnyHistory = AnyHistory.TestCase
TestAnyHistory.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
