"""Named faults in real browsers: the table is tests/faults/cases.py, the driver tests/faults/scene.py.

A dozen play in every test run, all of them with `--every-fault`, which is what `make faults` says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Playwright

from tests.faults.case import Case
from tests.faults.cases import CASES
from tests.faults.states import Engine, States, missing
from tests.support.browser import Browsers
from tests.support.mortal import Nursery
from tests.support.proxy import Proxy


def plays(case: Case, engine: Engine) -> Any:
    """Return a case in one kind of browser."""
    marks = () if case.daily and engine == "chromium" else pytest.mark.every_fault
    return pytest.param(engine, case, id=f"{engine}, {case.name}", marks=marks)


TABLE = [
    *(plays(case, "chromium") for case in CASES),
    *(plays(case, "firefox") for case in CASES if case.everywhere),
    *(plays(case, "webkit") for case in CASES if case.everywhere),
]


@pytest.fixture(scope="module")
def states(
    playwright: Playwright, filled: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[Engine], States]]:
    """What cases begin in, by the kind of browser; made once for all of them."""
    with Browsers(playwright) as browsers, Proxy(0) as proxy, Nursery() as nursery:

        @cache
        def of(engine: Engine) -> States:
            return States(browsers, tmp_path_factory.mktemp(engine), filled, proxy, nursery, engine)

        yield of


@pytest.mark.slow
@pytest.mark.parametrize(("engine", "case"), TABLE)
def test_a_fault(states: Callable[[Engine], States], engine: Engine, case: Case) -> None:
    if lacking := missing(engine):
        pytest.skip(lacking)
    scene = states(engine).begin(case.start)
    try:
        case.play(scene)
    finally:
        states(engine).end(scene)
