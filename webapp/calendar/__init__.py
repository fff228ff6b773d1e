"""The calendar: planned meetings beside the windows kept for them, the lunar date beside the solar one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def init_app(app: Flask) -> None:
    """Bind the routes, and let phones be told the calendar."""
    from webapp.calendar import phones  # noqa: PLC0415 - bound when the app is made
    from webapp.calendar.routes import blueprint, outside  # noqa: PLC0415
    from webapp.sync.registry import register_told  # noqa: PLC0415

    app.register_blueprint(blueprint)
    app.register_blueprint(outside)
    register_told("calendar", phones.told)
