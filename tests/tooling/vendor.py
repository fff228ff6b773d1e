"""Refresh the scripts in `static/vendor/` from their npm packages: `python -m tests.tooling.vendor`.

`static/vendor/vendor.json` is the list. To move to another version, change it there and run `make vendor`:
the package is installed at that version (which also writes `package-lock.json`), its files are copied and
their integrity is written back.
"""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.tooling import NODE_MODULES, ROOT, ToolMissingError, command, environment

VENDOR = ROOT / "static" / "vendor"
LIST = VENDOR / "vendor.json"


@dataclass(frozen=True)
class Script:
    """One script that others wrote and this application serves."""

    name: str
    version: str
    file: str
    integrity: str
    licence: str
    licence_file: str
    package: str
    source: str


def scripts() -> list[Script]:
    """Return what `vendor.json` lists."""
    return [Script(**row) for row in json.loads(LIST.read_text(encoding="utf-8"))]


def integrity(path: Path) -> str:
    """Return a file's digest as pages write it in an `integrity` attribute."""
    return "sha384-" + base64.b64encode(hashlib.sha384(path.read_bytes()).digest()).decode()


def installed_version(package: str) -> str | None:
    """Return the version of an npm package in `node_modules`, if it is there."""
    description = NODE_MODULES / package / "package.json"
    if not description.is_file():
        return None
    return str(json.loads(description.read_text(encoding="utf-8"))["version"])


def refresh(script: Script) -> Script:
    """Copy one script and its licence from its package and return its row with the integrity written anew."""
    if installed_version(script.package) != script.version:
        wanted = f"{script.package}@{script.version}"
        print(f"Installing {wanted}", flush=True)
        install = [*command("npm"), "install", "--save-dev", "--save-exact", wanted]
        subprocess.run(install, cwd=ROOT, env=environment(), check=True)
    package = NODE_MODULES / script.package
    shutil.copyfile(package / script.source, VENDOR / script.file)
    shutil.copyfile(package / "LICENSE", VENDOR / script.licence_file)
    return Script(**{**asdict(script), "integrity": integrity(VENDOR / script.file)})


def main() -> int:
    """Refresh every script of the list."""
    try:
        fresh = [refresh(script) for script in scripts()]
    except ToolMissingError as missing:
        print(missing, file=sys.stderr)
        return 1
    rows = json.dumps([asdict(script) for script in fresh], ensure_ascii=False, indent=2)
    LIST.write_text(rows + "\n", encoding="utf-8")
    for script in fresh:
        print(f"{script.file}: {script.name} {script.version}, {script.integrity}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
