"""The faults of the real-browser matrix: one table, played by one driver (tests/faults/scene.py).

A case is what somebody is at (`doing`), what befalls it (`fault`), what the screen must say while it lasts, and
how it ends. What must hold afterwards is the same for all: every saved revision is on the server once, every
receipt on the phone is the server's, nothing waits, and the line says so (`Scene.check`).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from playwright.sync_api import Error, expect

from tests.faults.scene import LINE, NEW, PATIENCE, REMARK, SENT, WORKER_READY, Scene
from tests.support.proxy import Act, Mode, Part
from tests.support.screens import ALL_SENT, CADRE, DEVICE, RECORD, TODAY, Notebook, sign_in
from tests.support.server import Server, until

Step = Callable[[Scene], None]

UNREACHABLE: Final = "Có mạng nhưng không tới được máy chủ"
OVERLOADED: Final = "Máy chủ đang bận"
PORTAL: Final = "wifi cần đăng nhập"
TOO_LARGE: Final = "Có phiếu quá dài"
SERVER_ERROR: Final = "Máy chủ đang có lỗi"
CLOCK: Final = "Giờ của máy có vẻ sai"
SIGNED_OUT: Final = "Phiên đăng nhập đã hết"
OFFLINE: Final = "chưa có mạng"

OTHER_CADRE: Final = "Trần Văn Mẫu"
DENIED: Final = 'IDBFactory.prototype.open = () => { throw new DOMException("denied", "SecurityError"); };'
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
GROUPS_PAGE: Final = "GET /notebook/groups"
"""A page that nobody has opened: only the service worker asks for it, while it is installed."""


def answer(status: str, body: str = "", *headers: str, ours: bool = True) -> bytes:
    """Write an answer; without our header it is somebody else's."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body.encode())}", *headers]
    if ours:
        lines += ["Gandan-Protocol: 2", "Content-Type: application/json"]
    return "\r\n".join([*lines, "", body]).encode()


PORTAL_PAGE: Final = answer(
    "200 OK", "<!doctype html><title>Wifi</title><p>Wi-Fi", "Content-Type: text/html", ours=False
)


# What somebody is at -------------------------------------------------------------------------------------------


def opens(scene: Scene) -> None:
    """Open the first screen: the phone sends and asks by itself."""
    scene.open()


def ten_minutes_later(scene: Scene) -> None:
    """Look at the phone when it is time for it to ask for news again."""
    scene.hours = 1 / 6


def visits_first(scene: Scene) -> None:
    """Open the app for the first time, signed in already."""
    scene.start()
    scene.sign_in_quietly()


def taps_sign_in(scene: Scene) -> None:
    """Sign in with one tap."""
    scene.open("/sign-in")
    with suppress(Error):  # cut on its way
        scene.tap(CADRE)


def taps_sign_out(scene: Scene) -> None:
    """Sign out."""
    scene.show(DEVICE)
    scene.phone.page.get_by_role("button", name="Đăng xuất").click()


def by_itself(scene: Scene) -> None:
    """Let the phone's own pause pass; nobody touches it."""
    scene.pass_time(25)


def all_is_sent(scene: Scene) -> None:
    """See that nothing waits, and that everything is there once."""
    scene.settled()


def is_signed_out(scene: Scene) -> None:
    """See that the phone and the server have said good-bye."""
    scene.phone.page.wait_for_url("**/sign-in*")
    scene.check()


def shows_the_remark(scene: Scene) -> None:
    """See what the desk asked for on the first screen."""
    scene.settled()
    scene.show()
    returned = scene.phone.page.get_by_role("region", name="Cần xem lại")
    expect(returned.get_by_text(REMARK)).to_be_visible()


def opens_without_network(scene: Scene) -> None:
    """See that the app is on the phone, whole."""
    scene.settled()
    scene.evaluate(WORKER_READY)
    scene.refuse()
    for path in (TODAY, DEVICE):
        scene.show(path)
    scene.open(NEW)
    scene.notebook.wait_for_form()
    assert scene.notebook.groups()


