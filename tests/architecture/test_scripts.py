"""Run the tests of the scripts, `tests/js/**/*.test.js`, with Node's test runner: one test here per file."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.tooling import ROOT, command

FOLDER = ROOT / "tests" / "js"
TEST = re.compile(r"^(?:test|it|describe|suite)\(", re.MULTILINE)
FILES = sorted(FOLDER.rglob("*.test.js"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(FOLDER)))
def test_script(file: Path) -> None:
    run = subprocess.run(
        [*command("node"), "--test", "--test-reporter=spec", str(file)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if run.returncode:
        pytest.fail(f"{file.relative_to(ROOT)}\n{run.stdout}{run.stderr}", pytrace=False)


def test_every_script_test_is_run() -> None:
    """A test file with another name would be passed over in silence."""
    strays = [
        str(path.relative_to(FOLDER))
        for path in FOLDER.rglob("*.js")
        if not path.name.endswith(".test.js") and TEST.search(path.read_text(encoding="utf-8"))
    ]
    assert strays == []
