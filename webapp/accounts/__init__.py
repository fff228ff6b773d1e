"""Accounts: people, roles, sign-in and devices."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def init_app(app: Flask) -> None:
    """Bind the routes."""
    from webapp.accounts.routes import blueprint, sign_out  # noqa: PLC0415 - bound when the app is made
    from webapp.extensions import csrf  # noqa: PLC0415

    csrf.exempt(sign_out)  # the notebook's cached pages carry no token; the same-origin proof covers it
    app.register_blueprint(blueprint)
