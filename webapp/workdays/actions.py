"""Writes of the calendar: at the server's console, for it is the same for everybody."""

from __future__ import annotations

from datetime import date
from typing import Final

from sqlalchemy import select

from webapp.audit.actions import record
from webapp.db import transaction
from webapp.workdays.models import SpecialDay

DECREED: Final = (
    (date(2026, 1, 2), False, "Văn bản 12729/VPCP-KGVX ngày 25/12/2025"),
    (date(2026, 1, 10), True, "Văn bản 12729/VPCP-KGVX ngày 25/12/2025: làm bù ngày 2/1/2026"),
)
"""What the library does not know: see docs/decisions/0070-petitions.md."""


def decree(day: date, basis: str, *, is_worked: bool) -> None:
    """Make a day a working day or a holiday, on the `basis` of a document; said again, the last word holds."""
    with transaction() as session:
        session.merge(SpecialDay(day=day, is_worked=is_worked, basis=basis))
        record("workdays.decreed", actor_id=None, record_kind="special_day", record_id=None)


def add_known() -> None:
    """Add the decreed days that come with the software and are not there yet."""
    with transaction() as session:
        known = set(session.scalars(select(SpecialDay.day)))
        session.add_all(
            SpecialDay(day=day, is_worked=is_worked, basis=basis)
            for day, is_worked, basis in DECREED
            if day not in known
        )
