"""See that a Chromium browser is installed: `python -m tests.tooling.browser`.

As root on Debian or Ubuntu it is installed from the distribution; elsewhere the command to run is printed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from tests.tooling import ToolMissingError, chromium

APT = ("apt-get", "-o", "DPkg::Lock::Timeout=300")
UPDATE = (*APT, "update")
INSTALL = (*APT, "install", "--yes", "--no-install-recommends", "chromium")


def main() -> int:
    """Return 0 when there is a browser, having installed it where that is possible."""
    try:
        print(f"Browser: {chromium()}")
    except ToolMissingError as missing:
        if os.environ.get("CHROME_PATH"):
            print(missing, file=sys.stderr)
            return 1
    else:
        return 0
    if not _can_install():
        print(
            f"No Chromium or Chrome is installed. Run this, then try again:\n  {_advice()}", file=sys.stderr
        )
        return 1
    print(f"No Chromium or Chrome is installed; installing it: {' '.join(INSTALL)}", flush=True)
    surroundings = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for step in (UPDATE, INSTALL):
        status = subprocess.run(step, env=surroundings, check=False).returncode
        # A stale list of one source is no reason to give up: what counts is whether the package installs.
        if status and step is INSTALL:
            print("The browser could not be installed; see the lines above.", file=sys.stderr)
            return 1
    try:
        print(f"Browser: {chromium()}")
    except ToolMissingError:
        print("The browser was installed but is not on PATH.", file=sys.stderr)
        return 1
    return 0


def _can_install() -> bool:
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return is_root and shutil.which("apt-get") is not None


def _advice() -> str:
    if shutil.which("apt-get"):
        return "sudo apt-get update && sudo apt-get install --no-install-recommends chromium"
    if sys.platform == "darwin":
        return "brew install --cask chromium"
    return "install Chromium or Chrome, or set CHROME_PATH to its program"


if __name__ == "__main__":
    sys.exit(main())
