"""Tables of windows and duties: dated rows, each with the document it rests on."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Model, new_id


class Decided:
    """Columns of what somebody with the right to do so decided for a place, from a month on."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"), index=True)
    """Where it holds, with all below; nowhere in particular is everywhere."""
    meeting_type: Mapped[str] = mapped_column(String(16))
    basis: Mapped[str] = mapped_column(String(300))
    """The document that says so."""
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    made_at: Mapped[datetime]
    made_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("officer.id"))
    """Empty for what an installation started with."""


class MeetingWindow(Decided, Model):
    """Days of every month that are kept for one kind of meeting."""

    __tablename__ = "meeting_window"

    first_day: Mapped[int]
    last_day: Mapped[int]


class DutyRule(Decided, Model):
    """How many meetings of a kind somebody in a role must attend."""

    __tablename__ = "duty_rule"

    role_code: Mapped[str] = mapped_column(ForeignKey("role.code"))
    min_count: Mapped[int]
    for_each: Mapped[bool]
    period: Mapped[str] = mapped_column(String(8))
