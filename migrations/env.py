"""Run by Alembic through Flask-Migrate: migrations on the app's own engine, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import context
from flask import current_app
from sqlalchemy import Connection

from webapp.db import UtcDateTime


def render_item(kind: str, item: object, _: object) -> str | bool:
    """Write our column types into migrations as plain SQLAlchemy, so that old ones never need our code."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


@contextmanager
def unguarded(connection: Connection) -> Iterator[None]:
    """Let SQLite replace a table that others refer to, which is how it changes one; check the references after."""
    if connection.dialect.name != "sqlite":
        yield
        return
    driver = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys=OFF")  # only heard outside a transaction
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


def check_references(connection: Connection) -> None:
    """Refuse to commit what leaves a reference that leads nowhere."""
    if connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise RuntimeError("a migration left references that lead nowhere; nothing was changed")


migrate = current_app.extensions["migrate"]
with migrate.db.engine.connect() as connection, unguarded(connection):
    context.configure(
        connection=connection,
        target_metadata=migrate.db.metadata,
        render_item=render_item,
        transactional_ddl=True,  # also on SQLite: webapp.db begins transactions itself
        **migrate.configure_args,
    )
    with context.begin_transaction():
        context.run_migrations()
        check_references(connection)
