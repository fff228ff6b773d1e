"""Start a tool that is not Python: `python -m tests.tooling npm ci`, or tsc, biome, java, chromium."""

from __future__ import annotations

import subprocess
import sys

from tests.tooling import ROOT, ToolMissingError, command, environment


def main(arguments: list[str]) -> int:
    """Run the tool named first with the rest as its arguments and return its exit status."""
    if not arguments:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        start, surroundings = command(arguments[0]), environment()
    except ToolMissingError as missing:
        print(missing, file=sys.stderr)
        return 1
    return subprocess.run([*start, *arguments[1:]], env=surroundings, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
