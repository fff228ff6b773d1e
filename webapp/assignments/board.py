"""The desk's board of who follows what: each line of following with its numbers, and the list behind one of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import aliased

from webapp import clock
from webapp.accounts.models import Officer, Role
from webapp.assignments.models import Assignment, AssignmentLine, Exemption
from webapp.assignments.queries import chunks, exempt_on, holds_on, officers_below
from webapp.assignments.rules import Cover, Held, cover, load
from webapp.db import db
from webapp.fields import N_, Choice
from webapp.paging import Paging
from webapp.permissions import Permission
from webapp.places.models import Unit, UnitType
from webapp.places.queries import below, stands_on
from webapp.text import matches

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import CTE, Row

    from webapp.accounts.rules import Actor

PAGE = 100


class Show(Choice):
    """Which list stands on the board."""

    PLACES = "places", N_("Mọi địa bàn")
    UNCOVERED = "uncovered", N_("Chưa có người phụ trách chính")
    DOUBLED = "doubled", N_("Có nhiều người phụ trách chính")
    PEOPLE = "people", N_("Mọi cán bộ")
    OVER = "over", N_("Cán bộ phụ trách quá nhiều nơi")
    EXEMPT = "exempt", N_("Cán bộ được miễn")


OF_PLACES = frozenset({Show.PLACES, Show.UNCOVERED, Show.DOUBLED})


@dataclass(frozen=True)
class Filters:
    """What the address of the board asks for."""

    line: tuple[str, int] | None = None
    show: Show = Show.UNCOVERED
    unit_id: UUID | None = None
    query: str = ""
    page: int = 1


class Place(NamedTuple):
    """A unit at which a role is expected."""

    id: UUID
    name: str
    above: str
    """The unit it lies in, and that of the base tier."""
    rank: int
    kind: str


@dataclass(frozen=True)
class LineCount:
    """A line of following with its numbers."""

    role: str
    rank: int
    label: str
    label_en: str
    tier: str
    tier_en: str
    most: int
    basis: str
    places: int
    uncovered: int
    doubled: int
    people: int
    over: int

    @property
    def key(self) -> str:
        """Return the line as an address names it."""
        return f"{self.role}:{self.rank}"


class PlaceRow(NamedTuple):
    """A place on the board and who follows it."""

    place: Place
    cover: Cover


class PersonRow(NamedTuple):
    """Somebody on the board: how many places they are in charge of in the line, and when they are exempt."""

    id: UUID
    name: str
    title: str
    home: str
    places: int
    exemption: Exemption | None


@dataclass(frozen=True)
class Board:
    """The board: every line with its numbers, and one page of the list behind one of them."""

    lines: list[LineCount]
    line: LineCount | None
    exempt: int
    places: list[PlaceRow]
    people: list[PersonRow]
    names: dict[UUID, str]
    total: int
    pages: int


def board(actor: Actor, filters: Filters) -> Board:
    """Return who follows what today in the actor's scope: all of it is read at once, in five statements."""
    day = clock.today()
    scope = _scope(actor, filters.unit_id, day)
    places = _places(scope, day)
    held = [one for one in _held(scope, day) if one.unit in places]
    lines = _lines(places, held, day)
    chosen = next((one for one in lines if (one.role, one.rank) == filters.line), lines[0] if lines else None)
    exempt = _exempt(actor, filters.unit_id, day)
    names = _names({one.officer for one in held})
    of_line = _of_line(chosen, places, held) if chosen else []
    found: list[PlaceRow] = []
    people: list[PersonRow] = []
    if filters.show in OF_PLACES and chosen:
        found = _place_rows(filters, chosen, places, of_line, names, day)
    elif filters.show not in OF_PLACES:
        people = _person_rows(filters, chosen, of_line, exempt, day)
    rows = found or people
    paging = Paging(filters.page, PAGE)
    return Board(
        lines, chosen, len(exempt), found[paging.part], people[paging.part], names, len(rows),
        paging.pages(len(rows)),
    )  # fmt: skip


def filter_units(actor: Actor) -> Sequence[Unit]:
    """Return the units by which the board is narrowed: those of the base tier in scope."""
    day = clock.today()
    scope = below(actor.roots(Permission.READ_PLACES, day), day)
    return db.session.scalars(
        select(Unit)
        .where(Unit.id.in_(select(scope.c.id)), Unit.base_id == Unit.id, stands_on(day))
        .order_by(Unit.sort_key)
    ).all()


def _scope(actor: Actor, unit_id: UUID | None, day: date) -> CTE:
    """Return the units the actor may see, below one of them if it is asked for."""
    scope = below(actor.roots(Permission.READ_PLACES, day), day)
    if unit_id is None:
        return scope
    part = below([unit_id], day)
    return select(part.c.id).where(part.c.id.in_(select(scope.c.id))).cte()


def _places(scope: CTE, day: date) -> dict[UUID, Place]:
    """Return what stands in scope on the tiers where somebody is expected, in the order of a list."""
    parent, base = aliased(Unit), aliased(Unit)
    rows = db.session.execute(
        select(Unit.id, Unit.name, parent.name, base.id, base.name, parent.id, UnitType.rank, UnitType.code)
        .join(scope, scope.c.id == Unit.id)
        .join(UnitType, UnitType.code == Unit.type_code)
        .outerjoin(parent, parent.id == Unit.parent_id)
        .outerjoin(base, base.id == Unit.base_id)
        .where(stands_on(day), UnitType.rank.in_(select(AssignmentLine.rank)))
        .order_by(base.sort_key, parent.sort_key, Unit.sort_key, Unit.id)
    )
    return {
        unit_id: Place(unit_id, name, _above(unit_id, parent_name, parent_id, base_name, base_id), rank, kind)
        for unit_id, name, parent_name, base_id, base_name, parent_id, rank, kind in rows
    }


