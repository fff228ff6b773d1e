"""What becomes of an operation: decided from facts, without Flask or a database."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b32encode, urlsafe_b64decode
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from webapp.fields import N_

APPLIED = "applied"
DUPLICATE = "duplicate"
PARALLEL = "parallel"
QUARANTINED = "quarantined"
RETRY = "retry"

REVOKED_OPERATIONS = 200
REVOKED_BYTES = 2 * 1024 * 1024
"""How much one revoked device may have waiting in quarantine: months of honest work, and no room for mischief."""


class Code(StrEnum):
    """Stable codes of outcomes; the phone and support read them."""

    APPLIED = "applied"
    PARALLEL = "parallel"
    UNREADABLE = "unreadable"
    BAD_MAC = "bad_mac"
    OP_REUSED = "op_reused"
    WRONG_AUTHOR = "wrong_author"
    NOT_AUTHORISED = "not_authorised"
    UNKNOWN_UNIT = "unknown_unit"
    UNKNOWN_KIND = "unknown_kind"
    INVALID = "invalid"
    WRONG_RECORD = "wrong_record"
    CLOSED = "closed"
    REVOKED_DEVICE = "revoked_device"
    QUARANTINE_FULL = "quarantine_full"
    BUSY = "busy"


MESSAGES: dict[Code, str] = {
    Code.APPLIED: N_("Đã nhận."),
    Code.PARALLEL: N_("Đã nhận thêm một bản khác; mở phiếu để chọn bản đúng."),
    Code.UNREADABLE: N_("Máy chủ không đọc được nội dung; bản gửi được giữ nguyên để kiểm tra."),
    Code.BAD_MAC: N_("Không xác nhận được máy gửi; bản gửi được giữ chờ kiểm tra."),
    Code.OP_REUSED: N_("Mã gửi đã dùng cho nội dung khác; bản này được giữ chờ kiểm tra."),
    Code.WRONG_AUTHOR: N_("Phiếu do người khác ghi; được giữ chờ người ghi xác nhận."),
    Code.NOT_AUTHORISED: N_("Ngày họp đó đồng chí chưa được phân công ở tổ này; phiếu được giữ chờ rà soát."),
    Code.UNKNOWN_UNIT: N_("Không tìm thấy tổ này; phiếu được giữ chờ rà soát."),
    Code.UNKNOWN_KIND: N_("Máy chủ chưa biết loại phiếu này; phiếu được giữ nguyên."),
    Code.INVALID: N_("Có mục chưa hợp lệ; phiếu được giữ chờ sửa."),
    Code.WRONG_RECORD: N_("Mã phiếu trùng với phiếu khác; phiếu được giữ chờ kiểm tra."),
    Code.CLOSED: N_("Phiếu đã khóa hoặc đã rút; bản sửa được giữ chờ rà soát."),
    Code.REVOKED_DEVICE: N_("Máy này đã bị thu hồi; phiếu được giữ chờ người quản trị."),
    Code.QUARANTINE_FULL: N_("Máy đã bị thu hồi và chỗ chờ cho máy này đã đầy; phiếu vẫn còn trên máy."),
    Code.BUSY: N_("Máy chủ bận, máy sẽ tự gửi lại."),
}


@dataclass
class Room:
    """What a device may still leave in quarantine."""

    operations: int
    bytes: int

    def takes(self, size: int) -> bool:
        """Take in one operation of so many bytes, or say that there is no room."""
        if self.operations < 1 or self.bytes < size:
            return False
        self.operations -= 1
        self.bytes -= size
        return True


CLOCKS_AGREE = timedelta(minutes=2)
"""Within this two clocks show the same."""


@dataclass(frozen=True)
class Times:
    """When something was learned of, written down and received: three times, and none stands for another."""

    learned: datetime | None
    recorded: datetime
    """By the true clock: what the device showed, mended by what was last known of its error."""
    received: datetime
    is_uncertain: bool
    """Nothing was known of the device's clock, or it was changed since: it cannot have been then."""


def times_of(
    learned_at: datetime | None, recorded_at: datetime, clock_offset: int | None, received_at: datetime, *,
    has_jumped: bool = False,
) -> Times:  # fmt: skip
    """Return the three times of what a device sent; what was written where it was received needs no other clock."""
    is_known = clock_offset is not None and abs(clock_offset) < _WRONGEST
    recorded = recorded_at + timedelta(milliseconds=clock_offset or 0) if is_known else recorded_at
    is_sure = is_known or recorded_at == received_at
    is_uncertain = has_jumped or not is_sure or recorded > received_at + CLOCKS_AGREE
    return Times(learned_at, recorded, received_at, is_uncertain)


def has_jumped(known: int | None, now: timedelta) -> bool:
    """Say whether a clock that was behind by `known` milliseconds, and is by `now`, was set in between."""
    return known is not None and abs(now / timedelta(milliseconds=1) - known) > JUMP / timedelta(
        milliseconds=1
    )


JUMP = timedelta(minutes=5)
"""By how much a clock was set, and not only ran fast or slow while nobody looked; a slow line takes less."""


_WRONGEST = 200 * 366 * 86_400_000
"""No clock of a phone is further off, in milliseconds; more cannot be added to every date."""


@dataclass(frozen=True)
class Known:
    """What the server knows of a record before an operation."""

    unit_id: UUID
    author_id: UUID
    rev: int
    op_id: UUID | None
    """The operation that stands."""
    state: str
    keeper_id: UUID | None = None
    """To whom it was handed over, if it was."""
    undecided: frozenset[UUID] = frozenset()
    """The second versions of which nobody has said yet whether they stand."""

    def left_open(self, settles: Collection[UUID] | None) -> frozenset[UUID]:
        """Return the second versions that stay undecided: their authors' words were not known to who saves now."""
        return frozenset() if settles is None else self.undecided.difference(settles)


