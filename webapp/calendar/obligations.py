"""Which meetings somebody owes in a period, and which of them they attended."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select

from webapp import clock
from webapp.accounts.rules import Grant
from webapp.calendar.models import PlannedAttendee, PlannedMeeting
from webapp.calendar.queries import moment
from webapp.db import db
from webapp.duties import queries as decided
from webapp.duties.rules import (
    Duty,
    MeetingType,
    Progress,
    Stage,
    duties_at,
    period_around,
    progress,
    stage,
    windows_at,
)
from webapp.meetings.models import MeetingEntry
from webapp.places.models import UnitType, UnitVersion
from webapp.places.queries import below, lines_above, versions_on
from webapp.sync.rules import WITHDRAWN


class MyDuty(NamedTuple):
    """One thing somebody must attend in the period around a day, and how far they have come."""

    duty: Duty
    progress: Progress
    stage: Stage


def my_duties(officer_id: UUID, grants: Iterable[Grant], day: date) -> list[MyDuty]:
    """Return what an officer must attend in the period around `day`, and how much of it is done."""
    windows = decided.all_windows()
    found = []
    for duty, units, line in asked_of(grants, day):
        open_windows = windows_at(windows, line, day)
        window = next((one for one in open_windows if one.meeting_type is duty.meeting_type), None)
        done = attended(officer_id, duty, units, day)
        found.append(MyDuty(duty, progress(duty, done), stage(window, clock.today())))
    return found


def asked_of(grants: Iterable[Grant], day: date) -> list[tuple[Duty, list[UUID], list[UUID]]]:
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


def attended(officer_id: UUID, duty: Duty, units: list[UUID], day: date) -> list[int]:
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