@dataclass(frozen=True)
class Doing:
    """What somebody is at, and the request that the fault falls upon."""

    start: str
    request: str
    before: Step = lambda _: None
    act: Step = opens
    says: str = ""
    """Said whatever the fault; empty: what the fault says."""
    where: str = LINE
    """The part of the page that says it; empty: no page of ours is on the screen."""
    end: Step = by_itself
    after: Step = all_is_sent


DOINGS: Final = {
    "push of one": Doing("one", "POST /sync/push"),
    "push of sixty": Doing("many", "POST /sync/push"),
    "photo": Doing("photo", "PATCH /sync/media/"),
    "rest of a photo": Doing("half a photo", "HEAD /sync/media/"),
    "verdict comes": Doing("verdict", "GET /sync/pull", ten_minutes_later, after=shows_the_remark),
    "first visit, session": Doing(
        "new", "GET /sync/session", visits_first, where="#sign-in-needed", end=opens
    ),
    "first visit, later page": Doing("new", "GET /sync/pull.since=[^&]", visits_first),
    "sign-in": Doing("new", "POST /sign-in", act=taps_sign_in, where="", end=taps_sign_in),
    "sign-out": Doing(
        "ready",
        "POST /sign-out",
        act=taps_sign_out,
        says="Chưa báo được máy chủ nên chưa đăng xuất được",
        where="#sign-out-trouble",
        end=taps_sign_out,
        after=is_signed_out,
    ),
    **{
        f"installation, {what}": Doing(
            "new", request, visits_first, says=SENT, end=opens, after=opens_without_network
        )
        for what, request in {
            "a page": GROUPS_PAGE,
            "a script": "GET /assets/[^ ]*device",
            "the worker": "GET /service_worker.js",
        }.items()
    },
}


# What befalls it -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fault:
    """What befalls it, and what the screen says then."""

    words: str
    says: str = UNREACHABLE
    act: Act | None = None
    minutes: float = 0
    """Until the phone gives up."""
    line: dict[str, float] | None = None

    def strike(self, scene: Scene, request: str) -> None:
        """Let it befall a request."""
        if self.act:
            scene.hurt({request: self.act})
        elif self.line:
            scene.proxy.set(**self.line)  # type: ignore[arg-type]
        else:
            scene.proxy.set(mode=Mode.REFUSE)


RETRY: Final = "Retry-After: 20"
FAULTS: Final = {
    "no connection": Fault("every connection is refused"),
    "request cut in its head": Fault("reset after half of the request's head", act=Act(request=Part.HEAD)),
    "request cut in its body": Fault("reset after half of the request's body", act=Act(request=Part.BODY)),
    "answer lost": Fault("the server has answered; reset before its first byte", act=Act(answer=Part.NOTHING)),
    "answer cut in its head": Fault("reset after half of the answer's head", act=Act(answer=Part.HEAD)),
    "answer cut in its body": Fault("reset after half of the answer's body", act=Act(answer=Part.BODY)),
    "black hole": Fault(
        "the request is swallowed; the page's clock goes on until the phone gives up",
        act=Act(is_swallowed=True),
        minutes=1.1,
    ),
    "503": Fault("503 with `Retry-After`", OVERLOADED, Act(reply=answer("503 Busy", "{}", RETRY))),
    "429": Fault("429 with `Retry-After`", OVERLOADED, Act(reply=answer("429 Slower", "{}", RETRY))),
    "413": Fault("413", TOO_LARGE, Act(reply=answer("413 Large", "{}"))),
    "413 above 2 kB": Fault(
        "413 to every body above 2 kB", SENT, Act(reply=answer("413 Large", "{}"), larger_than=2000)
    ),
    "500": Fault("500", SERVER_ERROR, Act(reply=answer("500 Oh", "{}"))),
    "gateway's 502": Fault(
        "502 of a gateway, without our header", OVERLOADED, Act(reply=answer("502 Bad Gateway", "<h1>", ours=False))
    ),
    "portal's page": Fault("a captive portal's page with 200", PORTAL, Act(reply=PORTAL_PAGE)),
    "portal's detour": Fault(
        "302 to a captive portal", PORTAL, Act(reply=answer("302 Found", "", "Location: http://10.0.0.1/", ours=False))
    ),
    "server killed before its commit": Fault(
        "SIGKILL to the server as it begins to commit", act=Act(header=b"X-Die: commit")
    ),
    "server killed after its commit": Fault(
        "SIGKILL to the server between commit and answer", act=Act(header=b"X-Die: answer")
    ),
    "2G": Fault("50 kbps and a round trip of 800 ms", SENT, line={"round_trip": 0.8, "bytes_per_second": 6250}),
}  # fmt: skip


