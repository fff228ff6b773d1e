"""A group is handed over between two phones, one of them without a network and with unsent work."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from playwright.sync_api import expect

from tests.support.browser import DESK, PHONE, Browsers
from tests.support.database import address_of, grown, rows
from tests.support.database import counts as counted
from tests.support.people import sign_in_quietly
from tests.support.phone_store import stored
from tests.support.screens import (
    ADMINISTRATOR_CODE,
    ALL_SENT,
    CADRE,
    CADRE_CODE,
    TODAY,
    Desk,
    Notebook,
    Raised,
)
from tests.support.server import Server, until
from webapp import clock
from webapp.demo.people import DEMONSTRATION_PASSWORD

REMARK: Final = "Danh sách ký tên có 23 hộ."
CULVERT: Final = Raised("Xin khai thông cống đầu ấp", "Thoát nước")
PATIENCE: Final = 20.0

RETURNABLE: Final = (
    "SELECT m.* FROM meeting m JOIN assignment a ON a.unit_id = m.unit_id AND a.officer_id = m.author_id"
    " JOIN account c ON c.officer_id = m.author_id WHERE c.code = ? AND m.status = 'held' AND a.valid_to IS NULL"
    " AND NOT EXISTS (SELECT 1 FROM meeting r WHERE r.unit_id = m.unit_id AND r.state = 'returned')"
    " ORDER BY m.meeting_date LIMIT 1"
)
FROM_ELSEWHERE: Final = (
    "SELECT o.id, o.full_name, c.code FROM officer o JOIN account c ON c.officer_id = o.id"
    " JOIN assignment a ON a.officer_id = o.id JOIN unit u ON u.id = a.unit_id"
    " WHERE a.role_code = 'group_officer' AND u.base_id <> (SELECT base_id FROM unit WHERE id = ?) LIMIT 1"
)

ASKED: Final = "SELECT id FROM petition WHERE unit_id = ? AND state = 'raised'"
LATEST: Final = "SELECT * FROM meeting WHERE unit_id = ? ORDER BY received_at DESC LIMIT 1"
UNANSWERED: Final = (
    "SELECT m.id FROM meeting m JOIN account c ON c.officer_id = m.author_id"
    " WHERE c.code = ? AND m.state IN ('submitted', 'returned')"
)


def ids(found: list[dict[str, Any]]) -> set[str]:
    return {address_of(row) for row in found}


def let_in(server: Server, code: str) -> None:
    """Let somebody sign in with the demonstration's password."""
    with closing(sqlite3.connect(server.database)) as connection, connection:
        connection.execute(
            "UPDATE account SET password_hash = (SELECT password_hash FROM account WHERE code = ?) WHERE code = ?",
            (CADRE_CODE, code),
        )


def make_waiting(server: Server, entry: dict[str, Any]) -> None:
    """Let an entry of the demonstration wait for its verdict, whatever it has had."""
    with closing(sqlite3.connect(server.database)) as connection, connection:
        connection.execute("DELETE FROM review_remark")
        connection.execute("DELETE FROM review_event WHERE meeting_id = ?", (entry["id"],))
        connection.execute("UPDATE meeting SET state = 'submitted' WHERE id = ?", (entry["id"],))


def held_by_phone(notebook: Notebook, unit: str, kind: str = "meeting") -> set[str]:
    return {
        row["id"]
        for row in stored(notebook.page, "records")
        if row["unit_id"] == unit and row["kind"] == kind
    }


