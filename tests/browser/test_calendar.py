"""The calendar in real browsers: on a phone without a network, at the desk, and on paper."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from ical.calendar_stream import IcsCalendarStream
from playwright.sync_api import Page, expect

from tests.support.browser import DESK, PLAIN_PHONE, Browser, Browsers, Device
from tests.support.database import address_of, rows
from tests.support.people import sign_in_quietly
from tests.support.screens import CADRE_CODE, TODAY, Notebook
from tests.support.server import Server

LEADER_CODE = "lanh-dao-huyen"
CALENDAR = "/notebook/calendar"
HERE = timedelta(hours=7)
COMMITTEE = "Họp cấp ủy"


def this_month(day: int) -> str:
    """Return a day of the present month, there."""
    return (datetime.now(UTC) + HERE).date().replace(day=day).isoformat()


def plan(page: Page, server: Server, commune: str, day: str, place: str) -> None:
    """Fill in the form of a committee meeting and press save."""
    page.goto(f"{server.origin}/calendar/new?unit={commune}&day={day}")
    page.get_by_label("Cuộc họp").select_option(label=COMMITTEE)
    page.get_by_label("Bắt đầu").fill("08:00")
    page.get_by_role("textbox", name="Nơi họp").fill(place)
    page.get_by_role("checkbox", name="Đưa lên lịch công khai").check(force=True)
    page.get_by_role("button", name="Lưu vào lịch").click()


def commune_of(server: Server) -> str:
    (unit,) = rows(server.database, "SELECT * FROM unit WHERE name = 'Xã Tân Thạch'")
    return str(address_of(unit))


def test_a_cadre_opens_the_calendar_without_a_network(server: Server, phone: Browser, desk: Browser) -> None:
    page = phone.open()
    notebook = Notebook(page, server.origin)
    notebook.sign_in()
    notebook.wait_until_all_is_kept()
    office = desk.open()
    sign_in_quietly(desk.context, server.origin, LEADER_CODE)
    (home,) = rows(
        server.database,
        "SELECT u.* FROM unit u JOIN officer o ON o.home_unit_id = u.id JOIN account a ON a.officer_id = o.id"
        " WHERE a.code = ?",
        CADRE_CODE,
    )
    plan(office, server, str(address_of(home)), this_month(8), "Hội trường vừa hẹn")
    expect(office.get_by_text("Đã lưu cuộc họp vào lịch.")).to_be_visible()
    notebook.fetch_news()

    server.kill()
    notebook.go(TODAY)
    page.get_by_role("link", name="Lịch").click()
    notebook.wait_until_shown()
    expect(page.get_by_role("heading", name="Tháng ", exact=False).first).to_be_visible()
    for kept in ("Họp cấp ủy: ngày 7–9", "Sinh hoạt chi bộ: ngày 10–15", "Họp tổ: ngày 16–25"):
        expect(page.get_by_role("listitem").filter(has_text=kept)).to_be_visible()
    planned = page.get_by_role("region", name="Các cuộc họp").get_by_role("listitem")
    expect(planned.filter(has_text="Hội trường vừa hẹn")).to_contain_text("08:00")
    expect(planned.filter(has_text="Hội trường vừa hẹn")).to_contain_text("Âm lịch")
    duty = page.get_by_role("region", name="Nhiệm vụ của tôi").get_by_role("listitem")
    expect(duty).to_contain_text(re.compile(r"Phiếu họp tổ\s*Đã \d trên \d"))
    page.get_by_role("link", name="Tháng sau").click()
    notebook.wait_until_shown()
    expect(planned.filter(has_text=COMMITTEE)).to_be_visible()
    assert not phone.problems


def test_what_is_agreed_on_the_phone_stands_in_its_calendar_at_once(server: Server, phone: Browser) -> None:
    page = phone.open()
    notebook = Notebook(page, server.origin)
    notebook.sign_in()
    notebook.wait_until_all_is_kept()
    server.kill()
    notebook.open_form("?new=1")
    notebook.choose_group(notebook.groups()[0])
    notebook.choose("Không họp")
    page.get_by_label("Vì sao không họp?").select_option(index=1)
    page.get_by_label("Dời sang").fill(f"{this_month(28)}T18:15")
    notebook.go_to_end()
    notebook.finish()
    notebook.go(CALENDAR)
    planned = page.get_by_role("region", name="Các cuộc họp").get_by_role("listitem")
    expect(planned.filter(has_text="18:15")).to_contain_text("Họp tổ")


def test_the_office_sees_what_stands_in_the_way_and_the_public_sees_no_name(
    server: Server, browsers: Browsers
) -> None:
    """The office has no JavaScript; the public's page is one sheet of paper and a file for other calendars."""
    office = browsers.new(Device(1280, 800, script=False))
    page = office.open()
    sign_in_quietly(office.context, server.origin, LEADER_CODE)
    commune = commune_of(server)
    plan(page, server, commune, this_month(18), "Hội trường xã mẫu")
    warned = page.get_by_role("alert")
    expect(warned).to_contain_text("Trong kỳ dành cho: Họp tổ (ngày 16–25)")
    expect(warned).to_contain_text("Ngoài kỳ của họp cấp ủy (ngày 7–9)")
    page.get_by_role("button", name="Vẫn lưu").click()
    expect(page.get_by_text("Đã lưu cuộc họp vào lịch.")).to_be_visible()
    item = page.get_by_role("listitem").filter(has_text="Hội trường xã mẫu").last
    expect(item).to_contain_text("Trong kỳ họp tổ")

    anybody = browsers.new(DESK).open()
    monday = datetime.fromisoformat(this_month(18)).date()
    year, week, _ = monday.isocalendar()
    anybody.goto(f"{server.origin}/lich/{commune}?week={year}-W{week:02d}")
    expect(anybody.get_by_role("row").filter(has_text="Hội trường xã mẫu")).to_be_visible()
    names = [row["full_name"] for row in rows(server.database, "SELECT full_name FROM officer")]
    text = anybody.content()
    assert not [name for name in names if name in text]
    pdf = anybody.pdf(format="A4", prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page[^s]", pdf)) == 1, "one sheet of paper"
    ics = anybody.context.request.get(f"{server.origin}/lich/{commune}.ics")
    events = IcsCalendarStream.calendar_from_ics(ics.text()).events
    assert "Hội trường xã mẫu" in [event.location for event in events]


def test_the_plain_page_says_the_same(server: Server, browsers: Browsers) -> None:
    browser = browsers.new(PLAIN_PHONE)
    page = browser.open()
    sign_in_quietly(browser.context, server.origin, CADRE_CODE)
    page.goto(f"{server.origin}/notebook/plain/")
    page.get_by_role("link", name="Lịch", exact=True).click()
    expect(page.get_by_text("Họp tổ: ngày 16–25")).to_be_visible()
    expect(page.get_by_text(re.compile(r"Đã \d trên \d trong tháng"))).to_be_visible()
    page.get_by_role("link", name="Tháng sau").click()
    expect(page.get_by_role("listitem").filter(has_text=COMMITTEE).first).to_be_visible()
