"""What kind of matter is this? Asked in the form of a meeting without a network, answered by what the phone holds."""

from __future__ import annotations

from typing import Final

from playwright.sync_api import expect

from tests.support.browser import Browser
from tests.support.pages import axe_violations, overflow, small_targets
from tests.support.screens import Notebook
from tests.support.server import Server

GUIDE: Final = "Việc này thuộc loại nào?"


def fits(browser: Browser) -> None:
    """The page is accessible, no wider than the screen, and fingers fit."""
    assert axe_violations(browser.page) == []
    assert overflow(browser.page) == []
    assert small_targets(browser.page) == []


def test_a_matter_is_sorted_without_a_network(server: Server, phone: Browser) -> None:
    notebook = Notebook(phone.open(), server.origin)
    notebook.sign_in()
    notebook.wait_until_all_is_kept()
    notebook.fetch_news()
    server.kill()
    notebook.open_form("?new=1")
    page = notebook.page
    notebook.choose_group(notebook.groups()[0])
    page.get_by_label("Số hộ dự họp", exact=True).fill("18")
    notebook.next()
    notebook.next()
    page.get_by_role("button", name=GUIDE).click()
    guide = page.get_by_role("dialog", name=GUIDE)
    guide.get_by_label("Bà con nói về việc gì?").fill("cong hem bi nghet")
    found = guide.get_by_role("listitem").first
    expect(found).to_contain_text("Thoát nước")
    expect(found).to_contain_text("Cấp giải quyết: Xã, phường")
    expect(found).to_contain_text("Thời hạn: 10 ngày làm việc")
    expect(found).to_contain_text("Căn cứ: Quy định 11-QĐi/TW")
    expect(found.get_by_text("Phải báo cáo cấp trên")).to_be_hidden()
    fits(phone)
    guide.get_by_label("Bà con nói về việc gì?").fill("dê bao sat lo")
    expect(guide.get_by_role("listitem").filter(has_text="Thiên tai")).to_contain_text(
        "Phải báo cáo cấp trên"
    )
    guide.get_by_label("Bà con nói về việc gì?").fill("cống nghẹt")
    guide.get_by_role("button", name="Chọn loại này").first.click()
    expect(guide).to_have_count(0)
    row = page.get_by_role("group", name="Kiến nghị 1", exact=True)
    expect(row.get_by_label("Lĩnh vực")).to_have_value("drainage")
    expect(row.get_by_role("radio", name="Xã, phường", exact=True)).to_be_checked()

    page.get_by_role("button", name=GUIDE).click()
    guide.get_by_label("Bà con nói về việc gì?").fill("Có trộm xe ở đầu hẻm")
    expect(guide.get_by_text("Hình như việc này có kênh riêng")).to_be_visible()
    fits(phone)
    guide.get_by_role("button", name="Ghi 1 lượt hướng dẫn").click()
    expect(guide).to_have_count(0)
    count = page.get_by_role("group", name="Loại việc 1", exact=True)
    expect(count.get_by_label("Loại việc")).to_have_value("crime")
    expect(count.get_by_label("Số trường hợp", exact=True)).to_have_value("1")
    assert "trộm" not in page.locator("form").inner_html()  # counted, and what it was about is nowhere
    notebook.wait_for_mark()
    notebook.open_form()  # left and opened again: what was chosen is still there
    expect(row.get_by_label("Lĩnh vực")).to_have_value("drainage")
