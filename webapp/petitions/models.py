"""Tables of petitions: the standing revision projected, and every revision whole."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Model
from webapp.sync.models import SyncedRecord, SyncedRevision


class PetitionRecord(SyncedRecord, Model):
    """A petition as its newest revision says it. The meeting it names may arrive later."""

    __tablename__ = "petition"

    meeting_id: Mapped[UUID | None] = mapped_column(index=True)
    title: Mapped[str] = mapped_column(String(200))
    category: Mapped[str] = mapped_column(String(24))
    urgency: Mapped[str] = mapped_column(String(16))
    level: Mapped[str] = mapped_column(String(16))
    people_affected: Mapped[int | None]

    __table_args__ = (
        Index("ix_petition_feed", "feed_unit_id", "feed_seq"),
        Index("ix_petition_unit", "unit_id"),
    )


class PetitionRevision(SyncedRevision, Model):
    """One revision of a petition."""

    __tablename__ = "petition_revision"
    record_table = "petition"
