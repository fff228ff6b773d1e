"""Measure every budget and print the table: `make bench`; a part of it: `make bench ARGS="--only server"`."""

from __future__ import annotations

import argparse
import sys
import tempfile
import traceback
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Final

from playwright.sync_api import sync_playwright

from tests.benchmarks import country, evening, exchange, first_visit, lighthouse, offline, server_cost, wire
from tests.benchmarks.report import Row, table
from tests.benchmarks.subjects import BARE, BY_TODAY, NOTEBOOK, Subject
from tests.support import demonstration
from tests.support.browser import DESK, PHONE, Browsers, cookie_header
from tests.support.people import assign_groups, sign_in_quietly
from tests.support.screens import CADRE_CODE, REVIEWER_CODE
from tests.support.server import Server
from webapp import clock

PARTS: Final = (
    "server",
    "bytes",
    "networks",
    "offline",
    "wire",
    "exchange",
    "lighthouse",
    "evening",
    "country",
)
GROUPS: Final = 30


class Bench:
    """Everything that is measured, on servers and browsers of its own."""

    def __init__(self, folder: Path, repetitions: int, stack: ExitStack) -> None:
        """Fill a demonstration district in `folder` and start the servers."""
        self.folder = folder
        self.repetitions = repetitions
        today = clock.today()
        self.today = today
        say("Filling the demonstration district")
        self.filled = demonstration.template(folder / "demonstration")
        running = demonstration.server(folder / "server", self.filled)
        assigned = assign_groups(running.database, CADRE_CODE, GROUPS, today)
        self.groups = assigned
        self.notebook = Subject(NOTEBOOK, stack.enter_context(running))
        self.by_today = replace(self.notebook, form=BY_TODAY)
        bare = Server(folder / "bare", arguments=(), module="tests.benchmarks.bare")
        self.bare = Subject(BARE, stack.enter_context(bare))
        self.browsers = stack.enter_context(Browsers(stack.enter_context(sync_playwright())))

    def server(self) -> list[Row]:
        """Measure what an entry costs the server."""
        return server_cost.measure(self.folder / "cost", self.filled, CADRE_CODE, self.today)

    def bytes(self) -> list[Row]:
        """Measure what a first visit costs in bytes and in requests behind each other."""
        return first_visit.bytes_and_depth(self.browsers, self.notebook, self.by_today, self.groups)

    def networks(self) -> list[Row]:
        """Measure the first visit on slow networks."""
        repetitions = max(1, self.repetitions // 3)
        return first_visit.slow_networks(self.browsers, self.notebook, self.by_today, self.bare, repetitions)

    def offline(self) -> list[Row]:
        """Measure the cold start and the save without a network."""
        return offline.cold_start_and_save(self.browsers, self.notebook, self.bare, self.repetitions)

    def wire(self) -> list[Row]:
        """Measure what queued entries cost on the wire."""
        return wire.measure(self.browsers, self.notebook)

    def exchange(self) -> list[Row]:
        """Measure what one exchange costs, and how long it takes on 2G."""
        return exchange.measure(self.browsers, self.notebook, self.groups)

    def evening(self) -> list[Row]:
        """Let 1,256 phones send within the same minute."""
        return evening.measure(self.folder, self.filled, self.today)

    def country(self) -> list[Row]:
        """Bring in the official lists of the whole country."""
        return country.measure(self.folder / "country")

    def lighthouse(self) -> list[Row]:
        """Look at the main screens with Lighthouse."""
        origin = self.notebook.server.origin
        with self.browsers.new(PHONE) as phone, self.browsers.new(DESK) as desk:
            sign_in_quietly(phone.context, origin, CADRE_CODE)
            sign_in_quietly(desk.context, origin, REVIEWER_CODE)
            cadre, reviewer = cookie_header(phone.context, origin), cookie_header(desk.context, origin)
        screens = [
            lighthouse.Screen("sign-in", "/sign-in", {}),
            lighthouse.Screen("notebook", "/notebook/", cadre),
            lighthouse.Screen("form", "/notebook/record", cadre),
            lighthouse.Screen("desk", "/review/", reviewer, desktop=True),
        ]
        findings = list(lighthouse.inspect(origin, screens))
        for finding in findings:
            for lost in finding.report.lost:
                say(f"  {finding.screen.name}, {finding.theme}: {lost}")
        return lighthouse.rows(findings)


def say(text: str) -> None:
    """Tell whoever waits what is being done."""
    print(text, file=sys.stderr, flush=True)


def main(arguments: list[str]) -> int:
    """Measure, print the table and return 1 if a budget is exceeded."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="measure these parts only")
    parser.add_argument("--repetitions", type=int, default=9, help="how often what varies is measured")
    chosen = parser.parse_args(arguments)
    rows: list[Row] = []
    failed = False
    with tempfile.TemporaryDirectory(prefix="gandan-bench-") as folder, ExitStack() as stack:
        bench = Bench(Path(folder), chosen.repetitions, stack)
        for part in chosen.only:
            say(f"Measuring: {part}")
            measure: Callable[[], list[Row]] = getattr(bench, part)
            try:
                rows += measure()
            except Exception:  # noqa: BLE001 - the other measurements are worth having
                traceback.print_exc()
                failed = True
    print(table(rows))
    return 1 if failed or not all(row.fits for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
