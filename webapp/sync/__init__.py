"""Sync: push, pull and receipts. It knows no domain: capabilities register their record kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def init_app(app: Flask) -> None:
    """Bind the routes, and open a feed where the tree of places grows."""
    from webapp.places.registry import register_effect  # noqa: PLC0415 - bound when the app is made
    from webapp.sync.feeds import FOLLOW_PLACES  # noqa: PLC0415
    from webapp.sync.routes import blueprint  # noqa: PLC0415

    register_effect(FOLLOW_PLACES)

    app.register_blueprint(blueprint)
