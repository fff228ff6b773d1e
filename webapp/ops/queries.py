"""What the installation says of itself."""

from __future__ import annotations

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import SQLAlchemyError

from webapp.db import db
from webapp.ops.models import Setting
from webapp.resources import resource_path

DEMONSTRATION = "demonstration"
"""The setting that marks a database of invented data; its value lists the sign-in codes on offer."""


def demonstration_codes() -> list[str]:
    """Return the sign-in codes a demonstration offers; empty in a real installation."""
    setting = db.session.get(Setting, DEMONSTRATION)
    return setting.value.split(",") if setting else []


def is_demonstration() -> bool:
    """Say whether this database was filled with invented data; no when it cannot be asked."""
    try:
        return bool(demonstration_codes())
    except SQLAlchemyError:
        db.session.rollback()
        return False


def pending_migrations() -> bool:
    """Say whether the database lacks a migration this code has."""
    scripts = ScriptDirectory(str(resource_path("migrations")))
    with db.engine.connect() as connection:
        applied = MigrationContext.configure(connection).get_current_heads()
    return set(applied) != set(scripts.get_heads())
