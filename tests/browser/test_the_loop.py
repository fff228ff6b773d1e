"""The whole circle: said below and heard again below, on two phones, one of which shows the wrong time.

A bulletin goes down; a wish comes up, is sorted, asked about, settled; the answer goes back to the meeting that
raised it, and only then is it closed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.browser import DESK, PHONE, Browser, Browsers
from tests.support.database import rows
from tests.support.screens import ALL_SENT, CADRE, GROUPS, TODAY, Notebook, Raised, sign_in
from tests.support.server import Server, until
from webapp import clock

HAMLET_CADRE: Final = "Trần Văn Mẫu"
CLERK: Final = "Lê Ngọc Mẫu"
AGENCY: Final = "Bùi Thanh Mẫu"
AGENCY_UNIT: Final = "Phòng Kinh tế và Hạ tầng"

BULLETIN: Final = "Lịch xả nước ngọt tháng này"
BULLETIN_TEXT: Final = (
    "Nước ngọt xả ngày 24 và 25.\nBà con trữ nước, không tưới khi độ mặn trên 1 phần nghìn."
)
CULVERT: Final = Raised("Cống đầu mương bị nghẹt, xin nạo vét trước mùa mưa", "Thoát nước")
LAMPS: Final = Raised("Ba bóng đèn đầu cầu ván hư đã hai tháng", "Điện, chiếu sáng")
QUESTION: Final = "Tuyến cống này đơn vị nào quản lý?"
REPLY: Final = "Tuyến do xã quản lý; Phòng cho mượn máy múc trong tuần."
DONE: Final = "Đã nạo vét 35 m, đặt lại nắp cống."
ON_THE_SPOT: Final = "Xã đã cho thay bóng trong tuần này."
THANKS: Final = "Bà con cám ơn."
PATIENCE: Final = 15.0
SLACK: Final = timedelta(seconds=3)

SLOW: Final = timedelta(hours=3)
TURN_BACK: Final = f"""(() => {{
  const behind = () => {{
    try {{ return Number(localStorage.getItem("behind") ?? {SLOW / timedelta(milliseconds=1):.0f}); }}
    catch {{ return 0; }}  // a page of nobody's
  }};
  const True = Date;
  globalThis.Date = class extends True {{
    constructor(...given) {{ given.length ? super(...given) : super(True.now() - behind()); }}
    static now() {{ return True.now() - behind(); }}
  }};
}})()"""
"""A clock that is three hours slow, until somebody sets it."""


@dataclass
class Phone:
    """One officer's phone, and when they really wrote what they wrote."""

    browser: Browser
    notebook: Notebook
    wish: Raised
    group: str = ""
    saved: list[tuple[datetime, datetime]] = field(default_factory=list)
    """For each entry the moments between which it was saved."""

    @classmethod
    def of(cls, browser: Browser, server: Server, name: str, wish: Raised) -> Phone:
        """Sign in with signal, and wait until everything is on the phone."""
        phone = cls(browser, Notebook(browser.page, server.origin), wish)
        phone.notebook.sign_in(name)
        phone.notebook.wait_until_all_is_kept()
        phone.notebook.open_form("?new=1")
        phone.group = phone.notebook.groups()[0]
        return phone

    def lose_signal(self) -> None:
        """Go where there is none, with the news there are."""
        self.notebook.fetch_news()
        self.browser.context.set_offline(offline=True)

    def find_signal(self) -> None:
        """Come home; everything goes up by itself."""
        self.browser.context.set_offline(offline=False)
        self.notebook.go(TODAY)
        expect(self.notebook.status).to_have_text(ALL_SENT)

    def begin_meeting(self) -> Page:
        """Begin an entry, up to what is conveyed and told."""
        self.notebook.open_form("?new=1")
        self.notebook.choose_group(self.group)
        self.notebook.page.get_by_label("Số hộ dự họp", exact=True).fill("18")
        self.notebook.next()
        return self.notebook.page

    def finish(self) -> None:
        """Save, and note the moments before and after."""
        before = datetime.now(UTC)
        self.notebook.finish()
        self.saved.append((before, datetime.now(UTC)))

    def convey_and_raise(self) -> None:
        """Hold the first meeting: tick the bulletin as conveyed, and write down what people ask for."""
        self.begin_meeting().get_by_role("checkbox", name=BULLETIN).check()
        self.notebook.next()
        self.notebook.add_petition(self.wish, 1)
        self.notebook.next()
        self.finish()
        expect(self.notebook.status).to_contain_text("1 phiếu chưa gửi")

    def owed(self) -> Locator:
        """Look at the agenda of the group, and return what it says is owed."""
        self.notebook.go(GROUPS)
        self.notebook.page.get_by_role("link", name=self.group).first.click()
        self.notebook.wait_until_shown()
        self.notebook.page.get_by_role("link", name="Chuẩn bị họp tổ").click()
        self.notebook.wait_until_shown()
        return self.notebook.page.get_by_role("region", name="Trả lời việc bà con đã nêu")

    def tell(self, answer: str) -> None:
        """Hold the next meeting: what is owed is told, and ticked."""
        expect(self.owed().get_by_role("article").filter(has_text=self.wish.title)).to_contain_text(answer)
        page = self.begin_meeting()
        page.get_by_role("checkbox", name=self.wish.title).check()
        row = page.get_by_role("group", name="Phản hồi 1", exact=True)
        self.notebook.choose("Đồng ý", within=row)
        row.get_by_label("Tổ nói thêm").fill(THANKS)
        self.notebook.next()
        page.get_by_label("Bà con không có kiến nghị gì").check()
        self.notebook.next()
        self.finish()
        expect(self.owed().get_by_text(self.wish.title)).to_have_count(0)  # told, though nobody has heard yet