def _above(
    unit: UUID, parent: str | None, parent_id: UUID | None, base: str | None, base_id: UUID | None
) -> str:
    named = [parent] if parent_id in (base_id, None) or base_id in (unit, None) else [parent, base]
    return ", ".join(one for one in named if one)


def _held(scope: CTE, day: date) -> list[Held]:
    """Return what is held today in scope in one of the lines."""
    rows = db.session.execute(
        select(
            Assignment.id, Assignment.officer_id, Assignment.unit_id, Assignment.role_code, Assignment.is_primary,
            Assignment.valid_from, Assignment.valid_to,
        )
        .join(scope, scope.c.id == Assignment.unit_id)
        .join(Officer, Officer.id == Assignment.officer_id)
        .where(holds_on(day), Assignment.role_code.in_(select(AssignmentLine.role_code)))
        .order_by(Officer.sort_name, Assignment.id)
    )  # fmt: skip
    return [Held(*row) for row in rows]


def _lines(places: dict[UUID, Place], held: list[Held], day: date) -> list[LineCount]:
    """Count every line of which there are places in scope, the lowest tier first."""
    tiers: dict[int, list[UnitType]] = defaultdict(list)
    present = {place.kind for place in places.values()}
    for kind in db.session.scalars(select(UnitType).order_by(UnitType.code)):
        if kind.code in present:
            tiers[kind.rank].append(kind)
    ranks = Counter(place.rank for place in places.values())
    rows = db.session.execute(
        select(AssignmentLine, Role)
        .join(Role, Role.code == AssignmentLine.role_code)
        .order_by(AssignmentLine.rank.desc(), Role.code)
    )
    counted = []
    for line, role in rows:
        if not ranks[line.rank]:
            continue
        here = [one for one in held if (one.role, places[one.unit].rank) == (line.role_code, line.rank)]
        covers = cover((place.id for place in places.values() if place.rank == line.rank), here, day)
        loads = load(here, day)
        kinds = tiers[line.rank]
        counted.append(LineCount(
            line.role_code, line.rank, role.label, role.label_en, ", ".join(kind.label for kind in kinds),
            ", ".join(kind.label_en for kind in kinds), line.most, line.basis, len(covers),
            sum(one.is_uncovered for one in covers.values()), sum(one.is_doubled for one in covers.values()),
            len({one.officer for one in here}), sum(count > line.most for count in loads.values()),
        ))  # fmt: skip
    return counted


def _of_line(line: LineCount, places: dict[UUID, Place], held: list[Held]) -> list[Held]:
    return [one for one in held if one.role == line.role and places[one.unit].rank == line.rank]


def _place_rows(
    filters: Filters, line: LineCount, places: dict[UUID, Place], held: list[Held], names: dict[UUID, str],
    day: date,
) -> list[PlaceRow]:  # fmt: skip
    covers = cover((place.id for place in places.values() if place.rank == line.rank), held, day)
    rows = []
    for unit, found in covers.items():
        if filters.show is Show.UNCOVERED and not found.is_uncovered:
            continue
        if filters.show is Show.DOUBLED and not found.is_doubled:
            continue
        people = (names[one.officer] for one in (*found.primary, *found.deputies))
        if matches(filters.query, places[unit].name, places[unit].above, *people):
            rows.append(PlaceRow(places[unit], found))
    return rows


def _person_rows(
    filters: Filters, line: LineCount | None, held: list[Held], exempt: dict[UUID, Exemption], day: date
) -> list[PersonRow]:
    loads = load(held, day)
    wanted = set(exempt) if filters.show is Show.EXEMPT else {one.officer for one in held}
    if filters.show is Show.OVER and line:
        wanted = {officer for officer, count in loads.items() if count > line.most}
    home = aliased(Unit)
    found: list[Row[str, UUID, str, str, str]] = []
    for some in chunks(wanted):
        found += db.session.execute(
            select(Officer.sort_name, Officer.id, Officer.full_name, Officer.title, home.name)
            .outerjoin(home, home.id == Officer.home_unit_id)
            .where(Officer.id.in_(some))
        ).all()
    return [
        PersonRow(officer, name, title, where or "", loads.get(officer, 0), exempt.get(officer))
        for _, officer, name, title, where in sorted(found, key=lambda row: (row.sort_name, row.id))
        if matches(filters.query, name, title, where or "")
    ]


def _exempt(actor: Actor, unit_id: UUID | None, day: date) -> dict[UUID, Exemption]:
    """Return who in scope is exempt today."""
    rows = db.session.scalars(
        select(Exemption).where(
            exempt_on(day), Exemption.officer_id.in_(officers_below(actor, unit_id, Permission.READ_PLACES))
        )
    )
    return {row.officer_id: row for row in rows}


def _names(officers: Collection[UUID]) -> dict[UUID, str]:
    return {
        row.id: row.full_name
        for some in chunks(officers)
        for row in db.session.execute(select(Officer.id, Officer.full_name).where(Officer.id.in_(some)))
    }
