"""Duties: when the Party committee, the branches and the groups meet, and who must be there how often."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def init_app(app: Flask) -> None:
    """Bind the routes."""
    from webapp.duties.routes import blueprint  # noqa: PLC0415 - bound when the app is made

    app.register_blueprint(blueprint)
