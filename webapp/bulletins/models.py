"""Tables of bulletins: every version of every item, for whom it is, and in which entry it was conveyed."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Model, new_id


class BulletinItem(Model):
    """One version of one item of the pack of a month. What has been published is kept as it was."""

    __tablename__ = "bulletin_item"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    """In whose name it is published."""
    month: Mapped[date]
    """The first day of the month it is for."""
    title: Mapped[str] = mapped_column(String(160))
    text: Mapped[str] = mapped_column(Text)
    is_pinned: Mapped[bool]
    state: Mapped[str] = mapped_column(String(12))
    """One of `webapp.bulletins.rules.State`."""
    version: Mapped[int]
    replaces_id: Mapped[UUID | None] = mapped_column(ForeignKey("bulletin_item.id"))
    made_at: Mapped[datetime]
    made_by_id: Mapped[UUID] = mapped_column(ForeignKey("officer.id"))
    published_at: Mapped[datetime | None]
    published_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("officer.id"))
    ended_at: Mapped[datetime | None]
    """When it was replaced or withdrawn."""

    __table_args__ = (
        Index("ix_bulletin_item_unit_id", "unit_id", "month"),
        UniqueConstraint("replaces_id"),
    )


class BulletinPlace(Model):
    """A place whose groups an item is for."""

    __tablename__ = "bulletin_place"

    item_id: Mapped[UUID] = mapped_column(ForeignKey("bulletin_item.id"), primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), primary_key=True)


class BulletinKind(Model):
    """A type of unit an item is only for."""

    __tablename__ = "bulletin_kind"

    item_id: Mapped[UUID] = mapped_column(ForeignKey("bulletin_item.id"), primary_key=True)
    type_code: Mapped[str] = mapped_column(ForeignKey("unit_type.code"), primary_key=True)


class Attachment(Model):
    """The bytes of a file, kept once by what they are: versions of an item share them."""

    __tablename__ = "attachment"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    media_type: Mapped[str] = mapped_column(String(40))
    size: Mapped[int]
    data: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class BulletinAttachment(Model):
    """A file that goes with an item, under the name it has there."""

    __tablename__ = "bulletin_attachment"

    item_id: Mapped[UUID] = mapped_column(ForeignKey("bulletin_item.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(ForeignKey("attachment.sha256"), primary_key=True, index=True)
    name: Mapped[str] = mapped_column(String(120))
    place: Mapped[int]
    """The order in which they are shown."""


class Conveyance(Model):
    """An entry says that an item was conveyed at its meeting: what its standing revision says."""

    __tablename__ = "conveyance"

    record_id: Mapped[UUID] = mapped_column(ForeignKey("meeting.id"), primary_key=True)
    item_id: Mapped[UUID] = mapped_column(ForeignKey("bulletin_item.id"), primary_key=True, index=True)
    questions: Mapped[str] = mapped_column(String(300))
    """What people asked about it; never who."""
