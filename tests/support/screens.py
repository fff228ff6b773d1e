"""The screens as people use them: by the words they read, never by what the markup is called inside."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from playwright.sync_api import Locator, Page, expect

from tests.support.phone_store import stored
from tests.support.server import until

TODAY: Final = "/notebook/"
RECORD: Final = "/notebook/record"
GROUPS: Final = "/notebook/groups"
DEVICE: Final = "/notebook/device"
DESK: Final = "/review/"

CADRE: Final = "Nguyễn Thị Mẫu"
REVIEWER: Final = "Huỳnh Kim Mẫu"
CADRE_CODE: Final = "can-bo-to"
CLERK_CODE: Final = "tong-hop-xa"
REVIEWER_CODE: Final = "tong-hop-huyen"
LEADER_CODE: Final = "lanh-dao-huyen"
ADMINISTRATOR_CODE: Final = "quan-tri"

KEPT_SECONDS: Final = 15.0
ALL_SENT_MILLISECONDS: Final = 15_000
# Not before the server was heard once.
ALL_SENT: Final = re.compile("Đã gửi hết · liên lạc (?!chưa)")


@dataclass(frozen=True)
class Raised:
    """A petition as it is typed."""

    title: str
    category: str
    proposal: str = ""


def sign_in(page: Page, origin: str, name: str) -> None:
    """Sign in as one of the demonstration's people, with one tap."""
    page.goto(f"{origin}/sign-in")
    page.get_by_role("button", name=name).click()
    page.wait_for_url(lambda address: "/sign-in" not in address)


