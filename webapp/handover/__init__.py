"""Hand-over: what becomes of somebody's unsettled work when another follows the place."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def init_app(app: Flask) -> None:
    """Bind the routes."""
    from webapp.handover.routes import blueprint  # noqa: PLC0415 - bound when the app is made

    app.register_blueprint(blueprint)
