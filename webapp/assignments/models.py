"""Tables of assignments: who holds which role where and since when, who is exempt, and what is expected of a tier."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Model, new_id


class Assignment(Model):
    """An officer's role at a unit, from `valid_from` until the day before `valid_to`. Rows are ended, never changed."""

    __tablename__ = "assignment"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    officer_id: Mapped[UUID] = mapped_column(ForeignKey("officer.id"), index=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    role_code: Mapped[str] = mapped_column(ForeignKey("role.code"))
    is_primary: Mapped[bool] = mapped_column(default=True)
    """In charge; otherwise a deputy."""
    decision_ref: Mapped[str] = mapped_column(String(80), default="")
    decision_date: Mapped[date | None]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    end_reason: Mapped[str] = mapped_column(String(200), default="")
    end_basis: Mapped[str] = mapped_column(String(120), default="", server_default="")
    """The decision that ended it."""
    replaces_id: Mapped[UUID | None] = mapped_column(ForeignKey("assignment.id"), index=True)
    """The assignment that ended for this one to begin."""


class Exemption(Model):
    """An officer who is not to be assigned, from `valid_from` until the day before `valid_to`."""

    __tablename__ = "assignment_exemption"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    officer_id: Mapped[UUID] = mapped_column(ForeignKey("officer.id"), index=True)
    reason: Mapped[str] = mapped_column(String(200))
    decision_ref: Mapped[str] = mapped_column(String(80), default="")
    decision_date: Mapped[date | None]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class AssignmentLine(Model):
    """What is expected: this role at every unit of the tier, and at most so many of them for one person."""

    __tablename__ = "assignment_line"

    role_code: Mapped[str] = mapped_column(ForeignKey("role.code"), primary_key=True)
    rank: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """The tier: the rank of its types of units."""
    most: Mapped[int]
    basis: Mapped[str] = mapped_column(String(200), default="")
    """The document that says so."""
