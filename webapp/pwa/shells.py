"""Which pages the phone keeps."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, render_template

_shells: set[str] = set()


def register_shell(path: str) -> str:
    """Have the service worker keep the page at `path` (no arguments, no query); return the path."""
    if not path.startswith("/") or "?" in path or "<" in path:
        raise ValueError(f"A shell is a plain path, not {path!r}.")
    _shells.add(path)
    return path


def render_shell(template: str, **values: Any) -> Response:  # noqa: ANN401 - whatever the template shows
    """Return a page for the phone to keep; asked for again, it is never taken from a cache on the way."""
    response = make_response(render_template(template, **values))
    response.headers["Cache-Control"] = "no-cache"
    return response


def registered_shells() -> tuple[str, ...]:
    """Return all shells in a stable order."""
    return tuple(sorted(_shells))
