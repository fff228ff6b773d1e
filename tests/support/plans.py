"""How a database goes about a statement."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects import postgresql

from webapp.db import db


def plan_of(statement: Any) -> str:
    """Return how the database goes about a statement, and on PostgreSQL how many rows each part of it really read."""
    dialect = db.engine.dialect
    compiled = statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True})
    explain = (
        "EXPLAIN (ANALYZE, TIMING OFF)" if isinstance(dialect, postgresql.dialect) else "EXPLAIN QUERY PLAN"
    )
    rows = db.session.connection().exec_driver_sql(f"{explain} {compiled}".replace("%", "%%"))
    return "\n".join(str(row[-1]) for row in rows)
