"""Redaction: what should never have been written down is masked in every copy that is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def init_app(app: Flask) -> None:  # noqa: ARG001 - bound as every capability is; its forms stand on the pages of others
    """Let what arrives be masked as what is there already, and phones be told."""
    from webapp.redaction.queries import redactions_of, screen  # noqa: PLC0415 - bound when the app is made
    from webapp.sync.registry import register_addition, register_screen  # noqa: PLC0415

    register_screen(screen)
    for kind in ("meeting", "petition"):
        register_addition(kind, redactions_of)
