"""The demonstration district, filled once and copied for everyone who needs one."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
from datetime import date
from pathlib import Path
from typing import Final

from tests.support.server import ROOT, Server, copy_database

FILL_SECONDS: Final = 300.0
DATABASE: Final = "gandan.sqlite3"


def template(folder: Path, today: date | None = None, scenario: str = "district") -> Path:
    """Return a filled demonstration database in `folder`; the first process to ask makes it."""
    folder.mkdir(parents=True, exist_ok=True)
    finished = folder / "finished" / DATABASE
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not finished.exists():
            filling = Server(
                folder / "filling", arguments=["demo", "--fill-only", "--scenario", scenario, *_day(today)]
            )
            filling.data.mkdir()
            done = subprocess.run(
                filling.command, env=filling.environment, cwd=ROOT, timeout=FILL_SECONDS, check=False,
                capture_output=True, text=True,
            )  # fmt: skip
            if done.returncode:
                raise RuntimeError(f"The demonstration could not be filled.\n{done.stdout}{done.stderr}")
            half = folder / "half" / DATABASE
            copy_database(filling.database, half)
            half.parent.rename(finished.parent)
    return finished


def server(folder: Path, filled: Path, today: date | None = None, *, module: str = "webapp") -> Server:
    """Prepare a server in `folder` with a copy of the filled database; it is not started yet."""
    prepared = Server(folder, arguments=["serve", *_day(today)], module=module)
    prepared.data.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(filled, prepared.database)
    return prepared


def _day(today: date | None) -> list[str]:
    return ["--today", today.isoformat()] if today else []
