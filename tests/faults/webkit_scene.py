"""A scene in WebKitGTK."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from tests.faults.scene import MINUTE, PATIENCE, Scene
from tests.faults.scripts import FILL_IN, TAP
from tests.support.screens import CADRE
from tests.support.server import until
from tests.support.webkit import WebKit, WebKitError


class WebKitScene(Scene):
    """The same in WebKitGTK, through what little of it can be driven."""

    phone: WebKit  # type: ignore[assignment]

    def start(self) -> None:
        self.phone.open()

    def go(self, path: str) -> None:
        with suppress(WebKitError):
            self.phone.goto(self.proxy.origin + path)

    def evaluate(self, script: str, value: object = None) -> Any:
        return self.phone.evaluate(script, value)

    def pass_time(self, minutes: float) -> None:
        self.evaluate("(ms) => window.passTime(ms)", minutes * MINUTE)

    def sign_in_quietly(self) -> None:
        self.go("/sign-in")
        self.tap(CADRE)
        until(lambda: self.is_there("#notebook"), PATIENCE, "the first screen")

    def forget_cookies(self) -> None:
        self.go("/sign-in")
        self.phone.forget_cookies()

    def fill_in(self, present: int = 21) -> None:
        until(lambda: self.is_there("#record-form"), PATIENCE, "the form")
        self.evaluate(FILL_IN, present)

    def finish(self) -> None:
        self.tap("Chốt phiếu")
        self.until_said("Đã lưu trên máy", "#record-result")

    def tap(self, text: str, where: str = "body") -> None:
        until(lambda: self.evaluate(TAP, [text, where]), PATIENCE, text)
