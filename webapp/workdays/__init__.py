"""Working days: the public calendar of the country, and the rows that overrule it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def init_app(app: Flask) -> None:  # noqa: ARG001 - nothing but a table
    """Make the table known."""
    from webapp.workdays import models  # noqa: F401, PLC0415 - bound when the app is made
