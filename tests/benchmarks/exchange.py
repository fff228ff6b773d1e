"""What one exchange costs, and how long it takes on 2G: an entry, one with two photos, nothing new, the first load."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from typing import Any, Final

from playwright.sync_api import Page

from tests.benchmarks import wire
from tests.benchmarks.first_visit import SECOND_GENERATION
from tests.benchmarks.report import Row
from tests.benchmarks.subjects import Subject
from tests.support.browser import PHONE, Browsers
from tests.support.phone_store import stored
from tests.support.proxy import Count, Mode, Proxy
from tests.support.screens import DEVICE, Notebook
from tests.support.server import until

PHOTO_BYTES: Final = 80_000
SECONDS: Final = 180.0
_HEAD: Final = bytes.fromhex(
    "ffd8ffe000104a46494600" + "00" * 9 + "ffc0000b0803c0050001000000ffda0008" + "00" * 6
)

SAVE: Final = """
async ({ operations, photos }) => {
  const assets = document.querySelector('script[src*="/assets/"]').src.match(/.*\\/assets\\/[^/]+/)[0];
  const [{ openStore, registry }, { saveAll }, { keepPhoto }] = await Promise.all(
    ["database", "outbox", "media"].map((name) => import(`${assets}/js/offline/${name}.js`)),
  );
  const person = await registry.current();
  const store = await openStore(person.id);
  const unit = (await store.all("units")).find((one) => one.mine);
  const kept = [];
  for (const text of photos) {
    const bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0)).buffer;
    kept.push({ ...(await keepPhoto(store, bytes)), caption: "Cống đầu mương" });
  }
  for (const { body } of operations) Object.assign(body, { unit_id: unit.id }, kept.length && { photos: kept });
  window.saveThem = () => saveAll(store, operations).then(() => store.close());
}
"""

FORGET: Final = """
async () => {
  const assets = document.querySelector('script[src*="/assets/"]').src.match(/.*\\/assets\\/[^/]+/)[0];
  const { openStore, registry } = await import(`${assets}/js/offline/database.js`);
  const store = await openStore((await registry.current()).id);
  await store.setMeta({ cursor: "", last_check: Date.now() });
  store.close();
}
"""


def photo(number: int) -> str:
    """Return bytes that pass for a JPEG and cannot be packed, as text."""
    seed = number.to_bytes(4) * 8
    filler = b"".join((number * 7919 + place).to_bytes(8) for place in range(PHOTO_BYTES // 8))
    return base64.b64encode(_HEAD + seed + filler.replace(b"\xff", b"\xfe") + b"\xff\xd9").decode()


class Phone:
    """A phone with everything on it, behind a proxy that is fast or slow."""

    def __init__(self, page: Page, proxy: Proxy, *, slow: bool) -> None:
        """Use the notebook in this tab; `slow` lets the exchanges run on 2G."""
        self.page, self.proxy, self.slow = page, proxy, slow
        self.notebook = Notebook(page, proxy.origin)

    def save(self, photos: list[str]) -> tuple[Count, float]:
        """Save one entry without a network, give it back, and see what is sent until nothing waits."""
        operations = wire.operations(len(photos), petitions=False)
        self.page.evaluate(SAVE, {"operations": operations, "photos": photos})
        self.proxy.set(mode=Mode.REFUSE)
        self.page.evaluate("() => window.saveThem()")
        return self._until(
            self._nothing_waits, lambda: self.page.evaluate("() => dispatchEvent(new Event('online'))")
        )

    def ask(self) -> tuple[Count, float]:
        """Ask for news, at the button."""
        self.notebook.go(DEVICE)
        before = self._meta("last_pull")
        button = self.page.get_by_role("main").get_by_role("button", name="Lấy tin mới")
        return self._until(lambda: self._meta("last_pull") != before, button.click)

    def load(self) -> tuple[Count, float]:
        """Fetch everything as for the first time; the app itself is there."""
        self.page.evaluate(FORGET)
        return self.ask()

    def _until(self, done: Callable[[], bool], begin: Callable[[], Any]) -> tuple[Count, float]:
        self.proxy.reset_count()
        line = SECOND_GENERATION
        if self.slow:
            self.proxy.set(round_trip=line.round_trip, bytes_per_second=line.bytes_per_second)
        else:
            self.proxy.set()
        began = time.monotonic()
        begin()
        until(done, SECONDS, "the exchange to end")
        seconds = time.monotonic() - began
        self.proxy.set()
        return self.proxy.reset_count().under("/sync/"), seconds

    def _nothing_waits(self) -> bool:
        return not stored(self.page, "outbox") and all(
            row.get("complete_at") for row in stored(self.page, "media")
        )

    def _meta(self, key: str) -> object:
        return next((row["value"] for row in stored(self.page, "meta") if row["key"] == key), None)


def _all(browsers: Browsers, subject: Subject, *, slow: bool) -> dict[str, tuple[Count, float]]:
    with Proxy(subject.server.port) as proxy:
        browser = browsers.new(PHONE)
        browser.open()
        subject.form.enter(browser.context, proxy.origin)
        phone = Phone(browser.page, proxy, slow=slow)
        phone.notebook.go("/notebook/")
        phone.notebook.wait_until_all_is_kept()
        first = 2 if slow else 0
        found = {
            "one entry": phone.save([]),
            "one entry with two photos of 80 kB": phone.save([photo(first), photo(first + 1)]),
            "news asked for, and there are none": phone.ask(),
            "first load of the data": phone.load(),
        }
        browser.close()
    return found


def measure(browsers: Browsers, subject: Subject, groups: int) -> list[Row]:
    """Count each exchange on a fast line and time it on a slow one."""
    counted, timed = _all(browsers, subject, slow=False), _all(browsers, subject, slow=True)
    rows = []
    for what, (count, _) in counted.items():
        ways = ", ".join(f"{each.method} {each.path.partition('?')[0][:16]}" for each in count.exchanges)
        scope = f", {groups} groups" if "load" in what else ""
        rows += [
            Row(f"{what}{scope}", count.bytes, "bytes", None,
                f"{count.sent:,} sent, {count.received:,} received, {count.heads:,} of these in headers"),
            Row("  round trips", count.requests, "requests", None, ways),
            Row(f"  on {SECOND_GENERATION.name}", timed[what][1], "s"),
        ]  # fmt: skip
    return rows
