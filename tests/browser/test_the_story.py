"""The main job from end to end: the server is really stopped, the browser really restarted."""

from __future__ import annotations

from typing import Any, Final

import pytest
from playwright.sync_api import expect

from tests.support.browser import Browser
from tests.support.database import address_of, body_of, counts, grown, newest, rows
from tests.support.people import assign_groups
from tests.support.screens import ALL_SENT, CADRE_CODE, TODAY, Desk, Notebook, Raised
from tests.support.server import Server, until
from webapp import clock

ROAD: Final = Raised("Xin đắp lại đoạn đường lầy trước nhà sinh hoạt ấp", "Giao thông", "Xã cho 02 xe đá")
LAMPS: Final = Raised("Ba bóng đèn đầu cầu ván hư đã hai tháng", "Điện, chiếu sáng")
OPINION: Final = "Đề nghị nạo vét mương nội đồng trước mùa mưa"
UNFINISHED: Final = ", để nước rút nha"
MESSAGE: Final = "Xem lại một chỗ rồi gửi lại giúp."
REMARK: Final = "Danh sách ký tên có 23 hộ."
GROUPS: Final = 5
PATIENCE: Final = 15.0


class Story:
    """One phone, one desk, one server, and what was in the database before."""

    def __init__(self, server: Server, phone: Browser, desk: Browser) -> None:
        self.server = server
        self.database = server.database
        self.phone = phone
        self.desk = desk
        assert assign_groups(self.database, CADRE_CODE, GROUPS, clock.today()) == GROUPS
        self.before = counts(self.database)
        self.held = self.unfinished = ""

    def open_phone(self) -> Notebook:
        """Start the phone's browser cold and look at the first screen."""
        notebook = Notebook(self.phone.open(), self.server.origin)
        notebook.go(TODAY)
        return notebook

    def visit_with_signal(self) -> None:
        """Sign in for the first time and wait until everything is on the phone."""
        notebook = Notebook(self.phone.open(), self.server.origin)
        notebook.sign_in()
        notebook.wait_until_all_is_kept()
        self.phone.close()

    def record_two_without_signal(self) -> Notebook:
        """Record a meeting with two petitions, and a group that did not meet, as a substitute."""
        notebook = self.open_phone()
        notebook.open_form("?new=1")
        groups = notebook.groups()
        self.held, self.unfinished = groups[0], groups[GROUPS - 1]
        notebook.record_held(self.held, 21, [ROAD, LAMPS])
        notebook.open_form()
        notebook.record_not_held(groups[GROUPS], "Mưa bão, ngập, triều cường")
        return notebook

    def die_in_the_middle_of_a_word(self, notebook: Notebook) -> None:
        """Begin a third entry and kill the browser while typing."""
        notebook.open_form()
        notebook.choose_group(self.unfinished)
        notebook.page.get_by_label("Số hộ dự họp", exact=True).fill("18")
        notebook.next()
        notebook.next()
        notebook.page.get_by_role("button", name="Thêm ý kiến").click()
        opinion = notebook.page.get_by_label("Bà con nói gì")
        opinion.press_sequentially(OPINION)
        notebook.wait_until_kept(OPINION)
        opinion.press_sequentially(UNFINISHED)
        self.phone.kill()

    def go_on_where_it_was_left(self) -> None:
        """Open the phone again, find the draft to the last kept letter, and finish it."""
        notebook = self.open_phone()
        notebook.page.get_by_role("link", name=self.unfinished).click()
        notebook.wait_for_form()
        opinion = notebook.page.get_by_label("Bà con nói gì")
        expect(opinion).to_be_visible()
        kept = opinion.input_value()
        assert kept.startswith(OPINION)
        assert (OPINION + UNFINISHED).startswith(kept)
        opinion.fill(OPINION)
        row = notebook.page.get_by_role("group", name="Ý kiến 1", exact=True)
        row.get_by_label("Chủ đề").select_option(label="Thủy lợi, đê bao")
        notebook.choose("Đa số", within=row)
        notebook.choose("Đề nghị", within=row)
        notebook.page.get_by_label("Bà con không có kiến nghị gì").check()
        notebook.next()
        notebook.finish()
        # With the two petitions there are five operations; to a person it is three entries.
        expect(notebook.status).to_contain_text("3 phiếu chưa gửi")

    def send_when_signal_returns(self) -> dict[str, Any]:
        """Start the server again; return the entry with the petitions as it arrived."""
        self.server.start()
        notebook = Notebook(self.phone.page, self.server.origin)
        notebook.go(TODAY)
        until(lambda: grown(self.before, self.database), PATIENCE, "the phone to send")
        expect(notebook.status).to_have_text(ALL_SENT)
        assert grown(self.before, self.database) == {
            "meeting": 3, "meeting_revision": 3, "petition": 2, "petition_revision": 2, "receipt": 5,
        }  # fmt: skip
        entries = newest(self.database, "meeting", 3)
        (not_held,) = [entry for entry in entries if entry["status"] == "not_held"]
        (plain,) = [entry for entry in entries if entry["households_present"] == 18]
        (full,) = [entry for entry in entries if entry["petition_count"] == 2]
        assert not_held["not_held_reason"] == "weather"
        assert body_of(self.database, plain)["opinions"][0]["text"] == OPINION
        assert full["households_present"] == 21
        petitions = newest(self.database, "petition", 2)
        assert {petition["title"] for petition in petitions} == {ROAD.title, LAMPS.title}
        assert {petition["meeting_id"] for petition in petitions} == {full["id"]}
        return full

    def nothing_is_sent_twice(self) -> Notebook:
        """Restart both sides: nothing is added."""
        self.server.restart()
        self.phone.close()
        notebook = self.open_phone()
        expect(notebook.status).to_have_text(ALL_SENT)
        assert grown(self.before, self.database)["receipt"] == 5
        return notebook

    def come_back_with_a_remark(self, entry: dict[str, Any], notebook: Notebook) -> None:
        """Return the entry at the desk and find it on top of the phone, the remark at its field."""
        review = Desk(self.desk.open(), self.server.origin)
        review.sign_in()
        review.open_entry(address_of(entry))
        review.return_entry(MESSAGE, "Số hộ dự họp", REMARK)
        notebook.fetch_news()
        notebook.go(TODAY)
        returned = notebook.page.get_by_role("region", name="Cần xem lại")
        expect(returned.get_by_text(REMARK)).to_be_visible()
        returned.get_by_role("link", name=self.held).click()
        notebook.wait_until_shown()
        expect(notebook.page.get_by_text(REMARK).first).to_be_visible()

    def correct_and_send(self, entry: dict[str, Any], notebook: Notebook) -> None:
        """Mend what the remark was about and send it again."""
        notebook.page.get_by_role("link", name="Sửa và gửi lại").click()
        notebook.wait_for_form()
        expect(notebook.page.get_by_text(REMARK)).to_be_visible()
        notebook.page.get_by_label("Số hộ dự họp", exact=True).fill("23")
        notebook.go_to_end()
        notebook.finish()
        until(lambda: grown(self.before, self.database)["receipt"] == 6, PATIENCE, "the correction to arrive")
        expect(notebook.status).to_have_text(ALL_SENT)
        (corrected,) = rows(self.database, "SELECT * FROM meeting WHERE id = ?", entry["id"])
        assert (corrected["rev"], corrected["households_present"], corrected["state"]) == (2, 23, "submitted")

    def be_accepted(self, entry: dict[str, Any], notebook: Notebook) -> None:
        """Accept at the desk and read so on the phone."""
        review = Desk(self.desk.page, self.server.origin)
        review.open_entry(address_of(entry))
        review.accept_entry()
        notebook.fetch_news()
        notebook.go(TODAY)
        row = notebook.page.get_by_role("listitem").filter(has_text=self.held)
        expect(row.get_by_text("Đã ghi nhận")).to_be_visible()
        expect(notebook.page.get_by_role("region", name="Cần xem lại").get_by_text(self.held)).to_have_count(
            0
        )
        assert grown(self.before, self.database) == {
            "meeting": 3, "meeting_revision": 4, "petition": 2, "petition_revision": 2, "receipt": 6,
        }  # fmt: skip


