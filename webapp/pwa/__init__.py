"""The installable app: its worker, its manifest and its assets, which carry the build in their address.

A capability that has a page for the phone says so with `register_shell`: a page that is the same for
everybody, is never redirected, and is kept by the service worker under its plain path.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from webapp.pwa.shells import register_shell, registered_shells, render_shell

if TYPE_CHECKING:
    from flask import Flask

__all__ = ["current_build", "init_app", "register_shell", "registered_shells", "render_shell"]


def init_app(app: Flask) -> None:
    """Bind the routes, and give templates what they need of the assets."""
    from webapp.pwa import assets, routes  # noqa: PLC0415 - bound when the app is made

    app.register_blueprint(routes.blueprint)
    app.jinja_env.globals.update(
        asset=assets.asset,
        client_messages=assets.client_messages,
        page_scripts=assets.page_scripts,
        scripts_are_joined=assets.scripts_are_joined,
    )


def current_build() -> str:
    """Return the build that this process serves, for the answers of the sync protocol."""
    from webapp.pwa import assets  # noqa: PLC0415 - it needs an app

    return assets.library().build
