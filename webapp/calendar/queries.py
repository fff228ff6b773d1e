"""Reads of the calendar, always inside what the actor may see; and what the public and phones are told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, literal, or_, select
from sqlalchemy.orm import aliased

from webapp import clock
from webapp.accounts.models import Officer, Role, RolePermission
from webapp.accounts.queries import grants_of
from webapp.accounts.rules import Grant
from webapp.assignments.models import Assignment
from webapp.calendar.lunar import month_starts
from webapp.calendar.models import CalendarPublication, PlannedAttendee, PlannedMeeting
from webapp.calendar.rules import Item, nearest_word
from webapp.db import db
from webapp.duties import queries as decided
from webapp.duties.rules import (
    Duty,
    MeetingType,
    Progress,
    Stage,
    Window,
    after_month,
    duties_at,
    month_of,
    period_around,
    progress,
    stage,
    windows_at,
)
from webapp.meetings.models import MeetingEntry
from webapp.permissions import Permission
from webapp.places.models import Unit, UnitMembership, UnitType, UnitVersion
from webapp.places.queries import below, lines_above, stands_on, versions_on
from webapp.sync.rules import WITHDRAWN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from webapp.accounts.rules import Actor

TOLD_MONTHS = 4
"""For how many months, this one included, a phone is told windows and plans."""
LUNAR_MONTHS = 13
"""For how many months a phone is told where lunar months begin."""
_KEEPERS = select(RolePermission.role_code).where(RolePermission.permission == Permission.ADMINISTER)
"""Roles that only keep the system: nobody attends in one of them."""


def moment(day: date) -> datetime:
    """Return when a day begins in the country's time."""
    return datetime.combine(day, time(), clock.LOCAL_ZONE)


def scope(actor: Actor, permission: Permission, unit_id: UUID | None = None) -> Select[UUID]:
    """Return the units in which the actor holds a permission, as far as they lie below `unit_id`."""
    today = clock.today()
    tree = below(actor.roots(permission, today), today)
    if unit_id is None:
        return select(tree.c.id)
    part = below([unit_id], today)
    return select(tree.c.id).where(tree.c.id.in_(select(part.c.id)))


def holds(actor: Actor, permission: Permission, unit_id: UUID) -> bool:
    """Say whether the actor holds a permission at a unit."""
    return (
        db.session.scalar(select(Unit.id).where(Unit.id == unit_id, Unit.id.in_(scope(actor, permission))))
        is not None
    )


def plans(which: ColumnElement[bool], first: date, last: date) -> list[Item]:
    """Return the planned meetings between two days that were not cancelled, as they begin."""
    found = db.session.scalars(
        select(PlannedMeeting)
        .where(
            which, PlannedMeeting.cancelled_at.is_(None), PlannedMeeting.starts_at >= moment(first),
            PlannedMeeting.starts_at < moment(last + timedelta(days=1)),
        )
        .order_by(PlannedMeeting.starts_at, PlannedMeeting.id)
    ).all()  # fmt: skip
    return as_items(found)


def as_items(found: Sequence[PlannedMeeting]) -> list[Item]:
    """Return planned meetings as the rules know them, with who attends."""
    officers: dict[UUID, set[UUID]] = defaultdict(set)
    chosen = PlannedAttendee.meeting_id.in_([plan.id for plan in found])
    for one in db.session.execute(
        select(PlannedAttendee.meeting_id, PlannedAttendee.officer_id).where(chosen)
    ):
        officers[one.meeting_id].add(one.officer_id)
    return [
        Item(
            plan.id, plan.unit_id, MeetingType(plan.meeting_type), plan.starts_at, plan.minutes, plan.place,
            plan.subject, frozenset(officers[plan.id]), is_public=plan.is_public,
        )
        for plan in found
    ]  # fmt: skip


def attended_by(officer_ids: Collection[UUID]) -> ColumnElement[bool]:
    """Return the condition that one of these people is to attend a planned meeting."""
    return PlannedMeeting.id.in_(
        select(PlannedAttendee.meeting_id).where(PlannedAttendee.officer_id.in_(officer_ids))
    )


def agreed(which: ColumnElement[bool], first: date, last: date) -> list[Item]:
    """Return the meetings that groups agreed on at their last one, between two days, as they begin.

    `which` says of which entries of groups.
    """
    entry, later = MeetingEntry, aliased(MeetingEntry)
    newer = exists().where(
        later.unit_id == entry.unit_id, later.meeting_date > entry.meeting_date, later.state != WITHDRAWN
    )
    rows = db.session.execute(
        select(entry.id, entry.unit_id, entry.author_id, entry.next_meeting)
        .where(
            entry.next_meeting >= moment(first), entry.next_meeting < moment(last + timedelta(days=1)),
            which, entry.state != WITHDRAWN, ~newer,
        )
        .order_by(entry.next_meeting, entry.id)
    )  # fmt: skip
    return [
        Item(
            row.id,
            row.unit_id,
            MeetingType.GROUP,
            row.next_meeting,
            officers=frozenset([row.author_id]),
            is_plan=False,
        )
        for row in rows
    ]


