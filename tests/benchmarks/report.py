"""The table of budgets: what was measured, what is allowed, and whether it fits."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One measurement. Without a budget it stands in the table for comparison."""

    what: str
    value: float
    unit: str
    budget: float | None = None
    note: str = ""

    @property
    def fits(self) -> bool:
        """Whether the measurement keeps to its budget."""
        return self.budget is None or self.value <= self.budget

    @property
    def verdict(self) -> str:
        """One word for the table."""
        if self.budget is None:
            return ""
        return "ok" if self.fits else "OVER"


def number(value: float) -> str:
    """Write a number with as many digits as mean something."""
    if float(value).is_integer() or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"


def table(rows: Iterable[Row]) -> str:
    """Set the rows in columns."""
    head = ("budget", "measured", "allowed", "unit", "", "note")
    lines = [
        (
            row.what,
            number(row.value),
            "" if row.budget is None else number(row.budget),
            row.unit,
            row.verdict,
            row.note,
        )
        for row in rows
    ]
    widths = [max(len(line[column]) for line in [head, *lines]) for column in range(len(head))]
    right = {1, 2}
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in [head, tuple("-" * width for width in widths), *lines]
    )


def spread(values: Sequence[float]) -> str:
    """Say between which values the measurements lay."""
    return f"median of {len(values)}, {number(min(values))} to {number(max(values))}"


def median(values: Sequence[float]) -> float:
    """Return the middle measurement."""
    return statistics.median(values)
