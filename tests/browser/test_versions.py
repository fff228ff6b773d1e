"""The same author edits one entry on two phones without signal: nothing is lost, and the author decides."""

from __future__ import annotations

from typing import Any, Final

import pytest
from playwright.sync_api import Locator, expect

from tests.support.browser import PHONE, Browser, Browsers
from tests.support.database import address_of, counts, grown, newest, rows
from tests.support.pages import axe_violations, overflow, small_targets
from tests.support.screens import ALL_SENT, TODAY, Desk, Notebook
from tests.support.server import Server, until

FIRST: Final = 21
ON_ONE: Final = 22
ON_OTHER: Final = 23
LATER: Final = 24
PATIENCE: Final = 15.0


@pytest.fixture
def phones(browsers: Browsers) -> tuple[Browser, Browser]:
    """Two phones of one person; not open yet."""
    return browsers.new(PHONE), browsers.new(PHONE)


class Author:
    """One person with two phones and one entry."""

    def __init__(self, server: Server, phones: tuple[Browser, Browser]) -> None:
        self.server = server
        self.phones = phones
        self.before = counts(server.database)
        self.entry: dict[str, Any] = {}

    @property
    def address(self) -> str:
        return f"/notebook/entry?id={address_of(self.entry)}"

    def open(self, phone: Browser, path: str = TODAY) -> Notebook:
        """Start a phone cold and look at a page."""
        notebook = Notebook(phone.open(), self.server.origin)
        notebook.go(path)
        return notebook

    def record_once(self) -> None:
        """Record a meeting on the first phone, and wait until both phones have it."""
        first = Notebook(self.phones[0].open(), self.server.origin)
        first.sign_in()
        first.wait_until_all_is_kept()
        first.open_form("?new=1")
        first.record_held(first.groups()[0], FIRST)
        until(lambda: grown(self.before, self.server.database), PATIENCE, "the entry to arrive")
        expect(first.status).to_have_text(ALL_SENT)
        (self.entry,) = newest(self.server.database, "meeting", 1)
        first.fetch_news()
        self.phones[0].close()
        second = Notebook(self.phones[1].open(), self.server.origin)
        second.sign_in()
        second.wait_until_all_is_kept()
        second.go(self.address)
        expect(second.page.get_by_text(str(FIRST)).first).to_be_visible()
        self.phones[1].close()

    def edit_without_signal(self, phone: Browser, present: int) -> None:
        """Correct the number of households."""
        notebook = self.open(phone, self.address)
        notebook.page.get_by_role("link", name="Sửa và gửi lại").click()
        notebook.wait_for_form()
        notebook.page.get_by_label("Số hộ dự họp", exact=True).fill(str(present))
        notebook.go_to_end()
        notebook.finish()
        phone.close()

    def send(self, phone: Browser) -> Notebook:
        """Let a phone find the network, and show the entry."""
        notebook = self.open(phone)
        expect(notebook.status).to_have_text(ALL_SENT)
        notebook.go(self.address)
        return notebook

    def standing(self) -> dict[str, Any]:
        """Read the entry as it stands in the book."""
        (found,) = rows(self.server.database, "SELECT * FROM meeting WHERE id = ?", self.entry["id"])
        return found


def version(notebook: Notebook, name: str) -> Locator:
    """Find one of the versions that are asked about."""
    question = notebook.page.get_by_role("region", name="Bản nào đúng?")
    return question.get_by_role("listitem").filter(has_text=name)


def question_of(notebook: Notebook) -> Locator:
    """Find the question."""
    return notebook.page.get_by_role("region", name="Bản nào đúng?")


