"""Bulletins as pure data: whom an audience covers, what is due, and what may be published."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from webapp.bulletins.rules import (
    ALLOWED,
    MAX_ITEMS,
    MAX_PINNED,
    Audience,
    Deed,
    Item,
    Line,
    State,
    Step,
    attached,
    covered,
    is_due,
    last_day,
    may_publish,
    month_after,
    month_of,
    why_not,
)

TODAY = date(2026, 11, 22)
MONTH = date(2026, 11, 1)
IDS = [UUID(int=n) for n in range(1, 9)]
KINDS = ["group", "hamlet", "quarter", "commune"]

ids = st.sampled_from(IDS)
kinds = st.sampled_from(KINDS)
lines = st.lists(st.builds(Step, ids, kinds), min_size=1, max_size=4, unique_by=lambda step: step.unit)
audiences = st.builds(Audience, st.frozensets(ids, min_size=1, max_size=4), st.frozensets(kinds, max_size=2))
days = st.dates(date(2020, 1, 1), date(2040, 12, 31))


def item(number: int = 100, **said: object) -> Item:
    known = Item(UUID(int=number), IDS[0], MONTH, State.PUBLISHED, Audience(frozenset({IDS[0]})))
    return replace(known, **said)  # type: ignore[arg-type]


@given(audiences, lines)
def test_a_wider_audience_loses_nobody(audience: Audience, line: Line) -> None:
    wider = Audience(audience.places | {IDS[7]}, frozenset())
    assert not audience.covers(line) or wider.covers(line)


@given(audiences, lines)
def test_covered_means_in_a_place_and_of_a_kind(audience: Audience, line: Line) -> None:
    inside = bool(audience.places & {step.unit for step in line})
    of_kind = not audience.kinds or bool(audience.kinds & {step.kind for step in line})
    assert audience.covers(line) == (inside and of_kind)


@given(audiences, st.dictionaries(ids, lines, max_size=6))
def test_those_covered_are_those_each_covers(audience: Audience, many: dict[UUID, Line]) -> None:
    assert covered(audience, many) == {group for group, line in many.items() if audience.covers(line)}


@given(days)
def test_an_item_is_due_on_every_day_of_its_month_and_no_other(day: date) -> None:
    line = [Step(IDS[0], "group")]
    month = month_of(day)
    assert is_due(item(month=month), line, day)
    assert is_due(item(month=month), line, last_day(month))
    assert not is_due(item(month=month), line, last_day(month) + timedelta(days=1))
    assert not is_due(item(month=month), line, month - timedelta(days=1))
    assert not is_due(item(month=month), [Step(IDS[1], "group")], day)


@given(days, st.integers(-40, 40))
def test_months_are_counted_there_and_back(day: date, count: int) -> None:
    month = month_of(day)
    assert month_after(month_after(month, count), -count) == month


@given(st.sampled_from([one for one in State if one is not State.PUBLISHED]))
def test_only_what_is_published_is_due(state: State) -> None:
    assert not is_due(item(state=state), [Step(IDS[0], "group")], MONTH)


@given(st.frozensets(ids), ids)
def test_one_publishes_in_the_name_of_ones_own_unit_only(roots: frozenset[UUID], unit: UUID) -> None:
    assert may_publish(unit, roots) == (unit in roots)


@given(st.lists(st.booleans(), max_size=MAX_ITEMS + 6))
def test_never_more_pins_or_items_than_there_may_be(pins: list[bool]) -> None:
    """However drafts come in, what gets published never breaks a bound, and nothing is refused below both."""
    standing: list[Item] = []
    inside = {IDS[0]: [Step(IDS[0], "commune")]}
    for number, is_pinned in enumerate(pins):
        draft = item(200 + number, state=State.DRAFT, is_pinned=is_pinned)
        has_room = len(standing) < MAX_ITEMS
        may_pin = not is_pinned or sum(one.is_pinned for one in standing) < MAX_PINNED
        refused = why_not(draft, standing, inside, TODAY)
        assert (refused is None) == (has_room and may_pin)
        if refused is None:
            standing.append(replace(draft, state=State.PUBLISHED))
    assert len(standing) <= MAX_ITEMS
    assert sum(one.is_pinned for one in standing) <= MAX_PINNED


def test_a_replacement_takes_the_place_of_the_old_one() -> None:
    full = [item(n, is_pinned=True) for n in range(300, 300 + MAX_PINNED)]
    inside = {IDS[0]: [Step(IDS[0], "commune")]}
    draft = item(state=State.DRAFT, is_pinned=True)
    assert why_not(draft, full, inside, TODAY)
    assert why_not(draft, full, inside, TODAY, replaces=full[0]) is None
    assert why_not(draft, full, inside, TODAY, replaces=replace(full[0], state=State.WITHDRAWN))


def test_a_month_that_is_over_and_a_place_outside_are_refused() -> None:
    inside = {IDS[0]: [Step(IDS[0], "commune")]}
    assert why_not(item(state=State.DRAFT), [], inside, TODAY) is None
    assert why_not(item(state=State.DRAFT), [], inside, date(2026, 12, 1))
    elsewhere = Audience(frozenset({IDS[1]}))
    line = {IDS[1]: [Step(IDS[1], "hamlet"), Step(IDS[2], "commune")]}
    assert why_not(item(state=State.DRAFT, audience=elsewhere), [], line, TODAY)
    assert why_not(item(state=State.DRAFT, audience=Audience(frozenset())), [], inside, TODAY)


def test_what_was_published_is_never_changed_or_deleted() -> None:
    assert ALLOWED[State.PUBLISHED] == {Deed.REPLACE, Deed.WITHDRAW}
    assert not ALLOWED[State.REPLACED] | ALLOWED[State.WITHDRAWN]


@given(st.text(max_size=300), st.binary(max_size=40))
def test_a_file_is_what_its_content_says_whatever_its_name(name: str, rest: bytes) -> None:
    for beginning, kind in ((b"\xff\xd8\xff", "image/jpeg"), (b"%PDF-", "application/pdf")):
        found = attached(name, beginning + rest)
        assert found
        assert (found.media_type, found.size) == (kind, len(beginning) + len(rest))
        assert found.name
        assert len(found.name) <= 120
        assert found.name.isprintable()
        assert not set(found.name) & set("/\\")
    assert attached(name, b"<" + rest) is None
