"""Petitions: what a group asks for, from raised to answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def init_app(app: Flask) -> None:
    """Bind the routes and make petitions known to sync."""
    from webapp.petitions import sync_handler  # noqa: PLC0415 - bound when the app is made
    from webapp.petitions.routes import blueprint  # noqa: PLC0415

    app.register_blueprint(blueprint)
    sync_handler.init()