@pytest.mark.slow
def test_two_phones_edit_one_entry_and_the_author_decides(
    server: Server, phones: tuple[Browser, Browser], desk: Browser
) -> None:
    one, other = phones
    author = Author(server, phones)
    author.record_once()
    server.kill()
    author.edit_without_signal(one, ON_ONE)
    author.edit_without_signal(other, ON_OTHER)
    server.start()
    on_one = author.send(one)
    expect(question_of(on_one)).to_be_hidden()
    on_other = author.send(other)

    # Nothing was put over anything: what came first stands, the other is kept beside it, and its author is asked.
    assert author.standing()["households_present"] == ON_ONE
    question = question_of(on_other)
    expect(question).to_be_visible()
    differing = question.locator("[data-differing]")
    expect(differing).to_contain_text("Số hộ dự")
    expect(differing.get_by_text("Khác nhau")).to_have_count(1)
    expect(differing).to_contain_text(str(ON_ONE))
    expect(differing).to_contain_text(str(ON_OTHER))
    assert axe_violations(on_other.page) == []
    assert small_targets(on_other.page) == []
    assert overflow(on_other.page) == []
    version(on_other, "Bản kia").get_by_role("button", name="Giữ bản này").click()
    expect(question).to_be_hidden()
    until(
        lambda: author.standing()["households_present"] == ON_OTHER, PATIENCE, "the author's word to arrive"
    )
    expect(on_other.status).to_have_text(ALL_SENT)
    assert author.standing()["rev"] == ON_OTHER - FIRST + 1
    assert grown(author.before, server.database) == {"meeting": 1, "meeting_revision": 4, "receipt": 4}

    # Both phones and the desk say the same, and nobody is asked again.
    for notebook in (on_other, on_one):
        notebook.fetch_news()
        notebook.go(author.address)
        expect(question_of(notebook)).to_be_hidden()
        expect(notebook.page.locator('[data-fact="households_present"]')).to_contain_text(str(ON_OTHER))
        notebook.go(TODAY)
        expect(notebook.page.get_by_text("Hai bản khác nhau").locator("visible=true")).to_have_count(0)
    review = Desk(desk.open(), server.origin)
    review.sign_in()
    review.open_entry(address_of(author.entry))
    line = review.page.locator(".review-line").filter(has=review.page.get_by_text("Số hộ dự họp", exact=True))
    expect(line).to_contain_text(str(ON_OTHER))
    assert [browser.problems for browser in (one, other, desk)] == [[], [], []]


@pytest.mark.slow
def test_two_versions_on_this_phone_can_be_laid_side_by_side(
    server: Server, phones: tuple[Browser, Browser]
) -> None:
    author = Author(server, phones)
    author.record_once()
    author.edit_without_signal(phones[0], ON_ONE)
    notebook = author.send(phones[0])
    notebook.fetch_news()
    notebook.go(author.address)
    boxes = notebook.page.get_by_label("So sánh bản này")
    expect(boxes).to_have_count(2)
    for place in range(2):
        boxes.nth(place).check()
    compared = notebook.page.locator("#compared")
    expect(compared).to_contain_text(str(FIRST))
    expect(compared).to_contain_text(str(ON_ONE))
    expect(compared.get_by_text("Khác nhau")).to_have_count(1)
    boxes.first.uncheck()
    expect(compared).to_be_empty()


@pytest.mark.slow
def test_what_one_phone_did_not_know_of_when_it_saved_again_is_asked_about_on_both(
    server: Server, phones: tuple[Browser, Browser]
) -> None:
    one, other = phones
    author = Author(server, phones)
    author.record_once()
    server.kill()
    author.edit_without_signal(one, ON_ONE)
    author.edit_without_signal(other, ON_OTHER)
    server.start()
    on_one = author.send(one)
    on_one.fetch_news()
    one.close()
    author.send(other)
    other.close()
    server.kill()
    author.edit_without_signal(one, LATER)
    server.start()
    on_one = author.send(one)
    until(lambda: author.standing()["households_present"] == LATER, PATIENCE, "the later words to arrive")
    on_one.fetch_news()
    on_one.go(author.address)
    on_other = author.send(other)
    on_other.fetch_news()
    on_other.go(author.address)

    # Each phone has the words of both, and the question can be answered on either.
    for notebook in (on_one, on_other):
        differing = question_of(notebook).locator("[data-differing]")
        expect(differing).to_contain_text(str(LATER))
        expect(differing).to_contain_text(str(ON_OTHER))
    version(on_one, "Bản kia").get_by_role("button", name="Giữ bản này").click()
    expect(question_of(on_one)).to_be_hidden()
    expect(on_one.status).to_have_text(ALL_SENT)
    assert author.standing()["households_present"] == ON_OTHER
    on_other.fetch_news()
    on_other.go(author.address)
    expect(question_of(on_other)).to_be_hidden()
    assert [browser.problems for browser in phones] == [[], []]
