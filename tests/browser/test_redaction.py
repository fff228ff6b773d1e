"""A name and a number: hinted at on the phone, sent anyway, masked at the desk, gone from phone and exports."""

from __future__ import annotations

import io
import zipfile
from typing import Final
from uuid import UUID

from playwright.sync_api import Page, expect

from tests.support.browser import Browser
from tests.support.database import address_of, rows
from tests.support.pages import axe_violations, overflow, small_targets
from tests.support.people import token_in
from tests.support.phone_store import stored
from tests.support.screens import CADRE_CODE, Desk, Notebook, Raised
from tests.support.server import Server, until

NAME: Final = "Nguyễn Văn Khuyết"
NUMBER: Final = "079203001234"
ACCUSED: Final = Raised(f"Ông {NAME}, số {NUMBER}, nhận tiền làm giấy tờ đất", "Đất đai, bồi thường")
SUMMARY: Final = f"Bà con nói ông {NAME} nhận tiền."
PERSON: Final = "[đã che: tên người, tên hộ]"
STORES: Final = ("drafts", "outbox", "sent", "records", "units", "meta", "diary", "media")
# What lies in the caches of the service worker, as text.
CACHED: Final = """
async () => {
  const texts = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) texts.push(await (await cache.match(request)).text());
  }
  return texts.join("");
}
"""
SELECT: Final = """
([inside, text]) => {
  const walker = document.createTreeWalker(document.querySelector(inside), NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const at = node.data.indexOf(text);
    if (at < 0) continue;
    getSelection().setBaseAndExtent(node, at, node, at + text.length);
    return true;
  }
  return false;
}
"""


def fits(browser: Browser) -> None:
    """The page is accessible, no wider than the screen, and fingers fit."""
    assert axe_violations(browser.page) == []
    assert overflow(browser.page) == []
    assert small_targets(browser.page) == []


def on_the_phone(page: Page) -> str:
    """Return everything that lies on the phone, read past the app."""
    return str([stored(page, name) for name in STORES]) + str(page.evaluate(CACHED))


def mask(office: Page, text: str, reason: str) -> None:
    """Select words on the open page and mask them."""
    office.get_by_text("Che một đoạn").click()
    assert office.evaluate(SELECT, ["[data-redactable]", text])
    expect(office.get_by_label("Đoạn cần che")).to_have_value(text)
    office.get_by_label("Vì sao phải che?").select_option(label=reason)
    office.get_by_role("button", name="Che vĩnh viễn").click()
    expect(office.get_by_text("Đã che; các máy bỏ đoạn này khi đồng bộ.")).to_be_visible()


