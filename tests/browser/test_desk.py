"""The desk in a real browser: what somebody typed stays on the screen when the server says no."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.support.browser import Browser
from tests.support.database import address_of, rows
from tests.support.people import sign_in_quietly
from tests.support.screens import REVIEWER_CODE
from tests.support.server import Server

WORDS = "Xin xem lại số hộ dự."


def test_who_comes_second_is_told_and_keeps_the_words(server: Server, desk: Browser) -> None:
    (entry,) = rows(server.database, "SELECT * FROM meeting WHERE state = 'submitted' LIMIT 1")
    first = desk.open()
    sign_in_quietly(desk.context, server.origin, REVIEWER_CODE)
    address = f"{server.origin}/review/entries/{address_of(entry)}"
    first.goto(address)
    second = desk.context.new_page()
    second.goto(address)
    first.get_by_role("button", name="Ghi nhận").click()
    expect(first.get_by_text("Đã ghi nhận phiếu.")).to_be_visible()

    second.get_by_label("Lời nhắn cho người ghi").fill(WORDS)
    second.get_by_role("button", name="Trả bổ sung").click()
    expect(second.get_by_role("status")).to_contain_text("Bản này đã có người rà soát")
    expect(second.get_by_label("Lời nhắn cho người ghi")).to_have_value(WORDS)
    assert second.url == address

    # The same when the session is over: nothing is blank, nothing is lost.
    desk.context.clear_cookies()
    second.get_by_role("button", name="Trả bổ sung").click()
    expect(second.get_by_role("status")).to_contain_text("Trang đã mở quá lâu")
    expect(second.get_by_label("Lời nhắn cho người ghi")).to_have_value(WORDS)
    assert not desk.problems


def test_a_return_without_a_word_says_so_on_top(server: Server, desk: Browser) -> None:
    (entry,) = rows(server.database, "SELECT * FROM meeting WHERE state = 'submitted' LIMIT 1")
    page = desk.open()
    sign_in_quietly(desk.context, server.origin, REVIEWER_CODE)
    page.goto(f"{server.origin}/review/entries/{address_of(entry)}")
    page.get_by_role("button", name="Trả bổ sung").click()
    expect(page.get_by_role("alert")).to_be_in_viewport()
    page.get_by_role("alert").get_by_role("link", name="Viết lời nhắn").click()
    expect(page.get_by_label("Lời nhắn cho người ghi")).to_be_focused()


def test_a_return_without_a_network_says_so_and_keeps_the_words(server: Server, desk: Browser) -> None:
    (entry,) = rows(server.database, "SELECT * FROM meeting WHERE state = 'submitted' LIMIT 1")
    page = desk.open()
    sign_in_quietly(desk.context, server.origin, REVIEWER_CODE)
    page.goto(f"{server.origin}/review/entries/{address_of(entry)}")
    page.get_by_label("Lời nhắn cho người ghi").fill(WORDS)
    desk.context.set_offline(True)
    page.get_by_role("button", name="Trả bổ sung").click()
    expect(page.get_by_role("status").get_by_text("Chưa gửi được")).to_be_visible()
    expect(page.get_by_label("Lời nhắn cho người ghi")).to_have_value(WORDS)
    desk.context.set_offline(False)
    page.get_by_role("button", name="Trả bổ sung").click()
    expect(page.get_by_text("Đã trả phiếu")).to_be_visible()
