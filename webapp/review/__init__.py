"""Review: accept an entry, return it with remarks, comment."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def init_app(app: Flask) -> None:
    """Bind the routes and let reviews travel with their entries."""
    from webapp.review import sync_handler  # noqa: PLC0415 - bound when the app is made
    from webapp.review.routes import blueprint  # noqa: PLC0415

    sync_handler.init()
    app.register_blueprint(blueprint)
