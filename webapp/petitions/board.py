"""Reads of the board: petitions in scope, a page at a time, with work that does not grow with their number.

A scope is a few communes, and every index of the board begins with the commune's feed: so a list is made of short
walks, one for each feed and state, each in the order of the list and no longer than a page.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, false, func, not_, or_, select, union_all
from sqlalchemy.orm import aliased

from webapp import clock
from webapp.db import db
from webapp.fields import N_, Choice
from webapp.permissions import Permission
from webapp.petitions import rules
from webapp.petitions.models import PetitionEvent, PetitionRecord
from webapp.petitions.queries import owners_of, units
from webapp.petitions.records import Feedback
from webapp.petitions.rules import Deed, Returned, State
from webapp.places.models import Unit
from webapp.places.queries import below, stands_on, with_forebears

if TYPE_CHECKING:
    from webapp.accounts.rules import Actor

PAGE: Final = 30
P = Permission
T, E = PetitionRecord, PetitionEvent
MOST_NAMED: Final = 5000
"""How many records one statement asks for by name."""
RECENT: Final = timedelta(days=90)
"""Over how many days the board says how much was told."""


class Lane(Choice):
    """A tab of the board: the states in which the same people have something to do."""

    OPEN = "open", N_("Việc đang mở")
    WAITING = "waiting", N_("Chờ phân loại")
    WORKING = "working", N_("Đang giải quyết")
    OWED = "owed", N_("Chưa trả lời tổ")
    TOLD = "told", N_("Chờ kết thúc")
    DONE = "done", N_("Đã xong")


STATES: Final[Mapping[Lane, frozenset[State]]] = {
    Lane.OPEN: rules.OPEN, Lane.WAITING: rules.WAITING, Lane.WORKING: rules.WORKING | {State.TRIAGED},
    Lane.OWED: rules.OWED, Lane.TOLD: frozenset({State.FED_BACK}),
    Lane.DONE: frozenset({State.CLOSED, State.REDIRECTED, State.MERGED, State.WITHDRAWN}),
}  # fmt: skip


@dataclass(frozen=True)
class Span:
    """Some days, the last one included."""

    first: date
    last: date

    def __str__(self) -> str:
        """Write the days as they stand in an address."""
        return f"{self.first}..{self.last}"

    @classmethod
    def read(cls, text: str) -> Span | None:
        """Read what stands in an address; what makes no sense is none."""
        try:
            first, last = (date.fromisoformat(day) for day in text.split(".."))
        except ValueError:
            return None
        return cls(first, last) if date.min < first <= last < date.max else None

    def moments(self) -> tuple[datetime, datetime]:
        """Return when the first day begins, and when the last one is over."""
        first, end = (datetime.combine(day, time.min, clock.LOCAL_ZONE) for day in (self.first, self.last))
        return first, end + timedelta(days=1)


HEARD: Final = (State.FED_BACK, State.CLOSED)
"""The group knows the answer that stands."""


@dataclass(frozen=True)
class Filters:
    """What the address of the board asks for."""

    lane: Lane = Lane.OPEN
    state: State | None = None
    late: bool = False
    by: date | None = None
    """The next step is due until this day, whichever it is."""
    told: Span | None = None
    """The group was first told the standing answer on one of these days: then in whatever lane."""
    older: int = 0
    """Raised at least so many days ago."""
    category: str = ""
    urgency: str = ""
    channel: str = ""
    unit_id: UUID | None = None
    after: str = ""
    """The last line of the page before this one."""

    @property
    def by_deadline(self) -> bool:
        """Say whether the list is in the order of what is due next; else what changed last comes first."""
        if self.told:
            return False
        return (self.state in rules.OPEN) if self.state else STATES[self.lane] <= rules.OPEN

    @property
    def states(self) -> Collection[State]:
        """Return in which states a petition of the list is."""
        if self.told:
            return HEARD
        states = {self.state} if self.state else STATES[self.lane]
        return states & {State.REDIRECTED} if self.channel else states


class Row(NamedTuple):
    """One line of the board."""

    petition: PetitionRecord
    group: str
    parent: str
    owner: str | None


@dataclass(frozen=True)
class Board:
    """One page, the numbers of the tabs under the same filters, and where the list goes on."""

    rows: Sequence[Row]
    counts: Mapping[State, int]
    late: Mapping[State, int]
    following: str

    def number(self, lane: Lane) -> int:
        """Return how many petitions a tab holds."""
        return sum(self.counts.get(state, 0) for state in STATES[lane])


class Scope(NamedTuple):
    """Where the actor reads petitions: whole feeds, parts of feeds, and single petitions outside of both."""

    feeds: Sequence[UUID]
    parts: Mapping[UUID, Sequence[UUID]]
    beside: Sequence[ColumnElement[bool]]

    def legs(self) -> list[ColumnElement[bool]]:
        """Return the scope as conditions, each led by an index, none touching another."""
        found: list[ColumnElement[bool]] = [T.feed_unit_id == feed for feed in self.feeds]
        found += [and_(T.feed_unit_id == feed, T.unit_id.in_(units)) for feed, units in self.parts.items()]
        return [*found, *self.beside]

    def whole(self) -> ColumnElement[bool]:
        """Return the scope as one condition."""
        return or_(*self.legs()) if self.legs() else false()


def scope_of(actor: Actor, unit_id: UUID | None = None) -> Scope:
    """Return where the actor reads petitions today, or of that what lies below one unit."""
    today = clock.today()
    feeds, parts = _below(actor.roots(P.READ_MEETING, today) | actor.roots(P.RECORD_MEETING, today), unit_id)
    handled = actor.roots(P.HANDLE_PETITION, today)
    wider = [T.author_id == actor.officer_id]
    if handled:
        asked = select(PetitionEvent.petition_id).where(
            PetitionEvent.unit_id.in_(handled), PetitionEvent.deed == Deed.REFER
        )
        wider += [T.id.in_(asked), T.owner_unit_id.in_(with_forebears(handled, today))]
    if told := actor.roots(P.READ_ESCALATED, today):
        put_forward = or_(T.next_by < today, T.proposed_to_id.is_not(None))
        wider += [and_(leg, put_forward) for leg in Scope(*_below(told, unit_id), ()).legs()]
    within = [T.unit_id.in_(select(below([unit_id], today).c.id))] if unit_id else []
    inside = Scope(feeds, parts, ())
    apart = [
        and_(one, *within, not_(inside.whole()), *(not_(earlier) for earlier in wider[:place]))
        for place, one in enumerate(wider)
    ]
    return Scope(feeds, parts, apart)


def _below(roots: frozenset[UUID], unit_id: UUID | None) -> tuple[list[UUID], dict[UUID, list[UUID]]]:
    """Return the feeds that lie below the roots as a whole, and of the others which units do."""
    if not roots:
        return [], {}
    today = clock.today()
    tree = below(roots, today)
    inside = select(tree.c.id)
    if unit_id:
        inside = inside.intersect(select(below([unit_id], today).c.id))  # type: ignore[assignment]
    found: dict[UUID, list[UUID]] = defaultdict(list)
    for feed, unit in db.session.execute(
        select(Unit.feed_unit_id, Unit.id).where(Unit.id.in_(inside), Unit.feed_unit_id.is_not(None))
    ):
        if feed:
            found[feed].append(unit)
    sizes = db.session.execute(
        select(Unit.feed_unit_id, func.count())
        .where(Unit.feed_unit_id.in_(found))
        .group_by(Unit.feed_unit_id)
    )
    whole = {feed for feed, size in sizes if feed and len(found[feed]) == size}
    return sorted(whole), {feed: units for feed, units in found.items() if feed not in whole}


def board(actor: Actor, filters: Filters) -> Board:
    """Return a page of the petitions in the actor's scope that fit, what is due first on top."""
    scope = scope_of(actor, filters.unit_id)
    ids = db.session.scalars(page_of(scope, filters)).all()
    group, parent = aliased(Unit), aliased(Unit)
    rows = db.session.execute(
        select(T, group.name, parent.name)
        .join(group, group.id == T.unit_id)
        .join(parent, parent.id == group.parent_id)
        .where(T.id.in_(ids[:PAGE]))
    ).all()
    owners = owners_of([row[0] for row in rows])
    names = {one: unit.name for one, unit in units(owners.values()).items()}
    by_id = {row[0].id: Row(*row, names.get(owners[row[0].id])) for row in rows}  # type: ignore[arg-type] # None is none
    found = [by_id[one] for one in ids[:PAGE]]
    counts, late = Counter[State](), Counter[State]()
    for state, number, overdue in db.session.execute(counted_in(scope, filters)):
        counts[State(state)], late[State(state)] = number, overdue
    following = _mark(found[-1].petition, filters) if len(ids) > PAGE else ""
    return Board(found, counts, late, following)