class Notebook:
    """A cadre's phone."""

    def __init__(self, page: Page, origin: str) -> None:
        """Use the notebook at `origin` in this tab."""
        self.page = page
        self.origin = origin

    @property
    def status(self) -> Locator:
        """The line that always tells what has not been sent."""
        return self.page.get_by_role("banner").get_by_role("status").last

    def go(self, path: str) -> None:
        """Open a page of the notebook and wait until it shows what the phone knows."""
        self.page.goto(self.origin + path)
        self.wait_until_shown()

    def wait_until_shown(self) -> None:
        """Wait until the page is filled."""
        expect(self.page.locator("#notebook")).to_have_attribute("aria-busy", "false")

    def open_form(self, query: str = "") -> None:
        """Open the form and wait until it can be filled in."""
        self.page.goto(f"{self.origin}{RECORD}{query}")
        self.wait_for_form()

    def wait_for_form(self) -> None:
        """Wait until the form shows its first step, or the one where it was left."""
        expect(self.page.get_by_role("navigation", name="Các bước")).to_be_visible()

    def wait_until_kept(self, text: str) -> None:
        """Wait until what was typed is on the phone's disk and the screen says so."""
        until(lambda: text in str(stored(self.page, "drafts")), KEPT_SECONDS, "the draft to be on the disk")
        self.wait_for_mark()

    def wait_for_mark(self) -> None:
        """Wait until the mark says "kept": while the last letter is not, it is dimmed."""
        mark = self.page.get_by_role("status").filter(has_text="Đã giữ")
        expect(mark).to_have_attribute("data-state", "kept")

    def sign_in(self, name: str = CADRE) -> None:
        """Sign in and wait for the first screen."""
        sign_in(self.page, self.origin, name)
        self.wait_until_shown()

    def wait_until_all_is_kept(self) -> None:
        """Wait until the app and the data are on the phone: from now on no network is needed."""
        expect(self.status).to_have_text(ALL_SENT, timeout=ALL_SENT_MILLISECONDS)
        # Not `wait_for_function`: it takes the promise of an answer for the answer.
        self.page.evaluate("async () => { await navigator.serviceWorker.ready; }")

    def fetch_news(self) -> None:
        """Have the phone ask the server now; left alone it asks every few minutes."""
        self.go(DEVICE)
        with self.page.expect_response(lambda answer: "/sync/pull" in answer.url):
            self.page.get_by_role("main").get_by_role("button", name="Lấy tin mới").click()
        expect(self.status).to_have_text(ALL_SENT)

    def groups(self) -> list[str]:
        """Return the names of the groups that the form offers."""
        options = self.page.get_by_label("Tổ nào?").locator("option")
        return options.all_inner_texts()[1:]

    def choose_group(self, name: str) -> None:
        """Say which group met."""
        self.page.get_by_label("Tổ nào?").select_option(label=name)

    def next(self) -> None:
        """Go to the next step."""
        self.page.get_by_role("button", name="Tiếp", exact=True).click()

    def go_to_end(self) -> None:
        """Go to the last step; how many there are on the way depends on what was said."""
        while self.page.get_by_role("button", name="Tiếp", exact=True).is_visible():
            self.next()

    def finish(self) -> None:
        """Save, and wait until the phone says so."""
        self.page.get_by_role("button", name="Chốt phiếu").click()
        expect(self.page.get_by_role("heading", name="Đã lưu trên máy")).to_be_visible()

    def choose(self, label: str, *, within: Locator | None = None) -> None:
        """Tap on one of the choices that are shown side by side."""
        (within or self.page).get_by_role("radio", name=label, exact=True).check()

    def add_petition(self, petition: Raised, number: int) -> None:
        """Write down one petition in step three."""
        self.page.get_by_role("button", name="Thêm kiến nghị").click()
        row = self.page.get_by_role("group", name=f"Kiến nghị {number}", exact=True)
        row.get_by_label("Bà con kiến nghị gì?").fill(petition.title)
        row.get_by_label("Lĩnh vực").select_option(label=petition.category)
        if petition.proposal:
            row.get_by_label("Đề xuất hướng giải quyết").fill(petition.proposal)

    def record_held(self, group: str, present: int, petitions: Sequence[Raised] = ()) -> None:
        """Record a meeting that took place, step by step, and save it."""
        self.choose_group(group)
        self.page.get_by_label("Số hộ dự họp", exact=True).fill(str(present))
        self.next()
        self.next()
        for number, petition in enumerate(petitions, 1):
            self.add_petition(petition, number)
        if not petitions:
            self.page.get_by_label("Bà con không có kiến nghị gì").check()
        self.next()
        self.finish()

    def record_not_held(self, group: str, reason: str) -> None:
        """Record that a group did not meet."""
        self.choose_group(group)
        self.choose("Không họp")
        self.page.get_by_label("Vì sao không họp?").select_option(label=reason)
        self.go_to_end()
        self.finish()


class Desk:
    """A reviewer's screen."""

    def __init__(self, page: Page, origin: str) -> None:
        """Use the desk at `origin` in this tab."""
        self.page = page
        self.origin = origin

    def sign_in(self, name: str = REVIEWER) -> None:
        """Sign in and see the queue."""
        sign_in(self.page, self.origin, name)
        expect(self.page.get_by_role("heading", name="Rà soát", level=1)).to_be_visible()

    def open_entry(self, entry_id: str) -> None:
        """Open one entry by its address."""
        self.page.goto(f"{self.origin}/review/entries/{entry_id}")

    def return_entry(self, message: str, label: str, remark: str) -> None:
        """Return the open entry with a remark pinned to one field."""
        line = self.page.locator(".review-line").filter(has=self.page.get_by_text(label, exact=True))
        line.get_by_text("Ghi chú", exact=True).click()
        line.get_by_role("textbox").fill(remark)
        self.page.get_by_label("Lời nhắn cho người ghi").fill(message)
        self.page.get_by_role("button", name="Trả bổ sung").click()
        expect(self.page.get_by_text("Đã trả phiếu")).to_be_visible()

    def accept_entry(self) -> None:
        """Accept the open entry."""
        self.page.get_by_role("button", name="Ghi nhận").click()
        expect(self.page.get_by_text("Đã ghi nhận phiếu.")).to_be_visible()
