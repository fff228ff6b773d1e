"""Writing a demonstration into an empty database, set-wise."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Final
from uuid import UUID

import click
from sqlalchemy import exists, select

from webapp import clock
from webapp.accounts.actions import password_hash
from webapp.accounts.models import Account, Officer
from webapp.assignments.models import Assignment, Exemption
from webapp.audit.models import AuditEvent
from webapp.bulletins.models import BulletinItem, BulletinKind, BulletinPlace
from webapp.calendar.models import CalendarPublication, PlannedAttendee, PlannedMeeting
from webapp.db import new_id, transaction
from webapp.demo.bulletins import Editors
from webapp.demo.district import FULL, District, Scale
from webapp.demo.meetings import Demonstration
from webapp.demo.people import DEMONSTRATION_PASSWORD, DEMONSTRATION_PEOPLE, Staff
from webapp.demo.plans import Planner
from webapp.demo.rows import RecordWriter, audit, insert_all
from webapp.ops.actions import prepare_database
from webapp.ops.models import Setting
from webapp.ops.queries import DEMONSTRATION, is_demonstration
from webapp.places.models import HouseholdCount, Unit, UnitMembership
from webapp.places.presets import PRESETS
from webapp.places.rows import write_units
from webapp.places.unit_types import add_types
from webapp.text import person_sort_key

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

SEED: Final = 2022
Months = tuple[date, ...]
Progress = Callable[[int], object]
"""Told how many more groups are done."""


def demonstrate(today: date, seed: int = SEED, scale: Scale = FULL, earlier: Months = ()) -> None:
    """Make an empty database a demonstration; one that is a demonstration already is left as it is.

    Its records are those of the last twelve months, and of the `earlier` ones.
    """
    prepare_database()
    if is_demonstration():
        click.echo("The demonstration is there already; it is left as it is.")
        return
    with transaction() as session:
        if session.scalar(select(exists().where(Unit.id.is_not(None)))):
            raise click.ClickException(
                "This database holds data of its own: a demonstration needs an empty one."
            )
    with click.progressbar(
        length=scale.groups, label=f"Inventing a {'commune' if scale.is_alone else 'district'} and its year"
    ) as bar:
        counts = fill(today, seed, bar.update, scale, earlier)
    click.echo(
        f"{counts['meeting']} meetings and {counts['petition']} petitions of {counts['group']} groups."
    )
    click.echo(f"The people to sign in as share the password {DEMONSTRATION_PASSWORD}")


def fill(
    today: date,
    seed: int = SEED,
    progress: Progress | None = None,
    scale: Scale = FULL,
    earlier: Months = (),
) -> Counter[str]:
    """Write the demonstration in one transaction, mark the database as one, and count what was written."""
    demonstration = Demonstration.of(today, seed, scale, earlier)
    district, staff = demonstration.district, demonstration.staff
    shown = [person.code for person in DEMONSTRATION_PEOPLE if person.code in staff.demonstrators]
    with transaction() as session, _no_garbage_collection():
        session.add(Setting(key=DEMONSTRATION, value=",".join(shown)))
        session.flush()
        _write_places(session, district)
        accounts = _write_people(session, staff, district)
        _write_plans(session, Planner(district, staff, today, seed), district)
        _write_bulletins(session, demonstration.editors)
        writer = RecordWriter(session, accounts)
        for commune, records in demonstration.records():
            writer.write(commune, records)
            if progress:
                progress(len(district.groups_of_commune(commune.id)))
    counts = writer.counts
    counts.update(place.kind for place in district.places)
    counts["officer"] = len(staff.people)
    return counts


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Hold the collector back: a fifth of the time went into rows that were all still in use."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _write_places(session: Session, district: District) -> None:
    add_types(session, PRESETS[district.preset])
    write_units(session, [
        {
            "id": place.id, "type_code": place.kind, "parent_id": place.parent_id, "base_id": place.commune_id,
            "name": place.name, "official_code": place.official_code, "valid_from": district.since,
        }
        for place in district.places
    ])  # fmt: skip
    insert_all(session, UnitMembership, (
        {"overlay_id": cluster, "unit_id": commune, "valid_from": district.since, "valid_to": None}
        for cluster, commune in district.memberships
    ))  # fmt: skip
    insert_all(session, HouseholdCount, (
        {"unit_id": group, "as_of": as_of, "households": households}
        for group, counts in district.households.items() for as_of, households in counts
    ))  # fmt: skip


def _write_people(session: Session, staff: Staff, district: District) -> dict[UUID, UUID]:
    """Write officers, accounts and assignments; return the account of each officer."""
    insert_all(session, Officer, (
        {
            "id": person.id, "full_name": person.name, "sort_name": person_sort_key(person.name),
            "title": person.title,
            "kind": person.kind, "home_unit_id": person.home_id,
        }
        for person in staff.people
    ))  # fmt: skip
    open_to_visitors = {person.code: password_hash(DEMONSTRATION_PASSWORD) for person in DEMONSTRATION_PEOPLE}
    accounts = {person.id: new_id() for person in staff.people}
    # Numbers that nobody can have: the cards of contacts show them, and a tap calls nobody.
    insert_all(session, Account, (
        {
            "id": accounts[person.id], "officer_id": person.id, "code": person.code, "phone": f"0000{number:06d}",
            "password_hash": open_to_visitors.get(person.code), "is_active": True, "failed_sign_ins": 0,
            "locked_until": None,
        }
        for number, person in enumerate(staff.people, 1)
    ))  # fmt: skip
    insert_all(session, Assignment, (
        {
            "id": duty.id, "officer_id": duty.person_id, "unit_id": duty.place_id, "role_code": duty.role,
            "is_primary": duty.is_primary, "decision_ref": duty.decision, "valid_from": duty.valid_from,
            "valid_to": duty.valid_to, "end_reason": duty.end_reason,
        }
        for duty in staff.duties
    ))  # fmt: skip
    insert_all(session, Exemption, (
        {
            "id": leave.id, "officer_id": leave.person_id, "reason": leave.reason, "decision_ref": leave.decision,
            "valid_from": leave.valid_from, "valid_to": leave.valid_to,
        }
        for leave in staff.leaves
    ))  # fmt: skip
    insert_all(
        session,
        AuditEvent,
        [audit(clock.now(), None, "demonstration.filled", district.preset, district.root.id, None)],
    )
    return accounts


def _write_plans(session: Session, planner: Planner, district: District) -> None:
    """Write the calendar, which the public sees."""
    plans, now = list(planner.plans()), clock.now()
    insert_all(session, PlannedMeeting, (
        {
            "id": plan.id, "unit_id": plan.place_id, "meeting_type": plan.kind, "starts_at": plan.at,
            "minutes": plan.minutes, "place": plan.where, "subject": plan.subject, "is_public": plan.is_public,
            "changes": 0, "changed_at": now, "changed_by_id": plan.by, "cancelled_at": None,
        }
        for plan in plans
    ))  # fmt: skip
    insert_all(session, PlannedAttendee, (
        {"meeting_id": plan.id, "officer_id": person, "attended_at": plan.at if was_there else None}
        for plan in plans for person, was_there in plan.people.items()
    ))  # fmt: skip
    session.add(
        CalendarPublication(
            unit_id=district.root.id, is_public=True, changed_at=now, changed_by_id=planner.publisher
        )
    )  # fmt: skip
    session.flush()


def _write_bulletins(session: Session, editors: Editors) -> None:
    """Write every version of every item, and for whom it is."""
    insert_all(session, BulletinItem, (
        {
            "id": item.id, "unit_id": item.place_id, "month": item.month, "title": item.title, "text": item.text,
            "is_pinned": item.is_pinned, "state": item.state.value, "version": item.version,
            "replaces_id": item.replaces_id, "made_at": item.made_at, "made_by_id": item.by,
            "published_at": item.published_at, "published_by_id": item.by if item.published_at else None,
            "ended_at": item.ended_at,
        }
        for item in editors.items
    ))  # fmt: skip
    insert_all(
        session, BulletinPlace, ({"item_id": item.id, "unit_id": item.place_id} for item in editors.items)
    )
    insert_all(session, BulletinKind, (
        {"item_id": item.id, "type_code": kind} for item in editors.items for kind in item.kinds
    ))  # fmt: skip
    insert_all(session, AuditEvent, (
        audit(item.published_at, item.by, "bulletin_published", "bulletin_item", item.id, item.place_id)
        for item in editors.items if item.published_at
    ))  # fmt: skip
