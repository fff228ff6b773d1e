"""Questions to the server's SQLite database, past the application."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Final
from uuid import UUID

TABLES: Final = ("meeting", "meeting_revision", "petition", "petition_revision", "receipt", "quarantined")


def rows(database: Path, question: str, *values: object) -> list[dict[str, Any]]:
    """Ask the database and return rows by their columns' names."""
    with closing(sqlite3.connect(database)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(question, values)]


def counts(database: Path) -> dict[str, int]:
    """Count the rows of what may grow."""
    return {name: rows(database, f"SELECT count(*) AS n FROM {name}")[0]["n"] for name in TABLES}  # noqa: S608


def grown(before: dict[str, int], database: Path) -> dict[str, int]:
    """Return what was added since `before` was counted."""
    after = counts(database)
    return {name: after[name] - before[name] for name in TABLES if after[name] != before[name]}


def newest(database: Path, table: str, count: int) -> list[dict[str, Any]]:
    """Return the meetings or petitions that arrived last."""
    return rows(database, f"SELECT * FROM {table} ORDER BY received_at DESC, id DESC LIMIT ?", count)  # noqa: S608


def body_of(database: Path, entry: dict[str, Any]) -> dict[str, Any]:
    """Return what the standing revision of an entry says, as its author's phone froze it."""
    found = rows(database, "SELECT payload FROM meeting_revision WHERE op_id = ?", entry["op_id"])
    body: dict[str, Any] = json.loads(found[0]["payload"])["body"]
    return body


def address_of(entry: dict[str, Any]) -> str:
    """Write an entry's id as addresses do."""
    return str(UUID(entry["id"]))
