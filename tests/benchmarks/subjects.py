"""The two forms that are compared: the notebook's and the bare page's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from playwright.sync_api import BrowserContext, Page

from tests.support.people import sign_in_quietly
from tests.support.screens import CADRE_CODE, RECORD, TODAY
from tests.support.server import Server


@dataclass(frozen=True)
class Form:
    """A form that can be measured, and how a page says what state it is in."""

    name: str
    first: str
    """Where a first visit begins."""
    next: str
    """A JavaScript expression: the link on the way from there to the form, once it can be tapped."""
    path: str
    """Where the form is, for whoever has been here before."""
    usable: str
    """A JavaScript expression: somebody can type, and what they type is kept."""
    offline: str
    """A JavaScript function: everything works without a network from now on."""
    said: str
    """A JavaScript expression: the screen says that the entry is saved."""
    enter: Callable[[BrowserContext, str], None]
    """Sign in, where there is something to sign in to, without opening a page."""
    fill: Callable[[Page], None]
    """Fill in as much as may be saved, up to the button that saves."""
    save: Callable[[Page], None]
    """Tap on save."""


def _enter_notebook(context: BrowserContext, origin: str) -> None:
    sign_in_quietly(context, origin, CADRE_CODE)


def _fill_notebook(page: Page) -> None:
    group = page.get_by_label("Tổ nào?")
    group.select_option(index=1)
    page.get_by_label("Số hộ dự họp", exact=True).fill("20")
    for _ in range(3):
        page.get_by_role("button", name="Tiếp", exact=True).tap()


def _save_notebook(page: Page) -> None:
    page.get_by_role("button", name="Chốt phiếu").tap()


def _enter_bare(_context: BrowserContext, _origin: str) -> None:
    """The bare page knows nobody."""


def _fill_bare(page: Page) -> None:
    page.get_by_label("Số hộ dự họp", exact=True).fill("20")


def _save_bare(page: Page) -> None:
    page.get_by_role("button", name="Lưu").tap()


NOTEBOOK: Final = Form(
    name="notebook",
    first=RECORD,
    next="null",
    path=RECORD,
    # The form is shown when the script that keeps every keystroke is at work; it must offer the groups.
    usable="""
      document.querySelector("#record-form")?.checkVisibility()
        && document.querySelector("#unit_id").options.length > 1
    """,
    offline="""
      async () => document.querySelector("#sync-status")?.dataset.state === "synced"
        && !document.querySelector("#sync-status").textContent.includes("chưa lần nào")
        && Boolean((await navigator.serviceWorker.ready).active)
    """,
    said="document.querySelector('#record-result h2')?.checkVisibility()",
    enter=_enter_notebook,
    fill=_fill_notebook,
    save=_save_notebook,
)

BY_TODAY: Final = replace(
    NOTEBOOK,
    name="notebook by way of Hôm nay",
    first=TODAY,
    next="document.querySelector('#notebook .row-link[href]')",
)
"""Who has just signed in sees the groups first, and taps on one."""

BARE: Final = Form(
    name="bare page",
    first="/",
    next="null",
    path="/",
    usable='"ready" in document.documentElement.dataset',
    offline='() => "offline" in document.documentElement.dataset',
    said="document.querySelector('#said')?.textContent !== ''",
    enter=_enter_bare,
    fill=_fill_bare,
    save=_save_bare,
)


@dataclass(frozen=True)
class Subject:
    """A form and the server it comes from."""

    form: Form
    server: Server
