"""Tables of places. Tier names are rows, never columns; every unit has dates."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Model, new_id


class UnitType(Model):
    """A tier or kind of unit, such as commune, hamlet, group or cluster."""

    __tablename__ = "unit_type"

    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    rank: Mapped[int]
    label: Mapped[str] = mapped_column(String(80))
    label_en: Mapped[str] = mapped_column(String(80))
    can_meet: Mapped[bool] = mapped_column(default=False)
    can_own_petitions: Mapped[bool] = mapped_column(default=False)
    can_review: Mapped[bool] = mapped_column(default=False)
    is_overlay: Mapped[bool] = mapped_column(default=False)
    """An overlay groups units across the tree (a cluster of communes) and is nobody's parent."""


class Unit(Model):
    """A place or body, from `valid_from` until the day before `valid_to`."""

    __tablename__ = "unit"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    type_code: Mapped[str] = mapped_column(ForeignKey("unit_type.code"))
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"), index=True)
    feed_unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"), index=True)
    """The unit whose feed carries this unit's changes: contention stays local to it."""
    name: Mapped[str] = mapped_column(String(160))
    official_code: Mapped[str | None] = mapped_column(String(16), index=True)
    sort_key: Mapped[str] = mapped_column(String(320))
    folded_name: Mapped[str] = mapped_column(String(160))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class UnitMembership(Model):
    """A unit belongs to an overlay for a while."""

    __tablename__ = "unit_membership"

    overlay_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date | None]

    __table_args__ = (Index("ix_unit_membership_unit_id", "unit_id"),)


class HouseholdCount(Model):
    """How many households a unit had from `as_of` on: the denominator of attendance."""

    __tablename__ = "household_count"

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    as_of: Mapped[date] = mapped_column(primary_key=True)
    households: Mapped[int]
