"""Media: the bytes of photos, which travel after the entries that refer to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from webapp.daily import every_day_aside

if TYPE_CHECKING:
    from flask import Flask


def init_app(app: Flask) -> None:
    """Bind the routes, keep what entries refer to, and let what nobody needs be thrown away each day."""
    from webapp.media import sync_handler  # noqa: PLC0415 - bound when the app is made
    from webapp.media.actions import sweep  # noqa: PLC0415
    from webapp.media.routes import blueprint  # noqa: PLC0415

    sync_handler.init()
    app.register_blueprint(blueprint)
    every_day_aside(app, lambda _: sweep())
