"""What crosses the wire when a phone has something to say, and when it has not."""

from __future__ import annotations

from typing import Any, Final

from playwright.sync_api import Page, expect

from tests.benchmarks.entries import SAMPLES, new_id
from tests.benchmarks.http2 import http2_heads
from tests.benchmarks.report import Row
from tests.benchmarks.subjects import Subject
from tests.support.browser import PHONE, Browsers
from tests.support.proxy import Count, Mode, Proxy
from tests.support.screens import ALL_SENT, Notebook

QUEUED: Final = 20

# Saves through the notebook's own modules, as its form does, without typing twenty forms. They are no part of what the
# phone keeps, so they are fetched while there is a network.
LOAD: Final = """
async () => {
  const assets = document.querySelector('script[src*="/assets/"]').src.match(/.*\\/assets\\/[^/]+/)[0];
  const [{ openStore, registry }, { saveAll }] = await Promise.all(
    ["database", "outbox"].map((name) => import(`${assets}/js/offline/${name}.js`)),
  );
  window.saveAllOf = async (entries) => {
    const person = await registry.current();
    const store = await openStore(person.id);
    const units = (await store.all("units")).filter((unit) => unit.mine);
    let number = 0;
    for (const operations of entries) {
      const unit_id = units[number++ % units.length].id;
      for (const each of operations) each.body.unit_id = unit_id;
      await saveAll(store, operations);
    }
    store.close();
  };
}
"""


def operations(number: int, *, petitions: bool) -> list[dict[str, Any]]:
    """Return what the form hands to the outbox for one sample."""
    sample = SAMPLES[number % len(SAMPLES)]
    body = dict(sample["meeting"])
    raised: list[dict[str, Any]] = [
        {"kind": "petition.save", "id": new_id(), "base_rev": 0, "body": dict(each)}
        for each in sample["petitions"]
    ]
    meeting = new_id()
    if petitions and raised:
        body["petition_ids"] = [each["id"] for each in raised]
        for each in raised:
            each["body"]["meeting_id"] = meeting
    saved = {"kind": "meeting.save", "id": meeting, "base_rev": 0, "body": body}
    return [saved, *(raised if petitions else [])]


class Phone:
    """A phone with the notebook, behind a proxy."""

    def __init__(self, page: Page, proxy: Proxy) -> None:
        """Use the notebook in this tab."""
        self.page = page
        self.proxy = proxy
        self.notebook = Notebook(page, proxy.origin)

    def send(self, entries: list[list[dict[str, Any]]], *, later: bool = False) -> Count:
        """Queue entries without a network, give it back, and count what is sent and answered.

        `later`: so long after the last contact that the phone also asks what is new.
        """
        self.page.evaluate(LOAD)
        self.proxy.set(mode=Mode.REFUSE)
        self.page.evaluate("(entries) => window.saveAllOf(entries)", entries)
        if later:
            self.page.clock.fast_forward("06:00")
        self.notebook.go("/notebook/")
        expect(self.notebook.status).to_contain_text("chưa gửi")
        self.proxy.reset_count()
        self.proxy.set()
        self.page.evaluate("() => dispatchEvent(new Event('online'))")
        expect(self.notebook.status).to_have_text(ALL_SENT)
        return self.proxy.reset_count().under("/sync/")


def measure(browsers: Browsers, subject: Subject) -> list[Row]:
    """Send twenty entries, one entry, and nothing."""
    with Proxy(subject.server.port) as proxy:
        browser = browsers.new(PHONE)
        browser.open()
        subject.form.enter(browser.context, proxy.origin)
        browser.page.clock.install()
        phone = Phone(browser.page, proxy)
        phone.notebook.go("/notebook/")
        phone.notebook.wait_until_all_is_kept()
        many = phone.send([operations(number, petitions=False) for number in range(QUEUED)])
        more = phone.send([operations(number, petitions=False) for number in range(QUEUED)], later=True)
        whole = phone.send([operations(number, petitions=True) for number in range(QUEUED)])
        one = phone.send([operations(0, petitions=False)])
        proxy.reset_count()
        browser.page.clock.run_for(4 * 60_000)
        silence = proxy.reset_count()
        browser.close()
    # fmt: off
    return [
        Row("20 queued entries, requests", more.requests, "requests", 2, _paths(more)),
        Row("20 queued entries, each", many.bytes / QUEUED, "bytes", 700, _directions(many)),
        Row("  and what is new asked for", more.bytes / QUEUED, "bytes", 700, _directions(more)),
        Row("  with their petitions", whole.bytes / QUEUED, "bytes", None, _directions(whole)),
        Row("one entry alone, over HTTP/2", one.bytes - one.heads + http2_heads(one, whole), "bytes", 1400,
            "as a TLS proxy sends it on a line that is open already"),
        Row("  without any headers", one.bytes - one.heads, "bytes", None, _directions(one)),
        Row("  with HTTP/1.1's headers", one.bytes, "bytes"),
        Row("nothing to say, four minutes", silence.requests, "requests", 0, _paths(silence)),
    ]
    # fmt: on


def _paths(count: Count) -> str:
    return ", ".join(f"{each.method} {each.path.partition('?')[0]}" for each in count.exchanges)


def _directions(count: Count) -> str:
    return f"{count.sent} sent, {count.received} received, of these {count.heads} in headers"
