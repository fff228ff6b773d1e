"""Timing in a browser: when a form became usable, and how long a save took until the screen said so.

Moments are taken inside the page, so that the time this program needs to ask does not count, and with the
same means for the notebook and for the bare page.
"""

from __future__ import annotations

from copy import copy
from typing import Any, Final

from playwright.sync_api import BrowserContext, Page

from tests.benchmarks.subjects import Form
from tests.support.browser import Browser
from tests.support.server import until

WAIT_MILLISECONDS: Final = 90_000

# Looks once per frame, as an eye does. The way to the form may lead over another page, so the beginning is kept in
# the tab.
WATCH: Final = """
(() => {
  if (!location.protocol.startsWith("http")) return;
  const key = "benchmark-began";
  const began = Number(sessionStorage.getItem(key) ?? performance.timeOrigin);
  sessionStorage.setItem(key, String(began));
  const usable = () => %s;
  const next = () => %s;
  let gone = false;
  const look = () => {
    if (!document.body) return requestAnimationFrame(look);
    if (usable()) {
      window.usableSince = performance.timeOrigin + performance.now();
      window.usableAt = window.usableSince - began;
      sessionStorage.removeItem(key);
      return;
    }
    const link = gone ? null : next();
    if (link) {
      gone = true;
      link.click();
    }
    requestAnimationFrame(look);
  };
  look();
})();
"""

# The page may be exchanged for another one on the way, so moments are kept in the tab, not in the page.
WATCH_SAVE: Final = """
(() => {
  if (!location.protocol.startsWith("http")) return;
  const said = () => %s;
  const key = "benchmark-tapped";
  addEventListener("click", (event) => {
    if (!sessionStorage.getItem(key) && event.isTrusted) {
      sessionStorage.setItem(key, String(performance.timeOrigin + event.timeStamp));
    }
  }, true);
  const now = () => performance.timeOrigin + performance.now();
  const look = () => {
    const tapped = Number(sessionStorage.getItem(key));
    if (tapped && document.body && said()) window.savedAfter = now() - tapped;
    else requestAnimationFrame(look);
  };
  addEventListener("benchmark-arm", () => {
    sessionStorage.removeItem(key);
    window.savedAfter = undefined;
    look();
  });
  if (sessionStorage.getItem(key)) look();
})();
"""


# Several long idle periods in a row: one alone may lie between two tasks.
IDLE: Final = """
() => new Promise((done) => {
  let calm = 0;
  const look = (deadline) => {
    calm = deadline.timeRemaining() > 40 ? calm + 1 : 0;
    if (calm === 10) done();
    else requestIdleCallback(look);
  };
  requestIdleCallback(look);
})
"""


def watch(context: BrowserContext, form: Form) -> None:
    """Have every page of this browser note when the form is usable and when a save is said."""
    context.add_init_script(WATCH % (form.usable, form.next))
    context.add_init_script(WATCH_SAVE % form.said)


def usable_after(page: Page) -> float:
    """Return the milliseconds from the start of the navigation until the form was usable."""
    page.wait_for_function("() => window.usableAt", timeout=WAIT_MILLISECONDS)
    return float(page.evaluate("() => window.usableAt"))


def usable_since(page: Page) -> float:
    """Return when the form became usable, in seconds since 1970."""
    usable_after(page)
    return float(page.evaluate("() => window.usableSince")) / 1000


def saved_after(page: Page) -> float:
    """Return the milliseconds from the tap until the screen said that the entry is saved."""
    page.wait_for_function("() => window.savedAfter", timeout=WAIT_MILLISECONDS)
    return float(page.evaluate("() => window.savedAfter"))


def wait_until_idle(page: Page) -> None:
    """Return when the page has nothing left to do: nobody saves in the second in which a form opened."""
    page.evaluate(IDLE)


def arm(page: Page) -> None:
    """The next tap is the one to measure."""
    page.evaluate("() => dispatchEvent(new Event('benchmark-arm'))")


def wait_until_offline(page: Page, form: Form) -> None:
    """Return when everything would work without a network."""
    until(
        lambda: bool(page.evaluate(form.offline)), WAIT_MILLISECONDS / 1000, "everything to be on the phone"
    )


class Dependencies:
    """Who asked for what: the longest chain of requests from the document."""

    def __init__(self, browser: Browser) -> None:
        """Listen to the present tab."""
        self.asked_by: dict[str, str | None] = {}
        self.asked_at: dict[str, float] = {}
        tools = browser.developer_tools()
        tools.on("Network.requestWillBeSent", self._sent)
        tools.send("Network.enable")

    def _sent(self, event: dict[str, Any]) -> None:
        address = event["request"]["url"]
        self.asked_at.setdefault(address, event["wallTime"])
        if event.get("type") == "Document" or address.startswith("data:"):
            self.asked_by.setdefault(address, None)
            return
        initiator = event.get("initiator", {})
        frames = initiator.get("stack", {}).get("callFrames", [])
        source = initiator.get("url") or (frames[0]["url"] if frames else event.get("documentURL"))
        self.asked_by.setdefault(address, source if source != address else event.get("documentURL"))

    def until(self, moment: float) -> Dependencies:
        """Return what was asked for before a moment, in seconds since 1970."""
        earlier = copy(self)
        earlier.asked_by = {one: by for one, by in self.asked_by.items() if self.asked_at[one] <= moment}
        return earlier

    def chain(self, address: str) -> list[str]:
        """Return the requests that led to one, the document first."""
        found = [address]
        while (source := self.asked_by.get(found[0])) and source not in found:
            found.insert(0, source)
        return found

    def longest(self) -> list[str]:
        """Return the longest chain."""
        return max((self.chain(address) for address in self.asked_by), key=len, default=[])
