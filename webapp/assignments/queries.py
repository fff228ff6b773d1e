"""Reads of assignments."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import or_, select

from webapp.assignments.models import Assignment
from webapp.db import db

if TYPE_CHECKING:
    from collections.abc import Sequence


def held_at(unit_ids: Collection[UUID], day: date) -> Sequence[Assignment]:
    """Return the roles held at these units on `day` or later."""
    return db.session.scalars(
        select(Assignment).where(
            Assignment.unit_id.in_(unit_ids), or_(Assignment.valid_to.is_(None), Assignment.valid_to > day)
        )
    ).all()
