"""The notice board of a group on paper: however much there is, it is one A4, and says what is not on it."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from playwright.sync_api import Page

from tests.support.browser import DESK, Browsers
from tests.support.people import sign_in_quietly
from tests.support.screens import REVIEWER_CODE
from tests.support.server import Server
from webapp.notices.rules import MOST, Band, Item, clipped, fit

PAGES = re.compile(rb"/Type\s*/Page[^s]")
FULL = Item(
    "Nạo vét, nâng cấp tuyến cống thoát nước tổ 2 đoạn ngập sâu sau mỗi trận mưa. " * 2, "Đã làm xong. " * 18
)
WIDE = Item("ĐỀ NGHỊ LÀM ĐƯỜNG MỚM WWW @@@ " * 6, clipped("NĂM NAY XÃ CHƯA CÂN ĐỐI ĐƯỢC VỐN WWWW MMMM " * 9))
SHORT = Item("Sửa đèn", "Đã sửa.")
MANY = {
    "full": [FULL], "wide": [WIDE], "short": [SHORT], "one long word": [Item("M" * 200, "W" * MOST)],
    "mixed": [SHORT, FULL, WIDE], "nothing": [],
}  # fmt: skip

HANG = """(parts) => [...document.querySelectorAll(".wall section")].forEach((section, place) => {
  const heading = section.querySelector("h2");
  const list = document.createElement("ul");
  list.className = "wall-items";
  for (const words of parts[place].shown) {
    const matter = document.createElement("li");
    for (const said of words) matter.append(Object.assign(document.createElement("p"), {textContent: said}));
    matter.firstChild.className = "wall-matter";
    list.append(matter);
  }
  const more = Object.assign(document.createElement("p"), {className: "wall-more"});
  more.textContent = `và ${parts[place].more} việc khác`;
  section.replaceChildren(heading, list, ...(parts[place].more ? [more] : []));
})"""
"""Fills the parts of a sheet with the markup of its template."""


def pages_of(page: Page) -> int:
    """Return how many pages Chromium prints."""
    return len(PAGES.findall(page.pdf(prefer_css_page_size=True)))


def hang(page: Page, items: Sequence[Item]) -> None:
    """Put forty of these matters into each part of the sheet that is shown, as many as the rules let hang."""
    parts = fit({band: [*items] * 40 for band in Band})
    words = [
        {"shown": [[item.title, item.text] for item in parts[band].shown], "more": parts[band].more}
        for band in Band
    ]
    page.evaluate(HANG, words)


@pytest.fixture
def sheet(shared_server: Server, browsers: Browsers) -> Page:
    """The sheet of a group of the demonstration."""
    browser = browsers.new(DESK)
    page = browser.open()
    sign_in_quietly(browser.context, shared_server.origin, REVIEWER_CODE)
    page.goto(f"{shared_server.origin}/notices/")
    page.locator("main a.button-quiet").first.click()
    return page


def test_a_sheet_of_the_demonstration_is_one_page_and_says_what_it_is(sheet: Page) -> None:
    sheet.emulate_media(media="print")
    assert sheet.get_by_text("Số liệu minh họa").filter(visible=True).count() == 1
    assert not sheet.get_by_role("link").filter(visible=True).count()
    assert pages_of(sheet) == 1


@pytest.mark.parametrize("items", MANY.values(), ids=MANY)
def test_however_much_there_is_it_is_one_page(sheet: Page, items: list[Item]) -> None:
    hang(sheet, items)
    assert pages_of(sheet) == 1


def test_the_count_of_pages_can_fail(sheet: Page) -> None:
    sheet.evaluate(HANG, [{"shown": [[SHORT.title, SHORT.text]] * 40, "more": 0} for _ in Band])
    assert pages_of(sheet) > 1
