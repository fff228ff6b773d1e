"""When an entry may be accepted or returned: no Flask, no database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from webapp.fields import N_, Choice

MAX_TEXT = 1000
WEAK_ATTENDANCE = 0.5
"""Below half of the households, a group may need strengthening (article 001)."""


class Decision(Choice):
    """What a reader at the desk says about a revision."""

    ACCEPTED = "accepted", N_("Ghi nhận")
    RETURNED = "returned", N_("Trả bổ sung")
    COMMENT = "comment", N_("Góp ý")


@dataclass(frozen=True)
class Verdict:
    """A decision with its words: `text` for the whole, `remarks` by field."""

    decision: Decision
    text: str
    remarks: Mapping[str, str]


def what_is_missing(verdict: Verdict) -> str | None:
    """Return the sentence that says what a verdict still needs, or None."""
    if any(len(words) > MAX_TEXT for words in (verdict.text, *verdict.remarks.values())):
        return N_("Mỗi lời nhắn tối đa 1.000 chữ.")
    if verdict.decision is Decision.ACCEPTED:
        return None if not verdict.remarks else N_("Có ghi chú cần sửa thì bấm “Trả bổ sung”.")
    if not verdict.text and not verdict.remarks:
        return N_("Viết một lời để người ghi biết cần làm gì.")
    return None


RELEASABLE = frozenset({"not_authorised", "revoked_device"})
"""What a reviewer's word can mend: the author was there, although the book of assignments did not say so.
Everything else in quarantine only its author can set right."""


def may_still_be_decided(state: str, *, is_standing_revision: bool) -> bool:
    """One decision per revision, and only on the revision that stands."""
    return state == "submitted" and is_standing_revision


def needs_attention(status: str, present: int | None, total: int | None) -> bool:
    """Say whether an entry should be looked at first: not held, or too few came."""
    if status == "not_held":
        return True
    return bool(total) and present is not None and present < WEAK_ATTENDANCE * (total or 0)
