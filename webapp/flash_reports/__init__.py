"""Flash reports: what has just happened in a group, and who was the first to open the word of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def init_app(app: Flask) -> None:
    """Bind the routes, make flash reports known to sync, and have the desk's menu count those nobody has opened."""
    from webapp.desk import register_count  # noqa: PLC0415 - bound when the app is made
    from webapp.flash_reports import queries, sync_handler  # noqa: PLC0415
    from webapp.flash_reports.routes import blueprint, outside  # noqa: PLC0415

    app.register_blueprint(blueprint)
    app.register_blueprint(outside)
    sync_handler.init()
    register_count("flash_reports", queries.unopened)
