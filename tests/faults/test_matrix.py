"""docs/faults.md names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.faults.cases import CASES, matrix

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


def test_the_table_of_the_browsers_faults_is_published() -> None:
    page = (ROOT / "docs/faults.md").read_text(encoding="utf-8")
    assert page.endswith(matrix()), "run: python -m tests.faults.cases"
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names) >= 60