def compose_bulletin(office: Page) -> str:
    """Compose and publish an item, as the clerk; return its address."""
    office.get_by_role("link", name="Bản tin tháng").click()
    office.get_by_role("link", name="Soạn nội dung").click()
    office.get_by_label("Tiêu đề").fill(BULLETIN)
    office.get_by_label("Nội dung để đọc cho bà con").fill(BULLETIN_TEXT)
    office.get_by_role("button", name="Lưu và xem trước").click()
    office.get_by_role("button", name="Phát hành").click()
    expect(office.get_by_text("Đã phát hành. Máy của cán bộ nhận")).to_be_visible()
    return office.url


def take(
    office: Page, deed: str, button: str, said: dict[str, str], chosen: dict[str, str] | None = None
) -> None:
    """Take one step with the petition that is open."""
    step = office.locator(f"#step-{deed}")
    if step.get_attribute("open") is None:
        step.locator("summary").click()
    for label, text in (chosen or {}).items():
        choice = step.get_by_label(label)
        choice.select_option(label=choice.locator("option", has_text=text).first.inner_text().strip())
    for label, text in said.items():
        step.get_by_label(label).fill(text)
    step.get_by_role("button", name=button, exact=True).click()
    office.wait_for_load_state()


class Loop:
    """What the server knows of the two wishes."""

    def __init__(self, server: Server) -> None:
        self.server = server

    def petition(self, wish: Raised) -> dict[str, Any]:
        """Return a petition as it stands, once it is there."""
        (found,) = until(
            lambda: rows(self.server.database, "SELECT * FROM petition WHERE title = ?", wish.title),
            PATIENCE,
            "the petition to arrive",
        )
        return found

    def address(self, wish: Raised) -> str:
        """Return where the desks find a petition."""
        return f"{self.server.origin}/petitions/{UUID(self.petition(wish)['id'])}"

    def raised(self, wish: Raised) -> dict[str, Any]:
        """Return the revision that raised a petition."""
        petition = self.petition(wish)
        return rows(
            self.server.database, "SELECT * FROM petition_revision WHERE record_id = ?", petition["id"]
        )[0]

    def is_now(self, wish: Raised, state: str) -> None:
        """See the petition reach a state."""
        until(lambda: self.petition(wish)["state"] == state, PATIENCE, state)

    def told(self, wish: Raised) -> dict[str, Any]:
        """Return the event that its group was told, once the server has heard."""
        petition = self.petition(wish)
        question = "SELECT * FROM petition_event WHERE petition_id = ? AND deed = 'feed_back'"
        (found,) = until(
            lambda: rows(self.server.database, question, petition["id"]), PATIENCE, "that it was told"
        )
        return found


