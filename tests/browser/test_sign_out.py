"""Nobody leaves a phone on which something of theirs has not been sent."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.support.browser import Browser
from tests.support.database import counts, grown
from tests.support.screens import ALL_SENT, DEVICE, TODAY, Notebook
from tests.support.server import Server, until


def test_sign_out_is_refused_until_everything_is_sent(server: Server, phone: Browser) -> None:
    notebook = Notebook(phone.open(), server.origin)
    notebook.sign_in()
    notebook.wait_until_all_is_kept()
    before = counts(server.database)
    server.kill()
    notebook.open_form("?new=1")
    notebook.record_held(notebook.groups()[0], 12)

    notebook.go(DEVICE)
    leave = notebook.page.get_by_role("button", name="Đăng xuất")
    leave.click()
    refusal = notebook.page.get_by_role("alert").filter(has_text="chưa gửi")
    expect(refusal).to_be_visible()

    # With signal it is sent first, and then one may leave.
    server.start()
    notebook.go(TODAY)
    until(lambda: grown(before, server.database), 15, "the phone to send")
    expect(notebook.status).to_have_text(ALL_SENT)
    notebook.go(DEVICE)
    notebook.page.get_by_role("button", name="Đăng xuất").click()
    notebook.page.wait_for_url("**/sign-in*")
    assert grown(before, server.database)["meeting"] == 1
    assert phone.problems == []
