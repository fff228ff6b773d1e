"""A real WebKitGTK with a profile that outlives it, driven by the wire protocol of WebDriver.

It stands in for the iPhone. The few requests it needs are plain JSON over HTTP; a client library would bring more
packages than this file has functions.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from urllib.error import HTTPError, URLError

from tests.support.browser import processes_of
from tests.support.server import HOST, ROOT, die_with_parent, free_port, until

WINDOW: Final = ROOT / "tests/support/webkit_window.py"
PYTHON: Final = "/usr/bin/python3"
INSTALL: Final = "apt-get install webkit2gtk-driver gir1.2-webkit2-4.1 python3-gi xvfb"

# `passTime` brings forward what would be due later, as Playwright's clock does in the other browsers.
CLOCK: Final = """
(() => {
  const { setTimeout: later, clearTimeout: never } = window;
  const real = Date.now.bind(Date);
  const waiting = new Map();
  let ahead = 0;
  const run = (id) => {
    const one = waiting.get(id);
    waiting.delete(id);
    never(id);
    one?.work();
  };
  Date.now = () => real() + ahead;
  window.setTimeout = (work, ms = 0, ...rest) => {
    const id = later(() => run(id), ms);
    waiting.set(id, { at: Date.now() + ms, work: () => work(...rest) });
    return id;
  };
  window.clearTimeout = (id) => {
    waiting.delete(id);
    never(id);
  };
  // Not at once: the driver's own limit for this call is among what waits.
  window.passTime = (ms) =>
    later(() => {
      ahead += ms;
      for (const [id, { at }] of [...waiting]) if (at <= Date.now()) run(id);
    }, 20);
})();
"""
# Written into the script, not evaluated by it: the pages' own policy forbids that.
CALL: Final = """
const [value, done] = arguments;
Promise.resolve((%s)(value)).then((found) => done({found}), (error) => done({error: `${error}`}));
"""


class WebKitError(RuntimeError):
    """WebKitGTK did not do what it was asked."""


def why_not() -> str | None:
    """Return what is missing on this machine, in a sentence that says what to install."""
    tools = ("WebKitWebDriver", "Xvfb")
    missing = [tool for tool in tools if not shutil.which(tool)]
    if sys.platform != "linux" or missing:
        return f"WebKitGTK is not installed ({', '.join(missing) or sys.platform}). Run: {INSTALL}"
    bindings = "import gi; gi.require_version('WebKit2', '4.1')"
    if subprocess.run([PYTHON, "-c", bindings], capture_output=True, check=False).returncode:
        return f"The Python bindings of WebKitGTK are not installed. Run: {INSTALL}"
    return None


class WebKit:
    """One person's browser: `open`, `close` and `kill` keep the profile."""

    def __init__(self, profile: Path, scripts: str = "") -> None:
        """Prepare a browser whose profile is in the folder `profile`."""
        self.profile = profile
        self.scripts = scripts
        self.problems: list[str] = []
        self._driver: list[subprocess.Popen[bytes]] = []
        self._port = 0
        self._session = ""

    @property
    def is_open(self) -> bool:
        """Whether the browser runs."""
        return bool(self._session)

    def open(self) -> None:
        """Start the browser with this profile."""
        self.profile.mkdir(parents=True, exist_ok=True)
        script = self.profile / "first.js"
        script.write_text(CLOCK + self.scripts, encoding="utf-8")
        self._port = free_port()
        screen, told = os.pipe()
        self._start("Xvfb", "-displayfd", str(told), "-screen", "0", "800x1000x24", keep=told)
        os.close(told)
        with os.fdopen(screen) as said:
            display = said.readline().strip()
        self._start("WebKitWebDriver", f"--port={self._port}", display=f":{display}")
        options = {"binary": str(WINDOW), "args": [str(self.profile), str(script)]}
        wanted = {"capabilities": {"alwaysMatch": {"webkitgtk:browserOptions": options}}}
        until(self._is_ready, 20, "WebKitWebDriver to answer")
        self._session = f"/session/{self._ask('POST', '/session', wanted)['sessionId']}"

    def goto(self, address: str) -> None:
        """Go to an address."""
        self._ask("POST", f"{self._session}/url", {"url": address})

    def evaluate(self, script: str, value: object = None) -> Any:
        """Run a function in the page and return what it or its promise returns."""
        answer = self._ask(
            "POST", f"{self._session}/execute/async", {"script": CALL % script.strip(), "args": [value]}
        )
        if "error" in answer:
            raise WebKitError(answer["error"])
        return answer.get("found")

    def forget_cookies(self) -> None:
        """Delete the cookies of the page's origin."""
        self._ask("DELETE", f"{self._session}/cookie")

    def kill(self) -> None:
        """Kill every process of the browser."""
        pids = processes_of(self.profile)
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        until(lambda: not processes_of(self.profile), 10, "WebKit to be gone")
        self._end()

    def close(self) -> None:
        """Close the browser as a person does."""
        if self._session:
            with suppress(WebKitError):
                self._ask("DELETE", f"{self._session}/window")
            until(lambda: not processes_of(self.profile), 10, "WebKit to close")
        self._end()

    def _end(self) -> None:
        for process in reversed(self._driver):
            process.kill()
            process.wait()
        self._driver, self._session = [], ""

    def _start(self, *command: str, display: str = "", keep: int | None = None) -> None:
        plain = {"LIBGL_ALWAYS_SOFTWARE": "1", "WEBKIT_DISABLE_COMPOSITING_MODE": "1"}
        self._driver.append(
            subprocess.Popen(
                command, env={**os.environ, **plain, "DISPLAY": display}, stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, pass_fds=[keep] if keep else [],
                preexec_fn=die_with_parent,  # noqa: PLW1509 - one system call, no lock
            )
        )  # fmt: skip

    def _is_ready(self) -> bool:
        try:
            return bool(self._ask("GET", "/status")["ready"])
        except URLError:
            return False

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        data = json.dumps(body or {}).encode() if method == "POST" else None
        request = urllib.request.Request(f"http://{HOST}:{self._port}{path}", data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
                return json.load(answer)["value"]
        except HTTPError as error:
            raise WebKitError(error.read().decode()) from error