# The table -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """One named fault."""

    name: str
    words: str
    holds: str
    play: Step
    start: str
    daily: bool = False
    """Plays in every test run, not only in `make faults`."""
    everywhere: bool = False
    """Plays in Firefox and WebKitGTK too."""


def case(doing: str, fault: str, says: str = "", *, daily: bool = False, everywhere: bool = False) -> Case:
    """Cross something somebody is at with something that befalls it."""
    at, befalls = DOINGS[doing], FAULTS[fault]
    sentence = says or at.says or befalls.says

    def play(scene: Scene) -> None:
        at.before(scene)
        befalls.strike(scene, at.request)
        at.act(scene)
        if befalls.act:
            scene.until_met()
        if befalls.minutes:
            scene.pass_time(befalls.minutes)
        if at.where:
            scene.says(sentence, at.where)
        scene.calm()
        at.end(scene)
        at.after(scene)

    said = f"“{sentence}”; then “{SENT}”" if at.where else f"afterwards “{SENT}”"
    return Case(f"{doing}: {fault}", befalls.words, said, play, at.start, daily, everywhere)


def story(start: str, words: str, *, daily: bool = False, everywhere: bool = False) -> Callable[[Step], Step]:
    """Put a case of its own kind into the table: its name is the function's, what must hold its first line."""

    def add(play: Step) -> Step:
        holds = (play.__doc__ or "").strip().rstrip(".")
        STORIES.append(Case(play.__name__.replace("_", " "), words, holds, play, start, daily, everywhere))
        return play

    return add


STORIES: Final[list[Case]] = []

CROSSED: Final = [
    case("push of one", "no connection", everywhere=True),
    case("push of one", "request cut in its head"),
    case("push of one", "request cut in its body"),
    case("push of one", "answer lost", everywhere=True),
    case("push of one", "answer cut in its head", daily=True),
    case("push of one", "answer cut in its body", everywhere=True),
    case("push of one", "black hole", daily=True, everywhere=True),
    case("push of one", "503", daily=True, everywhere=True),
    case("push of one", "429"),
    case("push of one", "413", everywhere=True),
    case("push of one", "500", everywhere=True),
    case("push of one", "gateway's 502"),
    case("push of one", "portal's page", daily=True, everywhere=True),
    case("push of one", "portal's detour"),
    case("push of one", "server killed before its commit", daily=True),
    case("push of one", "server killed after its commit", daily=True, everywhere=True),
    case("push of one", "2G"),
    case("push of sixty", "request cut in its body"),
    case("push of sixty", "answer lost"),
    case("push of sixty", "answer cut in its body"),
    case("push of sixty", "black hole"),
    case("push of sixty", "503"),
    case("push of sixty", "413 above 2 kB"),
    case("push of sixty", "500"),
    case("push of sixty", "portal's page"),
    case("push of sixty", "server killed before its commit"),
    case("push of sixty", "server killed after its commit"),
    case("push of sixty", "2G"),
    case("photo", "request cut in its head"),
    case("photo", "request cut in its body"),
    case("photo", "answer lost"),
    case("photo", "answer cut in its head"),
    case("photo", "black hole"),
    case("photo", "503"),
    case("photo", "413", "Có ảnh máy chủ chưa nhận"),
    case("photo", "500"),
    case("photo", "portal's page"),
    case("photo", "server killed before its commit"),
    case("photo", "server killed after its commit"),
    case("photo", "2G"),
    case("rest of a photo", "answer lost"),
    case("rest of a photo", "black hole"),
    case("rest of a photo", "503"),
    case("rest of a photo", "portal's page"),
    case("verdict comes", "answer cut in its body"),
    case("verdict comes", "black hole"),
    case("verdict comes", "429"),
    case("verdict comes", "portal's page"),
    case("first visit, session", "request cut in its head"),
    case("first visit, session", "answer cut in its body"),
    case("first visit, session", "black hole"),
    case("first visit, session", "500"),
    case("first visit, session", "503"),
    case("first visit, session", "portal's page"),
    case("first visit, later page", "answer cut in its body"),
    case("first visit, later page", "black hole"),
    case("first visit, later page", "503"),
    case("first visit, later page", "server killed after its commit"),
    case("installation, a page", "answer cut in its body"),
    case("installation, a page", "portal's page"),
    case("installation, a page", "503"),
    case("installation, a script", "answer cut in its body"),
    case("installation, a script", "portal's page"),
    case("installation, the worker", "answer cut in its body"),
    case("installation, the worker", "portal's page"),
    case("sign-in", "request cut in its head"),
    case("sign-in", "answer lost"),
    case("sign-in", "portal's page"),
    case("sign-in", "server killed before its commit"),
    case("sign-out", "answer lost"),
    case("sign-out", "black hole"),
    case("sign-out", "no connection"),
]


