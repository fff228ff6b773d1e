"""The table of what was settled at a hand-over otherwise than by its author, or is to be on a day to come."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Model


class HandoverItem(Model):
    """What became of one entry that was not done when the assignment of whoever answered for it ended."""

    __tablename__ = "handover_item"

    assignment_id: Mapped[UUID] = mapped_column(ForeignKey("assignment.id"), primary_key=True)
    """The assignment that ended or is to end."""
    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("meeting.id"), primary_key=True)
    way: Mapped[str] = mapped_column(String(16))
    """One of `webapp.handover.rules.Way`, or `PLANNED`."""
    to_id: Mapped[UUID | None] = mapped_column(ForeignKey("officer.id"))
    """To whom it was handed over."""
    at: Mapped[datetime]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("officer.id"))
