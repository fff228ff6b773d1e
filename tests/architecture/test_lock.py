"""The locks name each package with version and hashes, and say nothing of where it is fetched from."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tooling import ROOT

RUNTIME = ROOT / "requirements" / "runtime.txt"
DEV = ROOT / "requirements" / "dev.txt"
ADDRESS = re.compile(r"https?:|file:|--(extra-)?index-url|--find-links|@ ")


def requirements(lock: Path) -> Iterator[str]:
    """Yield each requirement of a lock as one line, without comments."""
    lines = [
        line for line in lock.read_text(encoding="utf-8").splitlines() if not line.lstrip().startswith("#")
    ]
    yield from filter(None, "\n".join(lines).replace("\\\n", " ").splitlines())


def pins(lock: Path) -> dict[str, set[str]]:
    """Return the versions a lock holds of each package; a package may have one per platform."""
    found: dict[str, set[str]] = {}
    for requirement in requirements(lock):
        name, version = requirement.split()[0].split("==")
        found.setdefault(name, set()).add(version)
    return found


def canonical(requirement: str) -> str:
    """Return the name of a requirement as locks write it."""
    name = re.match(r"[\w.-]+", requirement)
    assert name is not None
    return re.sub(r"[-_.]+", "-", name.group()).lower()


@pytest.mark.parametrize("lock", [RUNTIME, DEV], ids=lambda lock: lock.stem)
def test_every_requirement_is_exact_and_hashed(lock: Path) -> None:
    loose = [
        line for line in requirements(lock) if not re.match(r"\S+==\S+ .*--hash=sha256:[0-9a-f]{64}", line)
    ]
    assert loose == []


@pytest.mark.parametrize("lock", [RUNTIME, DEV], ids=lambda lock: lock.stem)
def test_no_requirement_names_an_address(lock: Path) -> None:
    assert [line for line in lock.read_text(encoding="utf-8").splitlines() if ADDRESS.search(line)] == []


def test_the_development_has_the_versions_that_run() -> None:
    runtime, dev = pins(RUNTIME), pins(DEV)
    assert {name: dev.get(name) for name in runtime} == runtime


def test_the_locks_hold_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = {canonical(requirement) for requirement in project["dependencies"]}
    asked_by_dev = {canonical(requirement) for requirement in project["optional-dependencies"]["dev"]}
    assert asked <= pins(RUNTIME).keys()
    assert asked | asked_by_dev <= pins(DEV).keys()


def test_node_packages_are_hashed_and_without_address() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert [name for name, package in packages.items() if "integrity" not in package] == []
    assert [name for name, package in packages.items() if "resolved" in package] == []


def test_node_tools_are_named_exactly() -> None:
    tools = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    assert [name for name, version in tools.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []
