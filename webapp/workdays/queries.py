"""Reads of the calendar."""

from __future__ import annotations

from sqlalchemy import select

from webapp.db import run
from webapp.workdays.models import SpecialDay
from webapp.workdays.rules import Calendar

_SPECIAL = select(SpecialDay.day, SpecialDay.is_worked)


def calendar() -> Calendar:
    """Return the calendar with what was decreed."""
    return Calendar({row.day: row.is_worked for row in run(_SPECIAL)})
