"""The envelope every operation travels in (docs/sync-protocol.md, section 4)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, Field

from webapp.fields import N_, Record

PROTOCOL = 2
"""The newest version of docs/sync-protocol.md this server speaks."""

PROTOCOLS = (1, 2)
"""Every version it takes: at least the last two, for phones that have not been updated."""

MAX_OPERATIONS = 50

_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)


def _plausible(moment: datetime) -> datetime:
    """Take any clock a phone can show, however wrong, but nothing a database cannot store."""
    if not _EARLIEST <= moment <= _LATEST:
        raise ValueError(N_("Thời điểm ngoài khoảng lưu được."))
    return moment


Moment = Annotated[AwareDatetime, AfterValidator(_plausible)]
Counter = Annotated[int, Field(ge=1, lt=2**53, strict=True)]


class Operation(Record):
    """One thing an author did to one record on one device."""

    op_id: UUID
    kind: Annotated[str, Field(max_length=40)]
    id: UUID
    rev: Annotated[int, Field(ge=1, le=100_000, strict=True)]
    base_rev: Annotated[int, Field(ge=0, le=100_000, strict=True)]
    base_op: UUID | None = None
    """The operation it was made on, where its author had no answer to that one yet."""
    settles: list[UUID] | None = None
    """What its author knew of that was undecided or held back; from an app that names nothing, all there is."""
    made_at: Moment
    learned_at: Moment | None = None
    clock_offset: Annotated[int, Field(gt=-(2**53), lt=2**53, strict=True)] | None = None
    author: UUID
    device: UUID
    device_seq: Counter
    body: dict[str, Any]


class SentOperation(Record):
    """One operation of a push: its frozen text and the device's proof."""

    op: str
    mac: Annotated[str, Field(max_length=64)]


class Push(Record):
    """The body of `POST /sync/push`."""

    protocol: int
    device: UUID
    sent_at: AwareDatetime | None = None
    """The device's clock when it sent this: what was saved before the clock was set otherwise is told by it."""
    operations: list[SentOperation]
