"""Tables of petitions: the standing revision projected, every revision whole, what happened since, and the rules."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, cast
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Model, new_id
from webapp.sync.models import Clocked, SyncedRecord, SyncedRevision

if TYPE_CHECKING:
    from sqlalchemy.engine.default import DefaultExecutionContext


def _received(context: DefaultExecutionContext) -> datetime:
    return cast("datetime", context.get_current_parameters()["received_at"])  # type: ignore[no-untyped-call]


class PetitionRecord(SyncedRecord, Model):
    """A petition as its newest revision says it, and where its log has brought it. The meeting may arrive later.

    `state` is one of `webapp.petitions.rules.State`. What follows `people_affected` can be made anew from the log.
    """

    __tablename__ = "petition"

    meeting_id: Mapped[UUID | None] = mapped_column(index=True)
    title: Mapped[str] = mapped_column(String(200))
    category: Mapped[str] = mapped_column(String(24))
    urgency: Mapped[str] = mapped_column(String(16))
    level: Mapped[str] = mapped_column(String(16))
    people_affected: Mapped[int | None]
    since: Mapped[datetime] = mapped_column(default=_received)
    """Since when it is in its state."""
    next_by: Mapped[date | None]
    """Until when the next step is due; empty when none is."""
    event_seq: Mapped[int] = mapped_column(default=0, server_default="0")
    """How many events its log has: whoever decides says how many they had read."""
    ending_id: Mapped[UUID | None]
    owner_unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"), index=True)
    due: Mapped[date | None]
    view: Mapped[str | None] = mapped_column(String(8))
    channel: Mapped[str | None] = mapped_column(String(16))
    head_id: Mapped[UUID | None] = mapped_column(ForeignKey("petition.id"), index=True)
    proposed_to_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))

    __table_args__ = (
        Index("ix_petition_feed", "feed_unit_id", "feed_seq"),
        Index("ix_petition_unit", "unit_id"),
        # The board walks these, commune by commune, in the order it shows, and stops when a page is full.
        Index("ix_petition_next", "feed_unit_id", "next_by", "id"),
        Index("ix_petition_state", "feed_unit_id", "state", "next_by", "id"),
        Index("ix_petition_since", "feed_unit_id", "state", "since", "id"),
        Index("ix_petition_category", "feed_unit_id", "category", "next_by", "id"),
        Index("ix_petition_urgency", "feed_unit_id", "urgency", "next_by", "id"),
        # What is settled only grows: each filter of it has an order of its own.
        Index("ix_petition_since_category", "feed_unit_id", "state", "category", "since", "id"),
        Index("ix_petition_since_urgency", "feed_unit_id", "state", "urgency", "since", "id"),
    )


class PetitionRevision(SyncedRevision, Model):
    """One revision of a petition."""

    __tablename__ = "petition_revision"
    record_table = "petition"


class PetitionEvent(Clocked, Model):
    """One thing that happened to a petition. Rows are only ever added."""

    __tablename__ = "petition_event"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    """Minted where the deed was done: told twice, it happened once."""
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"))
    seq: Mapped[int]
    deed: Mapped[str] = mapped_column(String(16))
    relation: Mapped[str] = mapped_column(String(16))
    """In what capacity it was done; empty when it followed of itself."""
    actor_id: Mapped[UUID] = mapped_column(ForeignKey("officer.id"), index=True)
    about_id: Mapped[UUID | None]
    """The event it speaks of: of a feedback the answer that was told, of an inherited answer the first one."""
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))
    said: Mapped[str] = mapped_column(Text)
    """The record that belongs to the deed, as JSON."""

    __table_args__ = (
        UniqueConstraint("petition_id", "seq"),
        Index("ix_petition_event_unit_id", "unit_id", "deed"),
    )


class PetitionCategory(Model):
    """What holds for petitions of one kind, from a day until the day before another."""

    __tablename__ = "petition_category"

    code: Mapped[str] = mapped_column(String(24), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date | None]
    level: Mapped[str] = mapped_column(String(16))
    """The tier that is competent."""
    must_report: Mapped[bool]
    answer_days: Mapped[int]
    """Working days until it should be settled, unless whoever assigns it says otherwise."""
    routing: Mapped[str] = mapped_column(String(160))
    """Whom to ask."""
    words: Mapped[str] = mapped_column(String(300), default="", server_default="")
    """What people call such matters, separated by commas: by these words the phone finds the category."""
    basis: Mapped[str] = mapped_column(String(300))


class PetitionTime(Model):
    """How many working days a step may take, from a day until the day before another."""

    __tablename__ = "petition_time"

    step: Mapped[str] = mapped_column(String(16), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date | None]
    days: Mapped[int]
    basis: Mapped[str] = mapped_column(String(300))
