"""`make faults`: thousands of random schedules, then servers and PostgreSQL killed under load.

A failing schedule is printed with its seed, made as short as possible; `--seed N --count 1` runs it again.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.faults import load, plants
from tests.faults.runner import Tally, run, story_of
from tests.support.postgres import cluster

EVERY = 500
SEEDS = (20_000, 40_000, 60_000, 80_000, 100_000)
WITHIN = 1_000
"""A planted bug must be found within so many schedules, whatever the first seed."""


def report(tally: Tally, line: dict[str, Any]) -> None:
    """Say how far it is, and every failure when it is found."""
    if line["violations"]:
        print(story_of(line), flush=True)
    if tally.schedules % EVERY == 0:
        print(f"  … {tally.schedules:,}", flush=True)


def in_browsers(chosen: str) -> int:
    """Play the named faults whose names contain all words of `chosen`; the status is pytest's."""
    words = " and ".join(re.findall(r"\w+", chosen))
    tests = Path(__file__).resolve().parents[1] / "browser/test_faults.py"
    return pytest.main([str(tests), "--every-fault", "-n", "0", *(["-k", words] if words else [])])


def main() -> int:
    """Run what was asked for; the status says whether everything held."""
    parser = argparse.ArgumentParser(prog="make faults")
    parser.add_argument("--seed", type=int, default=1, help="the first seed")
    parser.add_argument(
        "--count", type=int, default=10_000, help="schedules on SQLite; a tenth as many on PostgreSQL"
    )
    parser.add_argument(
        "--kill-every", type=int, default=5, help="in every how many schedules the server may be killed"
    )
    parser.add_argument(
        "--lanes", type=int, default=min(4, os.cpu_count() or 1), help="how many run side by side"
    )
    parser.add_argument("--only", choices=["sqlite", "postgres", "load", "plants", "browser"])
    parser.add_argument(
        "--case", default="", help="of the faults in browsers, those with these words in their name"
    )
    parser.add_argument("--seconds", type=int, default=60, help="how long each load lasts")
    options = parser.parse_args()
    lanes = max(1, min(options.lanes, options.count))
    found = 0
    if options.only in (None, "sqlite"):
        tally = run(options.seed, options.count, lanes=lanes, kill_every=options.kill_every, report=report)
        print(f"SQLite: {tally}\n  faults: {dict(tally.faults.most_common())}", flush=True)
        found += len(tally.failures)
    count = options.count if options.only == "postgres" else options.count // 10
    if options.only in (None, "postgres") and count:
        with ExitStack() as stack:
            running = stack.enter_context(cluster())
            urls = tuple(running.url(stack.enter_context(running.database())) for _ in range(lanes))
            tally = run(
                options.seed,
                count,
                lanes=lanes,
                kill_every=options.kill_every,
                report=report,
                database_urls=urls,
            )
        print(f"PostgreSQL: {tally}\n  faults: {dict(tally.faults.most_common())}", flush=True)
        found += len(tally.failures)
    if options.only == "load" or (options.only is None and options.count > 1):
        for outcome in (load.sqlite(options.seconds), load.postgres(options.seconds)):
            print(outcome, flush=True)
            found += outcome.lost + outcome.doubled
    if options.only in (None, "plants") and options.count > 1:
        found += sum(not find(plant) for plant in plants.ALL)
    if options.only == "browser" or (options.only is None and options.count > 1):
        found += in_browsers(options.case)
    return 1 if found else 0


def find(plant: plants.Plant) -> bool:
    """Say within how many schedules a planted bug is found, from several first seeds."""
    counts = []
    for seed in SEEDS:
        planted: dict[str, Any] = {plant.side: plant.name}
        tally = run(seed, WITHIN, kill_every=1, stop=True, **planted)
        counts.append(tally.schedules if tally.failures else None)
    said = ", ".join(str(count or f"not within {WITHIN}") for count in counts)
    print(f"planted: {plant.story}: caught within so many schedules: {said}", flush=True)
    return None not in counts


if __name__ == "__main__":
    sys.exit(main())
