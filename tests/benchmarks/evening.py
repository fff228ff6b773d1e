"""The evening when everybody comes home: 1,256 phones send five entries each within the same minutes.

The server is the one that runs in earnest (waitress, two processes), the database durable. Each phone does what the
app does when it is opened with signal: it asks for its session, pushes, pulls; what gets no answer comes again
after the pause the app makes. `make bench ARGS="--only evening"`, or by itself:

    python -m tests.benchmarks.evening --phones 1256 --within 60 --engine postgres
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import os
import random
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import psycopg
from sqlalchemy import func, insert, select

from tests.benchmarks.entries import Author, Pen
from tests.benchmarks.report import Row, table
from tests.support import demonstration
from tests.support.postgres import cluster
from tests.support.server import HOST, ROOT, Server, copy_database
from webapp import clock, create_app
from webapp.accounts.models import Account, Device
from webapp.assignments.models import Assignment
from webapp.config import Settings
from webapp.db import db, new_id, table_of
from webapp.meetings.models import MeetingEntry
from webapp.places.models import Unit, UnitType
from webapp.sync.models import Quarantined

PHONES: Final = 1256
ENTRIES: Final = 5
WITHIN: Final = 60.0
TIMEOUT: Final = 30.0
LONGEST_PAUSE: Final = 15 * 60.0
AT_ONCE: Final = 16
"""How many phones fetch their first load at a time: that was on other days."""


class Unanswered(Exception):  # noqa: N818 - it is no error: the phone keeps everything and comes again
    """No answer of the server, or one that says to come again."""

    def __init__(self, what: str, retry_after: float = 0) -> None:
        """Know what happened, and for how long to wait if the server said so."""
        super().__init__(what)
        self.what, self.retry_after = what, retry_after


@dataclass
class Phone:
    """One phone with entries to send."""

    cookie: str
    author: Author
    cursor: str = ""
    body: bytes = b""
    receipts: int = 0


@dataclass
class Evening:
    """What became of it."""

    engine: str
    phones: int
    within: float
    drained: float = 0
    acknowledged: int = 0
    stored: int = 0
    waiting: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    memory: float = 0
    """Most of it that a process of the server ever held, in MB."""
    cpu: float = 0

    def rank(self, share: float) -> float:
        """Return how long a request waited for its answer, at most, in `share` of all cases, in milliseconds."""
        times = sorted(self.waiting)
        return 1000 * times[min(len(times) - 1, int(share * len(times)))]

    def rows(self) -> list[Row]:
        """Write the table."""
        name = f"{self.phones:,} phones, {ENTRIES} entries each within {self.within:.0f} s, {self.engine}"
        missing = self.phones * ENTRIES - min(self.acknowledged, self.stored)
        return [
            Row(f"{name}: all acknowledged after", self.drained, "s", None, f"{self.acknowledged:,} entries"),
            Row("  entries not stored or not acknowledged", missing, "entries", 0),
            Row("  requests without an answer at first", sum(self.errors.values()), "requests", None,
                ", ".join(f"{what} {count}" for what, count in self.errors.most_common())),
            Row("  a request, 99 of 100", self.rank(0.99), "ms", None,
                f"half {self.rank(0.5):,.0f}, longest {self.rank(1):,.0f}, of {len(self.waiting):,}"),
            Row("  the server's processor time for each entry", 1000 * self.cpu / (self.phones * ENTRIES), "ms CPU",
                None, f"{self.cpu:.0f} s in all, session and pull included"),
            Row("  most memory of a server process", self.memory, "MB", None),
        ]  # fmt: skip


async def _ask(
    streams: list[Any], port: int, method: str, path: str, cookie: str, body: bytes = b""
) -> dict[str, Any]:
    """Send one request on the phone's connection and read the answer."""
    if not streams:
        streams[:] = await asyncio.open_connection(HOST, port)
    reader, writer = streams
    head = f"{method} {path} HTTP/1.1\r\nHost: {HOST}:{port}\r\nCookie: {cookie}\r\nSec-Fetch-Site: same-origin\r\n"
    if body:
        head += f"Content-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: {len(body)}\r\n"
    writer.write(head.encode() + b"\r\n" + body)
    await writer.drain()
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines[1:] if line)
    said = await reader.readexactly(int(headers.get("content-length", 0)))
    status = int(lines[0].split()[1])
    if status != 200:
        raise Unanswered(f"answered {status}", float(headers.get("retry-after", 0)))
    answer: dict[str, Any] = json.loads(said)
    return answer


