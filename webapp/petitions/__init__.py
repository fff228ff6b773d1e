"""Petitions: what a group asks for, from raised to answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def init_app(app: Flask) -> None:
    """Bind the routes, make petitions known to sync, and let phones be told what holds for their kinds."""
    from webapp.petitions import queries, sync_handler  # noqa: PLC0415 - bound when the app is made
    from webapp.petitions.routes import blueprint, outside  # noqa: PLC0415
    from webapp.sync.registry import register_told  # noqa: PLC0415

    app.register_blueprint(blueprint)
    app.register_blueprint(outside)
    sync_handler.init()
    register_told("categories", queries.told)
