"""A phone that cannot send: its file is carried to the desk, and everything arrives exactly once."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from playwright.sync_api import expect

from tests.support.browser import Browser
from tests.support.database import counts, grown, rows
from tests.support.phone_store import stored
from tests.support.screens import ALL_SENT, DEVICE, TODAY, Desk, Notebook, Raised
from tests.support.server import Server, until

ROAD: Final = Raised("Xin đắp lại đoạn đường lầy trước nhà sinh hoạt ấp", "Giao thông")
PATIENCE: Final = 15.0


def receipts(database: Path) -> dict[str, str]:
    """Return the receipt of each operation in the database, by its id without hyphens."""
    return {row["op_id"]: row["receipt_code"] for row in rows(database, "SELECT * FROM receipt")}


def has_key(notebook: Notebook) -> bool:
    """Say whether the server's public key is on the phone."""
    return any(row["key"] == "rescue_key" for row in stored(notebook.page, "meta"))


def record_without_signal(server: Server, phone: Browser) -> Notebook:
    """Visit once with signal, then record a meeting with a petition while there is no server."""
    notebook = Notebook(phone.open(), server.origin)
    notebook.sign_in()
    notebook.wait_until_all_is_kept()
    until(lambda: has_key(notebook), PATIENCE, "the key to be on the phone")
    server.kill()
    notebook.open_form("?new=1")
    notebook.record_held(notebook.groups()[0], 19, [ROAD])
    return notebook


def make_file(notebook: Notebook, folder: Path) -> Path:
    """Make the rescue file and save it."""
    notebook.go(DEVICE)
    card = notebook.page.get_by_role("region", name="Tệp dự phòng")
    card.get_by_role("button", name="Tạo tệp dự phòng (1 phiếu)").click()
    expect(card.get_by_text("Đã niêm phong 1 phiếu")).to_be_visible()
    with notebook.page.expect_download() as saving:
        card.get_by_role("link", name="Lưu tệp vào máy").click()
    name = saving.value.suggested_filename
    assert re.fullmatch(r"gan-dan-du-phong-\d{8}-\d{4}\.gandan", name)
    saving.value.save_as(folder / name)
    return folder / name


def hand_in(desk: Desk, file: Path) -> dict[str, str]:
    """Hand a file in and return what the page says, by its words."""
    desk.page.goto(f"{desk.origin}/rescue")
    desk.page.get_by_label("Tệp dự phòng").set_input_files(file)
    desk.page.get_by_role("button", name="Nộp tệp").click()
    expect(desk.page.get_by_role("heading", name="Kết quả")).to_be_visible()
    names, numbers = (desk.page.locator(f".facts {part}").all_inner_texts() for part in ("dt", "dd"))
    return dict(zip((name.strip() for name in names), (number.strip() for number in numbers), strict=True))


def test_a_file_carried_to_the_desk_arrives_once_and_the_phone_gets_the_same_receipts(
    server: Server, phone: Browser, desk: Browser, tmp_path: Path
) -> None:
    before, known = counts(server.database), receipts(server.database)
    notebook = record_without_signal(server, phone)
    file = make_file(notebook, tmp_path)
    text = file.read_text(encoding="utf-8")
    assert ROAD.title not in text
    waiting = stored(notebook.page, "outbox")
    assert len(waiting) == 2
    assert all(row["frozen"] for row in waiting)
    phone.close()

    server.start()
    review = Desk(desk.open(), server.origin)
    review.sign_in()
    said = hand_in(review, file)
    assert (said["Mới nhận vào sổ"], said["Đã có từ trước"]) == ("2", "0")
    once = {"meeting": 1, "meeting_revision": 1, "petition": 1, "petition_revision": 1, "receipt": 2}
    assert grown(before, server.database) == once
    given = {op: code for op, code in receipts(server.database).items() if op not in known}
    for code in given.values():
        expect(review.page.get_by_text(code)).to_be_visible()
    said = hand_in(review, file)
    assert (said["Mới nhận vào sổ"], said["Đã có từ trước"]) == ("0", "2")

    notebook = Notebook(phone.open(), server.origin)
    notebook.go(TODAY)
    expect(notebook.status).to_have_text(ALL_SENT)
    assert grown(before, server.database) == once
    sent = stored(notebook.page, "sent")
    assert {row["op_id"].replace("-", ""): row["receipt"] for row in sent} == given
    assert {row["outcome"] for row in sent} == {"duplicate"}
    assert phone.problems == []
    assert desk.problems == []
