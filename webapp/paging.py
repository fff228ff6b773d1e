"""Pages of a list: which rows are on one, and how many pages there are."""

from __future__ import annotations

from dataclasses import dataclass

_LAST = 100_000


def page_asked(number: int | None) -> int:
    """Return which page an address asks for, counted from 1; what makes no sense is the first one."""
    return min(max(number or 1, 1), _LAST)


@dataclass(frozen=True)
class Paging:
    """A page of a list."""

    page: int
    size: int

    @property
    def offset(self) -> int:
        """Return how many rows come before this page."""
        return (self.page - 1) * self.size

    @property
    def part(self) -> slice:
        """Return which part of a list that is at hand as a whole stands on this page."""
        return slice(self.offset, self.offset + self.size)

    def pages(self, total: int) -> int:
        """Return how many pages there are, at least one."""
        return max(1, -(-total // self.size))
