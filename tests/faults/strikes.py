"""What befalls a request, and what the screen says then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tests.faults.case import OVERLOADED, PORTAL, SERVER_ERROR, TOO_LARGE, UNREACHABLE
from tests.faults.scene import SENT, Scene
from tests.support.proxy import Act, Mode, Part


def answer(status: str, body: str = "", *headers: str, ours: bool = True) -> bytes:
    """Write an answer; without our header it is somebody else's."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body.encode())}", *headers]
    if ours:
        lines += ["Gandan-Protocol: 2", "Content-Type: application/json"]
    return "\r\n".join([*lines, "", body]).encode()


PORTAL_PAGE: Final = answer(
    "200 OK", "<!doctype html><title>Wifi</title><p>Wi-Fi", "Content-Type: text/html", ours=False
)


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
