"""Two tabs, a tab that ends, a newer version beside an older one, a tap too many."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from playwright.sync_api import Error, expect

from tests.faults.case import UNREACHABLE, Stories
from tests.faults.doings import by_itself
from tests.faults.scene import NEW, PATIENCE, Scene
from tests.support.proxy import Act
from tests.support.screens import RECORD, Notebook
from tests.support.server import until

story = Stories()

PRESENT: Final = "Số hộ dự họp"
SUMMARY: Final = "Tóm tắt buổi họp"
WHAT: Final = "Việc gì vừa xảy ra?"
FLASH: Final = "/notebook/flash"
# As a newer version of the app would: it adds a store, and closes for whoever is newer still.
UPGRADE: Final = """
async () => {
  const found = (await indexedDB.databases()).filter(({name}) => name.startsWith("gandan-"));
  for (const {name, version} of found) {
    const request = indexedDB.open(name, version + 1);
    request.onupgradeneeded = () => request.result.createObjectStore("later");
    await new Promise((done) => { request.onsuccess = done; });
  }
}
"""


@story("one", "the tab's process crashes while its push is in a black hole; another tab is open")
def a_tab_crashes_while_sending(scene: Scene) -> None:
    """The other tab sends it."""
    scene.hurt({"POST /sync/push": Act(is_swallowed=True)})
    scene.open()
    scene.until_met()
    first = scene.phone.page
    scene.new_tab()
    scene.open()
    scene.notebook.wait_until_shown()
    with suppress(Error):
        first.goto("chrome://crash")
    until(lambda: len(scene.proxy.met) > 1, PATIENCE, "the other tab to take over")
    scene.calm()
    scene.open()
    scene.settled()


@story("ready", "two tabs, each saves an entry, no connection", daily=True)
def two_tabs_save(scene: Scene) -> None:
    """Each tab counts both; both are sent once."""
    scene.refuse()
    scene.record(21)
    scene.new_tab()
    scene.record(22)
    scene.says(UNREACHABLE)
    scene.calm()
    by_itself(scene)
    scene.settled()


def says_in(notebook: Notebook, label: str, text: str) -> None:
    """Type something in a tab and wait until it says that it is kept."""
    notebook.page.get_by_role("textbox", name=label).or_(
        notebook.page.get_by_role("spinbutton", name=label)
    ).first.fill(text)
    notebook.wait_until_kept(text)


def two_tabs_on_one_form(scene: Scene) -> tuple[Notebook, Notebook]:
    """Begin an entry in a tab, open its draft in another, and go on in both: each is told that its words are kept."""
    scene.open(NEW)
    first = scene.notebook
    first.wait_for_form()
    first.choose_group(first.groups()[1])
    says_in(first, PRESENT, "21")
    scene.new_tab()
    scene.open(RECORD)
    second = scene.notebook
    second.wait_for_form()
    expect(second.page.get_by_label(PRESENT, exact=True)).to_have_value("21")
    says_in(second, PRESENT, "22")
    says_in(first, PRESENT, "23")
    expect(first.page.locator("#form-notices")).to_contain_text("cũng đang ghi ở cửa sổ khác")
    return first, second


def saves_in(scene: Scene, notebook: Notebook) -> None:
    """Finish the entry that is open in a tab."""
    notebook.next()
    notebook.next()
    notebook.page.get_by_label("Bà con không có kiến nghị gì").check()
    notebook.next()
    notebook.finish()
    scene.hear_anew()
    scene.note_saved()


@story(
    "ready", "two tabs go on with one unsaved entry, no connection; both save, other words each", daily=True
)
def two_tabs_save_one_form(scene: Scene) -> None:
    """Neither is put over the other: both are sent once, the author is asked, and chooses."""
    scene.refuse()
    first, second = two_tabs_on_one_form(scene)
    saves_in(scene, second)
    saves_in(scene, first)
    scene.says(UNREACHABLE)
    scene.calm()
    by_itself(scene)
    scene.settled()
    second.page.get_by_role("link", name="Xem phiếu").click()
    question = second.page.get_by_role("region", name="Bản nào đúng?")
    for present in ("22", "23"):
        expect(question).to_contain_text(present)
    versions = question.get_by_role("listitem").filter(has_text="Bản kia")
    versions.get_by_role("button", name="Giữ bản này").click()
    expect(question).to_be_hidden()
    scene.note_saved()
    scene.settled()


@story("ready", "two tabs go on with one unsaved entry; SIGKILL to the browser", daily=True)
def two_tabs_killed_in_one_form(scene: Scene) -> None:
    """The words of each are there: what was typed last opens, and leads to the other."""
    two_tabs_on_one_form(scene)
    scene.phone.kill()
    scene.open(RECORD)
    page = scene.phone.page
    scene.notebook.wait_for_form()
    expect(page.get_by_label(PRESENT, exact=True)).to_have_value("23")
    page.get_by_role("link", name="Mở phiếu ghi dở").click()
    expect(page.get_by_label(PRESENT, exact=True)).to_have_value("22")
    saves_in(scene, scene.notebook)
    scene.settled()


@story(
    "ready",
    "two tabs go on with one unsent flash report, no connection; both send, other words each",
    daily=True,
)
def two_tabs_send_one_flash_report(scene: Scene) -> None:
    """Each is a report of its own, sent once."""
    scene.refuse()
    scene.show(FLASH)
    first = scene.notebook
    first.choose_group(first.groups()[0])
    says_in(first, "Cần gì ngay?", "Bao cát")
    says_in(first, WHAT, "Đê bao tràn")
    scene.new_tab()
    scene.show(FLASH)
    second = scene.notebook
    expect(second.page.get_by_label(WHAT)).to_have_value("Đê bao tràn")
    says_in(second, WHAT, "Đê bao tràn 25 m")
    says_in(first, WHAT, "Đê bao vỡ")
    expect(first.page.locator("#apart")).to_be_visible()
    for notebook in (second, first):
        notebook.page.get_by_role("button", name="Gửi báo nhanh").click()
        expect(notebook.page.get_by_role("heading", name="Đã lưu trên máy")).to_be_visible()
        scene.hear_anew()
        expect(notebook.status).to_contain_text(UNREACHABLE)  # an attempt of its own: it is urgent
    scene.note_saved()
    scene.says(UNREACHABLE)
    scene.calm()
    by_itself(scene)
    scene.settled()
    said = [row["what"] for row in scene.ask("SELECT what FROM flash_report")]
    assert {"Đê bao tràn 25 m", "Đê bao vỡ"} <= set(said)


@story(
    "ready",
    "a newer version upgrades the phone's database under an open form; SIGKILL to the browser",
    daily=True,
)
def database_upgraded_under_an_open_form(scene: Scene) -> None:
    """The form goes on keeping what is typed; opened again by the older app it is there, and is sent once."""
    scene.open(NEW)
    scene.fill_in()
    scene.notebook.wait_for_mark()
    scene.evaluate(UPGRADE)
    says_in(scene.notebook, SUMMARY, "Sau khi cập nhật")
    scene.phone.kill()
    scene.open(RECORD)
    scene.notebook.wait_for_form()
    expect(scene.phone.page.get_by_label(SUMMARY)).to_have_value("Sau khi cập nhật")
    scene.save()
    scene.settled()


@story("many", "two tabs are opened at once and both want to send")
def two_tabs_send(scene: Scene) -> None:
    """One sends, the other waits; nothing is doubled."""
    scene.refuse()
    scene.open()
    scene.says(UNREACHABLE)
    scene.new_tab()
    scene.open()
    scene.says(UNREACHABLE)
    scene.calm()
    for page in scene.phone.context.pages:
        page.get_by_role("banner").get_by_role("button", name="Gửi ngay").click()
    scene.settled()


@story("one", "the page is loaded anew while its push is in a black hole")
def reloaded_while_sending(scene: Scene) -> None:
    """It is sent by the new page."""
    scene.hurt({"POST /sync/push": Act(is_swallowed=True)})
    scene.open()
    scene.until_met()
    scene.calm()  # for what the new page sends; what was swallowed stays so
    scene.phone.page.reload()  # which sends at once: were time to pass now, it would give that up too
    scene.settled()


@story("ready", "“Chốt phiếu” is tapped twice")
def saved_twice(scene: Scene) -> None:
    """It is one entry."""
    scene.refuse()
    scene.open(NEW)
    scene.fill_in()
    scene.phone.page.get_by_role("button", name="Chốt phiếu").dblclick()
    expect(scene.phone.page.get_by_role("heading", name="Đã lưu trên máy")).to_be_visible()
    scene.hear_anew()
    scene.note_saved()
    scene.says(UNREACHABLE)
    scene.calm()
    by_itself(scene)
    scene.settled()
