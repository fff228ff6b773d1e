"""What one new entry costs the server: processor time in this process, with nothing switched off.

The application is called through WSGI directly, so that neither a client nor a socket is on the bill:
sign-in, the device's proof, validation, audit and a durable commit to an SQLite file are.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from datetime import date
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from flask import Flask
from sqlalchemy import text

from tests.benchmarks.entries import Author, Pen
from tests.benchmarks.report import Row, median, spread
from tests.support.people import token_in
from tests.support.server import copy_database, own_cpu_seconds
from webapp import create_app
from webapp.config import Settings
from webapp.db import db

ORIGIN: Final = "http://localhost"
BATCH: Final = 50
WARM_UP: Final = 4
SYNCHRONOUS_FULL: Final = 2


class Caller:
    """Calls the application as a signed-in phone does, without a network."""

    def __init__(self, app: Flask, person: str) -> None:
        """Sign in as one of the demonstration's people."""
        self.app = app
        client = app.test_client()
        page = client.get("/sign-in", base_url=ORIGIN).text
        answer = client.post(
            f"/sign-in/demonstration/{person}",
            base_url=ORIGIN,
            data={"csrf_token": token_in(page)},
            headers={"Sec-Fetch-Site": "same-origin"},
        )
        if answer.status_code != HTTPStatus.SEE_OTHER:
            raise RuntimeError(f"Signing in as {person} was answered with {answer.status_code}.")
        cookie = client.get_cookie("gandan", domain="localhost")
        self.cookie = f"gandan={cookie.value if cookie else ''}"
        session = client.get("/sync/session", base_url=ORIGIN).get_json()
        pulled = client.get("/sync/pull", base_url=ORIGIN).get_json()
        self.author = Author.of(session, pulled)

    def environment(self, body: bytes) -> dict[str, Any]:
        """Return the WSGI environment of one push."""
        return {
            "REQUEST_METHOD": "POST", "SCRIPT_NAME": "", "PATH_INFO": "/sync/push", "QUERY_STRING": "",
            "SERVER_NAME": "localhost", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "localhost", "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(body)),
            "HTTP_COOKIE": self.cookie, "HTTP_SEC_FETCH_SITE": "same-origin",
            "HTTP_ACCEPT_ENCODING": "gzip, br",
            "wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(), "wsgi.multithread": True, "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }  # fmt: skip

    def push(self, body: bytes) -> tuple[float, bytes]:
        """Push once; return the processor seconds it took and the answer as it would be sent."""
        return self.call(self.environment(body))

    def pull(self, query: str) -> tuple[float, bytes]:
        """Pull once; return the same."""
        asked = {"REQUEST_METHOD": "GET", "PATH_INFO": "/sync/pull", "QUERY_STRING": query}
        plain = {"HTTP_ACCEPT_ENCODING": "identity"}
        return self.call(self.environment(b"") | asked | plain)

    def call(self, environment: dict[str, Any]) -> tuple[float, bytes]:
        """Ask once; return the processor seconds it took and the answer as it would be sent."""
        status = ""

        def start(line: str, _headers: object, _error: object = None) -> Any:
            nonlocal status
            status = line

        before = own_cpu_seconds()
        chunks: Iterable[bytes] = self.app.wsgi_app(environment, start)
        answer = b"".join(chunks)
        close = getattr(chunks, "close", None)
        if close:
            close()
        spent = own_cpu_seconds() - before
        if not status.startswith("200"):
            raise RuntimeError(f"{environment['PATH_INFO']} was answered with {status}: {answer[:200]!r}")
        return spent, answer


def measure(folder: Path, filled: Path, person: str, today: date, rounds: int = 20) -> list[Row]:
    """Push new entries in batches of fifty and one at a time."""
    database = folder / "gandan.sqlite3"
    copy_database(filled, database)
    settings = Settings(folder, f"sqlite:///{database}", "a key for measurements only", None)
    app = create_app(settings)
    with app.app_context():
        synchronous = db.session.execute(text("PRAGMA synchronous")).scalar()
        received = _count(db.session.execute(text("SELECT count(*) FROM meeting")).scalar())
    if synchronous != SYNCHRONOUS_FULL:
        raise RuntimeError(f"SQLite would not be durable: PRAGMA synchronous is {synchronous}.")
    caller = Caller(app, person)
    pen = Pen(caller.author, today)
    batches = [pen.push([pen.meeting(number) for number in range(BATCH)]) for _ in range(rounds + WARM_UP)]
    singles = [pen.push([pen.meeting(number)]) for number in range(BATCH + WARM_UP)]
    petitions = [pen.push(pen.entry(number)) for number in range(BATCH)]
    together = [1000 * caller.push(body)[0] / BATCH for body in batches][WARM_UP:]
    alone = [1000 * caller.push(body)[0] for body in singles][WARM_UP:]
    whole = [1000 * caller.push(body)[0] for body in petitions]
    again = [1000 * caller.push(body)[0] / BATCH for body in batches]
    since = _newest(caller)
    silence = [1000 * caller.pull(since)[0] for _ in range(BATCH)]
    with app.app_context():
        arrived = _count(db.session.execute(text("SELECT count(*) FROM meeting")).scalar()) - received
        refused = _count(db.session.execute(text("SELECT count(*) FROM quarantined")).scalar())
    expected = BATCH * len(batches) + len(singles) + len(petitions)
    if arrived != expected or refused:
        raise RuntimeError(f"{arrived} of {expected} entries arrived, {refused} are in quarantine.")
    return [
        Row(
            "server, one entry, in batches of 50",
            median(together),
            "ms CPU",
            0.6,
            f"aim 0.35; {spread(together)}",
        ),
        Row("server, one entry at a time", median(alone), "ms CPU", 2.5, spread(alone)),
        Row("server, one entry with its petitions", median(whole), "ms CPU", None, spread(whole)),
        Row(
            "server, one entry that came before, in batches of 50",
            median(again),
            "ms CPU",
            0.25,
            spread(again),
        ),
        Row("server, a pull that brings nothing", median(silence), "ms CPU", None, spread(silence)),
    ]


def _newest(caller: Caller) -> str:
    """Pull until there is no more; return what the next pull asks with."""
    query = urlencode({"protocol": 2})
    while True:
        page = json.loads(caller.pull(query)[1])
        query = urlencode({"protocol": 2, "since": page["cursor"]})
        if not page["more"]:
            return query


def _count(value: object) -> int:
    return int(json.loads(json.dumps(value)))
