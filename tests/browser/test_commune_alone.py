"""`gandan demo --scenario commune`: one office with nothing above it, from the sign-in page to the review."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.support import demonstration
from tests.support.browser import DESK, PHONE, Browsers
from tests.support.database import address_of, newest, rows
from tests.support.screens import CADRE, TODAY, Desk, Notebook
from tests.support.server import Server, until

CLERK = "Lê Ngọc Mẫu"


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Server]:
    """A running server of one commune."""
    filled = demonstration.template(tmp_path / "commune", scenario="commune")
    with demonstration.server(tmp_path / "server", filled) as running:
        yield running


def test_a_commune_alone_records_and_reviews(alone: Server, browsers: Browsers) -> None:
    """The cadre logs a meeting, the commune's clerk accepts it, the cadre's phone says so."""
    phone, desk = browsers.new(PHONE), browsers.new(DESK)
    notebook = Notebook(phone.open(f"{alone.origin}/sign-in"), alone.origin)
    offered = notebook.page.get_by_role("button", name=re.compile("Mẫu"))
    expect(offered).to_have_count(5)  # nobody of a district or a province
    notebook.sign_in(CADRE)
    notebook.go(TODAY)
    notebook.wait_until_all_is_kept()
    before = rows(alone.database, "SELECT count(*) AS n FROM meeting")[0]["n"]
    notebook.open_form("?new=1")
    notebook.record_held(notebook.groups()[1], 14)
    until(
        lambda: rows(alone.database, "SELECT count(*) AS n FROM meeting")[0]["n"] == before + 1,
        15,
        "the entry",
    )
    (entry,) = newest(alone.database, "meeting", 1)
    clerk = Desk(desk.open(), alone.origin)
    clerk.sign_in(CLERK)
    clerk.page.goto(f"{alone.origin}/places/")
    expect(clerk.page.get_by_role("heading", name="Xã Phú Túc", level=1)).to_be_visible()
    clerk.open_entry(address_of(entry))
    clerk.accept_entry()
    notebook.go(TODAY)
    notebook.fetch_news()
    notebook.go(f"/notebook/entry?id={address_of(entry)}")
    expect(notebook.page.get_by_text("Đã ghi nhận").first).to_be_visible()