def page_of(scope: Scope, filters: Filters) -> Select[UUID]:
    """Return the statement that finds the ids of a page and of one more, in their order."""
    states = sorted(filters.states)
    key, asked = (T.next_by if filters.by_deadline else T.since), _asked(filters)
    if filters.by_deadline and len(states) == len(rules.OPEN):
        # All that is open is one walk: what has a next step. Something withdrawn may be among it.
        narrowed = [and_(T.next_by.is_not(None), T.state != State.WITHDRAWN)]
    else:
        narrowed = [T.state == state for state in states]
    walks = [
        select(T.id, key.label("key"))
        .where(leg, one, *asked, *_later(filters, key))
        .order_by(*_order(filters, key, T.id))
        .limit(PAGE + 1)
        .subquery()
        for leg in scope.legs()
        for one in narrowed
    ]
    if not walks:
        return select(T.id).where(false())
    every = union_all(*(select(walk) for walk in walks)).subquery()
    return select(every.c.id).order_by(*_order(filters, every.c.key, every.c.id)).limit(PAGE + 1)


def _asked(filters: Filters) -> list[ColumnElement[bool]]:
    """Return the conditions that hold for the list and for the numbers of the tabs."""
    found: list[ColumnElement[bool]] = []
    if filters.late:
        found.append(T.next_by < clock.today())
    if filters.by:
        found.append(T.next_by <= filters.by)
    if filters.told:
        found += _told_in(filters.told)
    if filters.older:
        found.append(T.received_at < clock.now() - timedelta(days=filters.older))
    for column, value in (
        (T.category, filters.category), (T.urgency, filters.urgency), (T.channel, filters.channel),
    ):  # fmt: skip
        if value:
            found.append(column == value)
    return found


