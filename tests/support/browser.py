"""A real Chromium whose profile outlives it, so that closing it, killing it and opening it again are real."""

from __future__ import annotations

import os
import re
import shutil
import signal
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Self

from playwright.sync_api import (
    BrowserContext,
    CDPSession,
    ConsoleMessage,
    Error,
    Page,
    Playwright,
    ViewportSize,
)

from tests.support.server import until
from tests.tooling import chromium, firefox

Engine = Literal["chromium", "firefox"]
Theme = Literal["light", "dark"]
THEMES: Final[tuple[Theme, ...]] = ("light", "dark")

FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
LANGUAGE: Final = "vi-VN"
TIMEZONE: Final = "Asia/Ho_Chi_Minh"
ACTION_MILLISECONDS: Final = 15_000

ZALO_AGENT: Final = (
    "Mozilla/5.0 (Linux; Android 13; SM-A145F Build/TP1A.220624.014; wv) AppleWebKit/537.36 "
    "(KHTML, like Gecko) Version/4.0 Chrome/124.0.6367.123 Mobile Safari/537.36 "
    "Zalo android/24.05.01 ZaloTheme/light ZaloLanguage/vi"
)
IPHONE_AGENT: Final = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.5 Mobile/15E148 Safari/604.1"
)


@dataclass(frozen=True)
class Device:
    """The shape of a screen and of what is in front of it."""

    width: int
    height: int
    touch: bool = False
    scale: float = 1
    user_agent: str | None = None
    script: bool = True

    @property
    def viewport(self) -> ViewportSize:
        """The screen's size as Playwright wants it."""
        return {"width": self.width, "height": self.height}


PHONE: Final = Device(360, 640, touch=True, scale=2)
NARROWEST_PHONE: Final = Device(320, 568, touch=True, scale=2)
DESK: Final = Device(1280, 800)
IPHONE: Final = Device(390, 844, touch=True, scale=2, user_agent=IPHONE_AGENT)
ZALO: Final = Device(360, 640, touch=True, scale=2, user_agent=ZALO_AGENT)
PLAIN_PHONE: Final = Device(360, 640, touch=True, scale=2, script=False)


class Browser:
    """One person's browser: `open`, `close`, `kill` and `restart` keep the profile."""

    def __init__(
        self,
        playwright: Playwright,
        profile: Path,
        device: Device,
        *,
        theme: Theme = "light",
        flags: Sequence[str] = (),
        engine: Engine = "chromium",
    ) -> None:
        """Prepare a browser whose profile is in the folder `profile`."""
        self.profile = profile
        self.device = device
        self.engine = engine
        self.theme = theme
        self.problems: list[str] = []
        self._playwright = playwright
        self._flags = (*FLAGS, *flags)
        self._context: BrowserContext | None = None

    @property
    def is_open(self) -> bool:
        """Whether the browser runs."""
        return self._context is not None

    @property
    def context(self) -> BrowserContext:
        """The open browser."""
        if self._context is None:
            raise RuntimeError("The browser is not open.")
        return self._context

    @property
    def page(self) -> Page:
        """The tab opened last."""
        return self.context.pages[-1]

    def open(self, address: str | None = None) -> Page:
        """Start the browser with this profile and, where one is given, go to an address."""
        is_chromium = self.engine == "chromium"
        launcher = self._playwright.chromium if is_chromium else self._playwright.firefox
        context = launcher.launch_persistent_context(
            self.profile,
            channel=None if is_chromium else "moz-firefox",
            executable_path=chromium() if is_chromium else firefox(),
            args=list(self._flags) if is_chromium else None,
            viewport=self.device.viewport,
            screen=self.device.viewport,
            has_touch=self.device.touch and is_chromium,
            is_mobile=self.device.touch and is_chromium,
            device_scale_factor=self.device.scale,
            user_agent=self.device.user_agent,
            java_script_enabled=self.device.script,
            locale=LANGUAGE,
            timezone_id=TIMEZONE,
            color_scheme=self.theme,
            accept_downloads=True,
        )
        context.set_default_timeout(ACTION_MILLISECONDS)
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.problems.append(f"uncaught: {error.error}"))
        self._context = context
        if address:
            self.page.goto(address)
        return self.page

    def close(self) -> None:
        """Close the browser as a person does."""
        if self._context is not None:
            self._context.close()
            self._context = None

    def kill(self) -> None:
        """Kill every process of the browser, as a phone short of memory does."""
        pids = processes_of(self.profile)
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        until(lambda: not processes_of(self.profile), 10, "browser to be gone")
        with suppress(Error):
            self.context.close()
        self._context = None

    def restart(self, address: str | None = None) -> Page:
        """Close the browser and start it anew."""
        self.close()
        return self.open(address)

    def pids(self) -> list[int]:
        """Return the numbers of the browser's processes, the main one first."""
        session = self._browser_session()
        rows = session.send("SystemInfo.getProcessInfo")["processInfo"]
        return [int(row["id"]) for row in sorted(rows, key=lambda row: bool(row["type"] != "browser"))]

    def developer_tools(self) -> CDPSession:
        """Open the developer tools' protocol for the present tab."""
        return self.context.new_cdp_session(self.page)

    def slow_processor(self, times: float) -> None:
        """Make the present tab's processor so many times slower."""
        self.developer_tools().send("Emulation.setCPUThrottlingRate", {"rate": times})

    def __enter__(self) -> Self:
        """Open."""
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    def _browser_session(self) -> CDPSession:
        browser = self.context.browser
        if browser is None:
            raise RuntimeError("This Playwright does not hand out the browser of a persistent context.")
        return browser.new_browser_cdp_session()

    def _hear(self, message: ConsoleMessage) -> None:
        # A request that fails is the browser's own news: these tests stop servers on purpose.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.problems.append(f"console: {message.text} ({message.location.get('url', '')})")


