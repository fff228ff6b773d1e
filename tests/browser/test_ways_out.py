"""What is not plain sailing is said on the phone, with a way out that works when tapped."""

from __future__ import annotations

from typing import Final
from uuid import UUID

import pytest
from playwright.sync_api import expect

from tests.support.browser import PHONE, Browser
from tests.support.database import address_of, counts, grown, newest, rows
from tests.support.pages import axe_violations, overflow, small_targets
from tests.support.screens import ALL_SENT, DEVICE, GROUPS, TODAY, Notebook
from tests.support.server import Server, until

LONG_AGO: Final = "2001-01-05"
PATIENCE: Final = 15.0


@pytest.fixture
def notebook(server: Server, phone: Browser) -> Notebook:
    """A phone that holds everything it needs."""
    opened = Notebook(phone.open(), server.origin)
    opened.sign_in()
    opened.wait_until_all_is_kept()
    return opened


def assert_sound(notebook: Notebook) -> None:
    """The page is accessible, large enough to touch, and no wider than the screen."""
    # Tall enough for all of it: the bar at the bottom covers whatever happens to stand there, until it is scrolled.
    notebook.page.set_viewport_size({"width": PHONE.width, "height": 4000})
    assert axe_violations(notebook.page) == []
    assert small_targets(notebook.page) == []
    assert overflow(notebook.page) == []
    notebook.page.set_viewport_size(PHONE.viewport)


@pytest.mark.slow
def test_what_is_held_back_says_why_and_is_mended_on_the_phone(
    server: Server, notebook: Notebook, phone: Browser
) -> None:
    before = counts(server.database)
    page = notebook.page
    notebook.open_form("?new=1")
    group = notebook.groups()[0]
    today = page.get_by_label("Ngày họp").input_value()
    page.get_by_label("Ngày họp").fill(LONG_AGO)
    notebook.record_held(group, 9)
    until(lambda: grown(before, server.database).get("quarantined") == 1, PATIENCE, "it to be held back")
    (held,) = rows(server.database, "SELECT * FROM quarantined ORDER BY received_at DESC LIMIT 1")
    expect(notebook.status).to_have_text(ALL_SENT)
    notebook.go(f"/notebook/entry?id={UUID(held['record_id'])}")
    card = page.get_by_role("region", name="Máy chủ đang giữ lại")
    expect(card).to_contain_text("chưa được phân công")
    expect(card).to_contain_text(held["receipt_code"])
    expect(
        card.get_by_role("link", name="Rút lại")
    ).to_be_hidden()  # the book does not know it: nothing to withdraw
    assert_sound(notebook)
    card.get_by_role("link", name="Sửa và gửi lại").click()
    notebook.wait_for_form()
    expect(page.get_by_label("Số hộ dự họp", exact=True)).to_have_value("9")
    page.get_by_label("Ngày họp").fill(today)
    notebook.go_to_end()
    notebook.finish()
    until(lambda: grown(before, server.database).get("meeting") == 1, PATIENCE, "the correction to arrive")
    (entry,) = newest(server.database, "meeting", 1)
    assert entry["id"] == held["record_id"], "it is the same entry"
    notebook.fetch_news()
    notebook.go(f"/notebook/entry?id={UUID(held['record_id'])}")
    expect(page.get_by_role("region", name="Bản bị giữ lại đã được thay bằng bản sau")).to_be_visible()
    expect(page.get_by_text("Đang giữ lại xem").locator("visible=true")).to_have_count(0)
    assert phone.problems == []


@pytest.mark.slow
def test_two_entries_in_one_month_are_said_on_each_and_found_by_searching(
    server: Server, notebook: Notebook, phone: Browser
) -> None:
    page = notebook.page
    for present in (11, 12):
        before = counts(server.database)
        notebook.open_form("?new=1")
        group = notebook.groups()[0]
        notebook.record_held(group, present)
        until(lambda before=before: grown(before, server.database), PATIENCE, "the entry to arrive")  # type: ignore[misc]
    one, other = newest(server.database, "meeting", 2)
    notebook.fetch_news()
    same = rows(
        server.database,
        "SELECT id FROM meeting WHERE unit_id = ? AND meeting_date LIKE ? AND state != 'withdrawn'",
        one["unit_id"],
        f"{one['meeting_date'][:7]}%",
    )
    said = page.get_by_text(f"Tháng này tổ có {len(same)} phiếu.").locator("visible=true")
    notebook.go(TODAY)
    expect(said).to_have_count(1)
    assert_sound(notebook)
    for first, second in ((one, other), (other, one)):
        notebook.go(f"/notebook/entry?id={address_of(first)}")
        expect(said).to_have_count(1)
        links = page.locator("#twin-list a")
        expect(links).to_have_count(len(same) - 1)
        expect(page.locator(f'#twin-list a[href$="{address_of(second)}"]')).to_be_visible()
    notebook.go(f"/notebook/group?id={UUID(one['unit_id'])}")
    expect(said).to_have_count(1)
    assert_sound(notebook)
    notebook.go(GROUPS)
    # The last syllables of the group's name first, without marks.
    page.get_by_label("Tìm địa bàn, tìm phiếu").fill(f"thang {int(one['meeting_date'][5:7])}")
    found = page.get_by_role("region", name="Phiếu tìm thấy trên máy")
    expect(found.locator(f'a[href$="{address_of(one)}"]')).to_have_count(1)
    expect(found.locator(f'a[href$="{address_of(other)}"]')).to_have_count(1)
    assert_sound(notebook)
    page.get_by_label("Tìm địa bàn, tìm phiếu").fill("khong co gi het")
    expect(page.get_by_text("Không có địa bàn hay phiếu nào khớp.")).to_be_visible()
    assert phone.problems == []


def test_the_diary_can_be_copied_for_a_supporter(notebook: Notebook, phone: Browser) -> None:
    phone.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=notebook.origin)
    notebook.go(DEVICE)
    notebook.page.get_by_text("Nhật ký gửi nhận").first.click()
    expect(notebook.page.locator("#diary")).to_contain_text("Lấy tin mới")
    assert_sound(notebook)
    notebook.page.get_by_role("button", name="Chép nhật ký").click()
    expect(notebook.page.get_by_text("Đã chép nhật ký.")).to_be_visible()
    text = notebook.page.evaluate("() => navigator.clipboard.readText()")
    assert text.startswith("Gần Dân ")
    assert "| Lấy tin mới |" in text
    assert phone.problems == []


def test_signed_out_elsewhere_the_line_offers_the_way_back_in(
    server: Server, notebook: Notebook, phone: Browser
) -> None:
    before = counts(server.database)
    phone.context.clear_cookies()
    notebook.open_form("?new=1")
    notebook.record_held(notebook.groups()[0], 7)
    expect(notebook.status).to_contain_text("Phiên đăng nhập đã hết")
    notebook.status.get_by_role("link", name="Đăng nhập").click()
    notebook.page.get_by_role("button", name="Nguyễn Thị Mẫu").click()
    notebook.wait_until_shown()
    until(lambda: grown(before, server.database).get("meeting") == 1, PATIENCE, "the entry to arrive")
    expect(notebook.status).to_have_text(ALL_SENT)