def test_what_should_not_have_been_written_is_gone_from_the_phone_and_from_exports(  # noqa: PLR0915 - one story, told in its order
    server: Server, phone: Browser, desk: Browser
) -> None:
    notebook = Notebook(phone.open(), server.origin)
    notebook.sign_in()
    notebook.wait_until_all_is_kept()
    notebook.open_form("?new=1")
    notebook.choose_group(notebook.groups()[0])
    notebook.page.get_by_label("Số hộ dự họp", exact=True).fill("18")
    notebook.next()
    notebook.next()
    notebook.add_petition(ACCUSED, 1)
    notebook.next()
    notebook.page.get_by_label("Tóm tắt buổi họp").fill(SUMMARY)
    notebook.page.get_by_label("Tóm tắt buổi họp").blur()
    hints = notebook.page.locator("#privacy-hints")
    expect(hints).to_contain_text("Hình như có tên người hoặc số giấy tờ")
    expect(hints.get_by_role("listitem")).to_have_count(2)
    expect(hints).to_contain_text(f"ông {NAME}")
    notebook.page.get_by_label("Tóm tắt buổi họp").fill("Không có gì.")
    notebook.page.get_by_label("Tóm tắt buổi họp").blur()
    expect(hints.get_by_role("listitem")).to_have_count(1)
    notebook.page.get_by_label("Tóm tắt buổi họp").fill(SUMMARY)
    notebook.finish()  # the hint stops nobody

    (wish,) = until(
        lambda: rows(server.database, "SELECT * FROM petition WHERE title = ?", ACCUSED.title),
        15,
        "the petition",
    )
    (entry,) = rows(server.database, "SELECT * FROM meeting WHERE id = ?", wish["meeting_id"])
    notebook.fetch_news()
    notebook.go(f"/notebook/entry?id={address_of(entry)}")
    notebook.page.get_by_role("link", name="Sửa và gửi lại").first.click()
    notebook.wait_for_form()
    notebook.page.get_by_label("Số hộ dự họp", exact=True).fill("17")
    notebook.wait_until_kept("17")
    notebook.go("/notebook/groups")
    assert NAME in str(stored(notebook.page, "drafts"))

    office = Desk(desk.open(), server.origin)
    office.sign_in()
    office.open_entry(address_of(entry))
    mask(office.page, NAME, "Tên người, tên hộ")
    fits(desk)
    office.page.goto(f"{server.origin}/petitions/{UUID(wish['id'])}")
    expect(office.page.get_by_text(NAME)).to_have_count(0)  # the entry's own petition was masked with it
    mask(office.page, NUMBER, "Số giấy tờ, tài khoản, điện thoại")
    fits(desk)
    office.open_entry(address_of(entry))
    office.return_entry("Xem lại số hộ.", "Số hộ dự họp", "Xem lại")

    notebook.fetch_news()
    lying = on_the_phone(notebook.page)
    assert PERSON in lying
    for gone in (NAME, NUMBER):
        assert gone not in lying
    notebook.go(f"/notebook/entry?id={address_of(entry)}")
    expect(notebook.page.get_by_text(f"Bà con nói ông {PERSON} nhận tiền.")).to_be_visible()
    told = notebook.page.locator("#redacted")
    expect(told).to_contain_text("Trong phiếu: Tên người, tên hộ.")
    expect(told).to_contain_text("Trong kiến nghị: Số giấy tờ, tài khoản, điện thoại.")
    fits(phone)
    notebook.page.get_by_role("link", name="Ghi tiếp bản đang sửa").click()
    notebook.wait_for_form()
    notebook.go_to_end()
    expect(notebook.page.get_by_label("Tóm tắt buổi họp")).to_have_value(SUMMARY.replace(NAME, PERSON))
    notebook.finish()
    until(lambda: rows(server.database, "SELECT 1 FROM meeting WHERE id = ? AND rev = 2", wish["meeting_id"]), 15,
          "the correction")  # fmt: skip
    revisions = "SELECT payload FROM meeting_revision UNION SELECT payload FROM petition_revision"
    kept = export(desk, server, entry["id"], entry["unit_id"]) + str(rows(server.database, revisions))
    for gone in (NAME, NUMBER):
        assert gone not in kept


def export(desk: Browser, server: Server, entry_id: str, group_id: str) -> str:
    """Have the entry given back once more, and take it out as a table."""
    page = desk.page
    page.goto(f"{server.origin}/review/entries/{UUID(entry_id)}")
    page.get_by_label("Lời nhắn cho người ghi").fill("Xem lại.")
    page.get_by_role("button", name="Trả bổ sung").click()
    expect(page.get_by_text("Đã trả phiếu")).to_be_visible()
    (held,) = rows(
        server.database,
        "SELECT a.id FROM assignment a JOIN account c ON c.officer_id = a.officer_id"
        " WHERE c.code = ? AND a.unit_id = ? AND a.valid_to IS NULL",
        CADRE_CODE,
        group_id,
    )
    address = f"{server.origin}/assignments/{UUID(held['id'])}"
    token = token_in(desk.context.request.get(f"{address}/handover").text())
    answer = desk.context.request.post(
        f"{address}/export",
        form={"csrf_token": token, "entry": str(UUID(entry_id))},
        headers={"Origin": server.origin},
    )
    assert answer.status == 200
    with zipfile.ZipFile(io.BytesIO(answer.body())) as sheet:
        text = "".join(sheet.read(name).decode() for name in sheet.namelist() if name.endswith(".xml"))
    assert PERSON in text
    return text