# Stories -------------------------------------------------------------------------------------------------------


@story("ready", "SIGKILL to the browser when it says “Đã lưu trên máy”", daily=True, everywhere=True)
def killed_right_after_saving(scene: Scene) -> None:
    """It is there, said to be unsent, and sent once."""
    scene.refuse()
    scene.record()
    scene.phone.kill()
    scene.open()
    scene.says(UNREACHABLE)
    scene.calm()
    by_itself(scene)
    scene.settled()


@story("ready", "SIGKILL to the browser when it says “Đã lưu trên máy”, with signal")
def killed_right_after_saving_with_signal(scene: Scene) -> None:
    """Whether it was sent before or is sent now, it is there once."""
    scene.record()
    scene.phone.kill()
    scene.open()
    scene.settled()


@story("ready", "SIGKILL to the browser with the form on its last step")
def killed_before_saving(scene: Scene) -> None:
    """The draft opens where it was left; saved then, it is sent once."""
    scene.refuse()
    scene.open(NEW)
    scene.fill_in()
    scene.notebook.wait_for_mark()
    scene.phone.kill()
    scene.calm()
    scene.open(RECORD)
    scene.notebook.wait_for_form()
    expect(scene.phone.page.get_by_label("Số hộ dự họp", exact=True)).to_have_value("21")
    scene.notebook.go_to_end()
    scene.save()
    scene.settled()


@story("one", "SIGKILL to the browser while its push is in a black hole", daily=True, everywhere=True)
def killed_while_sending(scene: Scene) -> None:
    """It is sent again."""
    dies_at(scene, "POST /sync/push", Act(is_swallowed=True))


@story("many", "SIGKILL to the browser when the server has answered and the answer is lost")
def killed_before_the_answer(scene: Scene) -> None:
    """The server recognises what it has; nothing is doubled."""
    dies_at(scene, "POST /sync/push", Act(answer=Part.NOTHING))


@story("photo", "SIGKILL to the browser with half of a photo at the server")
def killed_in_the_middle_of_a_photo(scene: Scene) -> None:
    """The photo goes on and arrives whole."""
    dies_at(scene, "PATCH /sync/media/", Act(request=Part.BODY))


@story("new", "SIGKILL to the browser with the first page of the history missing")
def killed_during_the_first_download(scene: Scene) -> None:
    """The download goes on."""
    visits_first(scene)
    scene.phone.close()  # the sign-in is on the disk
    dies_at(scene, "GET /sync/pull.since=[^&]", Act(is_swallowed=True))


