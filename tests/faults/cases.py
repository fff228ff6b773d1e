"""The faults of the real-browser matrix, played by one driver (tests/faults/scene.py).

A case is what somebody is at (`doings.py`), what befalls it (`strikes.py`), what the screen must say while it lasts,
and how it ends; `crossed.py` is the table of these, `stories/` holds cases of their own kind. What must hold
afterwards is the same for all: every saved revision is on the server once, every receipt on the phone is the
server's, nothing waits, and the line says so (`Scene.check`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tests.faults.crossed import CROSSED
from tests.faults.stories import clocks, killed, network, people, storage, updates, windows

STORIES: Final = [
    case
    for theme in (killed, windows, network, updates, storage, clocks, people)
    for case in theme.story.told
]
CASES: Final = [*CROSSED, *STORIES]


def matrix() -> str:
    """Return the table as docs/faults.md shows it."""
    rows = ["| case | how it is made | what must hold | where |", "|---|---|---|---|"]
    for one in CASES:
        browsers = "Chromium, Firefox, WebKitGTK" if one.everywhere else "Chromium"
        often = "; every test run" if one.daily else ""
        rows.append(f"| {one.name} | {one.words} | {one.holds} | {browsers}{often} |")
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    PAGE: Final = Path(__file__).resolve().parents[2] / "docs/faults.md"
    BEGINNING: Final = "<!-- Written by `python -m tests.faults.cases`. -->\n"
    PAGE.write_text(
        PAGE.read_text(encoding="utf-8").partition(BEGINNING)[0] + BEGINNING + matrix(), encoding="utf-8"
    )
