"""docs/faults.md names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROWS = re.findall(
    r"^\|.*\| `(tests/[^`]+)` `([^`]+)` \|$",
    (ROOT / "docs/faults.md").read_text(encoding="utf-8"),
    re.MULTILINE,
)


@pytest.mark.parametrize(("file", "name"), ROWS)
def test_the_test_exists(file: str, name: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    assert f"def {name}(" in text if file.endswith(".py") else f'test("{name}"' in text


def test_the_matrix_is_read() -> None:
    assert len(ROWS) >= 40
