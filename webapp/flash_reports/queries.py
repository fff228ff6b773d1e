"""Reads of flash reports, always below the units where the actor may read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import aliased

from webapp import clock
from webapp.accounts.models import Account, Officer, Role
from webapp.db import db
from webapp.flash_reports.models import FlashReportRecord, FlashReportRevision
from webapp.flash_reports.records import FlashReport
from webapp.flash_reports.rules import State
from webapp.paging import Paging
from webapp.permissions import Permission
from webapp.places.models import Unit
from webapp.places.queries import above, below, stands_on
from webapp.sync.queries import standing_bodies
from webapp.sync.registry import RecordKind, kind_of
from webapp.sync.rules import Times, times_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from webapp.accounts.rules import Actor, Grant

PAGE: Final = 30
T = FlashReportRecord


@dataclass(frozen=True)
class Filters:
    """What the address of the list asks for."""

    state: State | None = None
    """None for those that stand: nobody has opened them yet, or somebody has."""
    unit_id: UUID | None = None
    page: int = 1


class Row(NamedTuple):
    """One line of the list."""

    report: FlashReportRecord
    group: str
    parent: str
    times: Times


@dataclass(frozen=True)
class Listed:
    """One page of the list, and how many there are by state under the same filters."""

    rows: Sequence[Row]
    counts: dict[str, int]
    pages: int


def _scope(actor: Actor) -> Select[UUID]:
    today = clock.today()
    return select(below(actor.roots(Permission.READ_MEETING, today), today).c.id)


def reports(actor: Actor, filters: Filters) -> Listed:
    """Return a page of the flash reports in the actor's scope, those nobody has opened on top, the newest first."""
    inside, paging = _scope(actor), Paging(filters.page, PAGE)
    if filters.unit_id:
        inside = select(below([filters.unit_id], clock.today()).c.id).intersect(inside)  # type: ignore[assignment]
    fitting = select(T.id).where(T.unit_id.in_(inside))
    counted = select(T.state, func.count()).where(T.id.in_(fitting)).group_by(T.state)
    counts = {state: number for state, number in db.session.execute(counted)}  # noqa: C416 - a row is no pair to mypy
    wanted = [filters.state] if filters.state else [State.REPORTED, State.OPENED]
    group, parent, revision = aliased(Unit), aliased(Unit), FlashReportRevision
    rows = db.session.execute(
        select(T, group.name, parent.name, revision)
        .join(group, group.id == T.unit_id)
        .join(parent, parent.id == group.parent_id)
        .join(revision, revision.op_id == T.op_id)
        .where(T.id.in_(fitting), T.state.in_(wanted))
        .order_by(case((T.state == State.REPORTED, 0), else_=1), T.received_at.desc(), T.id)
        .limit(paging.size).offset(paging.offset)
    )  # fmt: skip
    found = [Row(report, name, above_it, _times(report, said)) for report, name, above_it, said in rows]
    return Listed(found, counts, paging.pages(sum(counts.get(one, 0) for one in wanted)))


def unopened(actor: Actor) -> int:
    """Count the flash reports in the actor's scope that nobody has opened."""
    waiting = select(func.count()).where(T.state == State.REPORTED, T.unit_id.in_(_scope(actor)))
    return db.session.scalar(waiting) or 0


def units_to_choose(actor: Actor) -> list[Unit]:
    """Return the places by which the actor can narrow the list: those of the base tier."""
    places = select(Unit).where(Unit.id.in_(_scope(actor)), Unit.base_id == Unit.id, stands_on(clock.today()))
    found = db.session.scalars(places.order_by(Unit.sort_key, Unit.id)).all()
    return list(found) if len(found) > 1 else []


def report(actor: Actor, report_id: UUID) -> FlashReportRecord | None:
    """Return one flash report in the actor's scope; out of scope is not found."""
    return db.session.scalar(select(T).where(T.id == report_id, T.unit_id.in_(_scope(actor))))


def acts_on(actor: Actor, found: FlashReportRecord) -> Grant | None:
    """Return by which of their roles the actor can act on what a flash report says: the nearest to its group."""
    today = clock.today()
    nearest = [found.unit_id, *(version.unit_id for version in above(found.unit_id, today))]
    held = [
        grant
        for grant in actor.grants
        if Permission.OVERSEE_PETITION in grant.permissions and grant.holds_on(today)
        if _lies_below(found.unit_id, grant.unit_id, today)
    ]
    places = {unit_id: place for place, unit_id in enumerate(nearest)}
    return min(held, key=lambda grant: places.get(grant.unit_id, len(places)), default=None)


def may_redact(actor: Actor, found: FlashReportRecord) -> bool:
    """Say whether the actor decides on entries of the group: then also on what may not stand in its flash reports."""
    today = clock.today()
    roots = actor.roots(Permission.DECIDE_MEETING, today)
    return any(_lies_below(found.unit_id, root, today) for root in roots)


def kind() -> RecordKind:
    """Return flash reports as sync knows them."""
    found = kind_of("flash_report.save")
    if found is None:
        raise LookupError("flash reports are not known to sync")
    return found[0]


def _lies_below(unit_id: UUID, root: UUID, day: date) -> bool:
    tree = below([root], day)
    return db.session.scalar(select(tree.c.id).where(tree.c.id == unit_id)) is not None


def body_of(found: FlashReportRecord) -> FlashReport:
    """Return what the standing revision says."""
    return FlashReport.model_validate(standing_bodies(FlashReportRevision, [found.id])[found.id])


def times(found: FlashReportRecord) -> Times:
    """Return when the standing revision was learned of and written down, and when the report first came."""
    return _times(found, db.session.get_one(FlashReportRevision, found.op_id))


def _times(found: FlashReportRecord, said: FlashReportRevision) -> Times:
    jumped = said.clock_jumped
    return times_of(
        said.learned_at, said.recorded_at, said.clock_offset, found.received_at, has_jumped=jumped
    )


class Person(NamedTuple):
    """Who wrote a flash report, and how to reach them."""

    officer: Officer
    phone: str | None


def author_of(found: FlashReportRecord) -> Person:
    """Return who wrote a flash report."""
    row = db.session.execute(
        select(Officer, Account.phone)
        .outerjoin(Account, Account.officer_id == Officer.id)
        .where(Officer.id == found.author_id)
    ).one()
    return Person(*row)


def group_of(found: FlashReportRecord) -> Unit:
    """Return the group a flash report is about."""
    return db.session.get_one(Unit, found.unit_id)


class Opening(NamedTuple):
    """Who opened a flash report first: as what, and for which unit."""

    role: Role
    unit: str


def openings(found: Collection[FlashReportRecord]) -> dict[UUID, Opening]:
    """Return, by flash report, as what and for which unit it was opened first."""
    opened = {one.id: one for one in found if one.opened_at}
    if not opened:
        return {}
    roles = {role.code: role for role in db.session.scalars(select(Role))}
    units: dict[UUID | None, Any] = {
        row.id: row.name
        for row in db.session.execute(
            select(Unit.id, Unit.name).where(Unit.id.in_({one.opened_unit_id for one in opened.values()}))
        )
    }
    return {
        key: Opening(roles[one.opened_role], units[one.opened_unit_id])
        for key, one in opened.items()
        if one.opened_role
    }


def opened_by(found: FlashReportRecord) -> Officer | None:
    """Return who opened a flash report first."""
    return db.session.get(Officer, found.opened_by_id) if found.opened_by_id else None
