"""A real server with the demonstration district, and the browsers of the people who use it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, expect, sync_playwright

from tests.support import demonstration
from tests.support.browser import ACTION_MILLISECONDS, DESK, PHONE, Browser, Browsers
from tests.support.server import Server

ServerMaker = Callable[..., Server]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this folder as driving a browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


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
def browsers(playwright: Playwright) -> Iterator[Browsers]:
    """Opens browsers with fresh profiles; all are closed at the end of the test."""
    with Browsers(playwright) as opened:
        yield opened


@pytest.fixture
def phone(browsers: Browsers) -> Browser:
    """A phone of 360 x 640; not open yet."""
    return browsers.new(PHONE)


@pytest.fixture
def desk(browsers: Browsers) -> Browser:
    """A desk's screen; not open yet."""
    return browsers.new(DESK)
