"""How many households a unit has on a day: readings in the order of their days."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date
from uuid import UUID

from webapp.fields import N_
from webapp.places.dated import Reading


def count_fault(readings: Iterable[Reading], as_of: date, today: date) -> str | None:
    """Say why a group's households cannot be counted anew from `as_of` on; None when they can.

    Readings are entered in the order of their days, so that no earlier meeting is divided by another number
    afterwards. Only what was read today may be put right today.
    """
    if as_of > today:
        return N_("Ngày này chưa tới.")
    newest = max((reading.as_of for reading in readings), default=None)
    if newest and (as_of < newest or (as_of == newest and as_of != today)):
        return N_(
            "Đã có số hộ tính từ ngày này hoặc sau đó. Ghi số mới từ ngày sau đó: số liệu cũ không đổi."
        )
    return None


class Counts:
    """Readings of households, by unit and day."""

    def __init__(self, readings: Iterable[Reading]) -> None:
        self._read: dict[UUID, list[Reading]] = {}
        for reading in sorted(readings, key=lambda reading: reading.as_of):
            self._read.setdefault(reading.counted, []).append(reading)

    def on(self, unit: UUID, day: date) -> int | None:
        """Return how many households a unit had on `day`, as far as it was read."""
        found = self.between(unit, day, day)
        return found[0].households if found else None

    def between(self, unit: UUID, first: date, last: date) -> list[Reading]:
        """Return the readings that hold on some day from `first` to `last`, the newest first."""
        readings = self._read.get(unit, [])
        begin = max(bisect_right(readings, first, key=_as_of) - 1, 0)
        return readings[begin : bisect_right(readings, last, key=_as_of)][::-1]


def _as_of(reading: Reading) -> date:
    return reading.as_of
