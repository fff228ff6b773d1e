"""The main job from end to end: the server is really stopped, the browser really restarted."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import expect

from tests.support.browser import Browser
from tests.support.people import assign_groups
from tests.support.screens import ALL_SENT, CADRE_CODE, TODAY, Desk, Notebook, Raised
from tests.support.server import Server, until
from webapp import clock

ROAD: Final = Raised("Xin đắp lại đoạn đường lầy trước nhà sinh hoạt ấp", "Giao thông", "Xã cho 02 xe đá")
LAMPS: Final = Raised("Ba bóng đèn đầu cầu ván hư đã hai tháng", "Điện, chiếu sáng")
THIRD_TEXT: Final = "Đề nghị nạo vét mương nội đồng trước mùa mưa"
UNFINISHED: Final = ", để nước rút nha"
GROUPS: Final = 5
TABLES: Final = ("meeting", "meeting_revision", "petition", "petition_revision", "receipt", "quarantined")
MESSAGE: Final = "Xem lại một chỗ rồi gửi lại giúp."
REMARK: Final = "Danh sách ký tên có 23 hộ."


def rows(database: Path, question: str, *values: object) -> list[dict[str, Any]]:
    """Ask the server's database directly."""
    with closing(sqlite3.connect(database)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(question, values)]


def counts(database: Path) -> dict[str, int]:
    """Count the rows of what may grow."""
    return {name: rows(database, f"SELECT count(*) AS n FROM {name}")[0]["n"] for name in TABLES}  # noqa: S608


def grown(before: dict[str, int], database: Path) -> dict[str, int]:
    """Return what was added."""
    after = counts(database)
    return {name: after[name] - before[name] for name in TABLES if after[name] != before[name]}


def newest(database: Path, table: str, count: int) -> list[dict[str, Any]]:
    """Return the rows of meetings or petitions that arrived last."""
    return rows(database, f"SELECT * FROM {table} ORDER BY received_at DESC, id DESC LIMIT ?", count)  # noqa: S608


def body_of(database: Path, entry: dict[str, Any]) -> dict[str, Any]:
    """Return what the standing revision of an entry says, as its author's phone froze it."""
    found = rows(database, "SELECT payload FROM meeting_revision WHERE op_id = ?", entry["op_id"])
    body: dict[str, Any] = json.loads(found[0]["payload"])["body"]
    return body


def address_of(entry: dict[str, Any]) -> str:
    """Write an entry's id as addresses do."""
    text = entry["id"]
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


