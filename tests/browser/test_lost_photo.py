"""The browser loses a photo that was not sent: its person is told what is lost, and may go on."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from tests.browser.test_photos import CAPTION, choose
from tests.support.browser import Browser
from tests.support.database import counts, grown
from tests.support.pictures import camera_picture
from tests.support.screens import ALL_SENT, DEVICE, Notebook
from tests.support.server import Server


def test_a_photo_that_the_browser_has_lost_keeps_nobody_on_the_phone(
    server: Server, phone: Browser, tmp_path: Path
) -> None:
    notebook = Notebook(phone.open(), server.origin)
    notebook.sign_in()
    notebook.wait_until_all_is_kept()
    before = counts(server.database)
    picture = camera_picture(notebook.page, tmp_path, 11)
    server.kill()
    notebook.open_form("?new=1")
    group = notebook.groups()[0]
    notebook.choose_group(group)
    notebook.page.get_by_label("Số hộ dự họp", exact=True).fill("21")
    notebook.next()
    notebook.next()
    notebook.page.get_by_label("Bà con không có kiến nghị gì").check()
    notebook.next()
    choose(notebook, picture, 1, CAPTION)
    notebook.finish()
    phone.close()
    # What is large the browser keeps in files beside its database.
    (file,) = (one for one in phone.profile.rglob("*.indexeddb.blob/**/*") if one.is_file())
    file.unlink()

    server.start()
    notebook = Notebook(phone.open(), server.origin)
    notebook.go(DEVICE)
    page = notebook.page
    expect(notebook.status).to_contain_text("Có ảnh không còn trên máy này")
    told = page.get_by_role("alert").filter(has_text=CAPTION)
    expect(told).to_contain_text("1 ảnh không còn trên máy này nên không gửi được nữa")
    assert grown(before, server.database)["meeting"] == 1
    page.get_by_role("button", name="Đăng xuất").click()
    expect(told).to_have_count(2)
    expect(told.last).to_contain_text(group.split(" · ")[0])
    told.last.get_by_role("button", name="Bỏ ảnh đã mất").click()
    expect(told).to_have_count(0)
    expect(notebook.status).to_have_text(ALL_SENT)
    page.get_by_role("button", name="Đăng xuất").click()
    page.wait_for_url("**/sign-in*")
    assert phone.problems == []
