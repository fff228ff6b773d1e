"""Spreadsheets of an office: units, people, household counts and assignments, taken in all or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from webapp.daily import every_day_aside

if TYPE_CHECKING:
    from flask import Flask


def init_app(app: Flask) -> None:
    """Bind the routes, and let files that nobody came back for be forgotten each day."""
    from webapp.sheets.actions import sweep  # noqa: PLC0415 - bound when the app is made
    from webapp.sheets.routes import blueprint  # noqa: PLC0415

    app.register_blueprint(blueprint)
    every_day_aside(app, lambda _: sweep())
