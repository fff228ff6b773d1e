"""Lighthouse on the main screens, as a phone and as a desk, in both themes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from tests.benchmarks.report import Row
from tests.support.browser import THEMES, Theme
from tests.support.pages import Lighthouse, lighthouse

LEAST: Final = 95
RUNS: Final = 3
"""One run differs from the next by six points where two cores have other things to do: the middle one counts."""


@dataclass(frozen=True)
class Screen:
    """One address and who looks at it."""

    name: str
    path: str
    headers: Mapping[str, str]
    desktop: bool = False


@dataclass(frozen=True)
class Finding:
    """One report on one screen in one theme."""

    screen: Screen
    theme: Theme
    report: Lighthouse


def inspect(origin: str, screens: list[Screen]) -> Iterator[Finding]:
    """Run Lighthouse on every screen in both themes, and take of its reports the one in the middle."""
    for screen in screens:
        for theme in THEMES:
            reports = [
                lighthouse(origin + screen.path, screen.headers, desktop=screen.desktop, dark=theme == "dark")
                for _ in range(RUNS)
            ]
            reports.sort(key=lambda report: sum(report.scores.values()))
            yield Finding(screen, theme, reports[RUNS // 2])


def rows(findings: list[Finding]) -> list[Row]:
    """Say for every screen by how many points its worst category is below a hundred."""
    return [
        Row(
            f"Lighthouse, {finding.screen.name}, {finding.theme}",
            100 - min(finding.report.scores.values()),
            "points lost",
            100 - LEAST,
            ", ".join(f"{name} {score}" for name, score in finding.report.scores.items()),
        )
        for finding in findings
    ]
