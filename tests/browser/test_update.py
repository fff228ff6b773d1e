"""A new version of the app is offered, and never takes a form away."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.support.browser import Browser
from tests.support.screens import TODAY, Notebook
from tests.support.server import Server

CHECK_FOR_UPDATE = "async () => { await (await navigator.serviceWorker.ready).update(); }"
CHANGED = "(old) => !document.documentElement.outerHTML.includes(old)"
BUILD = re.compile("/assets/([^/]+)/")


def build_of(page: Page) -> str:
    """Return which version of the app this page is from."""
    found = BUILD.search(page.content())
    assert found
    return found.group(1)


def newer(server: Server) -> Server:
    """Return the next version of the application on the same port with the same data."""
    return Server(server.data, port=server.port, arguments=("serve",), module="tests.support.newer")


def test_a_new_version_is_offered_and_waits_for_an_open_form(
    server: Server, phone: Browser, tmp_path: Path
) -> None:
    notebook = Notebook(phone.open(), server.origin)
    notebook.sign_in()
    notebook.wait_until_all_is_kept()
    notebook.open_form("?new=1")
    old = build_of(notebook.page)
    notebook.choose_group(notebook.groups()[0])
    notebook.page.get_by_label("Số hộ dự họp", exact=True).fill("17")

    server.kill()
    with newer(server):
        notebook.page.evaluate(CHECK_FOR_UPDATE)
        offer = notebook.page.get_by_role("button", name="Cập nhật ứng dụng")
        expect(offer).to_be_visible()

        # Accepted in the middle of a form, it waits, and says so.
        offer.click()
        expect(notebook.page.get_by_text("Lưu phiếu đang ghi rồi hãy cập nhật.")).to_be_visible()
        expect(notebook.page.get_by_label("Số hộ dự họp", exact=True)).to_have_value("17")
        assert build_of(notebook.page) == old
        notebook.next()
        notebook.next()
        notebook.page.get_by_label("Bà con không có kiến nghị gì").check()
        notebook.next()
        notebook.finish()

        # Elsewhere one tap changes to it.
        notebook.go(TODAY)
        assert build_of(notebook.page) == old
        notebook.page.get_by_role("button", name="Cập nhật ứng dụng").click()
        notebook.page.wait_for_function(
            CHANGED, arg=old, timeout=60_000
        )  # the browser takes its time to change
        notebook.wait_until_shown()
        assert build_of(notebook.page) == old[::-1]
    assert phone.problems == []
