"""Tables of media: what has arrived of each photo, and which entries refer to it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Model


class MediaObject(Model):
    """One photo, named by its content. Its row is locked by whoever adds to it."""

    __tablename__ = "media_object"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    size: Mapped[int]
    received: Mapped[int]
    """How many bytes are safely stored; what the store has beyond them counts for nothing."""
    started_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    complete_at: Mapped[datetime | None]
    first_uploader_id: Mapped[UUID] = mapped_column(ForeignKey("officer.id"))

    __table_args__ = (Index("ix_media_object_complete_at", "complete_at"),)


class MediaReference(Model):
    """An entry refers to a photo. The entry comes first: the photo may not be there yet."""

    __tablename__ = "media_reference"

    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("meeting.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True, index=True)
