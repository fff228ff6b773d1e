"""No tracked text carries traces of the machine it was written on."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.tooling import ROOT

# The slashes are written as {s}, so that this file does not find itself.
TRACES = {
    name: pattern.replace("{s}", "/")
    for name, pattern in {
        "a folder of one machine": r"(?<![\w./-]){s}(?:work|workspace|root|home|Users){s}\w",
        "a temporary folder of one machine": r"(?<![\w./-]){s}(?:var{s})?tmp{s}\w",
        "the address of a package index": r"--(?:extra-)?index-url[ =]+\S+:{s}{s}|UV_(?:DEFAULT_)?INDEX\w*=",
        "the address of a registry": r"\"resolved\":\s*\"https?:|(?<![a-z])registry\s*=\s*\"?https?:{s}",
        "a link into a machine's files": r"file:{s}{s}{s}",
    }.items()
}


def tracked_files() -> list[Path]:
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        pytest.skip("there is no git to ask which files are tracked")
    answer = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    return [ROOT / name for name in answer.stdout.decode().split("\0") if name]


def text_of(path: Path) -> str:
    """Return a file's text, or nothing for a binary file or one that is gone."""
    try:
        content = path.read_bytes()
    except (FileNotFoundError, IsADirectoryError):
        return ""
    return "" if b"\0" in content else content.decode(errors="replace")


@pytest.mark.parametrize("trace", TRACES)
def test_no_trace_of_a_machine(trace: str) -> None:
    pattern = re.compile(TRACES[trace])
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}"
        for path in tracked_files()
        for number, line in enumerate(text_of(path).splitlines(), start=1)
        if pattern.search(line)
    ]
    assert found == []
