"""What an entry refers to is kept with the entry."""

from __future__ import annotations

from webapp.media.actions import refer
from webapp.sync.registry import register_effect


def init() -> None:
    """Follow the revisions of meeting entries."""
    register_effect("meeting", refer)