@pytest.mark.slow
def test_logged_without_signal_it_arrives_once_comes_back_and_is_accepted(
    server: Server, phone: Browser, desk: Browser
) -> None:
    database = server.database
    today: date = clock.today()
    assert assign_groups(database, CADRE_CODE, GROUPS, today) == GROUPS
    before = counts(database)

    # The first visit, with signal.
    notebook = Notebook(phone.open(), server.origin)
    notebook.sign_in()
    notebook.wait_until_all_is_kept()
    phone.close()

    # No signal any more, and the browser starts cold.
    server.kill()
    notebook = Notebook(phone.open(), server.origin)
    notebook.go(TODAY)
    notebook.open_form("?new=1")
    held, *_, third = notebook.groups()[:GROUPS]
    substitute = notebook.groups()[GROUPS]
    notebook.record_held(held, 21, [ROAD, LAMPS])
    notebook.open_form()
    notebook.record_not_held(substitute, "Mưa bão, ngập, triều cường")

    # The phone dies in the middle of a word.
    notebook.open_form()
    notebook.choose_group(third)
    notebook.page.get_by_label("Số hộ dự họp", exact=True).fill("18")
    notebook.next()
    notebook.next()
    notebook.page.get_by_role("button", name="Thêm ý kiến").click()
    opinion = notebook.page.get_by_label("Bà con nói gì")
    opinion.press_sequentially(THIRD_TEXT)
    notebook.wait_until_kept(THIRD_TEXT)
    opinion.press_sequentially(UNFINISHED)
    phone.kill()

    # It is opened again, and the draft is where it was left.
    notebook = Notebook(phone.open(), server.origin)
    notebook.go(TODAY)
    notebook.page.get_by_role("link", name=third).click()
    notebook.wait_for_form()
    opinion = notebook.page.get_by_label("Bà con nói gì")
    expect(opinion).to_be_visible()
    kept = opinion.input_value()
    assert kept.startswith(THIRD_TEXT)
    assert (THIRD_TEXT + UNFINISHED).startswith(kept)
    opinion.fill(THIRD_TEXT)
    row = notebook.page.get_by_role("group", name="Ý kiến 1", exact=True)
    row.get_by_label("Chủ đề").select_option(label="Thủy lợi, đê bao")
    notebook.choose("Đa số", within=row)
    notebook.choose("Đề nghị", within=row)
    notebook.page.get_by_label("Bà con không có kiến nghị gì").check()
    notebook.next()
    notebook.finish()
    assert grown(before, database) == {}

    # The server is back: one of each, once.
    server.start()
    notebook.go(TODAY)
    until(lambda: grown(before, database), 15, "the phone to send")
    expect(notebook.status).to_have_text(ALL_SENT)
    assert grown(before, database) == {
        "meeting": 3, "meeting_revision": 3, "petition": 2, "petition_revision": 2, "receipt": 5,
    }  # fmt: skip
    entries = {entry["status"]: entry for entry in newest(database, "meeting", 3)}
    with_petitions = next(e for e in newest(database, "meeting", 3) if e["petition_count"])
    assert (with_petitions["households_present"], with_petitions["petition_count"]) == (21, 2)
    assert entries["not_held"]["not_held_reason"] == "weather"
    assert {row["title"] for row in newest(database, "petition", 2)} == {ROAD.title, LAMPS.title}
    assert {row["meeting_id"] for row in newest(database, "petition", 2)} == {with_petitions["id"]}
    without = next(e for e in newest(database, "meeting", 3) if e["households_present"] == 18)
    assert body_of(database, without)["opinions"][0]["text"] == THIRD_TEXT

    # Sending again, and opening again, adds nothing.
    server.restart()
    phone.restart()
    notebook = Notebook(phone.page, server.origin)
    notebook.go(TODAY)
    expect(notebook.status).to_have_text(ALL_SENT)
    assert grown(before, database)["receipt"] == 5

    # The desk returns it with a remark at a field.
    review = Desk(desk.open(), server.origin)
    review.sign_in()
    review.open_entry(address_of(with_petitions))
    review.return_entry(MESSAGE, "Số hộ dự họp", REMARK)

    # The phone shows it on top, with the remark at its field; it is corrected and sent.
    notebook.fetch_news()
    notebook.go(TODAY)
    returned = notebook.page.get_by_role("region", name="Cần xem lại")
    expect(returned.get_by_text(REMARK)).to_be_visible()
    returned.get_by_role("link", name=held).click()
    notebook.wait_until_shown()
    expect(notebook.page.get_by_text(REMARK).first).to_be_visible()
    notebook.page.get_by_role("link", name="Sửa và gửi lại").click()
    notebook.wait_for_form()
    expect(notebook.page.get_by_text(REMARK)).to_be_visible()
    notebook.page.get_by_label("Số hộ dự họp", exact=True).fill("23")
    notebook.go_to_end()
    notebook.finish()
    until(lambda: grown(before, database)["receipt"] == 6, 15, "the correction to arrive")
    expect(notebook.status).to_have_text(ALL_SENT)
    corrected = rows(database, "SELECT * FROM meeting WHERE id = ?", with_petitions["id"])[0]
    assert (corrected["rev"], corrected["households_present"], corrected["state"]) == (2, 23, "submitted")

    # The desk accepts it, and the phone says so.
    review.open_entry(address_of(with_petitions))
    review.accept_entry()
    notebook.fetch_news()
    notebook.go(TODAY)
    row = notebook.page.get_by_role("listitem").filter(has_text=held)
    expect(row.get_by_text("Đã ghi nhận")).to_be_visible()
    expect(notebook.page.get_by_role("region", name="Cần xem lại").get_by_text(held)).to_have_count(0)
    assert grown(before, database) == {
        "meeting": 3, "meeting_revision": 4, "petition": 2, "petition_revision": 2, "receipt": 6,
    }  # fmt: skip
    assert phone.problems == []
    assert desk.problems == []
