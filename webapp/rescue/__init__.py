"""Rescue: what a phone could not send itself, handed in as a sealed file by anybody."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def init_app(app: Flask) -> None:
    """Make the key of a new installation, and bind the routes."""
    from webapp.rescue import keys  # noqa: PLC0415 - bound when the app is made
    from webapp.rescue.routes import blueprint  # noqa: PLC0415

    keys.prepare(Path(app.instance_path))
    app.register_blueprint(blueprint)
