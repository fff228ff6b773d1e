"""Tables of the calendar: planned meetings, who is to attend them, and what of it is public."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Model, new_id


class PlannedMeeting(Model):
    """A meeting that an office has put into the calendar of a place. What is said there is nowhere kept."""

    __tablename__ = "planned_meeting"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    meeting_type: Mapped[str] = mapped_column(String(16))
    starts_at: Mapped[datetime]
    minutes: Mapped[int]
    place: Mapped[str] = mapped_column(String(120))
    subject: Mapped[str] = mapped_column(String(160))
    is_public: Mapped[bool]
    """Whether it stands in the public calendar, where there is one: kind, place and roles, without the subject."""
    changes: Mapped[int] = mapped_column(default=0)
    """How often it was changed: calendars that hold it already take the newest."""
    changed_at: Mapped[datetime]
    changed_by_id: Mapped[UUID] = mapped_column(ForeignKey("officer.id"))
    cancelled_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_planned_meeting_unit_id", "unit_id", "starts_at"),
        Index("ix_planned_meeting_starts_at", "starts_at"),
    )


class PlannedAttendee(Model):
    """Somebody who is to attend a planned meeting, and whether they did."""

    __tablename__ = "planned_attendee"

    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("planned_meeting.id"), primary_key=True)
    officer_id: Mapped[UUID] = mapped_column(ForeignKey("officer.id"), primary_key=True, index=True)
    attended_at: Mapped[datetime | None]
    """When it was written down that they were there."""


class CalendarPublication(Model):
    """Whether the calendar of a unit, and of all below that say nothing themselves, is public."""

    __tablename__ = "calendar_publication"

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    is_public: Mapped[bool]
    changed_at: Mapped[datetime]
    changed_by_id: Mapped[UUID] = mapped_column(ForeignKey("officer.id"))
