"""Every main screen, in both themes: axe finds nothing, the markup is valid, it fits, and fingers fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import DESK, NARROWEST_PHONE, PHONE, THEMES, Browser, Browsers, Device, Theme
from tests.support.database import address_of, rows
from tests.support.pages import axe_violations, html_errors, live_html, overflow, small_targets
from tests.support.people import sign_in_quietly
from tests.support.screens import (
    ADMINISTRATOR_CODE,
    CADRE_CODE,
    DEVICE,
    GROUPS,
    REVIEWER_CODE,
    TODAY,
    Notebook,
)
from tests.support.screens import DESK as QUEUE
from tests.support.server import Server

FORM_STEPS: Final = 4
Look = Callable[[str], None]


@dataclass(frozen=True)
class Walk:
    """A way through screens; `look` is called at each with its name."""

    name: str
    person: str | None
    device: Device
    steps: Callable[[Page, Server, Look], None]


def sign_in_page(page: Page, server: Server, look: Look) -> None:
    page.goto(f"{server.origin}/sign-in")
    look("sign-in")


def reading(page: Page, server: Server, look: Look) -> None:
    notebook = Notebook(page, server.origin)
    notebook.go(TODAY)
    notebook.wait_until_all_is_kept()
    look("today")
    page.get_by_role("region", name="Cần xem lại").get_by_role("link").first.click()
    notebook.wait_until_shown()
    look("entry")
    notebook.go(GROUPS)
    look("groups")
    page.get_by_role("region", name="Địa bàn của tôi").get_by_role("link").first.click()
    notebook.wait_until_shown()
    look("group")
    notebook.go(DEVICE)
    look("device")


def recording(page: Page, server: Server, look: Look) -> None:
    notebook = Notebook(page, server.origin)
    notebook.go(TODAY)
    notebook.wait_until_all_is_kept()
    notebook.open_form("?new=1")
    notebook.choose_group(notebook.groups()[0])
    notebook.wait_for_mark()
    look("form, step 1")
    notebook.choose("Không họp")
    notebook.wait_for_mark()
    look("form, not held")
    notebook.choose("Có họp")
    notebook.next()
    notebook.wait_for_mark()
    look("form, step 2")
    notebook.next()
    for button in (
        "Thêm kiến nghị",
        "Thêm ý kiến",
        "Thêm việc thống nhất",
        "Thêm đóng góp",
        "Thêm loại việc",
    ):
        page.get_by_role("button", name=button).click()
    notebook.wait_for_mark()
    look("form, step 3")
    notebook.next()
    page.get_by_label("Tóm tắt buổi họp").fill("Ông Nguyễn Văn Mẫu nói về con đường.")
    page.get_by_role("button", name="Chốt phiếu").click()
    expect(page.get_by_role("alert").or_(page.locator(".errors")).filter(visible=True).first).to_be_visible()
    notebook.wait_for_mark()
    look("form, with faults")


def plain(page: Page, server: Server, look: Look) -> None:
    page.goto(f"{server.origin}/notebook/plain/")
    look("plain list")
    page.goto(f"{server.origin}/notebook/plain/record")
    look("plain form")
    page.goto(f"{server.origin}/notebook/plain/")
    page.locator("a[href*='/plain/entry/']").first.click()
    page.get_by_role("link", name="Sửa và gửi lại").click()
    other = page.context.new_page()
    other.goto(page.url)
    for window, words in ((other, "Bà con đồng ý làm cống."), (page, "Bà con đồng ý làm đường.")):
        window.locator("[name=summary]").fill(words)
        window.get_by_role("button", name="Chốt phiếu").click()
        expect(window.get_by_role("heading", name="Nội dung đã ghi")).to_be_visible()
    other.close()
    expect(page.get_by_role("heading", name="Bản nào đúng?")).to_be_visible()
    look("plain versions")


def desk(page: Page, server: Server, look: Look) -> None:
    page.goto(server.origin + QUEUE)
    look("queue")
    (entry,) = rows(server.database, "SELECT * FROM meeting WHERE state = 'submitted' LIMIT 1")
    page.goto(f"{server.origin}/review/entries/{address_of(entry)}")
    look("desk entry")
    page.goto(f"{server.origin}/review/quarantine")
    look("quarantine")
    page.goto(f"{server.origin}/rescue")
    look("rescue file")


def petitions(page: Page, server: Server, look: Look) -> None:
    page.goto(f"{server.origin}/petitions/?late=1")
    look("petitions")
    page.locator("a.petition-title").first.click()
    page.locator("#step-assign > summary").click()
    look("petition")


def notices(page: Page, server: Server, look: Look) -> None:
    page.goto(f"{server.origin}/petitions/")
    page.get_by_role("link", name="Bảng tin cơ sở").click()
    look("which notice board")
    page.locator("main a.button-secondary").first.click()
    look("notice board")
    page.goto(f"{server.origin}/reports/month")
    page.get_by_role("link", name="Đã phản hồi về tổ").click()
    look("told")


def places(page: Page, server: Server, look: Look) -> None:
    page.goto(f"{server.origin}/places/")
    look("places")
    page.get_by_role("link", name="Xã Tân Thạch", exact=True).click()
    look("a commune")
    page.get_by_role("link", name="Nhập với đơn vị khác").click()
    look("a change")
    page.get_by_label("Xã An Hiệp", exact=True).check()
    page.get_by_label("Tên đầy đủ").fill("Xã Phú Túc")
    page.get_by_label("Căn cứ").fill("Nghị quyết 1687/NQ-UBTVQH15")
    page.get_by_role("button", name="Xem trước").click()
    expect(page.get_by_text("Lập Xã Phú Túc, thuộc Huyện Châu Thành.")).to_be_visible()
    look("a preview")


def month(page: Page, server: Server, look: Look) -> None:
    page.goto(f"{server.origin}/reports/month")
    look("month")


def activation(page: Page, server: Server, look: Look) -> None:
    page.goto(f"{server.origin}/activate")
    look("activation")


def people(page: Page, server: Server, look: Look) -> None:
    page.goto(f"{server.origin}/people/")
    look("people")
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="In phiếu kích hoạt cho người đã chọn").click()
    look("slips")
    page.goto(f"{server.origin}/people/?q=khong-co-ai-nhu-vay")
    look("nobody")
    page.goto(f"{server.origin}/people/new")
    page.get_by_role("button", name="Lưu").click()
    look("a new person, with faults")


def calendar(page: Page, server: Server, look: Look) -> None:
    page.goto(f"{server.origin}/calendar/")
    look("calendar")
    place = page.get_by_label("Địa bàn").locator("option").nth(2).get_attribute("value")
    page.goto(f"{server.origin}/calendar/?unit={place}")
    look("calendar of a commune")
    page.locator(".month-item").get_by_role("link").first.click()
    look("a planned meeting")
    page.goto(f"{server.origin}/calendar/new?unit={place}&day=2026-11-18")
    page.get_by_label("Bắt đầu").fill("08:00")
    page.get_by_role("button", name="Lưu vào lịch").click()
    expect(page.get_by_text("Nên xem lại trước khi lưu")).to_be_visible()
    look("a meeting that is in the way")
    page.goto(f"{server.origin}/duties/")
    page.get_by_role("button", name="Lưu kỳ họp").click()
    look("windows and duties, with faults")
    page.goto(f"{server.origin}/lich/{place}")
    look("public week")


def months(page: Page, server: Server, look: Look) -> None:
    notebook = Notebook(page, server.origin)
    notebook.go(TODAY)
    notebook.wait_until_all_is_kept()
    page.get_by_role("link", name="Lịch").click()
    notebook.wait_until_shown()
    look("calendar")
    page.goto(f"{server.origin}/notebook/plain/calendar")
    look("plain calendar")


def assignments(page: Page, server: Server, look: Look) -> None:
    page.goto(f"{server.origin}/assignments/?line=group_officer:5&show=places")
    look("assignments")
    page.get_by_role("link", name="Tổ NDTQ số 1", exact=True).first.click()
    look("a place's assignments")
    place = page.url
    page.get_by_role("link", name="Mọi nơi người này giữ").first.click()
    look("a person's assignments")
    page.get_by_role("link", name="Miễn phân công").click()
    look("an exemption")
    page.goto(place)
    page.get_by_role("link", name="Thay người, bàn giao").first.click()
    page.get_by_label("Cán bộ", exact=True).select_option(index=2)
    page.get_by_label("Số quyết định").fill("15-QĐ/ĐU")
    page.get_by_role("button", name="Xem trước").click()
    expect(page.get_by_role("button", name="Ghi", exact=True)).to_be_visible()
    look("a replacement")
    page.goto(page.url.split("?")[0].replace("/replace", "/handover"))
    look("a hand-over")


WALKS: Final = (
    Walk("sign-in", None, PHONE, sign_in_page),
    Walk("activation", None, PHONE, activation),
    Walk("reading", CADRE_CODE, PHONE, reading),
    Walk("recording", CADRE_CODE, PHONE, recording),
    Walk("plain", CADRE_CODE, PHONE, plain),
    Walk("desk", REVIEWER_CODE, DESK, desk),
    Walk("month", REVIEWER_CODE, DESK, month),
    Walk("petitions", REVIEWER_CODE, DESK, petitions),
    Walk("notices", REVIEWER_CODE, DESK, notices),
    Walk("places", ADMINISTRATOR_CODE, DESK, places),
    Walk("people", ADMINISTRATOR_CODE, DESK, people),
    Walk("calendar", "lanh-dao-huyen", DESK, calendar),
    Walk("months", CADRE_CODE, PHONE, months),
    Walk("assignments", ADMINISTRATOR_CODE, DESK, assignments),
)


def begin(browsers: Browsers, server: Server, walk: Walk, device: Device, theme: Theme = "light") -> Browser:
    """Open a browser as the person of the walk."""
    browser = browsers.new(device, theme=theme)
    browser.open()
    if walk.person:
        sign_in_quietly(browser.context, server.origin, walk.person)
    return browser


def named(walk: Walk) -> str:
    return walk.name


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("walk", WALKS, ids=named)
def test_axe_finds_nothing(shared_server: Server, browsers: Browsers, walk: Walk, theme: Theme) -> None:
    browser = begin(browsers, shared_server, walk, walk.device, theme)
    found: list[str] = []

    def look(name: str) -> None:
        found.extend(f"{name}: {violation}" for violation in axe_violations(browser.page))

    walk.steps(browser.page, shared_server, look)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("walk", WALKS, ids=named)
def test_the_markup_is_valid_as_served_and_as_it_stands(
    shared_server: Server, browsers: Browsers, walk: Walk
) -> None:
    browser = begin(browsers, shared_server, walk, walk.device)
    documents: dict[str, str] = {}

    def look(name: str) -> None:
        page = browser.page
        served = page.context.request.get(page.url)
        documents[f"{name}, as served"] = served.text()
        documents[f"{name}, as it stands"] = live_html(page)

    walk.steps(browser.page, shared_server, look)
    found = html_errors(documents)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("device", [NARROWEST_PHONE, PHONE], ids=["320", "360"])
@pytest.mark.parametrize("walk", WALKS, ids=named)
def test_it_fits_the_screen_and_fingers(
    shared_server: Server, browsers: Browsers, walk: Walk, device: Device
) -> None:
    browser = begin(browsers, shared_server, walk, device)
    found: list[str] = []

    def look(name: str) -> None:
        found.extend(f"{name}: {place}" for place in overflow(browser.page))
        found.extend(f"{name}: {place}" for place in small_targets(browser.page))

    walk.steps(browser.page, shared_server, look)
    assert not found, "\n".join(found)