def moment(text: str) -> datetime:
    """Read a moment as the database keeps it."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def is_right(row: dict[str, Any], saved: tuple[datetime, datetime], back: datetime) -> None:
    """The three times of a row are apart and true: written down when it was saved, received when there was signal."""
    before, after = saved
    written = moment(row["recorded_at"]) + timedelta(milliseconds=row["clock_offset"])
    assert before - SLACK <= written <= after + SLACK
    assert moment(row["received_at"]) >= back - SLACK
    assert not row["clock_jumped"]


@pytest.mark.slow
def test_what_is_said_below_is_heard_again_below(server: Server, browsers: Browsers) -> None:  # noqa: PLR0915 - one story
    desks = [browsers.new(DESK) for _ in range(2)]
    office, agency = (desk.open() for desk in desks)
    sign_in(office, server.origin, CLERK)
    sign_in(agency, server.origin, AGENCY)
    phones = [browsers.new(PHONE) for _ in range(2)]
    for browser in phones:
        browser.open()
    phones[1].context.add_init_script(TURN_BACK)
    right = Phone.of(phones[0], server, CADRE, CULVERT)
    wrong = Phone.of(phones[1], server, HAMLET_CADRE, LAMPS)
    loop = Loop(server)

    # Down: a bulletin is composed and reaches both; they convey it where there is no signal, and write down a wish.
    bulletin = compose_bulletin(office)
    for phone in (right, wrong):
        phone.lose_signal()
        phone.convey_and_raise()
    assert (
        rows(server.database, "SELECT * FROM petition WHERE title IN (?, ?)", CULVERT.title, LAMPS.title)
        == []
    )

    # Up: it arrives by itself, with its three times, although one phone shows a time that is three hours wrong.
    back = datetime.now(UTC)
    for phone in (right, wrong):
        phone.find_signal()
        is_right(loop.raised(phone.wish), phone.saved[0], back)
    shown = moment(loop.raised(LAMPS)["recorded_at"])
    assert abs(wrong.saved[0][0] - SLOW - shown) < timedelta(minutes=1)  # what the phone showed is kept
    office.goto(bulletin)
    expect(office.get_by_role("link", name="2/").first).to_be_visible()

    # Across: the commune sorts it, asks an agency, which sees this and answers it; then it is settled.
    office.goto(loop.address(LAMPS))
    times = office.locator(".card").filter(has=office.get_by_role("heading", name="Ba mốc thời gian"))
    expect(times).to_contain_text("Tại buổi họp ngày")
    written = {clock.local(one).strftime("%H:%M") for one in wrong.saved[0]}
    assert any(one in times.inner_text() for one in written)
    expect(times).not_to_contain_text("chưa chắc")
    take(office, "answer", "Trả lời ngay", {"Câu trả lời cho bà con": ON_THE_SPOT})
    office.goto(loop.address(CULVERT))
    take(office, "triage", "Phân loại", {})
    loop.is_now(CULVERT, "triaged")
    due = {"Hạn giải quyết": "2030-01-02"}
    take(office, "assign", "Giao giải quyết", due, {"Giao cho": "Xã "})
    asked = {"Hạn trả lời": "2030-01-02", "Cần cơ quan trả lời việc gì?": QUESTION}
    take(office, "refer", "Chuyển cơ quan xem xét", asked, {"Chuyển cơ quan": AGENCY_UNIT})
    agency.goto(f"{server.origin}/petitions/?category=drainage")
    agency.get_by_role("link", name=CULVERT.title).click()
    expect(agency.get_by_text(QUESTION)).to_be_visible()
    expect(agency.locator("#step-resolve")).to_have_count(0)  # who is asked answers; the owner decides
    take(agency, "reply", "Trả lời việc được chuyển", {"Ý kiến trả lời của cơ quan": REPLY})
    elsewhere = agency.goto(loop.address(LAMPS))
    assert elsewhere
    assert elsewhere.status == 404
    office.reload()
    expect(office.get_by_text(REPLY)).to_be_visible()
    take(office, "resolve", "Báo kết quả", {"Kết quả": DONE, "Căn cứ xác nhận": "Biên bản nghiệm thu"})
    expect(office.get_by_role("heading", name="Câu trả lời cho bà con")).to_be_visible()
    expect(office.locator("#step-close")).to_have_count(0)  # nobody has told the group

    # Back: it is owed on the agenda, told where there is no signal, and ticked. One clock is set meanwhile.
    for phone in (right, wrong):
        phone.lose_signal()
    wrong.notebook.page.evaluate("() => localStorage.setItem('behind', '0')")
    right.tell(DONE)
    wrong.tell(ON_THE_SPOT)
    assert loop.petition(CULVERT)["state"] == "resolved"
    back = datetime.now(UTC)
    for phone in (right, wrong):
        phone.find_signal()
    is_right(loop.told(CULVERT), right.saved[1], back)
    assert loop.told(LAMPS)["clock_jumped"]
    assert moment(loop.told(LAMPS)["received_at"]) >= back - SLACK

    # Closed: only now. What is doubtful is called so.
    for wish, doubts in ((CULVERT, 0), (LAMPS, 1)):
        office.goto(loop.address(wish))
        expect(office.get_by_text(THANKS)).to_be_visible()
        expect(office.get_by_role("listitem").get_by_text("(chưa chắc)")).to_have_count(doubts)
        take(office, "close", "Kết thúc", {})
        loop.is_now(wish, "closed")
    for phone in (right, wrong):
        phone.notebook.fetch_news()
        expect(phone.owed().get_by_text(phone.wish.title)).to_have_count(0)
    assert [problem for browser in (*phones, *desks) for problem in browser.problems] == []
