"""What the desk has taken up goes on, whatever becomes of the entry it was raised with."""

from __future__ import annotations

from typing import Any, Final

from playwright.sync_api import expect

from tests.browser.test_the_loop import CLERK, take
from tests.support.browser import Browser
from tests.support.database import address_of, newest, rows
from tests.support.phone_store import stored
from tests.support.screens import ALL_SENT, CADRE, Notebook, Raised, sign_in
from tests.support.server import Server, until

TAKEN_UP: Final = Raised("Xin thông cống đầu ấp đang nghẹt", "Thoát nước")
RAISED: Final = Raised("Xin thay bóng đèn hẻm ba", "Điện, chiếu sáng")
COUNT: Final = "Số hộ dự họp"
DROPPED: Final = "Bản sửa đang ghi dở của phiếu này trên máy cũng bị bỏ."
GOES_ON: Final = "Kiến nghị đã được tiếp nhận không rút theo phiếu"
PATIENCE: Final = 15.0


def states(server: Server) -> dict[str, str]:
    """Return how the two petitions stand."""
    question = "SELECT title, state FROM petition WHERE title IN (?, ?)"
    found = rows(server.database, question, TAKEN_UP.title, RAISED.title)
    return {row["title"]: row["state"] for row in found}


def standing(server: Server, rev: int) -> dict[str, Any] | None:
    """Return the entry that arrived last, once it stands at this revision."""
    (entry,) = newest(server.database, "meeting", 1)
    return entry if entry["rev"] == rev else None


def assert_nothing_is_held_back(server: Server) -> None:
    """The server has refused nothing."""
    assert rows(server.database, "SELECT * FROM quarantined WHERE code = 'closed'") == []


def mend_around_it(notebook: Notebook, entry_id: str) -> None:
    """In the form it stands as it is: the rest of the entry is mended."""
    notebook.open_form(f"?id={entry_id}")
    page = notebook.page
    page.get_by_label(COUNT, exact=True).fill("13")
    notebook.next()
    notebook.next()
    locked, free = (page.get_by_role("group", name=f"Kiến nghị {n}", exact=True) for n in (1, 2))
    if locked.get_by_label("Bà con kiến nghị gì?").input_value() != TAKEN_UP.title:
        locked, free = free, locked
    expect(locked.get_by_text("Kiến nghị này đã được tiếp nhận")).to_be_visible()
    expect(locked.get_by_label("Bà con kiến nghị gì?")).not_to_be_editable()
    expect(locked.get_by_role("button")).to_have_count(0)
    expect(free.get_by_role("button", name="Bỏ mục này")).to_be_visible()
    notebook.next()
    notebook.finish()


def begin_two_corrections(phone: Browser, server: Server, entry_id: str) -> None:
    """Type into the same entry in two windows."""
    windows = [Notebook(phone.context.new_page(), server.origin) for _ in range(2)]
    for window in windows:
        window.open_form(f"?id={entry_id}")
    for window, count in zip(windows, ("14", "15"), strict=True):
        window.page.bring_to_front()
        window.page.get_by_label(COUNT, exact=True).fill(count)
        window.wait_until_kept(count)


def test_a_petition_that_was_taken_up_goes_on_without_its_entry(
    server: Server, phone: Browser, desk: Browser
) -> None:
    notebook = Notebook(phone.open(), server.origin)
    notebook.sign_in(CADRE)
    notebook.wait_until_all_is_kept()
    notebook.open_form("?new=1")
    notebook.record_held(notebook.groups()[0], 12, [TAKEN_UP, RAISED])
    until(lambda: len(states(server)) == 2, PATIENCE, "the petitions to arrive")
    (entry,) = newest(server.database, "meeting", 1)
    address = f"/notebook/entry?id={address_of(entry)}"
    office = desk.open()
    sign_in(office, server.origin, CLERK)
    (petition,) = rows(server.database, "SELECT * FROM petition WHERE title = ?", TAKEN_UP.title)
    office.goto(f"{server.origin}/petitions/{address_of(petition)}")
    take(office, "triage", "Phân loại", {})
    until(lambda: states(server)[TAKEN_UP.title] == "triaged", PATIENCE, "the desk to take it up")
    notebook.fetch_news()

    mend_around_it(notebook, address_of(entry))
    mended = until(lambda: standing(server, 2), PATIENCE, "the mended entry to arrive") or {}
    assert (mended["households_present"], mended["petition_count"]) == (13, 2)

    # A correction is begun in two windows; the entry is withdrawn with both, and with what nobody works on.
    page = notebook.page
    begin_two_corrections(phone, server, address_of(entry))
    assert len(stored(page, "drafts")) == 2
    page.bring_to_front()
    notebook.go(address)
    page.get_by_text("Rút lại phiếu này").click()
    form = page.locator("#withdraw-form")
    expect(form.get_by_text(DROPPED)).to_be_visible()
    expect(form.get_by_text(GOES_ON)).to_be_visible()
    page.get_by_label("Vì sao rút lại?").fill("Ghi nhầm tổ")
    form.get_by_role("button", name="Rút lại").click()
    until(lambda: states(server)[RAISED.title] == "withdrawn", PATIENCE, "the withdrawal to arrive")
    expect(notebook.status).to_have_text(ALL_SENT)
    assert stored(page, "drafts") == []
    assert states(server) == {TAKEN_UP.title: "triaged", RAISED.title: "withdrawn"}
    assert newest(server.database, "meeting", 1)[0]["state"] == "withdrawn"
    assert_nothing_is_held_back(server)
    assert phone.problems == []
