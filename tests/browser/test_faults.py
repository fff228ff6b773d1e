"""Named faults in real browsers: the table is tests/faults/cases.py, the driver tests/faults/scene.py.

A dozen play in every test run, all of them with `--every-fault`, which is what `make faults` says.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Playwright

from tests.faults.cases import CASES, Case
from tests.faults.scene import Engine, States, missing
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
    request: pytest.FixtureRequest,
    playwright: Playwright,
    filled: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[States]:
    """What cases begin in, in one kind of browser."""
    engine: Engine = request.param
    if lacking := missing(engine):
        pytest.skip(lacking)
    with Browsers(playwright) as browsers, Proxy(0) as proxy, Nursery() as nursery:
        yield States(browsers, tmp_path_factory.mktemp("states"), filled, proxy, nursery, engine)


@pytest.mark.slow
@pytest.mark.parametrize(("states", "case"), TABLE, indirect=["states"])
def test_a_fault(states: States, case: Case) -> None:
    scene = states.begin(case.start)
    try:
        case.play(scene)
    finally:
        states.end(scene)
