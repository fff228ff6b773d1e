"""Reads of meeting entries, always inside what the actor may see."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select

from webapp.db import db
from webapp.meetings.models import MeetingEntry, MeetingRevision
from webapp.meetings.records import Meeting
from webapp.permissions import Permission
from webapp.places.models import Unit, UnitType
from webapp.places.queries import below, stands_on
from webapp.sync.queries import in_order, is_undecided, standing_bodies

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from webapp.accounts.rules import Actor


def my_groups(actor: Actor, on: date) -> Sequence[Unit]:
    """Return the groups the actor follows on `on`, in Vietnamese order."""
    tree = below(actor.roots(Permission.RECORD_MEETING, on), on)
    return db.session.scalars(
        select(Unit).join(tree, tree.c.id == Unit.id).join(UnitType, UnitType.code == Unit.type_code)
        .where(UnitType.can_meet, stands_on(on)).order_by(Unit.sort_key, Unit.id)
    ).all()  # fmt: skip


def neighbouring_groups(actor: Actor, on: date) -> Sequence[Unit]:
    """Return the other groups of the same place, for which the actor may stand in."""
    mine = my_groups(actor, on)
    return db.session.scalars(
        select(Unit).join(UnitType, UnitType.code == Unit.type_code)
        .where(
            UnitType.can_meet, stands_on(on), Unit.base_id.in_({unit.base_id for unit in mine}),
            Unit.id.not_in([unit.id for unit in mine]),
        ).order_by(Unit.sort_key, Unit.id)
    ).all()  # fmt: skip


def entries_of(actor: Actor, unit_ids: Collection[UUID], since: date) -> Sequence[MeetingEntry]:
    """Return the entries of these groups from `since` on that the actor may see, newest meeting first."""
    return db.session.scalars(
        select(MeetingEntry)
        .where(
            MeetingEntry.unit_id.in_(unit_ids), MeetingEntry.meeting_date >= since, visible_to(actor, since)
        )
        .order_by(MeetingEntry.meeting_date.desc(), MeetingEntry.id)
    ).all()


def entry(actor: Actor, entry_id: UUID, on: date) -> MeetingEntry | None:
    """Return one entry if it lies in the actor's scope, else None: out of scope is not found."""
    return db.session.scalar(select(MeetingEntry).where(MeetingEntry.id == entry_id, visible_to(actor, on)))


def body_of(found: MeetingEntry) -> Meeting:
    """Return what the standing revision of an entry says."""
    return Meeting.model_validate(standing_bodies(MeetingRevision, [found.id])[found.id])


def versions_of(found: MeetingEntry) -> Sequence[MeetingRevision]:
    """Return what stands of an entry, and the second versions of which nobody has said yet whether they do."""
    return db.session.scalars(
        select(MeetingRevision)
        .where(
            MeetingRevision.record_id == found.id,
            or_(MeetingRevision.op_id == found.op_id, is_undecided(MeetingRevision, MeetingEntry)),
        )
        .join(MeetingEntry, MeetingEntry.id == MeetingRevision.record_id)
        .order_by(*in_order(MeetingRevision))
    ).all()


def visible_to(actor: Actor, on: date) -> ColumnElement[bool]:
    """Return the condition that the actor may see an entry: their own, or where they may read or record."""
    roots = actor.roots(Permission.READ_MEETING, on) | actor.roots(Permission.RECORD_MEETING, on)
    return or_(
        MeetingEntry.author_id == actor.officer_id,
        MeetingEntry.keeper_id == actor.officer_id,
        MeetingEntry.unit_id.in_(select(below(roots, on).c.id)),
    )
