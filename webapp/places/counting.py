"""Writes of household counts: what a group is known to have, from a day on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from webapp import clock
from webapp.audit.actions import record_all
from webapp.audit.actions import row as audit_row
from webapp.db import transaction
from webapp.fields import N_
from webapp.permissions import Permission
from webapp.places.dated import Changes, Reading, Refused
from webapp.places.households import count_fault
from webapp.places.models import HouseholdCount
from webapp.places.queries import tree_of
from webapp.places.scope import check_right, lock

if TYPE_CHECKING:
    from webapp.accounts.rules import Actor


def count_households(
    actor: Actor | None, unit_id: UUID, as_of: date, households: int, source: str = ""
) -> None:
    """Write down how many households a group has from a day on, and where the number comes from.

    Raises `Refused` when a later meeting was counted already, `Problem` (``not_found``, ``forbidden``) when the
    group is not the actor's to count.
    """
    count_all(actor, [Reading(unit_id, as_of, households)], source)


def count_all(actor: Actor | None, readings: Sequence[Reading], source: str = "") -> None:
    """Write down many readings, all or none, as `count_households` writes one."""
    units = {reading.counted for reading in readings}
    with transaction() as session:
        check_right(actor, units, Permission.COUNT_HOUSEHOLDS)
        lock(session, units)
        tree = tree_of(units)
        for reading in sorted(readings, key=lambda reading: reading.as_of):
            stands = tree.on(reading.counted, reading.as_of)
            if stands is None or not tree.kinds[stands.kind].can_meet:
                raise Refused(N_("Đơn vị này không còn hoặc chưa có vào ngày ấy."))
            known = tree.readings(reading.counted)
            if fault := count_fault(known, reading.as_of, clock.today()):
                raise Refused(fault)
            before = tuple(one for one in known if one.as_of == reading.as_of)
            tree.apply(Changes(before, (reading,)))
            session.merge(
                HouseholdCount(
                    unit_id=reading.counted, as_of=reading.as_of, households=reading.households, source=source[:160],
                    noted_at=clock.now(), noted_by_id=actor.officer_id if actor else None,
                )
            )  # fmt: skip
        session.flush()
        record_all([
            audit_row("households.counted", actor_id=actor.officer_id if actor else None, record_kind="unit",
                      record_id=unit, unit_id=unit)
            for unit in sorted(units)
        ])  # fmt: skip