def plan(actor: Actor, meeting_id: UUID) -> PlannedMeeting | None:
    """Return a planned meeting that the actor may see: in their scope, or because they attend it."""
    mine = or_(
        PlannedMeeting.unit_id.in_(scope(actor, Permission.READ_PLACES)), attended_by([actor.officer_id])
    )
    return db.session.scalar(select(PlannedMeeting).where(PlannedMeeting.id == meeting_id, mine))


def attendee_ids(meeting_id: UUID) -> set[UUID]:
    """Return who is to attend a planned meeting."""
    chosen = select(PlannedAttendee.officer_id).where(PlannedAttendee.meeting_id == meeting_id)
    return set(db.session.scalars(chosen))


def around(groups: Collection[UUID]) -> list[UUID]:
    """Return some groups and the units above them as far as a notebook knows them: up to the base tier."""
    lines = lines_above(groups, clock.today())
    units = {unit for line in lines.values() for unit in line}
    return list(db.session.scalars(select(Unit.id).where(Unit.id.in_(units), Unit.base_id.is_not(None))))


class Attendee(NamedTuple):
    """Somebody who may attend a meeting, by the role they hold at its place or above it."""

    id: UUID
    name: str
    title: str
    role: str
    role_en: str
    attended_at: datetime | None = None


def people_for(unit_id: UUID, day: date) -> list[Attendee]:
    """Return who holds a role on the line of a unit, or at a cluster around it: each once, by the nearest role."""
    line = decided.line_of(unit_id, day)
    around = select(UnitMembership.overlay_id).where(
        UnitMembership.unit_id.in_(line), UnitMembership.valid_from <= day,
        or_(UnitMembership.valid_to.is_(None), UnitMembership.valid_to > day),
    )  # fmt: skip
    places = [*line, *db.session.scalars(around)]
    return _people(Assignment.unit_id.in_(places), places, day)


def attendees(meeting_id: UUID, unit_id: UUID, day: date) -> list[Attendee]:
    """Return who is to attend a planned meeting, whatever role they hold or held."""
    marked = {
        row.officer_id: row.attended_at
        for row in db.session.scalars(select(PlannedAttendee).where(PlannedAttendee.meeting_id == meeting_id))
    }
    known = {one.id: one for one in people_for(unit_id, day) if one.id in marked}
    found = [*known.values(), *people_named(marked.keys() - known.keys())]
    return [one._replace(attended_at=marked[one.id]) for one in found]


def people_named(officer_ids: Collection[UUID]) -> list[Attendee]:
    """Return people without any role."""
    found = db.session.scalars(
        select(Officer).where(Officer.id.in_(officer_ids)).order_by(Officer.sort_name, Officer.id)
    )
    return [Attendee(one.id, one.full_name, one.title, "", "") for one in found]


def _people(which: ColumnElement[bool], places: Sequence[UUID], day: date) -> list[Attendee]:
    near = {place: step for step, place in enumerate(places)}
    rows = db.session.execute(
        select(Assignment.unit_id, Officer.id, Officer.full_name, Officer.title, Role.label, Role.label_en)
        .join(Officer, Officer.id == Assignment.officer_id)
        .join(Role, Role.code == Assignment.role_code)
        .where(
            which, Assignment.role_code.not_in(_KEEPERS), Assignment.valid_from <= day,
            or_(Assignment.valid_to.is_(None), Assignment.valid_to > day),
        )
        .order_by(Officer.sort_name, Officer.id)
    ).all()  # fmt: skip
    found: dict[UUID, Attendee] = {}
    for row in sorted(rows, key=lambda row: near[row.unit_id]):
        found.setdefault(row.id, Attendee(*row[1:]))
    order = {row.id: place for place, row in enumerate(rows)}
    return sorted(found.values(), key=lambda one: order[one.id])


