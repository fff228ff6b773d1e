"""Rows that say how many households a group has. Pure."""

from __future__ import annotations

from datetime import date

from webapp.fields import N_
from webapp.places.dated import Reading
from webapp.places.households import count_fault
from webapp.sheets import cells
from webapp.sheets.faults import Fault
from webapp.sheets.known import Known
from webapp.sheets.naming import Node
from webapp.sheets.planned import Says, Verdict
from webapp.sheets.row_reader import RowReader


class CountRows:
    """Judges household counts."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self._readings = {unit: dict(days) for unit, days in known.standing.readings.items()}

    def judge(self, row: RowReader) -> tuple[str, Says]:
        """Return what a row speaks of, and what it does."""
        node = self._known.place(row)
        return self._known.places.path(node), self.reading(row, node, row.day("as_of"))

    def reading(self, row: RowReader, node: Node, said_day: date | None) -> Says:
        """Plan the count a row gives for a place, from the day it says."""
        known, day = self._known, said_day or self._known.defaults.day
        if not row.text("households"):
            raise Fault("missing", field=row.label("households"))
        households = cells.households(row.cell("households"))
        if not known.words.types[node.kind].can_meet:
            raise Fault("not_a_group", name=node.name)
        if day < node.since:
            raise Fault("before_unit", day=f"{node.since:%d/%m/%Y}")
        known.once("count_twice", row, "count", node.id, day)
        readings = self._readings.setdefault(node.id, {})
        before = readings.get(max((one for one in readings if one <= day), default=day))
        if before == households:
            return []
        reason = count_fault([Reading(node.id, on, n) for on, n in readings.items()], day, known.standing.day)
        if reason:
            raise Fault("count_refused", reason=reason)
        is_change = day in readings
        readings[day] = households
        known.plan.readings.append(Reading(node.id, day, households))
        said = {"n": str(households), "day": f"{day:%d/%m/%Y}", "before": str(before or "")}
        if is_change:
            return [(Verdict.CHANGED, N_("Từ ngày %(day)s: %(before)s hộ thành %(n)s hộ."), said)]
        if before:
            return [(Verdict.CREATED, N_("%(n)s hộ từ ngày %(day)s (trước đó %(before)s)."), said)]
        return [(Verdict.CREATED, N_("%(n)s hộ từ ngày %(day)s."), said)]
