"""Gần Dân: the field notebook of grassroots cadres."""

from __future__ import annotations

from importlib import import_module

from flask import Flask

from webapp import daily, errors, i18n, security
from webapp.config import Settings, settings_from_environment
from webapp.db import db, prepare_engine
from webapp.extensions import compress, csrf, migrate
from webapp.markup import Unindented
from webapp.ops.queries import is_demonstration
from webapp.pwa import current_build
from webapp.resources import resource_path

CAPABILITIES = (
    "ops",
    "places",
    "accounts",
    "assignments",
    "people",
    "audit",
    "workdays",
    "sync",
    "redaction",
    "rescue",
    "duties",
    "bulletins",
    "petitions",
    "flash_reports",
    "meetings",
    "media",
    "calendar",
    "review",
    "handover",
    "notices",
    "reports",
    "sheets",
    "pwa",
)
"""In order of dependency. Each may have models and, to bind itself to the app, `init_app`."""

__version__ = "0.1.0"


def create_app(settings: Settings | None = None) -> Flask:
    """Make the application from `settings`, by default those of the environment."""
    settings = settings or settings_from_environment()
    app = Flask(
        __name__,
        template_folder=str(resource_path("templates")),
        static_folder=None,  # webapp.pwa serves assets, versioned by content
        instance_path=str(settings.data),
    )
    app.config.from_mapping(settings.as_flask_config())
    app.json.ensure_ascii = False  # type: ignore[attr-defined] # Vietnamese is half as long as itself than as escapes
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension(Unindented)

    db.init_app(app)
    migrate.init_app(app, db, directory=str(resource_path("migrations")))
    csrf.init_app(app)
    compress.init_app(app)
    security.register(app)
    errors.register(app)
    i18n.register(app)
    daily.register(app)
    app.context_processor(lambda: {"demonstration": is_demonstration()})
    for capability in CAPABILITIES:
        import_module(f"webapp.{capability}").init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
        app.config["BUILD"] = current_build()
    return app