@story("new", "SIGKILL to the browser while its service worker is being installed")
def killed_during_the_installation(scene: Scene) -> None:
    """The next visit installs it; then the app opens without a network."""
    visits_first(scene)
    scene.phone.close()  # the sign-in is on the disk
    dies_at(scene, GROUPS_PAGE, Act(is_swallowed=True))
    opens_without_network(scene)


def dies_at(scene: Scene, request: str, act: Act) -> None:
    """Kill the browser when an act has fallen upon its request; see all well when it is opened again."""
    scene.hurt({request: act})
    scene.open()
    scene.until_met()
    scene.phone.kill()
    scene.calm()
    scene.open()
    scene.settled()


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


PRESENT: Final = "Số hộ dự họp"
SUMMARY: Final = "Tóm tắt buổi họp"
WHAT: Final = "Việc gì vừa xảy ra?"
FLASH: Final = "/notebook/flash"


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


@story("one", "the browser says that there is no network", daily=True)
def without_network(scene: Scene) -> None:
    """“chưa có mạng”; when there is one it is sent without a touch."""
    scene.start()
    scene.phone.context.set_offline(True)
    scene.open()
    scene.says(OFFLINE)
    scene.phone.context.set_offline(False)
    scene.settled()


@story("one", "the server is dead and the browser's workers are stopped")
def reopened_without_a_server(scene: Scene) -> None:
    """The app opens with all it knows, and says that it cannot reach the server."""
    scene.server.kill()
    scene.show()
    tools = scene.phone.developer_tools()
    tools.send("ServiceWorker.enable")
    tools.send("ServiceWorker.stopAllWorkers")
    scene.show(DEVICE)
    scene.says(UNREACHABLE)
    scene.calm()
    by_itself(scene)
    scene.settled()


@story("one", "a captive portal answers every request with its page", daily=True, everywhere=True)
def reopened_behind_a_portal(scene: Scene) -> None:
    """The app opens, not the portal; the portal is named."""
    scene.hurt({".": Act(reply=PORTAL_PAGE)})
    scene.show()
    scene.says(PORTAL)
    scene.calm()
    by_itself(scene)
    scene.settled()


@story("one", "503 with `Retry-After: 600`; another entry is saved, the browser is killed and opened")
def a_pause_is_kept(scene: Scene) -> None:
    """Nothing is asked before its time, whatever is saved or opened; then both are sent."""
    scene.hurt({"POST /sync/push": Act(reply=answer("503 Busy", "{}", "Retry-After: 600"))})
    scene.open()
    scene.says(OVERLOADED)
    scene.record(22)
    scene.phone.kill()
    scene.open()
    scene.says(OVERLOADED)
    assert len(scene.proxy.met) == 1
    scene.calm()
    scene.pass_time(11)
    scene.settled()


@story("one", "a new version is deployed; what waits was saved with the old one")
def updated_while_an_entry_waits(scene: Scene) -> None:
    """The new server takes it from the old app; the new version is offered."""
    deploys(scene)
    scene.open()
    scene.settled()
    looks_for_an_update(scene)


@story("ready", "a new version is deployed and taken in the middle of a form")
def updated_in_mid_form(scene: Scene) -> None:
    """The update waits until the entry is saved; that is sent once."""
    scene.open(NEW)
    scene.fill_in()
    deploys(scene)
    looks_for_an_update(scene)
    scene.phone.page.get_by_role("button", name="Cập nhật ứng dụng").click()
    expect(scene.phone.page.get_by_text("Lưu phiếu đang ghi rồi hãy cập nhật.")).to_be_visible()
    scene.save()
    scene.settled()


def deploys(scene: Scene) -> None:
    """Put a newer version in the server's place."""
    scene.server.kill()
    scene.server = Server(scene.server.data, port=scene.server.port, module="tests.support.newer").start()


