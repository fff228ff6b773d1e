"""Tables of what was masked: who, when, why, and a trace by which the same words are known again; never the words."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Model, new_id


class Redaction(Model):
    """One deed of masking, on one record. Rows are only ever added."""

    __tablename__ = "redaction"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    record_id: Mapped[UUID] = mapped_column(index=True)
    record_kind: Mapped[str] = mapped_column(String(24))
    field: Mapped[str] = mapped_column(String(80))
    """The field that was masked as a whole; empty for a passage wherever it stood, or the whole record."""
    is_whole: Mapped[bool]
    """Everything somebody wrote in the record was masked, and what still arrives is."""
    reason: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[UUID] = mapped_column(ForeignKey("officer.id"))
    at: Mapped[datetime]


class RedactedPassage(Model):
    """A passage that is masked wherever it arrives again: its length, and a trace that only this server can make."""

    __tablename__ = "redacted_passage"

    record_id: Mapped[UUID] = mapped_column(primary_key=True)
    trace: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    length: Mapped[int]
    reason: Mapped[str] = mapped_column(String(16))