@pytest.mark.slow
def test_recorded_without_signal_it_arrives_once_comes_back_and_is_accepted(
    server: Server, phone: Browser, desk: Browser
) -> None:
    story = Story(server, phone, desk)
    story.visit_with_signal()
    server.kill()
    notebook = story.record_two_without_signal()
    story.die_in_the_middle_of_a_word(notebook)
    story.go_on_where_it_was_left()
    assert grown(story.before, server.database) == {}
    entry = story.send_when_signal_returns()
    notebook = story.nothing_is_sent_twice()
    story.come_back_with_a_remark(entry, notebook)
    story.correct_and_send(entry, notebook)
    story.be_accepted(entry, notebook)
    assert phone.problems == []
    assert desk.problems == []


def test_the_line_never_says_that_all_is_sent_while_something_waits(server: Server, phone: Browser) -> None:
    notebook = Notebook(phone.open(), server.origin)
    notebook.sign_in()
    notebook.wait_until_all_is_kept()
    server.kill()
    notebook.open_form("?new=1")
    notebook.record_held(notebook.groups()[0], 9)
    phone.context.add_init_script("""
      window.said = [];
      new MutationObserver(() => {
        const line = document.querySelector("#sync-status");
        if (line && window.said.at(-1) !== line.textContent) window.said.push(line.textContent);
      }).observe(document, {childList: true, subtree: true, characterData: true});
    """)
    notebook.go(TODAY)
    expect(notebook.status).to_contain_text("chưa gửi")
    said = notebook.page.evaluate("() => window.said")
    assert not [text for text in said if "Đã gửi hết" in text]
