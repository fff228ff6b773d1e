"""What it takes to bring in the official lists of the whole country, and to carry out the reform of 2025 on them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from time import perf_counter

from tests.benchmarks.report import Row
from tests.support.database import rows
from tests.support.server import ROOT, Server


def measure(folder: Path) -> list[Row]:
    """Run `gandan import units` as people do: the country before the reform, the reform on top, a second time."""
    folder.mkdir()
    server = Server(folder)
    _gandan(server, "init")
    found = []
    for what, preset in (
        ("the country of January 2025", "before-2025"),
        ("  the reform of 1/7/2025 on top", "after-2025"),
        ("  the same again: nothing changes", "after-2025"),
    ):
        before = _known(server)
        seconds = _gandan(server, "import", "units", "--preset", preset)
        added = _known(server) - before
        found.append(Row(what, seconds, "s", None, f"{added:,} versions of units more"))
    return found


def _known(server: Server) -> int:
    return int(rows(server.database, "SELECT count(*) AS n FROM unit_version")[0]["n"])


def _gandan(server: Server, *arguments: str) -> float:
    """Run one command to its end; return how many seconds it took."""
    begun = perf_counter()
    subprocess.run(
        [sys.executable, "-m", "webapp", *arguments], check=True, cwd=ROOT, env=server.environment, capture_output=True,
    )  # fmt: skip
    return perf_counter() - begun
