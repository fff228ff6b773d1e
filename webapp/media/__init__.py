"""Media: the bytes of photos, which travel after the entries that refer to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def init_app(app: Flask) -> None:
    """Bind the routes and keep what entries refer to."""
    from webapp.media import sync_handler  # noqa: PLC0415 - bound when the app is made
    from webapp.media.routes import blueprint  # noqa: PLC0415

    sync_handler.init()
    app.register_blueprint(blueprint)
