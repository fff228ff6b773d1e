"""Two windows go on with one form: whoever types is told, wherever on the page they are."""

from __future__ import annotations

from typing import Final

from playwright.sync_api import expect

from tests.support.browser import Browser
from tests.support.screens import Notebook
from tests.support.server import Server

TOLD: Final = "Phiếu này cũng đang ghi ở cửa sổ khác"
COUNT: Final = "Số hộ dự họp"


def test_whoever_has_scrolled_past_the_notice_is_told_where_they_type(server: Server, phone: Browser) -> None:
    notebook = Notebook(phone.open(), server.origin)
    notebook.sign_in()
    notebook.wait_until_all_is_kept()
    notebook.open_form("?new=1")
    notebook.choose_group(notebook.groups()[0])
    notebook.page.get_by_label(COUNT, exact=True).fill("20")
    notebook.wait_until_kept("20")
    first = notebook.page
    second = Notebook(phone.context.new_page(), server.origin)
    second.open_form()
    second.page.get_by_label(COUNT, exact=True).fill("21")
    second.wait_until_kept("21")
    first.bring_to_front()
    first.get_by_label(COUNT, exact=True).evaluate("field => field.scrollIntoView({ block: 'center' })")
    expect(first.locator("#form-notices")).not_to_be_in_viewport(ratio=0.5)
    first.get_by_label(COUNT, exact=True).fill("22")
    toast = first.locator("#toasts").get_by_text(TOLD)
    expect(toast).to_be_in_viewport(ratio=1)
    expect(first.locator("#form-notices").get_by_text(TOLD)).to_have_count(1)
    expect(second.page.get_by_text(TOLD)).to_have_count(0)
