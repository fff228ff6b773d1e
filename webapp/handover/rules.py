"""When work is settled at a hand-over: no Flask, no database."""

from __future__ import annotations

from webapp.fields import N_, Choice

RETURNED = "returned"


class Way(Choice):
    """How a returned entry is settled when whoever answers for it follows the group no more."""

    SENT = "sent", N_("Người cũ đã bổ sung và gửi")
    HANDED_OVER = "handed_over", N_("Đã bàn giao cho người mới")
    EXPORTED = "exported", N_("Đã xuất ra lưu hồ sơ")


def settled_how(state: str, way: str | None) -> Way | None:
    """Say how an entry was settled, given its state and what was written down of it; None while it is not."""
    if way is not None:
        return Way(way)
    return None if state == RETURNED else Way.SENT
