"""The demonstration district, filled once and copied for everyone who needs one."""

from __future__ import annotations

import fcntl
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Final

from tests.support.server import Server, copy_database

FILL_SECONDS: Final = 300.0
DATABASE: Final = "gandan.sqlite3"


def template(folder: Path, today: date | None = None) -> Path:
    """Return a filled demonstration database in `folder`; the first process to ask makes it."""
    folder.mkdir(parents=True, exist_ok=True)
    finished = folder / "finished" / DATABASE
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not finished.exists():
            arguments = ["demo", *(["--today", today.isoformat()] if today else [])]
            with_data = Server(folder / "filling", arguments=arguments)
            with_data.start(FILL_SECONDS)
            with_data.kill()
            half = folder / "half" / DATABASE
            copy_database(with_data.database, half)
            finished.parent.mkdir()
            half.rename(finished)
    return finished


def server(
    folder: Path, filled: Path, *, environment: Mapping[str, str] | None = None, today: date | None = None
) -> Server:
    """Prepare a server in `folder` with a copy of the filled database; it is not started yet."""
    prepared = Server(
        folder,
        arguments=["demo", *(["--today", today.isoformat()] if today else [])],
        environment=environment,
    )
    copy_database(filled, prepared.database)
    return prepared
