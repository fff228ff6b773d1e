"""The table of days on which offices do otherwise than the public calendar says."""

from __future__ import annotations

from datetime import date

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Model


class SpecialDay(Model):
    """A day that was made a holiday or a working day by decree."""

    __tablename__ = "special_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    is_worked: Mapped[bool]
    basis: Mapped[str] = mapped_column(String(300))
    """The decree."""
