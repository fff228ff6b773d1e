"""Hand-over: what becomes of somebody's unsettled work when another follows the place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from webapp.daily import every_day

if TYPE_CHECKING:
    from flask import Flask


def init_app(app: Flask) -> None:
    """Bind the routes, and let what was planned for a day be handed over on that day."""
    from webapp.handover.actions import hand_over_planned  # noqa: PLC0415 - bound when the app is made
    from webapp.handover.routes import blueprint  # noqa: PLC0415

    app.register_blueprint(blueprint)
    every_day(app, hand_over_planned)
