"""An account is locked while its phone holds something unsent."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from playwright.sync_api import expect

from tests.support.browser import Browser
from tests.support.database import counts, grown
from tests.support.screens import ALL_SENT, CADRE_CODE, DEVICE, TODAY, Notebook
from tests.support.server import Server


def lock(server: Server, *, locked: bool) -> None:
    """Do what the administrator's button does."""
    with closing(sqlite3.connect(server.database)) as connection, connection:
        change = "UPDATE account SET is_active = ? WHERE code = ?"
        assert connection.execute(change, (not locked, CADRE_CODE)).rowcount == 1


def test_the_phone_says_that_its_account_is_locked_and_goes_on_when_it_is_not(
    server: Server, phone: Browser
) -> None:
    notebook = Notebook(phone.open(), server.origin)
    notebook.sign_in()
    notebook.wait_until_all_is_kept()
    before = counts(server.database)
    lock(server, locked=True)
    notebook.open_form("?new=1")
    notebook.record_held(notebook.groups()[0], 12)
    expect(notebook.status).to_contain_text("Tài khoản của đồng chí đã bị khóa")
    notebook.status.get_by_role("link", name="Mở Máy này").click()
    notebook.wait_until_shown()
    main = notebook.page.get_by_role("main")
    expect(main.get_by_text("Liên hệ người quản trị của xã; gấp thì tạo tệp dự phòng")).to_be_visible()
    main.get_by_role("button", name="Tạo tệp dự phòng (1 phiếu)").click()
    expect(main.get_by_text("Đã niêm phong 1 phiếu")).to_be_visible()
    assert grown(before, server.database) == {}

    lock(server, locked=False)
    notebook.go(TODAY)
    expect(notebook.status).to_have_text(ALL_SENT)
    assert grown(before, server.database)["meeting"] == 1
    notebook.go(DEVICE)
    expect(main.get_by_text("Không còn phiếu nào chưa gửi").first).to_be_visible()