def full_names(unit_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return what units are called; a group with the unit it lies in, for many have the same number."""
    parent = aliased(Unit)
    rows = db.session.execute(
        select(Unit.id, Unit.name, UnitType.can_meet, parent.name)
        .join(UnitType, UnitType.code == Unit.type_code)
        .outerjoin(parent, parent.id == Unit.parent_id)
        .where(Unit.id.in_(unit_ids))
    )
    return {
        unit: f"{name}, {around}" if is_group and around else name for unit, name, is_group, around in rows
    }


def names_of_officers(officer_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return people's names."""
    rows = db.session.execute(select(Officer.id, Officer.full_name).where(Officer.id.in_(officer_ids)))
    return {row.id: row.full_name for row in rows}


class Place(NamedTuple):
    """A unit to choose from."""

    id: UUID
    name: str
    label: str
    label_en: str
    parent: str


def places(actor: Actor, permission: Permission) -> list[Place]:
    """Return the standing units above groups in which the actor holds a permission, from the top of the tree down."""
    today, parent = clock.today(), aliased(Unit)
    rows = db.session.execute(
        select(Unit.id, Unit.name, UnitType.label, UnitType.label_en, func.coalesce(parent.name, ""))
        .join(UnitType, UnitType.code == Unit.type_code)
        .outerjoin(parent, parent.id == Unit.parent_id)
        .where(
            Unit.id.in_(scope(actor, permission)), stands_on(today), ~UnitType.is_overlay, ~UnitType.can_meet,
        )
        .order_by(UnitType.rank, Unit.sort_key, Unit.id)
    )  # fmt: skip
    return [Place(*row) for row in rows]


def groups_of(actor: Actor, unit_id: UUID) -> list[Place]:
    """Return the groups in a unit for which the actor plans, if it is the last tier above them or one of them."""
    today, parent = clock.today(), aliased(Unit)
    around = select(Unit.parent_id).where(Unit.id == unit_id).scalar_subquery()
    rows = db.session.execute(
        select(Unit.id, Unit.name, UnitType.label, UnitType.label_en, func.coalesce(parent.name, ""))
        .join(UnitType, UnitType.code == Unit.type_code)
        .outerjoin(parent, parent.id == Unit.parent_id)
        .where(
            Unit.id.in_(scope(actor, Permission.PLAN_MEETING)), stands_on(today), UnitType.can_meet,
            or_(Unit.parent_id == unit_id, Unit.parent_id == around),
        )
        .order_by(Unit.sort_key, Unit.id)
    )  # fmt: skip
    return [Place(*row) for row in rows]


class MyDuty(NamedTuple):
    """One thing somebody must attend in the period around a day, and how far they have come."""

    duty: Duty
    progress: Progress
    stage: Stage


def my_duties(officer_id: UUID, grants: Iterable[Grant], day: date) -> list[MyDuty]:
    """Return what an officer must attend in the period around `day`, and how much of it is done."""
    windows = decided.all_windows()
    found = []
    for duty, units, line in _asked_of(grants, day):
        open_windows = windows_at(windows, line, day)
        window = next((one for one in open_windows if one.meeting_type is duty.meeting_type), None)
        done = _attended(officer_id, duty, units, day)
        found.append(MyDuty(duty, progress(duty, done), stage(window, clock.today())))
    return found


def _asked_of(grants: Iterable[Grant], day: date) -> list[tuple[Duty, list[UUID], list[UUID]]]:
    """Return the duties of the roles held on `day`, the places followed in them, and the line of the first of these."""
    held = [grant for grant in grants if grant.holds_on(day)]
    lines = lines_above({grant.unit_id for grant in held}, day)
    rows = decided.all_duties()
    wanted: dict[tuple[object, ...], tuple[Duty, list[UUID], list[UUID]]] = {}
    for grant in held:
        line = lines.get(grant.unit_id, [grant.unit_id])
        for duty in duties_at(rows, line, grant.role, day):
            same = (
                duty.meeting_type,
                duty.min_count,
                duty.for_each,
                duty.period,
            )  # asked in two roles, it is one
            wanted.setdefault(same, (duty, [], line))[1].append(grant.unit_id)
    kinds = list(MeetingType)
    return sorted(wanted.values(), key=lambda one: (kinds.index(one[0].meeting_type), one[0].period))


def _attended(officer_id: UUID, duty: Duty, units: list[UUID], day: date) -> list[int]:
    """Count the meetings of a duty's kind in its period: of groups what was written, of others who was there."""
    first, until = period_around(duty.period, day)
    if duty.meeting_type is MeetingType.GROUP:
        counts = dict.fromkeys(_groups_below(units, day), 0)
        rows = db.session.execute(
            select(MeetingEntry.unit_id, func.count())
            .where(
                MeetingEntry.unit_id.in_(counts), MeetingEntry.meeting_date >= first,
                MeetingEntry.meeting_date < until, MeetingEntry.state != WITHDRAWN,
            )
            .group_by(MeetingEntry.unit_id)
        )  # fmt: skip
        counts |= {unit_id: count for unit_id, count in rows}  # noqa: C416 - a row is no pair
        return list(counts.values())
    rows = db.session.execute(
        select(PlannedMeeting.unit_id, func.count())
        .join(PlannedAttendee, PlannedAttendee.meeting_id == PlannedMeeting.id)
        .where(
            PlannedAttendee.officer_id == officer_id, PlannedAttendee.attended_at.is_not(None),
            PlannedMeeting.meeting_type == duty.meeting_type, PlannedMeeting.cancelled_at.is_(None),
            PlannedMeeting.starts_at >= moment(first), PlannedMeeting.starts_at < moment(until),
        )
        .group_by(PlannedMeeting.unit_id)
    )  # fmt: skip
    was_at = {unit_id: count for unit_id, count in rows}  # noqa: C416 - a row is no pair
    if not duty.for_each:
        return list(was_at.values())
    lines = lines_above({*units, *was_at}, day)
    return [
        sum(
            count
            for place, count in was_at.items()
            if place in lines.get(unit, [unit]) or unit in lines.get(place, [])
        )
        for unit in units
    ]


def _groups_below(units: Collection[UUID], day: date) -> list[UUID]:
    tree = below(units, day)
    return list(
        db.session.scalars(
            select(UnitVersion.unit_id)
            .join(UnitType, UnitType.code == UnitVersion.type_code)
            .where(UnitVersion.unit_id.in_(select(tree.c.id)), versions_on(day), UnitType.can_meet)
        )
    )


def publications() -> dict[UUID, bool]:
    """Return what was said of publishing, by unit; the rows are few."""
    return {row.unit_id: row.is_public for row in db.session.scalars(select(CalendarPublication))}


class PublicMeeting(NamedTuple):
    """What the public is told of a meeting: kind, place and roles. No name, no subject."""

    item: Item
    where: str
    roles: list[tuple[str, str]]
    changes: int
    changed_at: datetime
    is_cancelled: bool


def public_calendar(
    unit_id: UUID, first: date, last: date, *, cancelled: bool = False
) -> list[PublicMeeting] | None:
    """Return the public meetings of a unit and of all below it; None when its calendar is not public."""
    today, words = clock.today(), publications()
    if not words or not nearest_word(words, decided.line_of(unit_id, today)):
        return None
    tree = below([unit_id], today)
    rows = db.session.scalars(
        select(PlannedMeeting)
        .where(
            PlannedMeeting.unit_id.in_(select(tree.c.id)), PlannedMeeting.is_public,
            PlannedMeeting.starts_at >= moment(first), PlannedMeeting.starts_at < moment(last + timedelta(days=1)),
            or_(literal(cancelled), PlannedMeeting.cancelled_at.is_(None)),
        )
        .order_by(PlannedMeeting.starts_at, PlannedMeeting.id)
    ).all()  # fmt: skip
    lines = lines_above({row.unit_id for row in rows}, today)
    rows = [row for row in rows if nearest_word(words, lines.get(row.unit_id, [unit_id]))]
    where = decided.names_of({row.unit_id for row in rows})
    roles = _roles_at(rows, {row.unit_id: lines.get(row.unit_id, [unit_id]) for row in rows})
    return [
        PublicMeeting(
            item, where[row.unit_id], roles[row.id], row.changes, row.changed_at, row.cancelled_at is not None
        )
        for row, item in zip(rows, as_items(rows), strict=True)
    ]


def _roles_at(
    rows: Sequence[PlannedMeeting], lines: dict[UUID, list[UUID]]
) -> dict[UUID, list[tuple[str, str]]]:
    """Return the roles in which people attend, each once, in both languages: of a person the nearest to the place."""
    clusters: dict[UUID, list[UUID]] = defaultdict(list)
    for one in db.session.scalars(
        select(UnitMembership).where(
            UnitMembership.unit_id.in_({unit for line in lines.values() for unit in line})
        )
    ):
        clusters[one.unit_id].append(one.overlay_id)
    places = {
        unit: [*line, *(overlay for place in line for overlay in clusters[place])]
        for unit, line in lines.items()
    }
    held = db.session.execute(
        select(PlannedAttendee.meeting_id, Officer.id, Assignment, Role.label, Role.label_en)
        .join(Officer, Officer.id == PlannedAttendee.officer_id)
        .join(Assignment, Assignment.officer_id == Officer.id)
        .join(Role, Role.code == Assignment.role_code)
        .where(
            PlannedAttendee.meeting_id.in_([row.id for row in rows]), Assignment.role_code.not_in(_KEEPERS)
        )
        .order_by(Officer.sort_name, Officer.id)
    )
    meetings = {row.id: row for row in rows}
    nearest: dict[UUID, dict[UUID, tuple[int, str, str]]] = defaultdict(dict)
    for meeting_id, officer_id, assignment, label, label_en in held:
        meeting = meetings[meeting_id]
        day, near = clock.local(meeting.starts_at).date(), places.get(meeting.unit_id, [meeting.unit_id])
        holds = assignment.valid_from <= day and (assignment.valid_to is None or assignment.valid_to > day)
        if holds and assignment.unit_id in near:
            found = near.index(assignment.unit_id), label, label_en
            known = nearest[meeting_id].setdefault(officer_id, found)
            nearest[meeting_id][officer_id] = min(known, found)
    return {
        row.id: list(dict.fromkeys((label, label_en) for _, label, label_en in nearest[row.id].values()))
        for row in rows
    }


def told(officer_id: UUID, mine: frozenset[UUID], known: frozenset[UUID]) -> dict[str, Any]:
    """Return what an officer's phone is told of the calendar (docs/sync-protocol.md, section 5)."""
    today = clock.today()
    first = month_of(today)
    months = [after_month(first, n) for n in range(TOLD_MONTHS)]
    last = after_month(months[-1]) - timedelta(days=1)
    starts = month_starts(after_month(first, -1), after_month(first, LUNAR_MONTHS) - timedelta(days=1))
    which = or_(PlannedMeeting.unit_id.in_(known), attended_by([officer_id]))
    found = plans(which, first, last)
    names = decided.names_of({one.unit_id for one in found} - known)
    return {
        "lunar": [[start.on.isoformat(), start.month, *([1] if start.is_leap else [])] for start in starts],
        "windows": told_windows(lines_above(mine, today), months),
        "duties": [
            _told_duty(officer_id, duty, units, today)
            for duty, units, _ in _asked_of(grants_of(officer_id), today)
        ],
        "plans": [_told_plan(one, officer_id, names) for one in found],
    }


def told_windows(lines: dict[UUID, list[UUID]], months: list[date]) -> list[dict[str, Any]]:
    """Return the windows for some groups and months; `units` and `months` only where it is not all of them."""
    rows = decided.all_windows()
    found: dict[tuple[str, int, int, date], set[UUID]] = defaultdict(set)
    for unit, line in lines.items():
        for month in months:
            for one in windows_at(rows, line, month):
                found[one.meeting_type.value, one.first_day, one.last_day, month].add(unit)
    merged: dict[tuple[str, int, int, tuple[UUID, ...]], list[date]] = defaultdict(list)
    for (kind, first, last, month), units in found.items():
        merged[kind, first, last, tuple(sorted(units))].append(month)
    return [
        {"type": kind, "first": first, "last": last}
        | ({"units": [str(unit) for unit in units]} if len(units) < len(lines) else {})
        | ({"months": [month.isoformat()[:7] for month in some]} if len(some) < len(months) else {})
        for (kind, first, last, units), some in sorted(merged.items())
    ]


def _told_duty(officer_id: UUID, duty: Duty, units: list[UUID], day: date) -> dict[str, Any]:
    first, until = period_around(duty.period, day)
    said = {
        "type": duty.meeting_type.value, "count": duty.min_count, "each": duty.for_each,
        "from": first.isoformat(), "until": until.isoformat(),
    }  # fmt: skip
    if duty.meeting_type is MeetingType.GROUP:
        return said  # the phone knows itself what was written, also what it has not sent yet
    return said | progress(duty, _attended(officer_id, duty, units, day))._asdict()


def _told_plan(one: Item, officer_id: UUID, names: dict[UUID, str]) -> dict[str, Any]:
    said: dict[str, Any] = {
        "id": str(one.id), "type": one.meeting_type.value, "unit_id": str(one.unit_id),
        "at": clock.iso(one.starts_at), "minutes": one.minutes,
    }  # fmt: skip
    if one.unit_id in names:
        said["where"] = names[one.unit_id]
    said |= {key: value for key, value in (("place", one.place), ("subject", one.subject)) if value}
    return said | ({"me": True} if officer_id in one.officers else {})


def windows_for(unit_ids: Collection[UUID], day: date) -> dict[UUID, list[Window]]:
    """Return the windows that hold at each of these units in the month of `day`."""
    rows, lines = decided.all_windows(), lines_above(unit_ids, day)
    return {unit: windows_at(rows, lines.get(unit, [unit]), day) for unit in unit_ids}
