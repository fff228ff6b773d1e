"""Audit: who did what and when, appended in the transaction of the deed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def init_app(app: Flask) -> None:  # noqa: ARG001 - nothing but tables so far
    """Make the tables known."""
    from webapp.audit import models  # noqa: F401, PLC0415 - bound when the app is made
