"""An answer finds its way back: owed on the agenda of the group, told at its meeting without a network, fed back."""

from __future__ import annotations

import re
from typing import Final
from uuid import UUID

from playwright.sync_api import Locator, Page, expect

from tests.support.browser import Browser
from tests.support.database import rows
from tests.support.pages import axe_violations, overflow, small_targets
from tests.support.screens import ALL_SENT, GROUPS, TODAY, Notebook, Raised, sign_in
from tests.support.server import Server, until

CLERK: Final = "Lê Ngọc Mẫu"
CULVERT: Final = Raised("Cống đầu mương bị nghẹt, xin nạo vét trước mùa mưa", "Thoát nước")
ANSWER: Final = "Đã nạo vét 35 m, đặt lại nắp cống.\nBà con theo dõi giúp sau mưa lớn."
EVIDENCE: Final = "Biên bản nghiệm thu có đại diện tổ"
SAID: Final = "Bà con cám ơn."
PATIENCE: Final = 15.0


def fits(browser: Browser) -> None:
    """The page is accessible, no wider than the screen, and fingers fit."""
    assert axe_violations(browser.page) == []
    assert overflow(browser.page) == []
    assert small_targets(browser.page) == []


def petition(server: Server) -> dict[str, str]:
    """Return the petition of this story as the server has it, once it is there."""
    (found,) = until(
        lambda: rows(server.database, "SELECT * FROM petition WHERE title = ?", CULVERT.title),
        PATIENCE,
        "the petition to arrive",
    )
    return found


def resolve(office: Page, origin: str, petition_id: str) -> None:
    """Sort, assign and settle a petition, as the commune's clerk."""
    office.goto(f"{origin}/petitions/{UUID(petition_id)}")
    step = office.locator("#step-assign")
    step.locator("summary").click()
    choice = step.get_by_label("Giao cho")
    choice.select_option(label=choice.locator("option", has_text="Xã ").first.inner_text().strip())
    step.get_by_label("Hạn giải quyết").fill("2030-01-02")
    step.get_by_role("button", name="Giao giải quyết").click()
    step = office.locator("#step-resolve")
    step.locator("summary").click()
    step.get_by_label("Kết quả").fill(ANSWER)
    step.get_by_label("Căn cứ xác nhận").fill(EVIDENCE)
    step.get_by_role("button", name="Báo kết quả").click()
    expect(office.get_by_role("heading", name="Câu trả lời cho bà con")).to_be_visible()


def owed(notebook: Notebook, group: str) -> Locator:
    """Open the agenda of a group the way people do, and return what it says is owed."""
    notebook.go(GROUPS)
    notebook.page.get_by_role("link", name=group).first.click()
    notebook.wait_until_shown()
    notebook.page.get_by_role("link", name="Chuẩn bị họp tổ").click()
    notebook.wait_until_shown()
    return notebook.page.get_by_role("region", name="Trả lời việc bà con đã nêu")


def sheets(page: Page) -> int:
    """Count the sheets of paper that the page takes."""
    return len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4", prefer_css_page_size=True)))


def test_an_answer_is_owed_told_without_a_network_and_owed_no_more(  # noqa: PLR0915 - one story, told in its order
    server: Server, phone: Browser, desk: Browser
) -> None:
    notebook = Notebook(phone.open(), server.origin)
    notebook.sign_in()
    notebook.wait_until_all_is_kept()
    notebook.open_form("?new=1")
    group = notebook.groups()[0]
    notebook.record_held(group, 18, [CULVERT])
    raised = petition(server)
    agenda = owed(notebook, group)
    expect(agenda.get_by_text(CULVERT.title)).to_have_count(0)
    waiting = notebook.page.get_by_role("region", name="Việc đang chờ giải quyết")
    expect(waiting.get_by_text(CULVERT.title)).to_be_visible()

    office = desk.open()
    sign_in(office, server.origin, CLERK)
    resolve(office, server.origin, raised["id"])

    notebook.fetch_news()
    server.kill()
    notebook.go(TODAY)
    line = notebook.page.get_by_role("listitem").filter(has_text=group).first
    line.get_by_role("link", name=re.compile(r"Còn nợ tổ \d+ câu trả lời")).click()
    notebook.wait_until_shown()
    expect(notebook.page.get_by_text(ANSWER.splitlines()[0])).to_be_visible()
    agenda = owed(notebook, group)
    article = agenda.get_by_role("article").filter(has_text=CULVERT.title)
    expect(article.get_by_text("đặt lại nắp cống")).to_be_visible()
    expect(article.get_by_text(EVIDENCE)).to_be_visible()
    expect(article.get_by_text("Đã giải quyết")).to_be_visible()
    expect(waiting.get_by_text(CULVERT.title)).to_have_count(0)
    fits(phone)
    assert sheets(notebook.page) == 1

    notebook.open_form("?new=1")
    notebook.choose_group(group)
    notebook.page.get_by_label("Số hộ dự họp", exact=True).fill("19")
    notebook.next()
    tick = notebook.page.get_by_role("checkbox", name=CULVERT.title)
    tick.check()
    row = notebook.page.get_by_role("group", name="Phản hồi 1", exact=True)
    expect(row.get_by_label("Trả lời việc bà con nêu lần trước")).to_have_value(CULVERT.title)
    tick.uncheck()
    expect(row).to_have_count(0)
    tick.check()
    notebook.choose("Đồng ý", within=row)
    row.get_by_label("Tổ nói thêm").fill(SAID)
    notebook.wait_until_kept(SAID)
    fits(phone)
    notebook.open_form()  # left and opened again: the tick is still there
    expect(tick).to_be_checked()
    notebook.next()
    notebook.page.get_by_label("Bà con không có kiến nghị gì").check()
    notebook.next()
    notebook.finish()
    expect(owed(notebook, group).get_by_text(CULVERT.title)).to_have_count(
        0
    )  # told, though nobody has heard yet

    server.start()
    notebook.go(TODAY)
    until(lambda: petition(server)["state"] == "fed_back", PATIENCE, "the server to hear that it was told")
    expect(notebook.status).to_have_text(ALL_SENT)
    assert petition(server)["view"] == "agreed"
    notebook.fetch_news()
    expect(owed(notebook, group).get_by_text(CULVERT.title)).to_have_count(0)
    expect(notebook.page.get_by_text(CULVERT.title)).to_have_count(0)
    office.reload()
    expect(office.get_by_text(SAID)).to_be_visible()
