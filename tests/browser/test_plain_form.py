"""The same job in a browser without JavaScript: plain forms, sent to the server."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.support.browser import PLAIN_PHONE, Browsers
from tests.support.database import address_of, counts, grown, newest, rows
from tests.support.screens import CADRE, REVIEWER, sign_in
from tests.support.server import Server


def choose(page: Page, question: str, answer: str) -> None:
    """Choose one of the options of a question."""
    page.get_by_label(question, exact=True).select_option(label=answer)


def test_recorded_returned_corrected_and_accepted_without_script(server: Server, browsers: Browsers) -> None:
    before = counts(server.database)
    phone, desk = browsers.new(PLAIN_PHONE), browsers.new(PLAIN_PHONE)
    page = phone.open()
    sign_in(page, server.origin, CADRE)
    page.get_by_role("link", name="Mở trang đơn giản").filter(visible=True).first.click()
    page.get_by_role("link", name="Ghi buổi họp").first.click()

    page.get_by_label("Tổ nào?").select_option(index=1)
    page.get_by_label("Số hộ dự họp", exact=True).fill("21")
    page.get_by_role("button", name="Thêm kiến nghị").click()
    row = page.get_by_role("group", name="Kiến nghị 1", exact=True)
    row.get_by_label("Bà con kiến nghị gì?").fill("Xin đắp lại đoạn đường lầy")
    row.get_by_label("Lĩnh vực").select_option(label="Giao thông")
    page.get_by_role("button", name="Chốt phiếu").filter(visible=True).last.click()
    expect(page.get_by_text("Mã biên nhận").first).to_be_visible()
    assert grown(before, server.database) == {
        "meeting": 1, "meeting_revision": 1, "petition": 1, "petition_revision": 1, "receipt": 2,
    }  # fmt: skip
    (entry,) = newest(server.database, "meeting", 1)

    # The desk works without JavaScript too.
    review = desk.open()
    sign_in(review, server.origin, REVIEWER)
    review.goto(f"{server.origin}/review/entries/{address_of(entry)}")
    line = review.locator(".review-line").filter(has=review.get_by_text("Số hộ dự họp", exact=True))
    line.get_by_text("Ghi chú", exact=True).click()
    line.get_by_role("textbox").fill("Danh sách ký tên có 23 hộ.")
    review.get_by_role("button", name="Trả bổ sung").click()
    expect(review.get_by_text("Đã trả phiếu")).to_be_visible()

    page.goto(f"{server.origin}/notebook/plain/entry/{address_of(entry)}")
    expect(page.get_by_text("Danh sách ký tên có 23 hộ.")).to_be_visible()
    page.get_by_role("link", name="Sửa và gửi lại").click()
    page.get_by_label("Số hộ dự họp", exact=True).fill("23")
    page.get_by_role("button", name="Chốt phiếu").filter(visible=True).last.click()
    expect(page.get_by_text("Mã biên nhận").first).to_be_visible()

    review.goto(f"{server.origin}/review/entries/{address_of(entry)}")
    review.get_by_role("button", name="Ghi nhận").click()
    expect(review.get_by_text("Đã ghi nhận phiếu.")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Đã ghi nhận").first).to_be_visible()
    (accepted,) = rows(server.database, "SELECT * FROM meeting WHERE id = ?", entry["id"])
    assert (accepted["rev"], accepted["households_present"], accepted["state"]) == (2, 23, "accepted")
