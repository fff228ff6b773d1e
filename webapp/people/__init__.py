"""People as an administrator keeps them: who there is, and the codes by which each comes to an account."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def init_app(app: Flask) -> None:
    """Bind the routes."""
    from webapp.people.routes import blueprint  # noqa: PLC0415 - bound when the app is made

    app.register_blueprint(blueprint)
