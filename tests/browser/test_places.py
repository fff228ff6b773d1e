"""The administrator merges two communes with a preview and takes it back; a cadre finds colleagues offline."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import DESK, PHONE, Browsers
from tests.support.database import address_of, rows
from tests.support.people import sign_in_quietly
from tests.support.screens import ADMINISTRATOR_CODE, CADRE_CODE, CLERK_CODE, GROUPS, TODAY, Notebook
from tests.support.server import Server

BEGINS = "Lập Xã Phú Túc mới, thuộc Huyện Châu Thành."


def open_merger(page: Page, server: Server) -> None:
    """Go from the tree to the form that merges two neighbours, and fill it in."""
    page.goto(f"{server.origin}/places/")
    page.get_by_role("link", name="Xã Tân Thạch", exact=True).click()
    page.get_by_role("link", name="Nhập với đơn vị khác").click()
    page.get_by_label("Xã An Hiệp", exact=True).check()
    page.get_by_label("Tên đầy đủ").fill("Xã Phú Túc mới")
    page.get_by_label("Căn cứ").fill("Nghị quyết 1687/NQ-UBTVQH15")
    page.get_by_role("button", name="Xem trước").click()
    expect(page.get_by_text(BEGINS)).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_two_communes_are_merged_with_a_preview_and_undone(
    server: Server, browsers: Browsers, *, scripts: bool
) -> None:
    browser = browsers.new(replace(DESK, script=scripts))
    browser.open()
    sign_in_quietly(browser.context, server.origin, ADMINISTRATOR_CODE)
    page = browser.page
    open_merger(page, server)
    page.get_by_role("button", name="Ghi thay đổi").click()
    expect(page.get_by_text("Đã ghi thay đổi.")).to_be_visible()
    table = page.get_by_role("region", name="Đơn vị bên dưới")
    expect(table.get_by_role("link", name="Xã Phú Túc mới")).to_be_visible()
    expect(table.get_by_role("link", name="Xã An Hiệp")).to_have_count(0)
    page.get_by_role("button", name="Hoàn tác").click()
    expect(page.get_by_text("Cả hai việc đều còn trong lịch sử.")).to_be_visible()
    expect(table.get_by_role("link", name="Xã An Hiệp")).to_be_visible()
    expect(table.get_by_role("link", name="Xã Phú Túc mới")).to_have_count(0)


def test_the_form_counts_with_the_households_of_the_day_of_the_meeting(
    server: Server, browsers: Browsers
) -> None:
    """A clerk counts a group anew; the cadre's form takes the new number, and the old one for a meeting before it."""
    desk = browsers.new(DESK)
    desk.open()
    sign_in_quietly(desk.context, server.origin, CLERK_CODE)
    (group,) = rows(
        server.database,
        "SELECT unit.id FROM assignment a JOIN account ON account.officer_id = a.officer_id"
        " JOIN unit ON unit.id = a.unit_id WHERE account.code = ? AND a.valid_to IS NULL ORDER BY unit.id LIMIT 1",
        CADRE_CODE,
    )
    page = desk.page
    page.goto(f"{server.origin}/places/{address_of(group)}/households")
    today = date.fromisoformat(page.get_by_label("Tính từ ngày").input_value())
    (before,) = rows(
        server.database,
        "SELECT households FROM household_count WHERE unit_id = ? AND as_of < ? ORDER BY as_of DESC LIMIT 1",
        group["id"], today.isoformat(),
    )  # fmt: skip
    page.get_by_label("Số hộ", exact=True).fill(str(before["households"] + 7))
    page.get_by_label("Nguồn").fill("Ấp rà soát")
    page.get_by_role("button", name="Ghi số hộ").click()
    expect(page.get_by_text("Đã ghi số hộ.")).to_be_visible()
    phone = browsers.new(PHONE)
    phone.open()
    sign_in_quietly(phone.context, server.origin, CADRE_CODE)
    notebook = Notebook(phone.page, server.origin)
    notebook.go(TODAY)
    notebook.wait_until_all_is_kept()
    phone.context.set_offline(offline=True)
    notebook.open_form(f"?new=1&group={address_of(group)}")
    total = phone.page.get_by_role("spinbutton", name="Tổng số hộ của tổ")
    expect(total).to_have_value(str(before["households"] + 7))
    phone.page.get_by_label("Ngày họp").fill((today - timedelta(days=1)).isoformat())
    expect(total).to_have_value(str(before["households"]))
    total.fill("40")
    phone.page.get_by_label("Ngày họp").fill(today.isoformat())
    expect(total).to_have_value("40")  # typed by hand, it stays


def test_a_cadre_finds_everyone_who_follows_the_group_without_a_network(
    shared_server: Server, browsers: Browsers
) -> None:
    browser = browsers.new(PHONE)
    browser.open()
    sign_in_quietly(browser.context, shared_server.origin, CADRE_CODE)
    page = browser.page
    notebook = Notebook(page, shared_server.origin)
    notebook.go(TODAY)
    notebook.wait_until_all_is_kept()
    browser.context.set_offline(offline=True)
    notebook.go(GROUPS)
    page.get_by_role("region", name="Địa bàn của tôi").get_by_role("link").first.click()
    notebook.wait_until_shown()
    card = page.get_by_role("region", name="Ai cùng theo dõi nơi này")
    for role in (
        "Cán bộ ấp",
        "Cán bộ huyện phụ trách ấp",
        "Lãnh đạo xã",
        "Trưởng cụm vùng",
        "Cán bộ tỉnh theo dõi xã",
    ):
        expect(card.get_by_text(role, exact=False).first).to_be_visible()
    expect(card.get_by_text("Phạm Hữu Mẫu", exact=True)).to_be_visible()  # by name, not by the group's
    call = card.get_by_role("link").first
    address = call.get_attribute("href") or ""
    assert address == f"tel:{call.inner_text().strip()}"
    page.get_by_role("region", name="Các phiếu", exact=True).get_by_role("link").first.click()
    notebook.wait_until_shown()
    expect(page.get_by_role("heading", name="Nội dung đã ghi")).to_be_visible()
