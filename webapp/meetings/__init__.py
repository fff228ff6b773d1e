"""Meetings: what an officer records of a group's monthly meeting."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def init_app(app: Flask) -> None:
    """Bind the notebook's routes and make meeting entries known to sync."""
    from webapp.meetings import sync_handler  # noqa: PLC0415 - bound when the app is made
    from webapp.meetings.routes import blueprint  # noqa: PLC0415

    sync_handler.init()
    app.register_blueprint(blueprint)