def _told_in(span: Span) -> list[ColumnElement[bool]]:
    """Return the condition that a group was first told the standing answer on one of these days.

    The state it has now began no earlier than that, so a walk by state begins at the first day.
    """
    begin, end = span.moments()
    told = (
        select(func.min(E.received_at))
        .where(E.petition_id == T.id, E.deed == Deed.FEED_BACK, E.about_id == T.ending_id)
        .correlate(T)
        .scalar_subquery()
    )
    return [T.since >= begin, told >= begin, told < end]


def returned(actor: Actor, span: Span, unit_id: UUID | None = None) -> Returned:
    """Return how much of what was due until the end of some days was told to its group, and after how long.

    Told is what was first told on these days and still stands. Owed is what should have moved until then and has not
    moved yet, however old: what is forgotten never leaves the figure.
    """
    scope = scope_of(actor, unit_id)
    if not (legs := scope.legs()):
        return rules.returned((), 0)
    begin, end = span.moments()
    walks = union_all(
        *(select(T.id, T.ending_id, T.recorded_at, T.received_at).where(leg, T.state == state, T.since >= begin)
          for leg in legs for state in HEARD)
    ).subquery()  # fmt: skip
    heard = {row.id: row for row in db.session.execute(select(walks))}
    first = _first_told({row.id: row.ending_id for row in heard.values()})
    waits = [
        rules.waited(clock.local(min(heard[ident].recorded_at, heard[ident].received_at)).date(), day)
        for ident, (at, day) in first.items()
        if begin <= at < end
    ]
    until = overdue_until(span)
    owed = union_all(
        *(
            select(func.count().label("number")).where(leg, T.next_by <= until, T.state != State.WITHDRAWN)
            for leg in legs
        )
    ).subquery()
    return rules.returned(waits, int(db.session.scalar(select(func.sum(owed.c.number))) or 0))


