"""What a change of the tree of places does, line by line, for people to read."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from webapp.places.dated import Changes, Membership, Reading, State, Version


class Said(NamedTuple):
    """One thing that changes, for people to read: what, which unit, and what it was and will be."""

    what: str
    unit: UUID
    name: str
    before: str | UUID | None
    after: str | UUID | None


def lines(changes: Changes) -> list[Said]:
    """Say what changes, unit by unit: who begins, ends, moves or is renamed, and who is counted anew."""
    old = {f.unit: f for f in changes.removed if isinstance(f, Version) and f.state is State.STANDS}
    new = {
        f.unit: f
        for f in changes.added
        if isinstance(f, Version) and f.state is State.STANDS and f.end is None
    }
    said: list[Said] = []
    for unit, version in new.items():
        before = old.get(unit)
        if before is None:
            said.append(Said("begins", unit, version.name, None, version.parent))
            continue
        if before.parent != version.parent:
            said.append(Said("moves", unit, version.name, before.parent, version.parent))
        if (before.name, before.kind, before.code) != (version.name, version.kind, version.code):
            said.append(Said("renamed", unit, version.name, _called(before), _called(version)))
    said += [Said("ends", v.unit, v.name, None, v.parent) for v in changes.endings()]
    said += [
        Said("vanishes", f.unit, f.name, None, None) for f in old.values() if f.unit in changes.vanished()
    ]
    closed = {ending.unit for ending in changes.endings()}
    for fact in changes.added:
        match fact:
            case Membership(end=None):
                said.append(Said("joins", fact.member, "", None, fact.overlay))
            case Membership() if fact.member not in closed and fact.overlay not in closed:
                said.append(Said("leaves", fact.member, "", fact.overlay, None))
            case Reading():
                said.append(Said("counted", fact.counted, "", None, str(fact.households)))
    order = ("begins", "ends", "vanishes", "renamed", "moves", "joins", "leaves", "counted")
    return sorted(said, key=lambda line: order.index(line.what))


def _called(version: Version) -> str:
    return f"{version.name} ({version.code})" if version.code else version.name
