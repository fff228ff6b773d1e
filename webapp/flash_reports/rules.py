"""Whose opening of a flash report counts, and what may still be done with one: no Flask, no database."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from webapp.fields import N_, Choice


class State(Choice):
    """Where a flash report stands."""

    REPORTED = "reported", N_("Chưa ai mở")
    OPENED = "opened", N_("Đã mở")
    REDIRECTED = "redirected", N_("Sang kênh khác")
    WITHDRAWN = "withdrawn", N_("Đã rút")


FIXED = frozenset({State.OPENED, State.REDIRECTED})
"""Somebody has acted on what it says: from then on its author reports anew instead of changing it."""


def is_first_opening(state: str, reader: UUID, writers: Collection[UUID | None], *, acts: bool) -> bool:
    """Say whether this reading is the one its author is told of: the first by somebody who can act, and not by them.

    `writers` are its author and whoever answers for it now.
    """
    return acts and state == State.REPORTED and reader not in writers


def may_redirect(state: str, *, acts: bool) -> bool:
    """Say whether it may still be sent to another channel, which takes its text from every screen."""
    return acts and state in (State.REPORTED, State.OPENED)
