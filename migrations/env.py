"""Run by Alembic through Flask-Migrate: migrations on the app's own engine, in one transaction."""

from __future__ import annotations

from alembic import context
from flask import current_app

from webapp.db import UtcDateTime


def render_item(kind: str, item: object, _: object) -> str | bool:
    """Write our column types into migrations as plain SQLAlchemy, so that old ones never need our code."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


migrate = current_app.extensions["migrate"]
with migrate.db.engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=migrate.db.metadata,
        render_item=render_item,
        transactional_ddl=True,  # also on SQLite: webapp.db begins transactions itself
        **migrate.configure_args,
    )
    with context.begin_transaction():
        context.run_migrations()
