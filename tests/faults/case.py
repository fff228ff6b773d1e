"""A case of the real-browser matrix, and the sentences that a phone says while a fault lasts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from tests.faults.scene import Scene

Step = Callable[[Scene], None]

UNREACHABLE: Final = "Có mạng nhưng không tới được máy chủ"
OVERLOADED: Final = "Máy chủ đang bận"
PORTAL: Final = "wifi cần đăng nhập"
TOO_LARGE: Final = "Có phiếu quá dài"
SERVER_ERROR: Final = "Máy chủ đang có lỗi"
CLOCK: Final = "Giờ của máy có vẻ sai"
SIGNED_OUT: Final = "Phiên đăng nhập đã hết"
OFFLINE: Final = "chưa có mạng"


@dataclass(frozen=True)
class Case:
    """One named fault."""

    name: str
    words: str
    holds: str
    play: Step
    start: str
    daily: bool = False
    """Plays in every test run, not only in `make faults`."""
    everywhere: bool = False
    """Plays in Firefox and WebKitGTK too."""


@dataclass(frozen=True)
class Stories:
    """Cases of their own kind, in the order in which they are told."""

    told: list[Case] = field(default_factory=list)

    def __call__(
        self, start: str, words: str, *, daily: bool = False, everywhere: bool = False
    ) -> Callable[[Step], Step]:
        """Make a case of a function: its name is the function's, what must hold its first line."""

        def add(play: Step) -> Step:
            holds = (play.__doc__ or "").strip().rstrip(".")
            self.told.append(
                Case(play.__name__.replace("_", " "), words, holds, play, start, daily, everywhere)
            )
            return play

        return add
