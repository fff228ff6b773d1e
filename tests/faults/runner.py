"""Feeds seeds to drivers, each with a server of its own, and adds up what they found."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.server import die_with_parent
from tests.tooling import node

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60


@dataclass
class Tally:
    """What many schedules came to."""

    schedules: int = 0
    steps: int = 0
    operations: int = 0
    requests: int = 0
    kills: int = 0
    killed_in: int = 0
    deaths: int = 0
    seconds: float = 0
    faults: Counter[str] = field(default_factory=Counter)
    failures: list[dict[str, Any]] = field(default_factory=list)

    def add(self, line: dict[str, Any]) -> None:
        """Count one schedule."""
        self.schedules += 1
        for name in ("steps", "operations", "requests", "kills", "deaths"):
            setattr(self, name, getattr(self, name) + line[name])
        self.killed_in += bool(line["kills"])
        self.faults.update(line["faults"])
        if line["violations"]:
            self.failures.append(line)

    def __str__(self) -> str:
        """Say it in one line."""
        return (
            f"{self.schedules:,} schedules, {self.steps:,} steps, {self.operations:,} saved operations, "
            f"{self.requests:,} requests, {self.kills:,} real SIGKILLs of the server (in {self.killed_in:,} "
            f"schedules), {self.deaths:,} deaths of phones: {len(self.failures)} with violations, "
            f"{self.seconds:.0f} s"
        )


def story_of(failure: dict[str, Any]) -> str:
    """Tell a failed schedule to people."""
    said = "\n".join(f"  ! {one}" for one in failure.get("smallest") or failure["violations"])
    return (
        f"{failure.get('story', '')}\n{said}\n  again: make faults ARGS='--seed {failure['seed']} --count 1'"
    )


@contextmanager
def hurt_server(
    database_url: str | None = None, *, plant: str | None = None, port: int | None = None
) -> Iterator[Path]:
    """Start a server to be hurt and yield its socket; without `database_url` it has an SQLite of its own.

    With `port` it listens there, and what is yielded is the folder its database lies in.

    Nobody waits for a disk: what a killed process leaves in memory files is what it would leave on a disk.
    """
    memory = Path("/dev/shm")  # noqa: S108 - a private folder is made in it
    with tempfile.TemporaryDirectory(
        prefix="gandan-faults-", dir=memory if os.access(memory, os.W_OK) else None
    ) as name:
        folder = Path(name)
        socket = folder / "socket"
        url = database_url or f"sqlite:///{folder / 'gandan.sqlite'}"
        command = [sys.executable, "-m", "tests.faults.server", str(port or socket), url, str(folder)]
        process = subprocess.Popen(
            command + (["--plant", plant] if plant else []), cwd=ROOT, stdout=subprocess.PIPE,
            stdin=subprocess.DEVNULL, preexec_fn=die_with_parent, text=True,  # noqa: PLW1509 - one system call
        )  # fmt: skip
        try:
            if process.stdout is None or process.stdout.readline() != "ready\n":
                raise RuntimeError("the server to be hurt did not start")
            yield folder if port else socket
        finally:
            process.terminate()
            process.wait(START_SECONDS)


def drive(socket: Path, first: int, count: int, *options: str) -> Iterator[dict[str, Any]]:
    """Run schedules one after another and yield what the driver says of each."""
    arguments = ("--socket", str(socket), "--first", str(first), "--count", str(count), *options)
    with subprocess.Popen(
        [str(node()), "--no-warnings", "tests/faults/driver.mjs", *arguments], cwd=ROOT, stdout=subprocess.PIPE,
        preexec_fn=die_with_parent, text=True,  # noqa: PLW1509 - one system call, no lock
    ) as driver:  # fmt: skip
        if driver.stdout is None:
            raise RuntimeError("the driver says nothing")
        for line in driver.stdout:
            yield json.loads(line)
    if driver.returncode:
        raise RuntimeError(f"the driver ended with {driver.returncode}")


def run(first: int, count: int, *, lanes: int = 1, database_urls: tuple[str, ...] = (), **said: Any) -> Tally:
    """Run `count` schedules from seed `first` on, in `lanes` side by side, and add them up.

    `said`: `kill_every` (every how many seeds the server may really be killed; 0 never), `report` (called
    with each line), `plant` (a bug of the client), `server_plant` (one of the server), `stop` (at the first).
    """
    tally = Tally()
    started = time.monotonic()
    options = ["--step", str(lanes), "--kill-every", str(said.get("kill_every", 10))]
    options += ["--plant", said["plant"]] if said.get("plant") else []
    options += ["--stop"] if said.get("stop") else []

    def lane(place: int) -> None:
        share = count // lanes + (place < count % lanes)
        url = database_urls[place] if database_urls else None
        with hurt_server(url, plant=said.get("server_plant")) as socket:
            for line in drive(socket, first + place, share, *options):
                tally.add(line)
                if "report" in said:
                    said["report"](tally, line)

    with ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(lanes))
        for done in [pool.submit(lane, place) for place in range(lanes)]:
            done.result()
    tally.seconds = time.monotonic() - started
    return tally
