"""Places: the tree of units as dated data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request

from webapp import clock

if TYPE_CHECKING:
    from flask import Flask

_SETTLED = "gandan_places_settled"
_WITHOUT_DATABASE = frozenset({"ops", "pwa"})
"""What must answer while the database is away, or not migrated yet."""


def init_app(app: Flask) -> None:
    """Bind the routes, and let what was decided for a day come true at the first request made on that day."""
    from webapp.places.actions import settle  # noqa: PLC0415 - bound when the app is made
    from webapp.places.routes import blueprint  # noqa: PLC0415

    app.register_blueprint(blueprint)

    @app.before_request
    def settle_once_a_day() -> None:
        if not request.cookies:
            return  # what nobody in particular asks for needs no places, and no database
        today = clock.today()
        if app.extensions.get(_SETTLED) != today:
            settle(today)
            app.extensions[_SETTLED] = today
