"""Signing in without a screen, and giving a demonstration's person more to do than usual."""

from __future__ import annotations

import re
import sqlite3
import uuid
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Final

from playwright.sync_api import BrowserContext

TOKEN: Final = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def token_in(page: str) -> str:
    """Return the token that a page's forms carry."""
    found = TOKEN.search(page)
    if found is None:
        raise AssertionError("The page carries no token.")
    return found.group(1)


def sign_in_quietly(context: BrowserContext, origin: str, code: str) -> None:
    """Give a browser the session of a demonstration's person; no page is opened: its cache stays empty."""
    page = context.request.get(f"{origin}/sign-in")
    answer = context.request.post(
        f"{origin}/sign-in/demonstration/{code}",
        form={"csrf_token": token_in(page.text())},
        headers={"Origin": origin},
        max_redirects=0,
    )
    if answer.status != 303:
        raise AssertionError(f"Signing in as {code} was answered with {answer.status}.")


def assign_groups(database: Path, code: str, count: int, today: date) -> int:
    """Make a demonstration's person responsible for `count` groups of their own commune in all."""
    with closing(sqlite3.connect(database)) as connection, connection:
        (officer,) = connection.execute("SELECT officer_id FROM account WHERE code = ?", (code,)).fetchone()
        rows = connection.execute(
            "SELECT a.unit_id, a.role_code, u.feed_unit_id FROM assignment a JOIN unit u ON u.id = a.unit_id"
            " JOIN unit_type t ON t.code = u.type_code WHERE a.officer_id = ? AND t.can_meet",
            (officer,),
        ).fetchall()
        mine = {unit for unit, _, _ in rows}
        _, role, feed = rows[0]
        others = connection.execute(
            "SELECT u.id FROM unit u JOIN unit_type t ON t.code = u.type_code"
            " WHERE t.can_meet AND u.feed_unit_id = ? ORDER BY u.sort_key",
            (feed,),
        ).fetchall()
        more = [unit for (unit,) in others if unit not in mine][: count - len(mine)]
        connection.executemany(
            "INSERT INTO assignment (id, officer_id, unit_id, role_code, is_primary, decision_ref,"
            " valid_from, valid_to, end_reason) VALUES (?, ?, ?, ?, 1, '', ?, NULL, '')",
            [
                (uuid.uuid4().hex, officer, unit, role, today.replace(year=today.year - 1).isoformat())
                for unit in more
            ],
        )
        return len(mine) + len(more)
