"""A bulletin goes down and comes back as reach: composed at the desk, read and ticked on a phone without a network."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from playwright.sync_api import expect

from tests.support.browser import Browser
from tests.support.database import rows
from tests.support.pages import axe_violations, overflow, small_targets
from tests.support.phone_store import stored
from tests.support.pictures import SECRET, SHOWN, camera_picture
from tests.support.screens import ALL_SENT, TODAY, Notebook, sign_in
from tests.support.server import Server, until

CLERK: Final = "Lê Ngọc Mẫu"
TITLE: Final = "Lịch xả nước ngọt tháng này"
TEXT: Final = "Nước ngọt xả ngày 24 và 25.\nBà con trữ nước, không tưới khi độ mặn trên 1 phần nghìn."
QUESTION: Final = "Tổ ở cuối kênh nước có tới không?"
PATIENCE: Final = 15.0


def fits(browser: Browser) -> None:
    """The page is accessible, no wider than the screen, and fingers fit."""
    page = browser.page
    assert axe_violations(page) == []
    assert overflow(page) == []
    assert small_targets(page) == []


def test_a_bulletin_goes_down_and_comes_back_as_reach(  # noqa: PLR0915 - one story, told in its order
    server: Server, phone: Browser, desk: Browser
) -> None:
    notebook = Notebook(phone.open(), server.origin)
    notebook.sign_in()
    notebook.wait_until_all_is_kept()

    office = desk.open()
    sign_in(office, server.origin, CLERK)
    office.get_by_role("link", name="Bản tin tháng").click()
    office.get_by_role("link", name="Soạn nội dung").click()
    office.get_by_label("Tiêu đề").fill(TITLE)
    office.get_by_label("Nội dung để đọc cho bà con").fill(TEXT)
    office.get_by_text("Ghim: nội dung trọng tâm").click()
    fits(desk)
    office.get_by_role("button", name="Lưu và xem trước").click()
    expect(office.get_by_text("không tưới khi độ mặn")).to_be_visible()
    fits(desk)
    office.get_by_role("button", name="Phát hành").click()
    expect(office.get_by_text("Đã phát hành. Máy của cán bộ nhận")).to_be_visible()
    address = office.url

    notebook.fetch_news()
    server.kill()
    notebook.go(TODAY)
    expect(notebook.page.get_by_role("link", name=re.compile(r"Bản tin tháng \(\d+\)"))).to_be_visible()
    fits(phone)
    notebook.page.get_by_role("link", name="Bản tin tháng").click()
    notebook.wait_until_shown()
    article = notebook.page.get_by_role("article").filter(has_text=TITLE)
    expect(article.get_by_text("không tưới khi độ mặn")).to_be_visible()
    expect(article.get_by_text("Đã phổ biến ở 0 trên")).to_be_visible()
    fits(phone)

    notebook.open_form("?new=1")
    notebook.choose_group(notebook.groups()[0])
    notebook.page.get_by_label("Số hộ dự họp", exact=True).fill("18")
    notebook.next()
    tick = notebook.page.get_by_role("checkbox", name=TITLE)
    tick.check()
    row = notebook.page.get_by_role("group", name="Nội dung 1", exact=True)
    expect(row.get_by_label("Nội dung đã phổ biến")).to_have_value(TITLE)
    tick.uncheck()
    expect(row).to_have_count(0)
    tick.check()
    row.get_by_label("Bà con hỏi gì về nội dung này").fill(QUESTION)
    notebook.wait_until_kept(QUESTION)
    fits(phone)
    notebook.open_form()  # left and opened again without a network: the tick is still there
    expect(notebook.page.get_by_role("checkbox", name=TITLE)).to_be_checked()
    notebook.next()
    notebook.page.get_by_label("Bà con không có kiến nghị gì").check()
    notebook.next()
    notebook.finish()
    notebook.go("/notebook/bulletins")
    expect(article.get_by_text("Đã phổ biến ở 1 trên")).to_be_visible()

    server.start()
    notebook.go(TODAY)
    conveyed = "SELECT * FROM conveyance JOIN bulletin_item ON id = item_id WHERE title = ?"
    until(lambda: rows(server.database, conveyed, TITLE), PATIENCE, "the entry to arrive")
    expect(notebook.status).to_have_text(ALL_SENT)

    office.goto(address)
    office.get_by_role("link", name="1/").first.click()
    office.get_by_role("link", name="Đã phổ biến", exact=True).click()
    expect(office.get_by_text(QUESTION)).to_be_visible()
    fits(desk)
    office.get_by_role("link", name="Phiếu nhận lúc").click()
    expect(office.get_by_text(TITLE).first).to_be_visible()


def test_a_picture_and_a_leaflet_are_read_without_a_network(
    server: Server, phone: Browser, desk: Browser, tmp_path: Path
) -> None:
    office = desk.open()
    sign_in(office, server.origin, CLERK)
    leaflet = tmp_path / "Lịch xả.pdf"
    leaflet.write_bytes(office.pdf())
    office.goto(f"{server.origin}/bulletins/new")
    office.get_by_label("Tiêu đề").fill(TITLE)
    office.get_by_label("Nội dung để đọc cho bà con").fill(TEXT)
    office.get_by_label("Kèm ảnh hoặc tệp PDF").set_input_files(
        [camera_picture(office, tmp_path, 5), leaflet]
    )
    expect(office.get_by_role("button", name="Lưu và xem trước")).to_be_enabled()
    office.get_by_role("button", name="Lưu và xem trước").click()
    until(
        lambda: office.get_by_role("img", name="IMG_5.jpg").evaluate(SHOWN),
        PATIENCE,
        "the picture to be painted",
    )
    fits(desk)
    office.get_by_role("button", name="Phát hành").click()
    for one in rows(server.database, "SELECT * FROM attachment"):
        assert int(one["size"]) <= 150_000
        assert SECRET not in one["data"]

    notebook = Notebook(phone.open(), server.origin)
    notebook.sign_in()
    notebook.wait_until_all_is_kept()
    until(lambda: len(_kept(notebook)) == 2, PATIENCE, "the files to be on the phone")
    server.kill()
    notebook.go("/notebook/bulletins")
    article = notebook.page.get_by_role("article").filter(has_text=TITLE)
    until(
        lambda: article.get_by_role("img", name="IMG_5.jpg").evaluate(SHOWN),
        PATIENCE,
        "the picture to be painted",
    )
    with notebook.page.expect_download() as download:
        article.get_by_role("link", name="Lịch xả.pdf").click()
    assert download.value.path().read_bytes() == leaflet.read_bytes()
    fits(phone)

    # Withdrawn, it leaves the phone with its files.
    server.start()
    office.get_by_role("button", name="Thu hồi").click()
    notebook.fetch_news()
    until(lambda: not _kept(notebook), PATIENCE, "the files to be gone")


def _kept(notebook: Notebook) -> list[str]:
    """Return under which names files of bulletins lie on the phone."""
    return [row["key"] for row in stored(notebook.page, "meta") if row["key"].startswith("attachment-")]
