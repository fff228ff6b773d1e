"""Tables of the exchange with phones, and the columns every synced record shares."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, Text, false
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from webapp.db import Model, new_id
from webapp.sync import rules


class Feed(Model):
    """The sequence of changes below one unit. Its row is locked by whoever changes something there."""

    __tablename__ = "feed"

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, default=0)
    told_seq: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    """The number at which something last changed that phones are told whole, such as the calendar."""


class SyncedRecord:
    """Columns of a record that phones write: its newest applied revision, projected."""

    id: Mapped[UUID] = mapped_column(primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    author_id: Mapped[UUID] = mapped_column(ForeignKey("officer.id"), index=True)
    """Who wrote it first; each revision says who wrote that."""
    keeper_id: Mapped[UUID | None] = mapped_column(ForeignKey("officer.id"), index=True)
    """To whom it was handed over: they answer for it now. Empty while its author does."""
    feed_unit_id: Mapped[UUID] = mapped_column(ForeignKey("feed.unit_id"))
    feed_seq: Mapped[int] = mapped_column(BigInteger)
    """The feed's number at the last change: pulls ask for what is above their cursor."""
    rev: Mapped[int]
    op_id: Mapped[UUID]
    """The operation whose revision stands."""
    state: Mapped[str] = mapped_column(String(16))
    recorded_at: Mapped[datetime]
    received_at: Mapped[datetime]
    receipt_code: Mapped[str] = mapped_column(String(12))


class Clocked:
    """Columns of what was written down on a device, by its clock, and came later."""

    learned_at: Mapped[datetime | None]
    recorded_at: Mapped[datetime]
    """By the device's clock."""
    clock_offset: Mapped[int | None] = mapped_column(BigInteger)
    """How far the server's clock was ahead of it when they last met, in milliseconds; empty if they never had."""
    clock_jumped: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether the device's clock was set otherwise between then and the sending."""
    received_at: Mapped[datetime]

    @property
    def times(self) -> rules.Times:
        """Return when it was learned of, written down, as well as is known, and received."""
        return rules.times_of(
            self.learned_at,
            self.recorded_at,
            self.clock_offset,
            self.received_at,
            has_jumped=self.clock_jumped,
        )


class SyncedRevision(Clocked):
    """Columns of a revision: what its author's phone froze, letter for letter until redacted, and when it came."""

    op_id: Mapped[UUID] = mapped_column(primary_key=True)
    rev: Mapped[int]
    base_rev: Mapped[int]
    is_parallel: Mapped[bool]
    beside_rev: Mapped[int | None]
    """The revision this second version is asked about beside: that which stood when it came, or one that was saved
    since by somebody who did not know of it. Empty for one that stands."""
    is_withdrawal: Mapped[bool]
    payload: Mapped[str] = mapped_column(Text)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    """Of what was frozen; sealed with the server's key once something in it was masked."""
    redacted_at: Mapped[datetime | None]
    """When something in it was last masked: then the payload is no longer what was frozen, letter for letter."""
    author_id: Mapped[UUID] = mapped_column(ForeignKey("officer.id"))
    device_id: Mapped[UUID]
    device_seq: Mapped[int] = mapped_column(BigInteger)
    receipt_code: Mapped[str] = mapped_column(String(12))

    @declared_attr.directive
    def record_id(cls) -> Mapped[UUID]:  # noqa: N805 - SQLAlchemy calls it on the class
        """Refer to the record this is a revision of."""
        return mapped_column(ForeignKey(f"{cls.record_table}.id"), index=True)  # type: ignore[attr-defined]


class Receipt(Model):
    """The stored answer to one operation, committed with its effect."""

    __tablename__ = "receipt"

    op_id: Mapped[UUID] = mapped_column(primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    outcome: Mapped[str] = mapped_column(String(16))
    code: Mapped[str] = mapped_column(String(24))
    message: Mapped[str] = mapped_column(String(300))
    receipt_code: Mapped[str] = mapped_column(String(12), index=True)
    received_at: Mapped[datetime]


class Quarantined(Model):
    """An operation that could not be applied, kept whole, with the reason."""

    __tablename__ = "quarantined"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    op_id: Mapped[UUID | None]
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    code: Mapped[str] = mapped_column(String(24))
    message: Mapped[str] = mapped_column(String(300))
    payload: Mapped[bytes] = mapped_column(LargeBinary)
    officer_id: Mapped[UUID] = mapped_column(ForeignKey("officer.id"), index=True)
    device_id: Mapped[UUID]
    unit_id: Mapped[UUID | None]
    record_id: Mapped[UUID | None]
    beside_rev: Mapped[int | None]
    """The revision of its record that stood when it came, 0 if there was none; empty where nobody looked."""
    receipt_code: Mapped[str] = mapped_column(String(12))
    received_at: Mapped[datetime]
    settled: Mapped[str | None] = mapped_column(String(16))
    """`released` or `dismissed` by a reviewer; empty while it waits."""
    note: Mapped[str] = mapped_column(String(300), default="", server_default="")
    settled_at: Mapped[datetime | None]
    settled_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("officer.id"))
    redacted_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_quarantined_unit_id", "unit_id"),)