async def _exchange(phone: Phone, port: int, evening: Evening) -> None:
    """Do what the app does when it is opened; what gets no answer is asked again after a pause."""
    streams: list[Any] = []
    pull = urlencode({"since": phone.cursor, "protocol": 2})
    steps = [
        ("GET", "/sync/session", b""),
        ("POST", "/sync/push", phone.body),
        ("GET", f"/sync/pull?{pull}", b""),
    ]
    failures = 0
    while steps:
        method, path, body = steps[0]
        asked = time.monotonic()
        try:
            async with asyncio.timeout(TIMEOUT):
                answer = await _ask(streams, port, method, path, phone.cookie, body)
        except (Unanswered, OSError, asyncio.IncompleteReadError, TimeoutError) as silence:
            evening.errors[getattr(silence, "what", type(silence).__name__)] += 1
            if streams:
                streams[1].close()
                streams.clear()
            failures += 1
            pause = getattr(silence, "retry_after", 0) or 15 * 2 ** min(failures, 6)
            await asyncio.sleep(min(LONGEST_PAUSE, pause) * random.uniform(0.5, 1.5))  # noqa: S311 - a pause
            continue
        evening.waiting.append(time.monotonic() - asked)
        if method == "POST":
            phone.receipts = sum(bool(one["receipt"]) for one in answer["outcomes"])
            evening.acknowledged += phone.receipts
            evening.drained = max(evening.drained, time.monotonic())
        if answer.get("more"):
            pull = urlencode({"since": answer["cursor"], "protocol": 2})
            steps.append(("GET", f"/sync/pull?{pull}", b""))
        steps.pop(0)
    streams[1].close()


async def _come_home(phones: Sequence[Phone], port: int, evening: Evening) -> None:
    async def one(phone: Phone) -> None:
        await asyncio.sleep(random.uniform(0, evening.within))  # noqa: S311 - when somebody comes home
        await _exchange(phone, port, evening)

    await asyncio.gather(*(one(phone) for phone in phones))


async def _first_loads(phones: Sequence[Phone], port: int) -> None:
    """Fetch what each phone has known for long when the evening comes."""
    waiting = iter(phones)

    async def some() -> None:
        for phone in waiting:
            streams: list[Any] = []
            more = True
            while more:
                query = urlencode({"since": phone.cursor, "protocol": 2})
                page = await _ask(streams, port, "GET", f"/sync/pull?{query}", phone.cookie)
                phone.cursor, more = page["cursor"], page["more"]
            streams[1].close()

    await asyncio.gather(*(some() for _ in range(AT_ONCE)))


def prepare(server: Server, url: str, count: int, today: date) -> list[Phone]:
    """Give `count` phones to the demonstration's people, signed in, with entries to send."""
    key = server.environment["SECRET_KEY"]
    app = create_app(Settings(server.data, url, key, None))
    phones = []
    with app.app_context():
        people: dict[Any, tuple[Any, list[str]]] = {}
        held = (
            select(Account.id, Account.officer_id, Assignment.unit_id)
            .join(Assignment, Assignment.officer_id == Account.officer_id)
            .join(Unit, Unit.id == Assignment.unit_id)
            .join(UnitType, UnitType.code == Unit.type_code)
            .where(UnitType.can_meet, Assignment.valid_to.is_(None), Unit.valid_to.is_(None))
            .order_by(Account.code, Unit.sort_key)
        )
        for account_id, officer_id, unit_id in db.session.execute(held):
            people.setdefault(account_id, (officer_id, []))[1].append(str(unit_id))
        serializer: Any = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        now, owners, rows = clock.now(), list(people.items()), []
        for place in range(count):
            account_id, (officer_id, groups) = owners[place % len(owners)]
            device, secret = new_id(), secrets.token_bytes(32)
            rows.append({
                "id": device, "account_id": account_id, "secret": secret, "label": "", "created_at": now,
                "last_seen_at": now,
            })  # fmt: skip
            author = Author(str(officer_id), str(device), secret, groups)
            pen = Pen(author, today)
            body = pen.push([pen.meeting(place + number) for number in range(ENTRIES)])
            cookie = serializer.dumps({"device": str(device)})
            phones.append(Phone(f"gandan={cookie}", author, body=gzip.compress(body)))
        db.session.execute(insert(table_of(Device)), rows)
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    return phones


