"""Petitions: what a group asks for, from raised to answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def init_app(app: Flask) -> None:  # noqa: ARG001 - petitions have no pages of their own yet
    """Make petitions known to sync."""
    from webapp.petitions import sync_handler  # noqa: PLC0415 - bound when the app is made

    sync_handler.init()
