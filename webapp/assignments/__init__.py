"""Assignments: who follows what, in which role, since when."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def init_app(app: Flask) -> None:
    """Bind the routes, and follow the changes of the tree of places."""
    from webapp.assignments.routes import blueprint  # noqa: PLC0415 - bound when the app is made
    from webapp.assignments.succession import FOLLOW_PLACES  # noqa: PLC0415
    from webapp.places.registry import register_effect  # noqa: PLC0415

    register_effect(FOLLOW_PLACES)
    app.register_blueprint(blueprint)
