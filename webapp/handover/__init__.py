"""Hand-over: what becomes of somebody's unsettled work when another follows the place."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def init_app(app: Flask) -> None:  # noqa: ARG001 - nothing but a table so far
    """Make the table known."""
    from webapp.handover import models  # noqa: F401, PLC0415 - bound when the app is made
