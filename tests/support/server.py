"""The application in a process of its own, so that stopping it is real.

`Server.kill()` is SIGKILL and `Server.start()` comes back on the same port with the same database. The
process dies with the test run: an orphan would answer in a later test and make a stopped server look alive.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Final, Protocol, Self, TypeVar

ROOT: Final = Path(__file__).resolve().parents[2]
HOST: Final = "127.0.0.1"
START_SECONDS: Final = 60.0
POLL_SECONDS: Final = 0.02
PR_SET_PDEATHSIG: Final = 1

T = TypeVar("T")


class ServerError(RuntimeError):
    """The server did not do what was asked; the message ends with the last lines it wrote."""


def free_port() -> int:
    """Return a port of this machine that nothing listens on."""
    with closing(socket.socket()) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    """Say whether nothing listens on `port`."""
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def until(condition: Callable[[], T], seconds: float, what: str, every: float = POLL_SECONDS) -> T:
    """Ask `condition` until it answers something true, and return that answer."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {seconds:g} s")
        pause.wait(every)


def die_with_parent() -> None:
    """Ask Linux to kill this process when the one that started it ends, however it ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def copy_database(source: Path, target: Path) -> None:
    """Copy an SQLite database together with what still lies in its write-ahead log."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)


class Process(Protocol):
    """What is asked of a running server's process."""

    @property
    def pid(self) -> int:
        """Its number."""

    def poll(self) -> int | None:
        """Return how it ended, or None while it runs."""

    def send_signal(self, sig: int) -> None:
        """Send it a signal."""

    def wait(self) -> int:
        """Wait until it is gone."""


class Server:
    """One server of the application on a fixed port with a fixed data folder."""

    def __init__(
        self,
        data: Path,
        *,
        port: int | None = None,
        arguments: Sequence[str] = ("serve",),
        module: str = "webapp",
        environment: Mapping[str, str] | None = None,
        health: str = "/healthz",
    ) -> None:
        """Prepare a server whose data lie in `data`; `module` is what `python -m` runs."""
        self.data = data
        self.port = port or free_port()
        self.database = data / "gandan.sqlite3"
        self.log = data / "server.log"
        options = ["--host", HOST, "--port", str(self.port)]
        self.command = [sys.executable, "-m", module, *arguments, *options]
        self.environment = {
            **os.environ,
            "DATABASE_URL": f"sqlite:///{self.database}",
            "GANDAN_DATA": str(data),
            "SECRET_KEY": "a key for tests only, a key for tests only",
            "PYTHONUNBUFFERED": "1",
            **(environment or {}),
        }
        self.health = health
        self._process: Process | None = None

    @property
    def origin(self) -> str:
        """The server's address without a path."""
        return f"http://{HOST}:{self.port}"

    @property
    def pid(self) -> int:
        """The number of the running process."""
        if self._process is None:
            raise ServerError("The server is not running.")
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether the process lives: it may have been killed by somebody else."""
        return self._process is not None and self._process.poll() is None

    def start(self, seconds: float = START_SECONDS) -> Self:
        """Start and return when `/healthz` answers."""
        if not is_free(self.port):
            raise ServerError(f"Port {self.port} is taken: is an earlier server still running?")
        self.data.mkdir(parents=True, exist_ok=True)
        self._process = self._launch()
        try:
            until(self._is_healthy, seconds, "server to answer")
        except TimeoutError as slow:
            self.kill()
            raise ServerError(f"{slow}\n{self.last_lines()}") from slow
        return self

    def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        """Stop the process at once, without a chance to tidy up, and wait until it is gone."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait()
            self._process = None

    def restart(self) -> Self:
        """Kill and start again: same port, same database."""
        self.kill()
        return self.start()

    def last_lines(self, count: int = 40) -> str:
        """Return the end of what the server wrote."""
        text = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-count:])

    def cpu_seconds(self) -> float:
        """Return the processor time that the running process has used so far (Linux)."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _launch(self) -> Process:
        with self.log.open("ab") as log:
            return subprocess.Popen(
                self.command, cwd=ROOT, env=self.environment, stdout=log, stderr=log,
                stdin=subprocess.DEVNULL, preexec_fn=die_with_parent,  # noqa: PLW1509 - one system call, no lock
            )  # fmt: skip

    def _is_healthy(self) -> bool:
        if self._process is not None and self._process.poll() is not None:
            status, self._process = self._process.poll(), None
            raise ServerError(f"The server ended with status {status}.\n{self.last_lines()}")
        connection = HTTPConnection(HOST, self.port, timeout=5)
        try:
            connection.request("GET", self.health)
            return connection.getresponse().status == HTTPStatus.OK
        except (HTTPException, OSError):
            return False
        finally:
            connection.close()

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(self, *_: object) -> None:
        """Kill."""
        self.kill()


def own_cpu_seconds() -> float:
    """Return the processor time, user and system, that this process has used so far."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