class HandOver:
    """Two phones, a reviewer's desk, an administrator's without scripts, and the group that changes hands."""

    def __init__(self, server: Server, browsers: Browsers) -> None:
        self.server = server
        (self.entry,) = rows(server.database, RETURNABLE, CADRE_CODE)
        (self.successor,) = rows(server.database, FROM_ELSEWHERE, self.entry["unit_id"])
        let_in(server, self.successor["code"])
        make_waiting(server, self.entry)
        self.group, self.entry_id = str(UUID(self.entry["unit_id"])), address_of(self.entry)
        self.old_phone, new_phone, self.desk, self.office = (
            browsers.new(device) for device in (PHONE, PHONE, DESK, replace(DESK, script=False))
        )
        self.old = Notebook(self.old_phone.open(), server.origin)
        self.new = Notebook(new_phone.open(), server.origin)
        self.past: set[str] = set()
        self.before: dict[str, int] = {}
        self.late: dict[str, Any] = {}

    def know_the_group(self) -> None:
        """The old holder knows the group, and has an entry returned."""
        self.old.sign_in(CADRE)
        self.old.wait_until_all_is_kept()
        reviewer = Desk(self.desk.open(), self.server.origin)
        reviewer.sign_in()
        reviewer.open_entry(self.entry_id)
        reviewer.return_entry("Xem lại giúp.", "Số hộ dự họp", REMARK)
        self.old.fetch_news()
        self.past = held_by_phone(self.old, self.group)
        assert self.entry_id in self.past
        assert len(self.past) > 5

    def record_without_a_network(self) -> None:
        """Without a network she records a meeting of the day before; nobody knows of it."""
        self.old_phone.context.set_offline(offline=True)
        self.before = counted(self.server.database)
        self.old.open_form(f"?group={self.group}")
        self.old.page.get_by_label("Ngày họp").fill((clock.today() - timedelta(days=1)).isoformat())
        self.old.page.get_by_label("Số hộ dự họp", exact=True).fill("19")
        self.old.next()
        self.old.next()
        self.old.add_petition(CULVERT, 1)
        self.old.next()
        self.old.finish()
        expect(self.old.status).to_contain_text("1 phiếu chưa gửi")

    def begin_elsewhere(self) -> None:
        """The new one, of another commune, has never heard of the group."""
        self.new.page.goto(f"{self.server.origin}/sign-in")
        self.new.page.get_by_label("Số điện thoại hoặc mã cán bộ").fill(self.successor["code"])
        self.new.page.get_by_label("Mật khẩu", exact=True).fill(DEMONSTRATION_PASSWORD)
        self.new.page.get_by_role("button", name="Đăng nhập").click()
        self.new.page.wait_for_url(lambda address: "/notebook/" in address)
        self.new.wait_until_shown()
        self.new.wait_until_all_is_kept()
        assert not held_by_phone(self.new, self.group)

    def be_replaced(self) -> None:
        """The office replaces her: what is open stands in sight, and goes along."""
        page = self.office.open()
        sign_in_quietly(self.office.context, self.server.origin, ADMINISTRATOR_CODE)
        page.goto(f"{self.server.origin}/assignments/units/{self.group}")
        page.get_by_role("link", name="Thay người, bàn giao").first.click()
        page.get_by_role("link", name="Chọn cả người ở nơi khác").click()
        expect(page.get_by_text("liên lạc lần cuối khoảng")).to_be_visible()
        page.get_by_label("Cán bộ", exact=True).select_option(value=str(UUID(self.successor["id"])))
        page.get_by_label("Số quyết định").fill("15-QĐ/ĐU")
        page.get_by_role("button", name="Xem trước").click()
        expect(page.get_by_text(f"{self.successor['full_name']} phụ trách chính ở")).to_be_visible()
        page.get_by_role("button", name="Ghi", exact=True).click()
        expect(page.get_by_text("Đã bàn giao cho người mới").first).to_be_visible()

    def take_over(self) -> None:
        """The new phone has the past, what is open, and the entry that came back."""
        self.new.fetch_news()
        assert held_by_phone(self.new, self.group) == self.past
        asked = ids(rows(self.server.database, ASKED, self.entry["unit_id"]))
        assert asked <= held_by_phone(self.new, self.group, "petition")
        self.new.go(TODAY)
        returned = self.new.page.get_by_role("region", name="Cần xem lại")
        expect(returned.get_by_text(REMARK)).to_be_visible()
        expect(returned.get_by_text(f"Nhận bàn giao từ {CADRE}")).to_be_visible()

    def come_back(self) -> None:
        """The old phone comes back: what it held arrives, then it drops the group."""
        expect(self.old.status).to_contain_text("1 phiếu chưa gửi")
        self.old_phone.context.set_offline(offline=False)
        self.old.go(TODAY)
        until(
            lambda: grown(self.before, self.server.database).get("petition") == 1,
            PATIENCE,
            "the unsent entry to arrive",
        )
        assert grown(self.before, self.server.database)["meeting"] == 1
        assert grown(self.before, self.server.database)["receipt"] == 2
        (self.late,) = rows(self.server.database, LATEST, self.entry["unit_id"])
        assert self.late["households_present"] == 19
        expect(self.old.status).to_have_text(ALL_SENT)
        self.old.fetch_news()
        kept = held_by_phone(self.old, self.group)
        assert self.entry_id not in kept
        assert address_of(self.late) in kept, "her own, which the desk has not answered yet"
        assert kept <= ids(rows(self.server.database, UNANSWERED, CADRE_CODE))
        (unit,) = [row for row in stored(self.old.page, "units") if row["id"] == self.group]
        assert not unit.get("mine")
        self.old.go(TODAY)
        expect(self.old.page.get_by_text(REMARK)).to_have_count(0)

    def mend(self) -> None:
        """The new holder has what arrived late, and mends what came back."""
        self.new.fetch_news()
        assert address_of(self.late) in held_by_phone(self.new, self.group)
        self.new.page.goto(f"{self.server.origin}/notebook/entry?id={self.entry_id}")
        self.new.wait_until_shown()
        self.new.page.get_by_role("link", name="Sửa và gửi lại").click()
        self.new.wait_for_form()
        self.new.page.get_by_label("Số hộ dự họp", exact=True).fill("23")
        self.new.go_to_end()
        self.new.finish()

        def mended() -> bool:
            (row,) = rows(self.server.database, "SELECT * FROM meeting WHERE id = ?", self.entry["id"])
            return bool(row["households_present"] == 23 and row["state"] == "submitted")

        until(mended, PATIENCE, "the correction to arrive")
        (row,) = rows(self.server.database, "SELECT * FROM meeting WHERE id = ?", self.entry["id"])
        (revision,) = rows(
            self.server.database, "SELECT author_id FROM meeting_revision WHERE op_id = ?", row["op_id"]
        )
        assert (row["author_id"], row["keeper_id"]) == (self.entry["author_id"], self.successor["id"])
        assert revision["author_id"] == self.successor["id"]


def test_a_group_goes_from_one_phone_to_another(server: Server, browsers: Browsers) -> None:
    story = HandOver(server, browsers)
    story.know_the_group()
    story.record_without_a_network()
    story.begin_elsewhere()
    story.be_replaced()
    story.take_over()
    story.come_back()
    story.mend()
