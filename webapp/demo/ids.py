"""Ids that a seed can repeat."""

from __future__ import annotations

from datetime import UTC, date, datetime
from random import Random
from uuid import UUID

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def mint(rng: Random, at: date | datetime) -> UUID:
    """Return an id of the shape of a UUIDv7 minted at `at`, with the generator's chance."""
    moment = at if isinstance(at, datetime) else datetime(at.year, at.month, at.day, tzinfo=UTC)
    elapsed = moment - _EPOCH
    milliseconds = elapsed.days * 86_400_000 + elapsed.seconds * 1000 + elapsed.microseconds // 1000
    chance = rng.getrandbits(74)
    return UUID(int=milliseconds << 80 | 7 << 76 | (chance >> 62) << 64 | 2 << 62 | chance & (1 << 62) - 1)
