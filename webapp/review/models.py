"""Tables of the review: appended events on one revision, and the remarks pinned to its fields."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Model, new_id


class ReviewEvent(Model):
    """What somebody at the desk said about one revision of an entry."""

    __tablename__ = "review_event"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("meeting.id"), index=True)
    op_id: Mapped[UUID] = mapped_column(ForeignKey("meeting_revision.op_id"))
    rev: Mapped[int]
    decision: Mapped[str] = mapped_column(String(16))
    decides_op_id: Mapped[UUID | None] = mapped_column(unique=True)
    """The revision this event decides; empty for comments. Unique: one decision per revision."""
    text: Mapped[str] = mapped_column(Text, default="")
    actor_id: Mapped[UUID] = mapped_column(ForeignKey("officer.id"))
    at: Mapped[datetime]


class ReviewRemark(Model):
    """A remark pinned to one field of the revision."""

    __tablename__ = "review_remark"

    event_id: Mapped[UUID] = mapped_column(ForeignKey("review_event.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    field: Mapped[str] = mapped_column(String(80))
    text: Mapped[str] = mapped_column(Text)
