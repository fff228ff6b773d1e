"""Monthly bulletins: what is to be conveyed to groups, and which groups were told."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def init_app(app: Flask) -> None:
    """Bind the routes, and let phones be told what is due for their groups."""
    from webapp.bulletins import queries  # noqa: PLC0415 - bound when the app is made
    from webapp.bulletins.routes import blueprint, outside  # noqa: PLC0415
    from webapp.sync.registry import register_told  # noqa: PLC0415

    app.register_blueprint(blueprint)
    app.register_blueprint(outside)
    register_told("bulletins", queries.told)
