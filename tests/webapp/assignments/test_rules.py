"""The book of assignments: what each deed does, and what no sequence of them can break."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from webapp.assignments.rules import (
    AlreadyHeld,
    Book,
    Changes,
    Exempt,
    Held,
    Refused,
    begin,
    cover,
    finish,
    load,
    succeed,
    turn,
)

DAY = date(2026, 1, 1)
LAN, MINH, AU = (UUID(int=n) for n in (1, 2, 3))
GROUP, OTHER = UUID(int=11), UUID(int=12)
ROLE = "group_officer"


def uid(number: int) -> UUID:
    return UUID(int=100 + number)


def on(days: int) -> date:
    return DAY + timedelta(days=days)


def held(
    number: int, officer: UUID = LAN, *, primary: bool = True, start: int = 0, end: int | None = None
) -> Held:
    return Held(uid(number), officer, GROUP, ROLE, primary, on(start), None if end is None else on(end))


def test_one_person_is_in_charge_and_others_are_deputies() -> None:
    book = Book([held(1)])
    with pytest.raises(Refused, match="phụ trách chính"):
        begin(book, held(2, MINH, start=5))
    book.apply(begin(book, held(2, MINH, primary=False, start=5)))
    found = cover([GROUP, OTHER], book, on(6))
    assert [one.officer for one in found[GROUP].primary] == [LAN]
    assert [one.officer for one in found[GROUP].deputies] == [MINH]
    assert found[OTHER].is_uncovered
    assert not found[GROUP].is_doubled
    assert load(book, on(6)) == {LAN: 1}


def test_what_is_in_the_book_is_known_as_such() -> None:
    book = Book([held(1)])
    with pytest.raises(AlreadyHeld):
        begin(book, held(2))
    with pytest.raises(Refused) as refused:
        begin(book, held(2, primary=False))
    assert not isinstance(refused.value, AlreadyHeld)


def test_who_is_exempt_is_not_assigned_but_goes_on_until_somebody_ends_it() -> None:
    book = Book([held(1)], [Exempt(MINH, on(10), on(20)), Exempt(LAN, on(0))])
    with pytest.raises(Refused, match="miễn"):
        begin(book, held(2, MINH, primary=False))
    begin(book, held(2, MINH, primary=False, start=20))
    with pytest.raises(Refused, match="miễn"):
        succeed(book, uid(1), MINH, on(15), uid(3))
    book.apply(begin(book, held(4, AU, primary=False)))
    book.apply(turn(book, uid(4), on(5), [uid(5), uid(6)], primary=True))  # the exempt one becomes deputy
    assert [one.officer for one in cover([GROUP], book, on(5))[GROUP].deputies] == [LAN]


def test_an_end_is_the_first_day_without_and_comes_once() -> None:
    book = Book([held(1)])
    with pytest.raises(Refused, match="bắt đầu sau"):
        finish(book, uid(1), on(-1))
    book.apply(finish(book, uid(1), on(3)))
    assert not cover([GROUP], book, on(2))[GROUP].is_uncovered
    assert cover([GROUP], book, on(3))[GROUP].is_uncovered
    with pytest.raises(Refused, match="đã kết thúc"):
        finish(book, uid(1), on(3))
    with pytest.raises(Refused, match="Không tìm thấy"):
        finish(book, uid(9), on(3))


def test_a_deputy_who_succeeds_is_deputy_no_more() -> None:
    book = Book([held(1), held(2, MINH, primary=False)])
    book.apply(succeed(book, uid(1), MINH, on(7), uid(3)))
    before, after = (cover([GROUP], book, on(day))[GROUP] for day in (6, 7))
    assert [one.officer for one in before.primary] == [LAN]
    assert [one.officer for one in after.primary] == [MINH]
    assert not after.deputies
    with pytest.raises(Refused, match="khác người cũ"):
        succeed(book, uid(3), MINH, on(9), uid(4))


def test_who_succeeds_holds_as_long_as_the_other_would_have() -> None:
    book = Book([held(1, end=20)])
    book.apply(succeed(book, uid(1), MINH, on(7), uid(3)))
    assert (book.get(uid(3)).start, book.get(uid(3)).end) == (on(7), on(20))


def test_two_who_are_in_charge_after_a_merger_are_seen_and_not_made_more() -> None:
    book = Book([held(1), held(2, MINH)])
    assert cover([GROUP], book, DAY)[GROUP].is_doubled
    with pytest.raises(Refused):
        succeed(book, uid(1), AU, on(1), uid(3))
    book.apply(turn(book, uid(2), on(1), [uid(4)], primary=False))
    assert not cover([GROUP], book, on(1))[GROUP].is_doubled


def test_what_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(Refused, match="sau ngày bắt đầu"):
        begin(Book(), held(1, end=0))


_days = st.integers(0, 40)
_officers = st.sampled_from([LAN, MINH, AU])
_units = st.sampled_from([GROUP, OTHER])


class Office(RuleBasedStateMachine):
    """An office that assigns, ends, replaces and turns in any order, against a calendar that remembers."""

    def __init__(self) -> None:
        super().__init__()
        self.frees = [Exempt(AU, on(15), on(25))]
        self.book = Book(exempt=self.frees)
        self.fresh = 0

    def id(self) -> UUID:
        self.fresh += 1
        return uid(self.fresh)

    def calendar(self) -> dict[int, frozenset[tuple[UUID, UUID, bool]]]:
        """Return for each day who holds what how."""
        return {
            day: frozenset((h.officer, h.unit, h.is_primary) for h in self.book if h.holds_on(on(day)))
            for day in range(-2, 60)
        }

    def do(self, changes: Changes, day: int) -> tuple[dict[int, frozenset[tuple[UUID, UUID, bool]]], ...]:
        before = self.calendar()
        self.book.apply(changes)
        after = self.calendar()
        assert all(before[d] == after[d] for d in before if d < day), "the past is what it was"
        return before, after

    def any(self, data: st.DataObject) -> Held | None:
        known = sorted(self.book, key=lambda one: one.id)
        return data.draw(st.sampled_from(known)) if known else None

    @rule(
        officer=_officers,
        unit=_units,
        start=_days,
        length=st.none() | st.integers(1, 15),
        primary=st.booleans(),
    )
    def assign(self, officer: UUID, unit: UUID, start: int, length: int | None, *, primary: bool) -> None:
        end = None if length is None else on(start + length)
        new = Held(self.id(), officer, unit, ROLE, primary, on(start), end)
        try:
            self.do(begin(self.book, new), start)
        except Refused:
            return
        assert not self.book.is_exempt(officer, new.start, new.end)

    @rule(data=st.data(), day=_days)
    def end(self, data: st.DataObject, day: int) -> None:
        one = self.any(data)
        if one is None:
            return
        try:
            before, after = self.do(finish(self.book, one.id, on(day)), day)
        except Refused:
            return
        gone = {(one.officer, one.unit, one.is_primary)}
        assert all(after[d] == before[d] - gone for d in before if d >= day and one.holds_on(on(d)))

    @rule(data=st.data(), day=_days, officer=_officers)
    def replace(self, data: st.DataObject, day: int, officer: UUID) -> None:
        one = self.any(data)
        if one is None:
            return
        try:
            before, after = self.do(succeed(self.book, one.id, officer, on(day), self.id()), day)
        except Refused:
            return
        for d in before:
            led_before, led_after = (
                sum(unit == one.unit and primary for _, unit, primary in on_day[d])
                for on_day in (before, after)
            )
            assert led_before == led_after, "no day is left without, none gets two"
            if d >= day and one.holds_on(on(d)):
                assert (officer, one.unit, one.is_primary) in after[d]
                assert not any(o == one.officer and u == one.unit for o, u, _ in after[d])

    @rule(data=st.data(), day=_days, primary=st.booleans())
    def turn(self, data: st.DataObject, day: int, *, primary: bool) -> None:
        one = self.any(data)
        if one is None:
            return
        try:
            before, after = self.do(
                turn(self.book, one.id, on(day), [self.id(), self.id()], primary=primary), day
            )
        except Refused:
            return
        for d in before:
            assert {(o, u) for o, u, _ in before[d]} == {(o, u) for o, u, _ in after[d]}, "the same people"
            if d >= day and one.holds_on(on(d)):
                assert (one.officer, one.unit, primary) in after[d]

    @invariant()
    def one_is_in_charge_and_nobody_is_there_twice(self) -> None:
        for day in range(-2, 60):
            for unit in (GROUP, OTHER):
                here = [h for h in self.book if h.unit == unit and h.holds_on(on(day))]
                assert sum(h.is_primary for h in here) <= 1
                assert len({h.officer for h in here}) == len(here)


TestOffice = Office.TestCase
TestOffice.settings = settings(max_examples=250, stateful_step_count=25, deadline=None)
