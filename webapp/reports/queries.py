"""Who met in a month and how many came, counted on the tree of a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from sqlalchemy import or_, select

from webapp import clock
from webapp.db import db
from webapp.meetings.models import MeetingEntry
from webapp.meetings.records import MeetingStatus
from webapp.permissions import Permission
from webapp.places.dated import Version
from webapp.places.models import Unit, UnitType, UnitVersion
from webapp.places.queries import below, counts_of, kinds, versions_of
from webapp.places.tree import Tree
from webapp.sync.rules import WITHDRAWN
from webapp.text import sort_key

if TYPE_CHECKING:
    from sqlalchemy import Select

    from webapp.accounts.rules import Actor


@dataclass
class Row:
    """One unit's month: its groups, how many met, and how many households came where they met."""

    name: str
    groups: int = 0
    met: int = 0
    not_held: int = 0
    households: int = 0
    came: int = 0
    expected: int = 0

    @property
    def silent(self) -> int:
        """Count the groups of which nothing was written."""
        return self.groups - self.met - self.not_held

    @property
    def rate(self) -> float | None:
        """Return the share of households that came, over all meetings that counted them."""
        return self.came / self.expected if self.expected else None


@dataclass(frozen=True)
class MonthReport:
    """A month, said on the tree of a day."""

    month: date
    tree_of: date
    rows: list[Row]
    total: Row
    line_types: tuple[str, ...]
    """Of which types the units of the lines are, and of which the groups."""
    group_types: tuple[str, ...]


class _Entry(NamedTuple):
    unit: UUID
    day: date
    status: str
    present: int | None
    total: int | None


def last_day(month: date) -> date:
    """Return the last day of a month: whose tree its report stands on by itself."""
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def month_report(actor: Actor | None, month: date, tree_of: date | None = None) -> MonthReport:
    """Report on a month for whatever the actor may read today (None: everything), on the tree of a day.

    By default that is the tree of the month itself, so that the report stays what it was whatever happens to
    the tree later. An entry counts once in every line, and once in the total.
    """
    month = month.replace(day=1)
    tree_of = tree_of or last_day(month)
    scope = _scope(actor)
    tree = Tree(kinds(), versions_of(scope))
    bases = set(db.session.scalars(select(UnitType.code).where(UnitType.is_base)))
    groups = [version for version in tree.standing(tree_of) if tree.kinds[version.kind].can_meet]
    lines = _Lines(tree, tree_of, bases, groups)
    counts = counts_of(scope)
    total = Row("")
    for group in groups:
        for row in (lines.of({group.unit}), [total]):
            for one in row:
                one.groups += 1
                one.households += counts.on(group.unit, tree_of) or 0
    met, excused = set[UUID](), set[UUID]()
    for entry in _entries(scope, month):
        found = tree.found_on(entry.unit, tree_of)
        if entry.status != MeetingStatus.HELD:
            excused |= found
            continue
        met |= found
        if entry.present is not None and (expected := counts.on(entry.unit, entry.day) or entry.total):
            for one in (*lines.of(found), total):
                one.came += min(entry.present, expected)
                one.expected += expected
    for group in groups:
        for one in (*lines.of({group.unit}), total):
            one.met += group.unit in met
            one.not_held += group.unit in excused - met
    group_types = tuple(sorted({group.kind for group in groups}))
    return MonthReport(month, tree_of, lines.rows(), total, lines.types(), group_types)


class _Lines:
    """The lines of a report: communes where there are several, else the hamlets of the one."""

    def __init__(self, tree: Tree, day: date, bases: set[str], groups: list[Version]) -> None:
        self.tree, self.day, self.bases = tree, day, bases
        self._of: dict[UUID, UUID | None] = {}
        self._rows: dict[UUID, Row] = {}
        found = {base.unit for group in groups if (base := self._base(group.unit))}
        self.by_base = len(found) > 1

    def _base(self, unit: UUID) -> Version | None:
        return next((v for v in self.tree.line(unit, self.day) if v.kind in self.bases), None)

    def of(self, units: set[UUID] | frozenset[UUID]) -> list[Row]:
        """Return the lines of some units, each once."""
        return [self._rows[line] for line in dict.fromkeys(self._line(unit) for unit in units) if line]

    def _line(self, unit: UUID) -> UUID | None:
        if unit not in self._of:
            chosen = self._base(unit) if self.by_base else self._parent(unit)
            self._of[unit] = chosen.unit if chosen else None
            if chosen:
                self._rows.setdefault(chosen.unit, Row(chosen.name))
        return self._of[unit]

    def _parent(self, unit: UUID) -> Version | None:
        line = self.tree.line(unit, self.day)
        return next((v for v in line if not self.tree.kinds[v.kind].can_meet), None)

    def types(self) -> tuple[str, ...]:
        """Return the types of the units that have a line."""
        found = {version.kind for line in self._rows if (version := self.tree.on(line, self.day))}
        return tuple(sorted(found))

    def rows(self) -> list[Row]:
        return sorted(self._rows.values(), key=lambda row: sort_key(row.name))


def _scope(actor: Actor | None) -> Select[UUID]:
    """Return the units whose records count, and those above them."""
    if actor is None:
        return select(Unit.id)
    today = clock.today()
    tree = below(actor.roots(Permission.READ_MEETING, today), today)
    above = select(UnitVersion.parent_id).where(UnitVersion.unit_id.in_(select(tree.c.id)))
    return select(Unit.id).where(or_(Unit.id.in_(select(tree.c.id)), Unit.id.in_(above)))


def _entries(scope: Select[UUID], month: date) -> list[_Entry]:
    rows = db.session.execute(
        select(
            MeetingEntry.unit_id, MeetingEntry.meeting_date, MeetingEntry.status,
            MeetingEntry.households_present, MeetingEntry.households_total,
        ).where(
            MeetingEntry.unit_id.in_(scope), MeetingEntry.state != WITHDRAWN,
            MeetingEntry.meeting_date >= month, MeetingEntry.meeting_date <= last_day(month),
        )
    )  # fmt: skip
    return [_Entry(*row) for row in rows]
