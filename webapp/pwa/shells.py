"""Which pages the phone keeps."""

from __future__ import annotations

_shells: set[str] = set()


def register_shell(path: str) -> str:
    """Have the service worker keep the page at `path` (no arguments, no query); return the path."""
    if not path.startswith("/") or "?" in path or "<" in path:
        raise ValueError(f"A shell is a plain path, not {path!r}.")
    _shells.add(path)
    return path


def registered_shells() -> tuple[str, ...]:
    """Return all shells in a stable order."""
    return tuple(sorted(_shells))
