"""What somebody is at when a fault befalls it, and how that goes on afterwards."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from playwright.sync_api import Error, expect

from tests.faults.case import Step
from tests.faults.scene import LINE, NEW, REMARK, SENT, Scene
from tests.faults.scripts import WORKER_READY
from tests.support.screens import CADRE, DEVICE, TODAY

GROUPS_PAGE: Final = "GET /notebook/groups"
"""A page that nobody has opened: only the service worker asks for it, while it is installed."""


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
