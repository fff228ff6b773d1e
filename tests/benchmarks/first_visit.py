"""The first visit after sign-in: bytes, requests behind each other, and time where everything is slow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from tests.benchmarks.browsing import Dependencies, usable_after, wait_until_offline, watch
from tests.benchmarks.report import Row, median, spread
from tests.benchmarks.subjects import Subject
from tests.support.browser import PHONE, Browsers
from tests.support.proxy import Count, Exchange, Proxy

SLOW_PROCESSOR: Final = 6


@dataclass(frozen=True)
class Network:
    """A connection: bits per second and round trip."""

    name: str
    bits_per_second: float
    round_trip: float

    @property
    def bytes_per_second(self) -> float:
        """The same in bytes."""
        return self.bits_per_second / 8


SECOND_GENERATION: Final = Network("2G, 50 kbps, 800 ms", 50_000, 0.8)
EDGE: Final = Network("400 kbps, 400 ms", 400_000, 0.4)


def kilobytes(count: int) -> float:
    """Return thousands of bytes."""
    return count / 1000


def bytes_and_depth(browsers: Browsers, subject: Subject, groups: int) -> list[Row]:
    """Count what a first visit costs, through a proxy that sees every byte."""
    form = subject.form
    with Proxy(subject.server.port) as proxy:
        browser = browsers.new(PHONE)
        browser.open()
        form.enter(browser.context, proxy.origin)
        watch(browser.context, form)
        proxy.reset_count()
        dependencies = Dependencies(browser)
        page = browser.page
        page.goto(proxy.origin + form.first)
        usable_after(page)
        asked = {urlsplit(address).path for address in dependencies.asked_by}
        longest = dependencies.longest()
        wait_until_offline(page, form)
        count = proxy.reset_count()
        browser.close()
    until_usable = Count(0, _firsts(count, asked))
    chain = " > ".join(urlsplit(address).path.rpartition("/")[2] or "/" for address in longest)
    requests = f"{until_usable.requests} requests"
    everything = f"{count.requests} requests, {groups} groups"
    return [
        Row("first visit, form usable", kilobytes(until_usable.received), "kB", 60, requests),
        Row("first visit, dependency depth", len(longest), "requests", 3, chain),
        Row("first visit, all offline with data", kilobytes(count.received), "kB", 200, everything),
    ]


def seconds_until_usable(
    browsers: Browsers, subject: Subject, network: Network, processor: float = SLOW_PROCESSOR
) -> float:
    """Visit for the first time over a slow network on a slow phone; return when the form was usable."""
    form = subject.form
    with Proxy(subject.server.port) as proxy:
        browser = browsers.new(PHONE)
        browser.open()
        form.enter(browser.context, proxy.origin)
        watch(browser.context, form)
        browser.slow_processor(processor)
        proxy.set(round_trip=network.round_trip, bytes_per_second=network.bytes_per_second)
        page = browser.page
        page.goto(proxy.origin + form.first, wait_until="commit", timeout=120_000)
        milliseconds = usable_after(page)
        browser.close()
    return milliseconds / 1000


def slow_networks(browsers: Browsers, subject: Subject, bare: Subject, repetitions: int) -> list[Row]:
    """Compare the first visit with the bare page's, in turns."""
    found: dict[tuple[str, str], list[float]] = {}
    for _ in range(repetitions):
        for network in (SECOND_GENERATION, EDGE):
            for each in (subject, bare):
                seconds = seconds_until_usable(browsers, each, network)
                found.setdefault((network.name, each.form.name), []).append(seconds)

    def of(network: Network, each: Subject) -> Sequence[float]:
        return found[network.name, each.form.name]

    second, edge = of(SECOND_GENERATION, subject), of(EDGE, subject)
    ratio = median(edge) / median(of(EDGE, bare))
    return [
        Row(f"first visit, 6x CPU, {SECOND_GENERATION.name}", median(second), "s", 15, spread(second)),
        Row("  bare page", median(of(SECOND_GENERATION, bare)), "s"),
        Row(f"first visit, 6x CPU, {EDGE.name}", ratio, "x bare", 2, f"{median(edge):.2f} s"),
        Row("  bare page", median(of(EDGE, bare)), "s"),
    ]


def _firsts(count: Count, paths: set[str]) -> list[Exchange]:
    """Return the first exchange for each path: what the page asked for, not what the worker fetched later."""
    found: dict[str, Exchange] = {}
    for exchange in count.exchanges:
        path = exchange.path.partition("?")[0]
        if path in paths:
            found.setdefault(path, exchange)
    return list(found.values())
