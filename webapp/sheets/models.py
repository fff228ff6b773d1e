"""The table of files that are being taken in: kept between the steps, never longer."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Model, new_id


class SheetImport(Model):
    """A file somebody handed in. Only they see it; it goes when they are done, or after a day."""

    __tablename__ = "sheet_import"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    officer_id: Mapped[UUID] = mapped_column(ForeignKey("officer.id"), index=True)
    file_name: Mapped[str] = mapped_column(String(200))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    """The file; once it is taken in, the report instead."""
    layout: Mapped[str] = mapped_column(Text)
    """What each sheet holds and which column says what, as JSON."""
    state: Mapped[str] = mapped_column(String(12))
    """One of `webapp.sheets.layout.State`."""
    rows_done: Mapped[int] = mapped_column(default=0)
    rows_total: Mapped[int] = mapped_column(default=0)
    lines: Mapped[str] = mapped_column(Text, default="", deferred=True)
    """What becomes of each row, as JSON."""
    digest: Mapped[str] = mapped_column(String(64), default="")
    """What the dry run said, in short: only that is done."""
    failure: Mapped[str] = mapped_column(String(40), default="")
    """The code of what stopped it, of `webapp.errors.CATALOGUE`."""
    made_at: Mapped[datetime]
    touched_at: Mapped[datetime]
    """When work on it was last heard of."""
    expires_at: Mapped[datetime] = mapped_column(index=True)
