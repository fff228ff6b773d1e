"""Reports: what the book says of a month, on the tree of any day. They only read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def init_app(app: Flask) -> None:
    """Bind the routes."""
    from webapp.reports.routes import blueprint  # noqa: PLC0415 - bound when the app is made

    app.register_blueprint(blueprint)
