"""A flash report goes first: written without a network, sent before what waited longer, opened, told back."""

from __future__ import annotations

import gzip
import json
import sqlite3
from contextlib import closing
from typing import Final

import pytest
from playwright.sync_api import Request, expect

from tests.support.browser import DESK, PHONE, THEMES, Browser, Browsers, Theme
from tests.support.database import rows
from tests.support.pages import axe_violations, overflow, small_targets
from tests.support.people import sign_in_quietly
from tests.support.screens import ALL_SENT, CADRE_CODE, CLERK_CODE, TODAY, Notebook, sign_in
from tests.support.server import Server, until

FLASH: Final = "/notebook/flash"
CLERK: Final = "Lê Ngọc Mẫu"
WHAT: Final = "Đê bao tràn đoạn 25 m, nước vào đường"
NEEDED: Final = "Bao cát và 10 người trước đỉnh triều"
PATIENCE: Final = 15.0
ARRIVED: Final = "SELECT * FROM flash_report WHERE what = ?"
OPEN_EARLIER: Final = "UPDATE flash_report SET state = 'opened'"
"""What the demonstration has left for its visitors to open."""


def fits(browser: Browser) -> None:
    """The page is accessible, no wider than the screen, and fingers fit."""
    assert axe_violations(browser.page) == []
    assert overflow(browser.page) == []
    assert small_targets(browser.page) == []


def kinds_in(request: Request) -> list[str]:
    """Return what kinds of operations a push carries."""
    body = request.post_data_buffer or b""
    if request.headers.get("content-encoding") == "gzip":
        body = gzip.decompress(body)
    return [json.loads(one["op"])["kind"] for one in json.loads(body)["operations"]]


def test_it_overtakes_what_waits_and_its_author_learns_who_opened_it(  # noqa: PLR0915 - one story, told in its order
    server: Server, phone: Browser, desk: Browser
) -> None:
    with closing(sqlite3.connect(server.database, timeout=30)) as connection, connection:
        connection.execute(OPEN_EARLIER)
    notebook = Notebook(phone.open(), server.origin)
    notebook.sign_in()
    notebook.wait_until_all_is_kept()
    pushes: list[list[str]] = []

    def note(request: Request) -> None:
        if "/sync/push" in request.url:
            pushes.append(kinds_in(request))

    phone.context.on("request", note)
    phone.context.set_offline(True)
    for place in (0, 1):
        notebook.open_form("?new=1")
        notebook.record_held(notebook.groups()[place], 18)

    notebook.go(TODAY)
    notebook.page.get_by_role("link", name="Báo nhanh").click()
    notebook.wait_until_shown()
    page = notebook.page
    page.get_by_role("button", name="Gửi báo nhanh").click()
    expect(page.get_by_text("Cần điền ô này.").first).to_be_visible()
    fits(phone)
    page.get_by_label("Việc gì vừa xảy ra?").fill(WHAT)
    notebook.choose_group(notebook.groups()[0])
    notebook.wait_until_kept(WHAT)
    notebook.go(TODAY)
    page.get_by_role("link", name="Báo nhanh (đang ghi dở)").click()
    expect(page.get_by_label("Việc gì vừa xảy ra?")).to_have_value(WHAT)
    page.get_by_label("Ở chỗ nào trong tổ?").fill("Nhà ông Nguyễn Văn Mẫu")
    expect(page.get_by_text("Hình như có tên người")).to_be_visible()
    page.get_by_label("Ở chỗ nào trong tổ?").fill("Đoạn cuối cồn")
    expect(page.get_by_text("Hình như có tên người")).to_be_hidden()
    page.get_by_label("Cần gì ngay?").fill(NEEDED)
    page.get_by_label("Đồng chí biết lúc nào?").fill("2026-11-20T16:20")
    page.get_by_role("button", name="Gửi báo nhanh").click()
    expect(page.get_by_role("heading", name="Đã lưu trên máy")).to_be_visible()
    report = page.get_by_role("listitem").filter(has_text=WHAT)
    expect(report.get_by_text("Biết lúc 16:20 20/11/2026")).to_be_visible()
    expect(report.get_by_text("Máy chủ chưa nhận")).to_be_visible()
    expect(notebook.status).to_contain_text("3 phiếu chưa gửi")
    fits(phone)
    assert pushes == []

    phone.context.set_offline(False)
    [found] = until(lambda: rows(server.database, ARRIVED, WHAT), PATIENCE, "it to arrive")
    expect(notebook.status).to_have_text(ALL_SENT)
    assert pushes == [["flash_report.save"], ["meeting.save", "meeting.save"]]
    assert found["state"] == "reported"
    expect(report.get_by_text("Đã nhận, chưa ai mở")).to_be_visible()

    office = desk.open()
    sign_in(office, server.origin, CLERK)
    office.get_by_role("link", name="Báo nhanh (1)").click()
    fits(desk)
    office.get_by_role("link", name=WHAT).click()
    expect(office.get_by_text(NEEDED)).to_be_visible()
    expect(office.get_by_text("16:20 20/11/2026")).to_be_visible()
    expect(office.get_by_role("link", name="Báo nhanh", exact=True)).to_be_visible()
    fits(desk)

    report.get_by_role("button", name="Hỏi xem đã mở chưa").click()
    expect(report.get_by_text("Cán bộ tổng hợp xã, Xã ")).to_be_visible()
    fits(phone)
    phone.context.set_offline(True)
    notebook.go(FLASH)
    expect(report.get_by_text("Cán bộ tổng hợp xã, Xã ")).to_be_visible()


@pytest.mark.slow
@pytest.mark.parametrize("theme", THEMES)
def test_its_screens_are_accessible_in_both_themes(server: Server, browsers: Browsers, theme: Theme) -> None:
    phone, desk = browsers.new(PHONE, theme=theme), browsers.new(DESK, theme=theme)
    for browser in (phone, desk):
        browser.open()
    sign_in_quietly(phone.context, server.origin, CADRE_CODE)
    sign_in_quietly(desk.context, server.origin, CLERK_CODE)
    notebook = Notebook(phone.page, server.origin)
    notebook.go(FLASH)
    fits(phone)
    page = notebook.page
    page.get_by_label("Việc gì vừa xảy ra?").fill(WHAT)
    notebook.choose_group(notebook.groups()[0])
    page.get_by_label("Cần gì ngay?").fill(NEEDED)
    page.get_by_role("button", name="Gửi báo nhanh").click()
    expect(page.get_by_text("Đã nhận, chưa ai mở")).to_be_visible()
    fits(phone)
    desk.page.goto(f"{server.origin}/review/")
    expect(desk.page.get_by_text("báo nhanh chưa ai mở")).to_be_visible()
    fits(desk)
    desk.page.get_by_role("link", name="Xem báo nhanh").click()
    fits(desk)
    desk.page.get_by_role("link", name=WHAT).click()
    desk.page.get_by_text("Hướng dẫn sang kênh khác").first.click()
    fits(desk)
