"""Tables of places. Tier names are rows, never columns; everything about a unit has dates."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, false
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
    is_agency: Mapped[bool] = mapped_column(default=False, server_default=false())
    """An organisation, not a place: petitions are referred to it, and it sees no others."""
    is_base: Mapped[bool] = mapped_column(default=False, server_default=false())
    """The base tier (cấp cơ sở): the officers inside one such unit stand in for one another, and share a feed."""


class Unit(Model):
    """A place or body, from `valid_from` until the day before `valid_to`.

    What the other columns say is what `UnitVersion` says of today; of a unit that has ended, what it said last.
    """

    __tablename__ = "unit"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    type_code: Mapped[str] = mapped_column(ForeignKey("unit_type.code"))
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"), index=True)
    feed_unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"), index=True)
    """The unit whose feed carries this unit's changes, for good: a feed is a channel and outlives its place."""
    base_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"), index=True)
    """The unit of the base tier in which this one lies today, or lay when it ended and went into another."""
    name: Mapped[str] = mapped_column(String(160))
    official_code: Mapped[str | None] = mapped_column(String(16), index=True)
    sort_key: Mapped[str] = mapped_column(String(320))
    folded_name: Mapped[str] = mapped_column(String(160))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class UnitVersion(Model):
    """What is true of a unit from `valid_from` until the day before `valid_to`.

    When the unit has ended, `state` says how, and `parent_id` where what it held is found: so one walk down the
    tree of a day finds both what stands there and what went into it.
    """

    __tablename__ = "unit_version"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    state: Mapped[str] = mapped_column(String(8))
    """One of `webapp.places.dated.State`."""
    type_code: Mapped[str] = mapped_column(ForeignKey("unit_type.code"))
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))
    name: Mapped[str] = mapped_column(String(160))
    official_code: Mapped[str | None] = mapped_column(String(16), index=True)
    """Codes are given out again: 28810 has been three different places. Never match a unit by it alone."""
    sort_key: Mapped[str] = mapped_column(String(320))
    folded_name: Mapped[str] = mapped_column(String(160))
    change_id: Mapped[UUID | None] = mapped_column(ForeignKey("place_change.id"))
    """The change that began it, which knows its legal basis."""

    __table_args__ = (
        Index("ix_unit_version_unit_id", "unit_id", "valid_from"),
        Index("ix_unit_version_parent_id", "parent_id", "valid_from"),
    )


class PlaceChange(Model):
    """One operation on the tree, with what it changed, so that it can be taken back. Rows are only added."""

    __tablename__ = "place_change"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(16))
    on_day: Mapped[date]
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    """Where it happened: who administers this place sees it."""
    basis: Mapped[str] = mapped_column(String(300), default="")
    """The decision or resolution that ordered it."""
    operation: Mapped[str] = mapped_column(Text)
    changes: Mapped[str] = mapped_column(Text)
    effects: Mapped[str] = mapped_column(Text)
    """What other capabilities did with it, by their name."""
    made_at: Mapped[datetime]
    made_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("officer.id"))
    """Empty when it was done at the server's console."""
    undone_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("place_change.id"))


class UnitMembership(Model):
    """A unit belongs to an overlay for a while."""

    __tablename__ = "unit_membership"

    overlay_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date | None]

    __table_args__ = (Index("ix_unit_membership_unit_id", "unit_id"),)


class HouseholdCount(Model):
    """How many households a unit had from `as_of` on: the denominator of attendance on and after that day."""

    __tablename__ = "household_count"

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    as_of: Mapped[date] = mapped_column(primary_key=True)
    households: Mapped[int]
    source: Mapped[str] = mapped_column(String(160), default="", server_default="")
    """Where the number comes from, in the words of whoever wrote it down."""
    noted_at: Mapped[datetime | None]
    """Empty when it came with a list or followed from a change of the tree."""
    noted_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("officer.id"))
