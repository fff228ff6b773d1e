"""Without a network: from a cold browser to a usable form, and from the tap on save to its being said."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from tests.benchmarks.browsing import (
    arm,
    saved_after,
    usable_after,
    wait_until_idle,
    wait_until_offline,
    watch,
)
from tests.benchmarks.report import Row, median, spread
from tests.benchmarks.subjects import Subject
from tests.support.browser import PHONE, Browser, Browsers
from tests.support.proxy import Mode, Proxy

SLOW_PROCESSOR: Final = 6
ALLOWED: Final = 1.5


@dataclass
class _Phone:
    """A phone on which one of the two forms is installed."""

    subject: Subject
    browser: Browser
    proxy: Proxy
    cold: list[float] = field(default_factory=list)
    saved: list[float] = field(default_factory=list)

    def install(self) -> None:
        """Visit once with a network, until everything is kept."""
        form = self.subject.form
        self.browser.open()
        form.enter(self.browser.context, self.proxy.origin)
        self.browser.page.goto(self.proxy.origin + form.first)
        wait_until_offline(self.browser.page, form)
        self.browser.close()

    def measure(self) -> None:
        """Start the browser cold, wait for the form, fill it in and save."""
        form = self.subject.form
        page = self.browser.open()
        watch(self.browser.context, form)
        self.browser.slow_processor(SLOW_PROCESSOR)
        page.goto(self.proxy.origin + form.path, wait_until="commit")
        self.cold.append(usable_after(page))
        form.fill(page)
        wait_until_idle(page)
        arm(page)
        form.save(page)
        self.saved.append(saved_after(page))
        self.browser.close()


def cold_start_and_save(browsers: Browsers, subject: Subject, bare: Subject, repetitions: int) -> list[Row]:
    """Measure both forms in turns on a phone without a network."""
    with Proxy(subject.server.port) as first, Proxy(bare.server.port) as second:
        ours = _Phone(subject, browsers.new(PHONE), first)
        theirs = _Phone(bare, browsers.new(PHONE), second)
        for phone in (ours, theirs):
            phone.install()
            phone.proxy.set(mode=Mode.REFUSE)
        for _ in range(repetitions):
            for phone in (ours, theirs):
                phone.measure()
    return [
        Row("offline cold start, 6x CPU", median(ours.cold) / median(theirs.cold), "x bare", ALLOWED,
            f"{median(ours.cold):.0f} ms, {spread(ours.cold)}"),
        Row("  bare page", median(theirs.cold), "ms", None, spread(theirs.cold)),
        Row("tap on save until said, 6x CPU", median(ours.saved) / median(theirs.saved), "x bare", ALLOWED,
            f"{median(ours.saved):.0f} ms, {spread(ours.saved)}"),
        Row("  bare page", median(theirs.saved), "ms", None, spread(theirs.saved)),
    ]  # fmt: skip