class Browsers:
    """Opens browsers with profiles in one temporary folder and closes all of them at the end."""

    def __init__(self, playwright: Playwright) -> None:
        """Use this Playwright."""
        self.playwright = playwright
        self._folder = Path(tempfile.mkdtemp(prefix="gandan-profiles-"))
        self._opened: list[Browser] = []

    def new(
        self,
        device: Device,
        *,
        theme: Theme = "light",
        flags: Sequence[str] = (),
        engine: Engine = "chromium",
    ) -> Browser:
        """Prepare a browser with a fresh profile; it is not open yet."""
        profile = self._folder / str(len(self._opened))
        browser = Browser(self.playwright, profile, device, theme=theme, flags=flags, engine=engine)
        self._opened.append(browser)
        return browser

    def pages(self) -> list[Page]:
        """Return every open tab."""
        return [page for browser in self._opened if browser.is_open for page in browser.context.pages]

    def problems(self) -> list[str]:
        """Return what scripts complained of, in all browsers."""
        return [problem for browser in self._opened for problem in browser.problems]

    def close(self) -> None:
        """Close every browser and remove the profiles."""
        for browser in self._opened:
            with suppress(Error):
                browser.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close every browser."""
        self.close()


def cookie_header(context: BrowserContext, origin: str) -> Mapping[str, str]:
    """Return the header with which another program is signed in as this browser is."""
    cookies = context.cookies(origin)
    return {"Cookie": "; ".join(f"{each.get('name', '')}={each.get('value', '')}" for each in cookies)}


def processes_of(profile: Path) -> list[int]:
    """Return the processes that were started with a profile, and all that those started (Linux)."""
    named = re.compile(re.escape(str(profile).encode()) + rb"(?![\w.-])")
    children: dict[int, list[int]] = {}
    found: list[int] = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # gone meanwhile
            state, parent = (folder / "stat").read_text(encoding="latin-1").rpartition(")")[2].split()[:2]
            if state == "Z":  # killed, and nobody has asked about it yet
                continue
            children.setdefault(int(parent), []).append(int(folder.name))
            if named.search((folder / "cmdline").read_bytes()):
                found.append(int(folder.name))
    for pid in found:
        found += [child for child in children.get(pid, []) if child not in found]
    return found