class Held(NamedTuple):
    """An operation that was held back, and stands nowhere."""

    record_id: UUID
    base_rev: int
    base_op: UUID | None
    waits: bool
    """Nobody at the desk has set it aside."""


class Basis(NamedTuple):
    """What an operation was made on, of what was not held back."""

    rev: int
    op: UUID | None
    """The operation, where its author had no answer to that one yet."""
    through: frozenset[UUID]
    """What was held back in between, each made on the one before."""


def basis_of(rev: int, op: UUID | None, held: Mapping[UUID, Held]) -> Basis:
    """Return what an operation was made on in the end: what is held back adds nothing to what its author knew."""
    through: set[UUID] = set()
    while op and op in held and op not in through:
        through.add(op)
        rev, op = min(rev, held[op].base_rev), held[op].base_op
    return Basis(rev, op, frozenset(through))


@dataclass(frozen=True)
class Proposal:
    """What an operation asks for, as far as judging it needs."""

    unit_id: UUID | None
    author_id: UUID
    basis: Basis
    is_withdrawal: bool
    builds_beside: bool = False
    """What it was made on was taken in as a second version."""
    settles: Collection[UUID] | None = None
    """What its author knew of that was undecided or held back; None of an app that does not say."""


WITHDRAWN = "withdrawn"
LOCKED = "locked"
ACCEPTED = "accepted"


def judge(proposal: Proposal, known: Known | None, *, authorised: bool, is_fixed: bool = False) -> Code:
    """Decide what becomes of a readable, valid operation.

    One writer per record: its author, and whoever it was handed over to. A revision of something else than what
    stands is kept beside it (`PARALLEL`), never refused and never put over it: so two who write, because one of them
    has not heard of the hand-over yet, lose nothing of each other. `is_fixed` says that the
    kind of record takes no more revisions in the state it is in.
    """
    if known is None:
        if proposal.is_withdrawal:
            return Code.WRONG_RECORD
        return Code.APPLIED if authorised else Code.NOT_AUTHORISED
    is_keeper = known.keeper_id == proposal.author_id
    if not (is_keeper or known.author_id == proposal.author_id) or proposal.unit_id not in (
        None,
        known.unit_id,
    ):
        return Code.WRONG_RECORD
    is_closed = is_fixed or known.state in (WITHDRAWN, LOCKED)
    if is_closed or (proposal.is_withdrawal and known.state == ACCEPTED):
        return Code.CLOSED
    # What nobody else answers for may be taken back on any day: only a phone's clock says which it is.
    takes_back = proposal.is_withdrawal and known.keeper_id is None
    if not (authorised or is_keeper or takes_back):
        return Code.NOT_AUTHORISED
    # What is withdrawn takes no more versions: who did not know of one is asked before its words are put away.
    puts_away = proposal.is_withdrawal and known.left_open(proposal.settles)
    return Code.APPLIED if _was_made_on(known, proposal) and not puts_away else Code.PARALLEL


def _was_made_on(known: Known, proposal: Proposal) -> bool:
    """Say whether its author knew what stands.

    Numbers alone do not tell: two phones count on from the same revision, and each has a revision 2 of its own. What
    was made on something unanswered names it; what names nothing was made on what the author was told, as is what
    somebody decided between two versions.
    """
    rev, op, _ = proposal.basis
    if rev < known.rev or proposal.builds_beside:
        return False
    return op in (None, known.op_id)


def outcome_of(code: Code) -> str:
    """Return the outcome a code belongs to."""
    if code in (Code.APPLIED, Code.PARALLEL):
        return code.value
    return RETRY if code in (Code.BUSY, Code.QUARANTINE_FULL) else QUARANTINED


def digest(text: str) -> bytes:
    """Return SHA-256 over the operation's text; a lone surrogate must not stop us from keeping it."""
    return hashlib.sha256(as_bytes(text)).digest()


def seal(key: bytes, op_digest: bytes) -> bytes:
    """Return what stands for the digest of an operation that was redacted: it knows a repetition, and betrays nothing.

    From the plain digest somebody with a copy of the database could try out which number a mark stands for.
    """
    return hmac.digest(key, b"redacted:" + op_digest, "sha256")


def as_bytes(text: str) -> bytes:
    """Return the text's UTF-8 bytes, lone surrogates included."""
    return text.encode("utf-8", "surrogatepass")


def is_signed_by(secret: bytes, text: str, mac: str) -> bool:
    """Say whether `mac` is the base64url HMAC-SHA256 of `text` under the device's secret."""
    try:
        given = urlsafe_b64decode(mac + "=" * (-len(mac) % 4))
    except ValueError:
        return False
    return hmac.compare_digest(given, hmac.digest(secret, as_bytes(text), "sha256"))


def receipt_code(key: bytes, op_digest: bytes) -> str:
    """Return the short code a person can read out: eight letters that only this server can make."""
    raw = hashlib.blake2b(op_digest, key=key[:64], digest_size=5).digest()
    letters = b32encode(raw).decode().translate(_READABLE)
    return f"{letters[:4]}-{letters[4:]}"


_READABLE = str.maketrans("ILOU", "0189")
"""Letters that are misread (I, L, O, U) give way to digits that base32 does not use."""


def short_hash(value: Any) -> str:  # noqa: ANN401 - anything JSON can say
    """Return a mark that changes when a value does."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]
