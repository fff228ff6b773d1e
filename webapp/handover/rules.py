"""When work is settled at a hand-over: no Flask, no database."""

from __future__ import annotations

from webapp.fields import N_, Choice

RETURNED = "returned"
PLANNED = "planned"
"""Written down of an entry in place of a way, while its hand-over is for a day to come."""


class Way(Choice):
    """How an entry that is not done is settled when whoever answers for it follows the group no more."""

    SENT = "sent", N_("Người cũ đã bổ sung và gửi")
    HANDED_OVER = "handed_over", N_("Đã bàn giao cho người mới")
    EXPORTED = "exported", N_("Đã xuất ra lưu hồ sơ")


def settled_how(way: str | None, *, is_open: bool) -> Way | None:
    """Say how an entry was settled, given what was written down of it and whether it still needs work; None if not."""
    if way not in (None, PLANNED):
        return Way(way)
    return None if is_open else Way.SENT