def _count(server: Server, url: str) -> int:
    app = create_app(Settings(server.data, url, server.environment["SECRET_KEY"], None))
    with app.app_context():
        if db.session.scalar(select(func.count()).select_from(Quarantined)):
            raise RuntimeError("something is in quarantine")
        count = db.session.scalar(select(func.count()).select_from(MeetingEntry)) or 0
        db.session.remove()
        db.engine.dispose()
    return count


def _family(pid: int) -> list[int]:
    return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]


def _memory(pids: Sequence[int]) -> float:
    """Return the most memory that one of the processes ever held, in MB."""
    lines = [line for pid in pids for line in Path(f"/proc/{pid}/status").read_text().splitlines()]
    return max(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def _cpu(pids: Sequence[int]) -> float:
    """Return the processor time of the processes so far, in seconds."""
    fields = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids]
    return sum(int(each[11]) + int(each[12]) for each in fields) / os.sysconf("SC_CLK_TCK")


@contextmanager
def database(engine: str, folder: Path, filled: Path | None) -> Iterator[tuple[Path, str]]:
    """Make a demonstration district on an engine; yield the server's data folder and the database's address."""
    data = folder / f"evening-{engine}"
    data.mkdir()
    if engine == "sqlite":
        copy_database(filled or demonstration.template(folder / "demonstration"), data / "gandan.sqlite3")
        yield data, f"sqlite:///{data / 'gandan.sqlite3'}"
        return
    with cluster() as running, running.database() as name:
        url = running.url(name)
        filling = Server(data, arguments=["demo", "--fill-only"], environment={"DATABASE_URL": url})
        subprocess.run(filling.command, env=filling.environment, cwd=ROOT, check=True, capture_output=True)
        with psycopg.connect(running.address, autocommit=True) as connection:
            connection.execute("ALTER SYSTEM RESET ALL")  # from here on it is durable, as in earnest
            connection.execute("SELECT pg_reload_conf()")
        yield data, url


def run(engine: str, folder: Path, today: date, *, filled: Path | None = None, **said: Any) -> Evening:
    """Let the evening come. `said`: `phones`, `within` (seconds), `workers` (processes of the server)."""
    with database(engine, folder, filled) as (data, url):
        workers = said.get("workers", 2)
        server = Server(
            data, arguments=["serve", "--workers", str(workers)], environment={"DATABASE_URL": url}
        )
        phones = prepare(server, url, said.get("phones", PHONES), today)
        evening = Evening(f"{engine}, {workers} processes", len(phones), said.get("within", WITHIN))
        with server:
            asyncio.run(_first_loads(phones, server.port))
            before, family = _count(server, url), _family(server.pid)
            started, spent = time.monotonic(), _cpu(family)
            asyncio.run(_come_home(phones, server.port, evening))
            evening.cpu, evening.memory = _cpu(family) - spent, _memory(family)
            evening.drained -= started
            evening.stored = _count(server, url) - before
            server.kill(signal.SIGTERM)  # the processes that serve are told, too
    return evening


def measure(folder: Path, filled: Path, today: date) -> list[Row]:
    """Measure the evening on both engines."""
    return [
        row for engine in ("sqlite", "postgres") for row in run(engine, folder, today, filled=filled).rows()
    ]


def main() -> int:
    """Measure one evening and print it."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.evening")
    parser.add_argument("--engine", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--phones", type=int, default=PHONES)
    parser.add_argument("--within", type=float, default=WITHIN)
    parser.add_argument("--workers", type=int, default=2)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gandan-evening-") as name:
        options = {"phones": chosen.phones, "within": chosen.within, "workers": chosen.workers}
        rows = run(chosen.engine, Path(name), clock.today(), **options).rows()
    print(table(rows))
    return 0 if all(row.fits for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
