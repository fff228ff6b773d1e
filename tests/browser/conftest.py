"""A real server with the demonstration district, and the browsers of the people who use it."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Error, Playwright, expect, sync_playwright

from tests.support import demonstration
from tests.support.browser import ACTION_MILLISECONDS, DESK, PHONE, Browser, Browsers
from tests.support.server import ROOT, Server

pytest.register_assert_rewrite("tests.faults.scene", "tests.faults.doings", "tests.faults.stories")

RESULTS: Final = ROOT / "test-results"
FAILED: Final = pytest.StashKey[bool]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `make faults` ask for all cases of test_faults.py."""
    parser.addoption("--every-fault", action="store_true", help="play every named fault, not only a dozen")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark everything in this folder as driving a browser; leave out what only `make faults` plays."""
    here = Path(__file__).parent
    if not config.getoption("--every-fault", default=False):
        left_out = [item for item in items if item.get_closest_marker("every_fault")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note whether the test failed, for what its browsers leave behind."""
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A filled demonstration database, made once for all processes of the test run."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    return demonstration.template(shared / "demonstration")


@pytest.fixture
def server(filled: Path, tmp_path: Path) -> Iterator[Server]:
    """A running server with a demonstration district of this test's own."""
    running = demonstration.server(tmp_path / "server", filled)
    with running:
        yield running


@pytest.fixture(scope="module")
def shared_server(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running server for tests that change nothing."""
    running = demonstration.server(tmp_path_factory.mktemp("server"), filled)
    with running:
        yield running


# Not for the whole session: while Playwright runs, no other test of this process could start an event loop.
@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """Playwright, with its patience set."""
    expect.set_options(timeout=ACTION_MILLISECONDS)
    with sync_playwright() as running:
        yield running


@pytest.fixture
def browsers(playwright: Playwright, request: pytest.FixtureRequest) -> Iterator[Browsers]:
    """Opens browsers with fresh profiles; all are closed at the end, a failed test keeps pictures of them."""
    with Browsers(playwright) as opened:
        yield opened
        if request.node.stash.get(FAILED, False):
            _keep_pictures(opened, request.node.name)


def _keep_pictures(opened: Browsers, name: str) -> None:
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.txt").write_text("\n".join(opened.problems()), encoding="utf-8")
    for number, page in enumerate(opened.pages()):
        with suppress(Error):
            page.screenshot(path=RESULTS / f"{name}-{number}.png", full_page=True)


@pytest.fixture
def phone(browsers: Browsers) -> Browser:
    """A phone of 360 x 640; not open yet."""
    return browsers.new(PHONE)


@pytest.fixture
def desk(browsers: Browsers) -> Browser:
    """A desk's screen; not open yet."""
    return browsers.new(DESK)
