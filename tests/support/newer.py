"""Serve the application as its next version would be: `python -m tests.support.newer serve --port 8001`.

Nothing differs but the build, which is what a phone notices of a new version.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from webapp.cli import main
from webapp.pwa import assets

_read = assets.read_library


def _read_next(static: Path, others: Iterable[Path]) -> assets.Library:
    library = _read(static, others)
    return replace(library, build=library.build[::-1])


if __name__ == "__main__":
    assets.read_library = _read_next
    sys.exit(main())
