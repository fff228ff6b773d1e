"""Where nothing can be kept, the app says so and what to do, and starts no draft."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import IPHONE, PHONE, ZALO, Browser, Browsers, Device
from tests.support.people import sign_in_quietly
from tests.support.screens import CADRE_CODE, RECORD, TODAY
from tests.support.server import Server

INSECURE_NAME = "sotay.example"


def expect_refusal(page: Page, title: str) -> None:
    """See the notice, and no form behind it."""
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    expect(page.get_by_role("link", name="Mở trang đơn giản").filter(visible=True)).to_be_visible()
    expect(page.get_by_label("Tổ nào?")).to_be_hidden()
    expect(page.get_by_role("button", name="Tiếp")).to_be_hidden()


@pytest.mark.parametrize("path", [TODAY, RECORD])
@pytest.mark.parametrize(
    ("device", "title"),
    [
        pytest.param(ZALO, "Đang mở trong Zalo hoặc ứng dụng khác", id="zalo"),
        pytest.param(IPHONE, "Đưa Gần Dân ra màn hình chính trước", id="iphone"),
    ],
)
def test_a_browser_that_keeps_nothing_is_named(
    shared_server: Server, browsers: Browsers, device: Device, title: str, path: str
) -> None:
    browser = browsers.new(device)
    browser.open()
    sign_in_quietly(browser.context, shared_server.origin, CADRE_CODE)
    browser.page.goto(shared_server.origin + path)
    expect_refusal(browser.page, title)
    assert browser.page.evaluate("async () => (await indexedDB.databases()).length") == 0


@pytest.mark.parametrize("path", [TODAY, RECORD])
def test_an_insecure_address_is_named(shared_server: Server, browsers: Browsers, path: str) -> None:
    browser: Browser = browsers.new(PHONE, flags=[f"--host-resolver-rules=MAP {INSECURE_NAME} 127.0.0.1"])
    page = browser.open(f"http://{INSECURE_NAME}:{shared_server.port}{path}")
    assert not page.evaluate("() => isSecureContext")
    expect_refusal(page, "Trang này mở không an toàn")
    expect(page.get_by_label("Địa chỉ trang này")).to_have_value(page.url)