def _first_told(answers: Mapping[UUID, UUID | None]) -> dict[UUID, tuple[datetime, date]]:
    """Return when the server first heard that the group was told this answer to each petition, and of which day."""
    found: dict[UUID, tuple[datetime, date]] = {}
    named = list(answers)
    for start in range(0, len(named), MOST_NAMED):
        told = db.session.execute(
            select(E.petition_id, E.about_id, E.received_at, E.said)
            .where(E.petition_id.in_(named[start : start + MOST_NAMED]), E.deed == Deed.FEED_BACK)
            .order_by(E.seq.desc())  # the first one is read last, and stays
        )
        for ident, about, at, said in told:
            if about == answers[ident]:
                found[ident] = at, Feedback.model_validate_json(said).day
    return found


def overdue_until(span: Span) -> date:
    """Return the last of some days whose steps are overdue: what is due today is not yet."""
    return min(span.last, clock.today() - timedelta(days=1))


def counted_in(scope: Scope, filters: Filters) -> Select[Any]:
    """Return the statement that counts what is not done, by state, and how much of it is overdue.

    It reads what is not done, and nothing of what is: that only grows.
    """
    states, asked = sorted(rules.OPEN | {State.FED_BACK}), _asked(replace(filters, told=None))
    counted = select(T.state, case((T.next_by < clock.today(), 1), else_=0).label("overdue")).where(*asked)
    # One state at a time: SQLite takes each for as frequent as the others, and would rather read the whole table.
    whole = [and_(T.feed_unit_id.in_(scope.feeds), T.state == state) for state in states if scope.feeds]
    others = [and_(leg, T.state.in_(states)) for leg in scope.legs()[len(scope.feeds) :]]
    legs = [counted.where(leg) for leg in [*whole, *others]]
    found = union_all(*legs).subquery()
    return select(found.c.state, func.count(), func.sum(found.c.overdue)).group_by(found.c.state)


def _order(filters: Filters, key: Any, ident: Any) -> tuple[Any, Any]:  # noqa: ANN401 - columns of whatever is ordered
    return (key, ident) if filters.by_deadline else (key.desc(), ident.desc())


def _later(filters: Filters, key: Any) -> list[ColumnElement[bool]]:  # noqa: ANN401 - a column
    """Return the condition that a line comes after the last one of the page before."""
    text, _, ident = filters.after.rpartition("~")
    try:
        last: date | datetime = (
            date.fromisoformat(text) if filters.by_deadline else datetime.fromisoformat(text)
        )
        last_id = UUID(ident)
    except ValueError:
        return []
    if isinstance(last, datetime):
        last = last if last.tzinfo else last.replace(tzinfo=UTC)
        return [or_(key < last, and_(key == last, T.id < last_id))]
    return [key >= last, or_(key > last, T.id > last_id)]


def _mark(last: PetitionRecord, filters: Filters) -> str:
    """Write down where a page ends."""
    key = last.next_by.isoformat() if filters.by_deadline and last.next_by else last.since.isoformat()
    return f"{key}~{last.id}"


def redirected(actor: Actor, since: datetime) -> dict[str, int]:
    """Count what was sent to each other channel since a moment; nothing else is told of it."""
    rows = db.session.execute(
        select(T.channel, func.count())
        .where(scope_of(actor).whole(), T.state == State.REDIRECTED, T.since >= since, T.channel.is_not(None))
        .group_by(T.channel)
    )
    return {channel: number for channel, number in rows if channel}


def units_to_choose(actor: Actor) -> list[Unit]:
    """Return the places by which the actor can narrow the board: those of the base tier, or else those below them."""
    today = clock.today()
    tree = below(actor.roots(P.READ_MEETING, today) | actor.roots(P.RECORD_MEETING, today), today)
    inside = (
        select(Unit).where(Unit.id.in_(select(tree.c.id)), stands_on(today)).order_by(Unit.sort_key, Unit.id)
    )
    bases = db.session.scalars(inside.where(Unit.base_id == Unit.id)).all()
    if len(bases) > 1:
        return list(bases)
    holders = select(Unit.parent_id).where(Unit.parent_id.is_not(None))
    return list(db.session.scalars(inside.where(Unit.base_id != Unit.id, Unit.id.in_(holders))))
