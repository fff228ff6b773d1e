"""The table of assignments: an officer holds a role at a unit for a while."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Model, new_id


class Assignment(Model):
    """An officer's role at a unit, from `valid_from` until the day before `valid_to`."""

    __tablename__ = "assignment"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    officer_id: Mapped[UUID] = mapped_column(ForeignKey("officer.id"), index=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    role_code: Mapped[str] = mapped_column(ForeignKey("role.code"))
    is_primary: Mapped[bool] = mapped_column(default=True)
    decision_ref: Mapped[str] = mapped_column(String(80), default="")
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    end_reason: Mapped[str] = mapped_column(String(200), default="")
