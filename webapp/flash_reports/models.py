"""Tables of flash reports: the standing revision projected, every revision whole, and who opened it first."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Model
from webapp.sync.models import SyncedRecord, SyncedRevision


class FlashReportRecord(SyncedRecord, Model):
    """A flash report as its newest revision says it. `state` is one of `webapp.flash_reports.rules.State`."""

    __tablename__ = "flash_report"

    what: Mapped[str] = mapped_column(String(300))
    opened_at: Mapped[datetime | None]
    """When it was opened first by somebody who can act on it; written once."""
    opened_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("officer.id"))
    opened_role: Mapped[str | None] = mapped_column(ForeignKey("role.code"))
    """As what they opened it, and for which unit: what its author is told."""
    opened_unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))
    channel: Mapped[str | None] = mapped_column(String(16))
    """Where the matter was sent instead; its text is shown nowhere from then on."""

    __table_args__ = (
        Index("ix_flash_report_feed", "feed_unit_id", "feed_seq"),
        Index("ix_flash_report_unit", "unit_id", "state"),
    )


class FlashReportRevision(SyncedRevision, Model):
    """One revision of a flash report."""

    __tablename__ = "flash_report_revision"
    record_table = "flash_report"
