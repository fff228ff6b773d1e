"""Reads of the calendar, always inside what the actor may see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import aliased

from webapp import clock
from webapp.accounts.models import Officer, RolePermission
from webapp.calendar.models import PlannedAttendee, PlannedMeeting
from webapp.calendar.rules import Item
from webapp.db import db
from webapp.duties import queries as decided
from webapp.duties.rules import MeetingType, Window, windows_at
from webapp.meetings.models import MeetingEntry
from webapp.permissions import Permission
from webapp.places.models import Unit, UnitType
from webapp.places.queries import below, lines_above, stands_on
from webapp.sync.rules import WITHDRAWN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from webapp.accounts.rules import Actor


KEEPERS = select(RolePermission.role_code).where(RolePermission.permission == Permission.ADMINISTER)
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


def around(groups: Collection[UUID]) -> list[UUID]:
    """Return some groups and the units above them as far as a notebook knows them: up to the base tier."""
    lines = lines_above(groups, clock.today())
    units = {unit for line in lines.values() for unit in line}
    return list(db.session.scalars(select(Unit.id).where(Unit.id.in_(units), Unit.base_id.is_not(None))))


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


def windows_for(unit_ids: Collection[UUID], day: date) -> dict[UUID, list[Window]]:
    """Return the windows that hold at each of these units in the month of `day`."""
    rows, lines = decided.all_windows(), lines_above(unit_ids, day)
    return {unit: windows_at(rows, lines.get(unit, [unit]), day) for unit in unit_ids}
