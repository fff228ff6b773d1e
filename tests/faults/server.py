"""A server to be hurt: pre-forked, reset within milliseconds, and really killed at any statement.

The parent builds the application once, holds the listening socket and forks the process that serves. When that
dies the next one is forked at once and finds whatever waits in the socket. Faults are asked for by a header of
the request (`X-Faults`, JSON) and by addresses below `/~faults/`; neither exists outside of this module.

    python -m tests.faults.server SOCKET|PORT DATABASE_URL FOLDER [--plant receipt|cursor]

On a port of this machine the clock is the real one, on the day of the tests.
"""

from __future__ import annotations

import argparse
import gc
import json
import logging
import os
import pickle
import shutil
import signal
import socket
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

import argon2
import waitress
from flask import Flask
from sqlalchemy import Table, delete, event, insert, select, update
from sqlalchemy.exc import OperationalError

from tests.faults import plants
from tests.support.server import HOST, die_with_parent
from tests.webapp import world
from webapp import clock, create_app
from webapp.accounts.models import Account, Device
from webapp.assignments.models import Assignment
from webapp.config import Settings
from webapp.db import db, new_id, table_of
from webapp.media.queries import storage
from webapp.media.storage import Folder
from webapp.ops.actions import prepare_database
from webapp.sync import rules

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

STATIC = {
    "alembic_version", "unit_type", "unit", "unit_membership", "household_count", "officer", "account", "role",
    "role_permission",
}  # fmt: skip
"""Tables that no schedule changes; all others are emptied and filled again between schedules."""
STARTED = datetime(2026, 11, 22, 5, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Order(threading.local):
    """What the request that this thread answers asked for."""

    now: int | None = None
    statements = 0
    commits = 0
    kill: object = None
    fail: int | None = None
    stall: float = 0


order = Order()


def die() -> None:
    """Go the way the power goes: nothing is tidied up."""
    os.kill(os.getpid(), signal.SIGKILL)


def now() -> datetime:
    """Tell the time the driver says it is."""
    return STARTED if order.now is None else EPOCH + timedelta(milliseconds=order.now)


def _on_statement(*_: object) -> None:
    order.statements += 1
    if order.kill == order.statements or (order.kill == "committed" and order.commits):
        die()
    if order.fail == order.statements:
        gone = sqlite3.OperationalError("the database went away")
        # The first the application expects and answers with 503, the second nobody does.
        raise OperationalError("", None, gone) if order.statements % 2 else gone


def _on_commit(_: object) -> None:
    if order.kill == "commit":
        die()
    order.commits += 1
    if order.stall:
        time.sleep(order.stall / 1000)


class Faults:
    """The application, with faults to order."""

    def __init__(self, app: Flask, remembered: Path) -> None:
        """Stand around `app`; what its database is to hold at the beginning may be in `remembered`."""
        self.app = app
        self.remembered = remembered
        with app.app_context():
            event.listen(db.engine, "before_cursor_execute", _on_statement)
            event.listen(db.engine, "commit", _on_commit)
            self.tables: list[Table] = [t for t in db.metadata.sorted_tables if t.name not in STATIC]
            self.initial = self._everything()
            db.engine.dispose()

    def warm_up(self) -> None:
        """Do once what is done most: the processes forked from this one then find its statements compiled."""
        phone = world.sign_in(self.app, "lan")
        form = {"identifier": "lan", "password": world.PASSWORD}
        phone.client.post("/sign-in", data=form, headers=world.SAME_ORIGIN)
        phone = world.sign_in(self.app, "lan")
        phone.client.get("/sync/session")
        for _ in range(2):
            save = phone.operation("meeting.save", world.meeting())
            again = save | {"op_id": str(new_id()), "rev": 2, "base_rev": 1}
            phone.push(save, again, phone.operation("petition.save", world.petition()))
            phone.pull(protocol=2, check=1)
        with self.app.app_context():
            self.dump()
            self.reset()
            db.session.remove()
            db.engine.dispose()
        gc.freeze()

    def _everything(self) -> dict[str, list[dict[str, Any]]]:
        with db.engine.connect() as connection:
            return {
                table.name: [dict(row) for row in connection.execute(select(table)).mappings()]
                for table in self.tables
            }

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer, or do what was ordered instead."""
        asked = json.loads(environ.get("HTTP_X_FAULTS") or "{}")
        order.now, order.statements, order.commits = asked.get("now"), 0, 0
        order.kill, order.fail, order.stall = None, None, 0
        path = environ["PATH_INFO"]
        if path.startswith("/~faults/"):
            said = json.loads(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)) or b"{}")
            with self.app.app_context():
                answer = json.dumps(getattr(self, path.removeprefix("/~faults/"))(**said)).encode()
            start_response(
                "200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))]
            )
            return [answer]
        order.kill, order.fail, order.stall = asked.get("kill"), asked.get("fail"), asked.get("stall", 0)
        if order.kill == "before":
            die()
        answered: list[Any] = []

        def keep(status: str, headers: list[tuple[str, str]], info: Any = None) -> Callable[[bytes], object]:
            answered[:] = [status, headers, info]
            return lambda _: None

        body = b"".join(self.app.wsgi_app(environ, keep))
        if order.kill:
            die()  # what was to be committed is committed; nobody hears of it
        start_response(answered[0], answered[1])
        return [body]

    def kill(self) -> None:
        """Die now."""
        die()

    def remember(self) -> None:
        """Let it be the beginning as it stands now, also for the processes that come after this one."""
        self.remembered.write_bytes(pickle.dumps(self._everything()))

    def reset(self) -> dict[str, int]:
        """Put everything back to how it was at the beginning."""
        if self.remembered.exists():
            self.initial = pickle.loads(self.remembered.read_bytes())  # noqa: S301 - our own
        plants.forget()
        shutil.rmtree(cast("Folder", storage()).root, ignore_errors=True)
        with db.engine.connect() as connection:
            connection = connection.execution_options(gandan_write=True)  # noqa: PLW2901 - the same, told to write
            for table in reversed(self.tables):
                connection.execute(delete(table))
            for table in self.tables:
                if rows := self.initial[table.name]:
                    connection.execute(insert(table), rows)
            connection.commit()
        return {"pid": os.getpid()}

    def assign(self, *, officer: str, unit: str, on: bool) -> None:
        """Begin or end somebody's work in a group, as of today."""
        assignment, today = table_of(Assignment), now().date()
        with db.engine.begin() as connection:
            mine = (assignment.c.officer_id == UUID(officer)) & (assignment.c.unit_id == UUID(unit))
            connection.execute(
                update(assignment).where(mine, assignment.c.valid_to.is_(None)).values(valid_to=today)
            )
            if on:
                connection.execute(
                    insert(assignment).values(
                        id=new_id(), officer_id=UUID(officer), unit_id=UUID(unit), role_code="group_officer",
                        is_primary=True, decision_ref="", valid_from=date(2020, 1, 1), end_reason="",
                    )
                )  # fmt: skip

    def end_session(self, *, device: str, revoke: bool) -> None:
        """Sign a device out from afar, or revoke it."""
        devices = table_of(Device)
        with db.engine.begin() as connection:
            connection.execute(
                update(devices)
                .where(devices.c.id == UUID(device))
                .values({"revoked_at" if revoke else "signed_out_at": now()})
            )

    def dump(self) -> dict[str, Any]:
        """Say everything the database holds, past the application."""
        with db.engine.connect() as connection:
            return {
                table.name: [
                    {key: _plain(value) for key, value in row.items()}
                    for row in connection.execute(select(table)).mappings()
                ]
                for table in self.tables
            }

    def people(self) -> dict[str, Any]:
        """Say who is who and what is where in this world."""
        with db.engine.connect() as connection:
            accounts = connection.execute(select(Account.code, Account.officer_id)).all()
        return {
            "password": world.PASSWORD,
            "officers": {code: str(officer) for code, officer in accounts},
            "units": {key: str(world.unit_id(key)) for key, kind, *_ in world.UNITS if kind == "group"},
            "feeds": {
                str(world.unit_id(key)): str(world.unit_id(feed)) for key, *_, feed in world.UNITS if feed
            },
            "starts": int(STARTED.timestamp() * 1000),
        }


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, datetime):
        return clock.iso(value)
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)


