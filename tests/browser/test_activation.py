"""A slip on paper becomes a notebook that opens without a network."""

from __future__ import annotations

import re

import segno
from playwright.sync_api import Page, expect

from tests.support.browser import IPHONE, Browser, Browsers
from tests.support.screens import Notebook, sign_in
from tests.support.server import Server

ADMINISTRATOR = "Đặng Minh Mẫu"
CADRE = "Trần Văn Mẫu"
PASSWORD = "go-vao-vuon-nhan"


def print_slip(page: Page, origin: str) -> str:
    """Find a cadre in the list, print their slip, and return the address in its QR code."""
    sign_in(page, origin, ADMINISTRATOR)
    page.goto(f"{origin}/people/")
    page.get_by_label("Tìm theo tên, mã, số điện thoại").fill("mau tran")
    page.get_by_role("button", name="Lọc").click()
    page.get_by_label(f"Chọn {CADRE}").check()
    page.get_by_role("button", name="In phiếu kích hoạt cho người đã chọn").click()
    slip = page.get_by_role("listitem").filter(has_text=CADRE)
    code = slip.get_by_text(re.compile(r"^[0-9A-Z]{5}-[0-9A-Z]{5}$")).inner_text()
    address = f"{origin}/activate#{code}"
    drawn = segno.make(address, error="m", micro=False).svg_inline(scale=3, border=2, omitsize=True)
    path = re.search(r' d="([^"]+)"', drawn)
    assert path is not None
    expect(slip.locator("svg path[stroke]")).to_have_attribute("d", path.group(1))
    return address


def test_a_slip_opens_a_notebook_that_works_without_a_network(
    server: Server, desk: Browser, phone: Browser
) -> None:
    address = print_slip(desk.open(), server.origin)
    page = phone.open(address)
    code = page.get_by_label("Mã kích hoạt trên phiếu")
    expect(code).to_have_value(address.partition("#")[2])
    assert "#" not in page.url  # what is shown on a screen or shared from it gives nothing away
    page.get_by_label("Mật khẩu mới").fill(PASSWORD)
    page.get_by_label("Nhập lại mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Mở sổ của tôi").click()
    notebook = Notebook(page, server.origin)
    notebook.wait_until_shown()
    notebook.wait_until_all_is_kept()

    server.kill()
    notebook = Notebook(phone.restart(), server.origin)
    notebook.open_form("?new=1")
    assert notebook.groups()

    # The slip is used up; its owner signs in by the new password.
    server.start()
    again = desk.page
    again.context.clear_cookies()
    again.goto(address)
    again.get_by_label("Mật khẩu mới").fill(PASSWORD)
    again.get_by_label("Nhập lại mật khẩu").fill(PASSWORD)
    again.get_by_role("button", name="Mở sổ của tôi").click()
    expect(again.get_by_text("Xin người quản trị phiếu mới")).to_be_visible()
    again.goto(f"{server.origin}/sign-in")
    again.get_by_label("Số điện thoại hoặc mã cán bộ").fill("can-bo-ap")
    again.get_by_label("Mật khẩu").fill(PASSWORD)
    again.get_by_role("button", name="Đăng nhập").click()
    again.wait_for_url("**/notebook/**")
    assert phone.problems == desk.problems == []


def test_a_tab_of_an_iphone_uses_no_slip(shared_server: Server, browsers: Browsers) -> None:
    page = browsers.new(IPHONE).open(f"{shared_server.origin}/activate#ABCDE-FGHJK")
    expect(page.get_by_role("heading", name="Đưa Gần Dân ra màn hình chính trước")).to_be_visible()
    expect(page.get_by_role("button", name="Mở sổ của tôi")).to_be_hidden()