def looks_for_an_update(scene: Scene) -> None:
    """Have the browser ask for a new version, as it does once a day."""
    scene.phone.page.evaluate("async () => { await (await navigator.serviceWorker.ready).update(); }")
    expect(scene.phone.page.get_by_role("button", name="Cập nhật ứng dụng")).to_be_visible()


@story("ready", "the browser's quota is used up when “Chốt phiếu” is tapped", daily=True)
def the_phone_is_full(scene: Scene) -> None:
    """“Máy hết chỗ”; the form keeps the words; with room again it is saved and sent."""
    scene.start()
    tools = scene.phone.developer_tools()
    tools.send("Storage.overrideQuotaForOrigin", {"origin": scene.proxy.origin, "quotaSize": 1})
    scene.open(NEW)
    scene.fill_in()
    scene.phone.page.get_by_role("button", name="Chốt phiếu").click()
    expect(scene.phone.page.locator("#record-result")).to_contain_text("Máy hết chỗ nên chưa lưu được.")
    assert scene.read()["outbox"] == []
    tools.send("Storage.overrideQuotaForOrigin", {"origin": scene.proxy.origin})
    scene.save()
    scene.settled()


@story("one", "the browser denies its database to the page")
def storage_denied(scene: Scene) -> None:
    """The page says so instead of showing nothing; allowed again, all is there."""
    scene.scripts.append(DENIED)
    scene.open()
    expect(scene.phone.page.get_by_role("alert")).to_contain_text("Trình duyệt chưa mở được sổ trên máy.")
    scene.phone.close()
    scene.scripts.clear()
    scene.open()
    scene.settled()


@story("one", "the browser does not promise to keep the data")
def storage_not_promised(scene: Scene) -> None:
    """“Máy này chưa hứa giữ sổ lâu dài”, with what to do."""
    scene.scripts.append("navigator.storage.persisted = navigator.storage.persist = async () => false;")
    scene.open(DEVICE)
    expect(scene.phone.page.locator("#storage")).to_contain_text("Máy này chưa hứa giữ sổ lâu dài.")
    scene.settled()


@story("one", "the browser asks the person whether to keep the data, and the person lets the question lie")
def storage_question_unanswered(scene: Scene) -> None:
    """Nothing waits for the answer: what is unsent is sent, and the line says so."""
    scene.scripts.append("navigator.storage.persist = () => new Promise(() => {});")
    scene.scripts.append("navigator.storage.persisted = async () => false;")
    scene.open(DEVICE)
    expect(scene.phone.page.locator("#storage")).to_contain_text("Máy này chưa hứa giữ sổ lâu dài.")
    scene.settled()


@story("one", "the phone's clock is 3 hours behind, no connection", daily=True)
def clock_behind_without_connection(scene: Scene) -> None:
    """The clock is suspected; it is sent all the same when the line is back."""
    scene.hours = -3
    scene.refuse()
    scene.open()
    scene.says(CLOCK)
    scene.calm()
    by_itself(scene)
    scene.settled()


@story("ready", "the phone's clock is 3 hours behind")
def clock_behind(scene: Scene) -> None:
    """The entry arrives, and how wrong the clock was."""
    scene.hours = -3
    assert 2.9 < offset_of_new_entry(scene) < 3.1


@story("ready", "the phone's clock is 3 hours ahead")
def clock_ahead(scene: Scene) -> None:
    """The entry arrives, and how wrong the clock was."""
    scene.hours = 3
    assert -3.1 < offset_of_new_entry(scene) < -2.9


def offset_of_new_entry(scene: Scene) -> float:
    """Record an entry and return how many hours the server's clock is ahead of the phone's."""
    scene.open()
    scene.settled()
    scene.phone.page.get_by_role("link", name="Máy này").click()
    scene.record()
    scene.settled()
    (row,) = scene.ask(
        "SELECT clock_offset FROM meeting_revision WHERE rowid > ?", scene.before["meeting_revision"]
    )
    return float(row["clock_offset"]) / 3_600_000


