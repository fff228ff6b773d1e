"""Tables of meeting entries: the standing revision projected, and every revision whole."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Model
from webapp.sync.models import SyncedRecord, SyncedRevision


class MeetingEntry(SyncedRecord, Model):
    """A meeting entry as its newest revision says it."""

    __tablename__ = "meeting"

    meeting_date: Mapped[date]
    status: Mapped[str] = mapped_column(String(16))
    format: Mapped[str] = mapped_column(String(16))
    theme: Mapped[str] = mapped_column(String(160))
    not_held_reason: Mapped[str | None] = mapped_column(String(16))
    households_total: Mapped[int | None]
    households_present: Mapped[int | None]
    petition_count: Mapped[int]
    next_meeting: Mapped[datetime | None]
    """When the group meets next, as it agreed."""

    __table_args__ = (
        Index("ix_meeting_feed", "feed_unit_id", "feed_seq"),
        Index("ix_meeting_unit_date", "unit_id", "meeting_date"),
        Index("ix_meeting_unit_state", "unit_id", "state", "received_at"),
        Index("ix_meeting_next_meeting", "next_meeting"),
    )


class MeetingRevision(SyncedRevision, Model):
    """One revision of a meeting entry."""

    __tablename__ = "meeting_revision"
    record_table = "meeting"
