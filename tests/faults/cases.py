"""The faults of the real-browser matrix: one table, played by one driver (tests/faults/scene.py).

A case is what somebody is at (`doing`), what befalls it (`fault`), what the screen must say while it lasts, and
how it ends. What must hold afterwards is the same for all: every saved revision is on the server once, every
receipt on the phone is the server's, nothing waits, and the line says so (`Scene.check`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from playwright.sync_api import expect

from tests.faults.scene import REMARK, Scene
from tests.support.people import sign_in_quietly
from tests.support.proxy import Act, Mode, Part
from tests.support.screens import ALL_SENT, CADRE, CADRE_CODE, DEVICE, TODAY
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
SENT: Final = "Đã gửi hết"

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


def visits_first(scene: Scene) -> None:
    """Open the app for the first time, signed in already."""
    scene.start()
    scene.proxy.set()
    sign_in_quietly(scene.phone.context, scene.server.origin, CADRE_CODE)


def shows_the_remark(scene: Scene) -> None:
    """See what the desk asked for on the first screen."""
    returned = scene.open().page.get_by_role("region", name="Cần xem lại")
    expect(returned.get_by_text(REMARK)).to_be_visible()


def opens_without_network(scene: Scene) -> None:
    """See that the app is on the phone, whole."""
    scene.notebook.wait_until_all_is_kept()
    scene.refuse()
    for path in (TODAY, DEVICE):
        scene.open(path).wait_until_shown()
    notebook = scene.open("/notebook/record?new=1")
    notebook.wait_for_form()
    assert notebook.groups()


@dataclass(frozen=True)
class Doing:
    """What somebody is at, and the request that the fault falls upon."""

    start: str
    request: str
    before: Step = lambda _: None
    act: Step = opens
    says: str = ""
    """Said whatever the fault; empty: what the fault says."""
    where: str = ""
    """The part of the page that says it; empty: the line."""
    after: Step = lambda _: None


DOINGS: Final = {
    "push of one": Doing("one", "POST /sync/push"),
    "push of sixty": Doing("many", "POST /sync/push"),
    "photo": Doing("photo", "PATCH /sync/media/"),
    "rest of a photo": Doing("half a photo", "HEAD /sync/media/"),
    "verdict comes": Doing("verdict", "GET /sync/pull", after=shows_the_remark),
    "first visit, session": Doing("new", "GET /sync/session", visits_first, where="#sign-in-needed"),
    "first visit, first page": Doing("new", "GET /sync/pull.since=&", visits_first),
    "first visit, later page": Doing("new", "GET /sync/pull.since=[^&]", visits_first),
    "installation, a page": Doing("new", GROUPS_PAGE, visits_first, says=SENT, after=opens_without_network),
    "installation, a script": Doing(
        "new", "GET /assets/[^ ]*device", visits_first, says=SENT, after=opens_without_network
    ),
    "installation, the worker": Doing(
        "new", "GET /service_worker.js", visits_first, says=SENT, after=opens_without_network
    ),
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
    "413 above 2 kB": Fault("413 to every body above 2 kB", SENT, Act(reply=answer("413 Large", "{}"), larger_than=2000)),
    "500": Fault("500", SERVER_ERROR, Act(reply=answer("500 Oh", "{}"))),
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


def by_itself(scene: Scene) -> None:
    """Let the phone's own pause pass; nobody touches it."""
    scene.pass_time(25)


def case(doing: str, fault: str, says: str = "", *, daily: bool = False) -> Case:
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
            expect(scene.phone.page.locator(at.where)).to_contain_text(sentence)
        else:
            scene.says(sentence)
        scene.calm()
        if at.start == "new":
            scene.open()
        elif sentence != SENT:
            by_itself(scene)
        scene.settled()
        at.after(scene)

    return Case(f"{doing}: {fault}", befalls.words, f"“{sentence}”; then “{SENT}”", play, at.start, daily)


def story(name: str, words: str, holds: str, start: str, *, daily: bool = False) -> Callable[[Step], Step]:
    """Put a case of its own kind into the table."""

    def add(play: Step) -> Step:
        STORIES.append(Case(name, words, holds, play, start, daily))
        return play

    return add


STORIES: Final[list[Case]] = []

CROSSED: Final = [
    case("push of one", "no connection"),
    case("push of one", "request cut in its head"),
    case("push of one", "request cut in its body"),
    case("push of one", "answer lost"),
    case("push of one", "answer cut in its head", daily=True),
    case("push of one", "answer cut in its body"),
    case("push of one", "black hole", daily=True),
    case("push of one", "503", daily=True),
    case("push of one", "429"),
    case("push of one", "413"),
    case("push of one", "500"),
    case("push of one", "portal's page", daily=True),
    case("push of one", "portal's detour"),
    case("push of one", "server killed before its commit", daily=True),
    case("push of one", "server killed after its commit", daily=True),
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
    case("first visit, session", "answer cut in its body"),
    case("first visit, session", "503"),
    case("first visit, session", "portal's page"),
    case("first visit, first page", "request cut in its head"),
    case("first visit, first page", "answer cut in its body"),
    case("first visit, first page", "500"),
    case("first visit, first page", "portal's page"),
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
]


# Stories -------------------------------------------------------------------------------------------------------


@story("killed right after saving", "SIGKILL to the browser when it says “Đã lưu trên máy”", "there, and sent once", "ready", daily=True)
def _(scene: Scene) -> None:
    scene.refuse()
    scene.record()
    scene.phone.kill()
    scene.open()
    scene.says(UNREACHABLE)
    scene.calm()
    by_itself(scene)
    scene.settled()

CASES: Final = [*CROSSED, *STORIES]
