"""Servers that a request can kill, forked from one process that has done the imports.

`X-Die: commit` kills the server when that request is about to commit, `X-Die: answer` when it has been answered
and nobody has heard of it. Both are SIGKILL: nothing is tidied up.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

from flask import Flask
from sqlalchemy import event

from tests.support.server import ROOT, Server, die_with_parent, until
from webapp import cli, create_app
from webapp.config import Settings
from webapp.db import db

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


class Order(threading.local):
    """When the request that this thread answers wants the server dead."""

    die_at = ""


order = Order()


def _die_at(moment: str) -> None:
    if order.die_at == moment:
        os.kill(os.getpid(), signal.SIGKILL)


def create_mortal(settings: Settings | None = None) -> Flask:
    """Make the application, ready to be killed."""
    app = create_app(settings)
    inner = app.wsgi_app

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        order.die_at = environ.get("HTTP_X_DIE", "")
        answered = inner(environ, start_response)
        _die_at("answer")
        return answered

    app.wsgi_app = answer  # type: ignore[method-assign]
    with app.app_context():
        event.listen(db.engine, "commit", lambda _: _die_at("commit"))
    return app


class Child:
    """A server that the nursery forked; the nursery's system reaps it."""

    def __init__(self, pid: int) -> None:
        """Name it by its number."""
        self.pid = pid

    def poll(self) -> int | None:
        """Return None while it lives."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return -signal.SIGKILL
        return None

    def send_signal(self, sig: int) -> None:
        """Send it a signal, if it lives."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, sig)

    def wait(self) -> int:
        """Wait until it is gone."""
        return until(self.poll, 10, "server to be gone") or 0


class Nursery:
    """Forks servers; use it in a `with` statement."""

    def bear(self, order: dict[str, object]) -> Child:
        """Fork a server with this environment, these arguments and this log."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return Child(int(self._process.stdout.readline()))

    def __enter__(self) -> Self:
        """Do the imports."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.mortal"], cwd=ROOT, text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, preexec_fn=die_with_parent,  # noqa: PLW1509 - one system call, no lock
        )  # fmt: skip
        return self

    def __exit__(self, *_: object) -> None:
        """End, and whatever was forked with it."""
        self._process.kill()
        self._process.communicate()


class MortalServer(Server):
    """A server on a fixed port that comes from a nursery."""

    def __init__(self, nursery: Nursery, data: Path) -> None:
        """Prepare a server whose data lie in `data`."""
        super().__init__(data)
        self._nursery = nursery

    def _launch(self) -> Child:
        arguments = self.command[3:]
        return self._nursery.bear(
            {"arguments": arguments, "environment": self.environment, "log": str(self.log)}
        )


def _serve(order: dict[str, object]) -> None:
    die_with_parent()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    log = os.open(str(order["log"]), os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for stream in (1, 2):
        os.dup2(log, stream)
    os.environ.update(order["environment"])  # type: ignore[call-overload]
    cli.main(order["arguments"])


def main() -> None:
    """Fork a server for each line of the standard input, and say its number."""
    cli.create_app = create_mortal  # type: ignore[attr-defined]
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            _serve(json.loads(line))
        print(pid, flush=True)  # noqa: T201 - read by `Nursery.bear`


if __name__ == "__main__":
    main()
