"""What other capabilities do when the tree changes, in the same transaction; places need not know them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

from webapp.places.dated import Changes


class Effect(NamedTuple):
    """What follows from a change, and how it is taken back when the change is undone."""

    name: str
    follow: Callable[[Changes, date, str], Any]
    """Given the changes, their day and legal basis; returns, as JSON can say it, what `take_back` must know."""
    take_back: Callable[[Any], None]
    tables: frozenset[str] = frozenset()
    """Tables whose rows may go on naming a unit that was taken back."""


_effects: dict[str, Effect] = {}


def register_effect(effect: Effect) -> None:
    """Let a capability follow the changes of the tree."""
    _effects[effect.name] = effect


def effects() -> tuple[Effect, ...]:
    """Return what follows from a change, in the order it was registered."""
    return tuple(_effects.values())


def effect_named(name: str) -> Effect | None:
    """Return a registered effect."""
    return _effects.get(name)
