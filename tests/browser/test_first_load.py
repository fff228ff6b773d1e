"""The first load of a notebook: what has not come yet is not said to be missing."""

from __future__ import annotations

import re

from playwright.sync_api import Route, expect

from tests.support.browser import Browser
from tests.support.pages import overflow
from tests.support.screens import Notebook
from tests.support.server import Server


def test_of_a_group_whose_entries_are_still_to_come_nothing_is_said(server: Server, phone: Browser) -> None:
    held_up: list[Route] = []
    notebook = Notebook(phone.open(), server.origin)
    phone.context.route("**/sync/pull*", lambda route: held_up.append(route))  # noqa: PLW0108 - it marks what it is given
    notebook.sign_in()
    loading = notebook.page.get_by_role("list").filter(has_text="Đang tải")
    expect(loading.get_by_role("listitem")).not_to_have_count(0)
    assert {row.inner_text() for row in loading.locator(".row-chips").all()} == {"Đang tải"}
    expect(notebook.page.get_by_text("Đang tải sổ về máy: đã có 0 phiếu")).to_be_visible()
    expect(notebook.page.get_by_text("chưa ghi")).to_have_count(0)
    assert overflow(notebook.page) == []

    phone.context.unroute("**/sync/pull*")
    for route in held_up:
        route.continue_()
    notebook.wait_until_all_is_kept()
    expect(notebook.page.get_by_text("Đang tải").filter(visible=True)).to_have_count(0)
    expect(notebook.page.get_by_text(re.compile(r"[1-9]\d*/\d+ tổ đã có phiếu tháng này"))).to_be_visible()
