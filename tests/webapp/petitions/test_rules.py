"""The life of a petition: who may do what in which state, and that everybody sees one state, whatever arrives when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import product
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.petitions import records, rules
from webapp.petitions.records import View
from webapp.petitions.rules import (
    Deed,
    Event,
    Relation,
    Standing,
    State,
    Times,
    after,
    may,
    standing_of,
    steps,
)
from webapp.workdays.rules import Calendar

TABLE = """
                raised reopened triaged assigned in_progress on_hold answered resolved declined fed_back closed redirected merged withdrawn
triage          Hv     Hv       -       -        -           -       -        -        -        -        -      -          -      -
assign          -      -        Hv      HOv      Ov          Ov      -        -        -        -        -      -          -      -
answer          -      -        H       -        -           -       -        -        -        -        -      -          -      -
redirect        -      -        Hv      O        O           O       -        -        -        -        -      -          -      -
merge           -      -        H       O        O           O       -        -        -        -        -      -          -      -
start           -      -        -       O        -           -       -        -        -        -        -      -          -      -
hold            -      -        -       -        O           -       -        -        -        -        -      -          -      -
resume          -      -        -       -        -           O       -        -        -        -        -      -          -      -
refer           -      -        -       -        O           O       -        -        -        -        -      -          -      -
reply           -      -        -       A        A           A       -        -        -        -        -      -          -      -
resolve         -      -        -       -        O           O       -        -        -        -        -      -          -      -
decline         -      -        -       -        O           O       -        -        -        -        -      -          -      -
feed_back       -      -        -       -        -           -       FHO      FHO      FHO      FHO      -      -          -      -
close           -      -        -       -        -           -       -        -        -        O        -      -          -      -
reopen          -      -        -       -        -           -       F        F        F        F        -      H          H      -
press           FHVR   FHVR     FHVR    FHVR     FHVR        FHVR    FHVR     FHVR     FHVR     -        -      -          -      -
advise          FHOAV  FHOAV    FHOAV   FHOAV    FHOAV       FHOAV   FHOAV    FHOAV    FHOAV    -        -      -          -      -
propose         FH     FH       FH      FH       FH          FH      -        -        -        -        -      -          -      -
"""  # noqa: E501 - a table
"""Who may: follower F, home H, owner O, agency A, reviewer V (v only while the owner is silent), reader R."""

LETTERS = {
    Relation.FOLLOWER: "F", Relation.HOME: "H", Relation.OWNER: "O", Relation.AGENCY: "A", Relation.REVIEWER: "V",
    Relation.READER: "R",
}  # fmt: skip


def cells() -> Iterator[tuple[Deed, State, str]]:
    head, *lines = TABLE.strip().splitlines()
    for line in lines:
        deed, *row = line.split()
        for state, cell in zip(head.split(), row, strict=True):
            yield Deed(deed), State(state), cell


def test_the_table_is_whole() -> None:
    assert {(deed, state) for deed, state, _ in cells()} == set(product(Deed, State))


def test_every_role_in_every_state_may_do_what_the_table_says_and_nothing_else() -> None:
    looked_at = 0
    for deed, state, cell in cells():
        for relation, late in product(Relation, (False, True)):
            allowed = LETTERS[relation] in cell or (late and LETTERS[relation].lower() in cell)
            assert may(deed, state, [relation], late=late) is allowed, (deed, state, relation, late)
            looked_at += 1
    assert looked_at == 18 * 14 * 6 * 2


@given(st.sets(st.sampled_from(Relation)), st.sampled_from(Deed), st.sampled_from(State), st.booleans())
def test_several_capacities_allow_what_one_of_them_allows(
    relations: set[Relation],
    deed: Deed,
    state: State,
    late: bool,  # noqa: FBT001 - drawn
) -> None:
    one_by_one = any(may(deed, state, [relation], late=late) for relation in relations)
    assert may(deed, state, relations, late=late) is one_by_one


LEADS = {
    Deed.TRIAGE: "triaged", Deed.ASSIGN: "assigned", Deed.ANSWER: "answered", Deed.REDIRECT: "redirected",
    Deed.MERGE: "merged", Deed.START: "in_progress", Deed.HOLD: "on_hold", Deed.RESUME: "in_progress",
    Deed.RESOLVE: "resolved", Deed.DECLINE: "declined", Deed.FEED_BACK: "fed_back", Deed.CLOSE: "closed",
    Deed.REOPEN: "reopened",
}  # fmt: skip
BY_ITSELF = {
    (Deed.REOPEN, State.CLOSED), *product((Deed.ANSWER, Deed.RESOLVE, Deed.DECLINE), rules.LED),
}  # fmt: skip
"""What nobody does at the desk, but happens: the answer of the one that stands for it, and a late word of the group."""


def test_every_deed_leads_where_it_should_and_without_a_line_in_the_table_nowhere() -> None:
    for deed, state, cell in cells():
        ending = uuid4()
        standing = Standing(state, ending=ending)
        reached = after(standing, Event(uuid4(), deed, about=ending)).state
        does_something = cell != "-" or (deed, state) in BY_ITSELF
        assert reached.value == (LEADS.get(deed, state.value) if does_something else state.value), (
            deed,
            state,
        )


def test_what_is_taken_for_granted_is_a_step_its_doer_may_take() -> None:
    assert steps(Deed.ASSIGN, State.RAISED, [Relation.HOME]) == (Deed.TRIAGE, Deed.ASSIGN)
    assert steps(Deed.RESOLVE, State.ASSIGNED, [Relation.OWNER]) == (Deed.START, Deed.RESOLVE)
    assert steps(Deed.RESOLVE, State.RAISED, [Relation.HOME, Relation.OWNER]) == ()  # two steps are two deeds
    assert steps(Deed.ASSIGN, State.RAISED, [Relation.REVIEWER]) == ()
    assert steps(Deed.ASSIGN, State.RAISED, [Relation.REVIEWER], late=True) == (Deed.TRIAGE, Deed.ASSIGN)
    for deed, state, relation, late in product(Deed, State, Relation, (False, True)):
        reached = state
        for one in steps(deed, state, [relation], late=late):
            assert may(one, reached, [relation], late=late)
            reached = after(Standing(reached), Event(uuid4(), one)).state


# The model: one server, a desk with people of every capacity, and phones that hear and speak when they have signal.

PEOPLE = (
    frozenset({Relation.HOME, Relation.OWNER, Relation.FOLLOWER}), frozenset({Relation.OWNER}),
    frozenset({Relation.REVIEWER, Relation.FOLLOWER}), frozenset({Relation.AGENCY}), frozenset({Relation.READER}),
)  # fmt: skip
FIELD = (Deed.FEED_BACK, Deed.REOPEN, Deed.PRESS, Deed.ADVISE)


class World:
    """What happened, in the order of the server, and for each event what its author knew."""

    def __init__(self) -> None:
        self.log: list[Event] = []
        self.knew: dict[UUID, int] = {}
        """How much of the log the author of an event had heard of; what comes later may as well have come before."""
        self.heard = [0, 0, 0]
        self.waiting: list[tuple[Event, int]] = []

    def decide(self, person: frozenset[Relation], deed: Deed, number: int, late: bool) -> None:  # noqa: FBT001 - drawn
        standing = standing_of(self.log)
        for one in steps(deed, standing.state, person, late=late):
            about = standing.ending if one in (Deed.FEED_BACK, Deed.REOPEN, Deed.CLOSE) else None
            event = Event(
                uuid4(), one, about, UUID(int=number), date(2026, 12, 1 + number), list(View)[number % 3]
            )
            self.knew[event.id] = len(self.log)
            self.log.append(event)
            standing = after(standing, event)

    def speak(self, phone: int, deed: Deed, number: int) -> None:
        """Write something on a phone that knows what it last heard."""
        known = standing_of(self.log[: self.heard[phone]])
        if deed in (Deed.FEED_BACK, Deed.REOPEN) and known.state not in rules.TOLD:
            return
        event = Event(uuid4(), deed, known.ending, view=list(View)[number % 3])
        self.waiting.append((event, self.heard[phone]))

    def deliver(self, which: int, again: bool) -> None:  # noqa: FBT001 - drawn
        """Let one of the waiting words arrive, whichever, and perhaps once more later."""
        if self.waiting:
            event, knew = self.waiting[which % len(self.waiting)]
            if not again:
                self.waiting.remove((event, knew))
            if event.id not in self.knew:
                self.knew[event.id] = knew
                self.log.append(event)


MOVES = st.one_of(
    st.tuples(
        st.just("decide"), st.sampled_from(PEOPLE), st.sampled_from(Deed), st.integers(0, 5), st.booleans()
    ),
    st.tuples(st.just("speak"), st.integers(0, 2), st.sampled_from(FIELD), st.integers(0, 5)),
    st.tuples(st.just("hear"), st.integers(0, 2)),
    st.tuples(st.just("deliver"), st.integers(0, 9), st.booleans()),
)
ANSWERED = [
    ("decide", PEOPLE[0], Deed.ASSIGN, 1, False), ("decide", PEOPLE[0], Deed.RESOLVE, 1, False),
    ("hear", 0), ("hear", 1),
]  # fmt: skip
"""Where it becomes interesting: there is an answer, and two phones know it."""


def play(moves: list[tuple[object, ...]]) -> World:
    world = World()
    for name, *arguments in moves:
        if name == "hear":
            world.heard[arguments[0]] = len(world.log)  # type: ignore[call-overload]
        else:
            getattr(world, str(name))(*arguments)
    while world.waiting:
        world.deliver(0, again=False)
    return world


def reordered(world: World, choose: st.DataObject) -> list[Event]:
    """Return the same events in another order in which they could have arrived: after what their authors knew."""
    before = {event.id: {one.id for one in world.log[: world.knew[event.id]]} for event in world.log}
    left, order = list(world.log), list[Event]()
    while left:
        here = {event.id for event in order}
        ready = [event for event in left if before[event.id] <= here]
        chosen = choose.draw(st.sampled_from(ready))
        left.remove(chosen)
        order.append(chosen)
    return order


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([[], ANSWERED]), st.lists(MOVES, max_size=40), st.data())
def test_whatever_arrives_when_there_is_one_state(
    start: list[tuple[object, ...]], moves: list[tuple[object, ...]], choose: st.DataObject
) -> None:
    world = play([*start, *moves])
    state = standing_of(world.log)
    for _ in range(3):
        order = reordered(world, choose)
        assert standing_of(order) == state
        assert standing_of([*order, *order]) == state  # told twice, it happened once


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([[], ANSWERED]), st.lists(MOVES, max_size=40))
def test_every_step_of_a_log_is_legal_or_without_effect(
    start: list[tuple[object, ...]], moves: list[tuple[object, ...]]
) -> None:
    world = play([*start, *moves])
    standing = Standing()
    for event in world.log:
        now = after(standing, event)
        if now.state is not standing.state:
            assert (
                may(event.deed, standing.state, list(Relation), late=True)
                or (event.deed, standing.state) in BY_ITSELF
            )
        if now.state is State.CLOSED and standing.state is not State.CLOSED:
            assert standing.state is State.FED_BACK
        if now.state in rules.WORKING:
            assert now.due is not None
        if now.state in rules.TOLD | {State.CLOSED}:
            assert now.ending is not None
        standing = now


ANSWER = UUID(int=7)
TOLD = [
    Event(UUID(int=1), Deed.TRIAGE), Event(UUID(int=2), Deed.ASSIGN, unit=UUID(int=9), day=date(2026, 12, 1)),
    Event(UUID(int=3), Deed.START), Event(ANSWER, Deed.RESOLVE),
    Event(UUID(int=4), Deed.FEED_BACK, about=ANSWER, view=View.AGREED),
]  # fmt: skip


def test_the_group_that_does_not_agree_outweighs_those_that_do() -> None:
    refused = Event(UUID(int=5), Deed.FEED_BACK, about=ANSWER, view=View.NOT_YET)
    assert standing_of(TOLD).view is View.AGREED
    assert (
        standing_of([*TOLD, refused]).view
        is standing_of([*TOLD[:-1], refused, TOLD[-1]]).view
        is View.NOT_YET
    )


def test_a_word_on_an_answer_that_no_longer_stands_changes_nothing() -> None:
    again = Event(UUID(int=5), Deed.REOPEN, about=ANSWER)
    reopened = standing_of([*TOLD, again])
    assert reopened.state is State.REOPENED
    assert (reopened.owner, reopened.due) == (None, None)
    for late in (
        TOLD[-1],
        Event(UUID(int=6), Deed.REOPEN, about=ANSWER),
        Event(UUID(int=8), Deed.CLOSE, about=ANSWER),
    ):
        assert after(reopened, late) == reopened


def test_the_group_may_disagree_after_it_was_closed_unheard() -> None:
    closed = Event(UUID(int=5), Deed.CLOSE, about=ANSWER)
    again = Event(UUID(int=6), Deed.REOPEN, about=ANSWER)
    assert standing_of([*TOLD, closed]).state is State.CLOSED
    assert (
        standing_of([*TOLD, closed, again]).state
        is standing_of([*TOLD, again, closed]).state
        is State.REOPENED
    )


TIMES = Times(triage=3, feedback=22)


@pytest.mark.parametrize(
    ("standing", "until"),
    [
        (Standing(State.RAISED), date(2026, 11, 11)),
        (Standing(State.REOPENED), date(2026, 11, 11)),
        (Standing(State.TRIAGED), date(2026, 11, 11)),
        (Standing(State.ASSIGNED, due=date(2026, 12, 1)), date(2026, 12, 1)),
        (Standing(State.IN_PROGRESS, due=date(2026, 12, 1)), date(2026, 12, 1)),
        (Standing(State.ON_HOLD, due=date(2026, 12, 1), rests_until=date(2027, 1, 5)), date(2027, 1, 5)),
        (Standing(State.RESOLVED, due=date(2026, 12, 1)), date(2026, 12, 9)),
        (Standing(State.FED_BACK), None),
        (Standing(State.CLOSED), None),
        (Standing(State.MERGED), None),
        (Standing(State.WITHDRAWN), None),
    ],
)
def test_until_when_the_next_step_is_due(standing: Standing, until: date | None) -> None:
    friday = date(2026, 11, 6)
    assert rules.next_by(standing, friday, Calendar(), TIMES) == until
    assert rules.is_late(until, date(2027, 6, 1)) is (until is not None)
    assert not (until and rules.is_late(until, until))


def test_every_deed_has_its_words_and_every_open_state_a_deadline() -> None:
    assert set(rules.SAYS) == set(Deed)
    day = date(2026, 12, 1)
    for state in State:
        standing = Standing(state, due=day, rests_until=day)
        assert (rules.next_by(standing, day, Calendar(), TIMES) is not None) is (state in rules.OPEN)


TODAY = date(2026, 11, 22)
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


def test_what_must_not_be_said_in_a_place() -> None:
    given_to = records.Assignment(unit_id=uuid4(), day=YESTERDAY)
    told = records.Feedback(day=TOMORROW, view=View.AGREED)
    disagrees = Standing(State.FED_BACK, view=View.NOT_YET)
    assert rules.what_is_wrong(Deed.ASSIGN, given_to, Standing(), TODAY) is not None
    assert (
        rules.what_is_wrong(Deed.ASSIGN, given_to.model_copy(update={"day": TODAY}), Standing(), TODAY)
        is None
    )
    assert rules.what_is_wrong(Deed.FEED_BACK, told, Standing(), TODAY) is not None
    assert (
        rules.what_is_wrong(Deed.FEED_BACK, told.model_copy(update={"day": TODAY}), Standing(), TODAY) is None
    )
    assert rules.what_is_wrong(Deed.CLOSE, records.Word(), disagrees, TODAY) is not None
    assert (
        rules.what_is_wrong(Deed.CLOSE, records.Word(text="Đã giải thích lần hai."), disagrees, TODAY) is None
    )
    assert rules.what_is_wrong(Deed.CLOSE, records.Word(), Standing(State.FED_BACK), TODAY) is None