def build_app(database_url: str, folder: Path) -> Flask:
    """Make the application on a database that holds the world of the tests; make that if it is not there."""
    app = create_app(Settings(folder, database_url, "a key for tests only, a key for tests only", None))
    app.config["WTF_CSRF_ENABLED"] = False  # forms are posted without loading their pages first
    with app.app_context():
        prepare_database()
        if db.session.scalar(select(Account.id).limit(1)) is None:
            hasher = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
            world._HASH = hasher.hash(world.PASSWORD)  # schedules sign in often: cheap to check
            world.build()
        db.session.remove()
        db.engine.dispose()
    return app


def serve(app: Callable[..., Iterable[bytes]], listener: socket.socket) -> None:
    """Serve in a forked process, and fork the next one whenever that dies."""
    child = 0

    def stop(*_: object) -> None:
        if child:
            os.kill(child, signal.SIGKILL)
        os._exit(0)

    signal.signal(signal.SIGTERM, stop)
    while True:
        child = os.fork()
        if not child:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            die_with_parent()
            waitress.serve(app, sockets=[listener], threads=8, ident=None, _quiet=True)
            os._exit(0)
        os.waitpid(child, 0)


def main() -> None:
    """Serve on a socket of this machine until stopped."""
    parser = argparse.ArgumentParser()
    parser.add_argument("place", metavar="SOCKET|PORT")
    parser.add_argument("database_url")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--plant", choices=sorted(plants.SERVER))
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)  # faults are made by the thousand
    die_with_parent()
    app = build_app(options.database_url, options.folder)
    on_port = options.place.isdecimal()
    if on_port:
        clock.pretend_today(STARTED.date())
    else:
        clock.now = now
    rules.REVOKED_OPERATIONS = 2  # so that it is met
    if options.plant:
        plants.SERVER[options.plant]()
    faults = Faults(app, options.folder / "remembered")
    faults.warm_up()
    with socket.socket(socket.AF_INET if on_port else socket.AF_UNIX) as listener:
        listener.bind((HOST, int(options.place)) if on_port else options.place)
        listener.listen(256)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        serve(faults, listener)


if __name__ == "__main__":
    main()
