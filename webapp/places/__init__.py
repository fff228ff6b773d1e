"""Places: the tree of units as dated data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from webapp.daily import every_day

if TYPE_CHECKING:
    from flask import Flask


def init_app(app: Flask) -> None:
    """Bind the routes, and let what was decided for a day come true on that day."""
    from webapp.places.current import settle  # noqa: PLC0415 - bound when the app is made
    from webapp.places.routes import blueprint  # noqa: PLC0415

    app.register_blueprint(blueprint)
    every_day(app, settle)
