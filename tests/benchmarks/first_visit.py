"""The first visit after sign-in: bytes, requests behind each other, and time where everything is slow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from tests.benchmarks.browsing import Dependencies, usable_after, usable_since, wait_until_offline, watch
from tests.benchmarks.report import Row, median, spread
from tests.benchmarks.subjects import Form, Subject
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


@dataclass(frozen=True)
class Visit:
    """What a first visit costs."""

    until_usable: Count
    all_offline: Count
    chain: list[str]
    """The longest chain of requests that led to a usable form."""


def visit(browsers: Browsers, subject: Subject) -> Visit:
    """Visit for the first time, through a proxy that sees every byte."""
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
        needed = dependencies.until(usable_since(page))
        wait_until_offline(page, form)
        count = proxy.reset_count()
        browser.close()
    asked = {urlsplit(address).path for address in needed.asked_by}
    chain = [urlsplit(address).path.rpartition("/")[2] or "/" for address in needed.longest()]
    return Visit(Count(0, _firsts(count, asked)), count, chain)


def bytes_and_depth(browsers: Browsers, subject: Subject, by_today: Subject, groups: int) -> list[Row]:
    """Count what a first visit costs: straight to the form, and by way of the list of groups."""
    direct, longer = visit(browsers, subject), visit(browsers, by_today)

    def usable(label: str, one: Visit) -> Row:
        received = kilobytes(one.until_usable.received)
        return Row(label, received, "kB", 60, f"{one.until_usable.requests} requests")

    everything = kilobytes(longer.all_offline.received)
    return [
        usable("first visit, form usable", direct),
        Row("first visit, dependency depth", len(direct.chain), "requests", 3, " > ".join(direct.chain)),
        usable("  by way of Hôm nay", longer),
        Row("first visit, all offline with data", everything, "kB", 200,
            f"{longer.all_offline.requests} requests, {groups} groups"),
    ]  # fmt: skip


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


def slow_networks(
    browsers: Browsers, subject: Subject, by_today: Subject, bare: Subject, repetitions: int
) -> list[Row]:
    """Compare the first visit with the bare page's, in turns."""
    found: dict[tuple[Network, Form], list[float]] = {}
    for _ in range(repetitions):
        for network in (SECOND_GENERATION, EDGE):
            for each in (subject, by_today, bare):
                seconds = seconds_until_usable(browsers, each, network)
                found.setdefault((network, each.form), []).append(seconds)
    rows: list[Row] = []
    for network in (SECOND_GENERATION, EDGE):
        ours, longer, theirs = (found[network, each.form] for each in (subject, by_today, bare))
        label = f"first visit, 6x CPU, {network.name}"
        if network is SECOND_GENERATION:
            rows.append(Row(label, median(ours), "s", 15, spread(ours)))
        else:
            rows.append(Row(label, median(ours) / median(theirs), "x bare", 2, f"{median(ours):.2f} s"))
        rows += [Row("  by way of Hôm nay", median(longer), "s"), Row("  bare page", median(theirs), "s")]
    return rows


def _firsts(count: Count, paths: set[str]) -> list[Exchange]:
    """Return the first exchange for each path: what the page asked for, not what the worker fetched later."""
    found: dict[str, Exchange] = {}
    for exchange in count.exchanges:
        path = exchange.path.partition("?")[0]
        if path in paths:
            found.setdefault(path, exchange)
    return list(found.values())
