"""Named faults in real browsers: the table is tests/faults/cases.py, the driver tests/faults/scene.py."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from tests.faults.cases import CASES, Case
from tests.faults.scene import States
from tests.support.browser import Browsers
from tests.support.proxy import Proxy


@pytest.fixture(scope="module")
def states(playwright: Playwright, filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[States]:
    """What cases begin in."""
    with Browsers(playwright) as browsers, Proxy(0) as proxy:
        yield States(browsers, tmp_path_factory.mktemp("states"), filled, proxy)


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_in_chromium(states: States, case: Case) -> None:
    scene = states.begin(case.start)
    try:
        case.play(scene)
    finally:
        states.end(scene)
