"""Assignments: who follows what, in which role, since when."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def init_app(app: Flask) -> None:  # noqa: ARG001 - nothing to bind to the app itself
    """Follow the changes of the tree of places."""
    from webapp.assignments.actions import FOLLOW_PLACES  # noqa: PLC0415 - bound when the app is made
    from webapp.places.registry import register_effect  # noqa: PLC0415

    register_effect(FOLLOW_PLACES)
