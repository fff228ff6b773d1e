"""A demonstration: one invented district and a year of its meetings."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def init_app(app: Flask) -> None:
    """Bind nothing: the command line fills a demonstration through `webapp.demo.actions`."""