@story("one", "the clock is set 3 hours back during a pause after a failure")
def clock_set_back_during_a_pause(scene: Scene) -> None:
    """The pause is not stretched by three hours."""
    scene.hours = 3
    scene.refuse()
    scene.open()
    scene.says(UNREACHABLE)
    scene.phone.kill()
    scene.hours = 0
    scene.calm()
    scene.open()
    scene.settled()


@story("one", "the session's cookie is gone", everywhere=True)
def signed_out_meanwhile(scene: Scene) -> None:
    """Nothing moves until its author signs in by the line's own link; then it is sent."""
    scene.start()
    scene.forget_cookies()
    scene.open()
    scene.says(SIGNED_OUT)
    scene.tap("Đăng nhập", LINE)
    scene.tap(CADRE)
    scene.settled()


@story("one", "somebody else signs in on this phone", daily=True)
def another_person_signs_in(scene: Scene) -> None:
    """Nothing of the first is sent in the other's name; it is sent when the first signs in again."""
    scene.refuse()
    scene.open()
    scene.says(UNREACHABLE)
    scene.calm()
    scene.notebook.sign_in(OTHER_CADRE)
    expect(scene.notebook.status).to_have_text(ALL_SENT)
    assert not scene.arrived()
    scene.notebook.go(DEVICE)
    expect(scene.phone.page.locator("#people")).to_contain_text("1 phiếu chưa gửi")
    scene.notebook.sign_in(CADRE)
    scene.settled()


@story("one", "somebody else signs in on this phone, and the answer that says who it is is lost")
def another_person_signs_in_on_a_bad_line(scene: Scene) -> None:
    """The notebook of the first is not opened for them; it is sent when the first signs in again."""
    scene.refuse()
    scene.open()
    scene.says(UNREACHABLE)
    scene.calm()
    FAULTS["answer lost"].strike(scene, "GET /sync/session")
    sign_in(scene.phone.page, scene.proxy.origin, OTHER_CADRE)
    for _ in range(2):  # nor when the app is opened again
        expect(scene.phone.page.locator("#sign-in-needed")).to_be_visible()
        expect(scene.phone.page.locator("#notebook")).to_be_hidden()
        scene.phone.page.goto(scene.proxy.origin + TODAY)
    scene.calm()
    scene.notebook.sign_in(CADRE)
    scene.settled()


@story("one", "an administrator has revoked the phone")
def the_phone_is_revoked(scene: Scene) -> None:
    """What waited is kept in quarantine, and the line says that the phone was revoked."""
    scene.change(
        "UPDATE device SET revoked_at = last_seen_at WHERE last_seen_at = (SELECT max(last_seen_at) FROM device)"
    )
    scene.open()
    scene.says("Máy này đã bị thu hồi")
    scene.check(quarantined=1)


@story("one", "“Đăng xuất” while an entry waits and nothing gets through")
def signing_out_with_something_unsent(scene: Scene) -> None:
    """Refused with the reason; when it is sent one may leave."""
    scene.refuse()
    taps_sign_out(scene)
    scene.says("Còn phiếu chưa gửi nên chưa đăng xuất được.", "#sign-out-trouble")
    scene.calm()
    by_itself(scene)
    scene.settled()
    taps_sign_out(scene)
    is_signed_out(scene)


CASES: Final = [*CROSSED, *STORIES]


def matrix() -> str:
    """Return the table as docs/faults.md shows it."""
    rows = ["| case | how it is made | what must hold | where |", "|---|---|---|---|"]
    for one in CASES:
        browsers = "Chromium, Firefox, WebKitGTK" if one.everywhere else "Chromium"
        often = "; every test run" if one.daily else ""
        rows.append(f"| {one.name} | {one.words} | {one.holds} | {browsers}{often} |")
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    PAGE: Final = Path(__file__).resolve().parents[2] / "docs/faults.md"
    BEGINNING: Final = "<!-- Written by `python -m tests.faults.cases`. -->\n"
    PAGE.write_text(
        PAGE.read_text(encoding="utf-8").partition(BEGINNING)[0] + BEGINNING + matrix(), encoding="utf-8"
    )
