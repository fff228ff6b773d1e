"""What cases begin in: each state is made once, in a kind of browser, and copied."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, Literal

from playwright.sync_api import Error, expect

from tests.faults.scene import REMARK, Scene
from tests.faults.scripts import LISTEN, MULTIPLY, PICTURE, WORKER_READY
from tests.faults.webkit_scene import WebKitScene
from tests.support.browser import DESK, PHONE, Browsers
from tests.support.database import rows
from tests.support.mortal import MortalServer, Nursery
from tests.support.people import sign_in_quietly
from tests.support.proxy import Act, Part, Proxy
from tests.support.screens import ALL_SENT, REVIEWER_CODE
from tests.support.webkit import WebKit, why_not
from tests.tooling import ToolMissingError, chromium, firefox

MANY: Final = 60
UNIMPORTANT: Final = shutil.ignore_patterns(
    "Singleton*", "Cache", "Code Cache", "GPUCache", "lock", ".parentlock", "cache2"
)
"""What of a profile need not be copied."""


Engine = Literal["chromium", "firefox", "webkit"]


def missing(engine: Engine) -> str | None:
    """Return what is missing on this machine for a browser, in a sentence that says what to install."""
    if engine == "webkit":
        return why_not()
    try:
        chromium() if engine == "chromium" else firefox()
    except ToolMissingError as error:
        return str(error)
    return None


class States:
    """What cases begin in; each is made when it is first asked for, and copied."""

    def __init__(
        self,
        browsers: Browsers,
        folder: Path,
        filled: Path,
        proxy: Proxy,
        nursery: Nursery,
        engine: Engine = "chromium",
    ) -> None:
        """Make states in `folder` from the filled database, for phones that know the proxy's address."""
        self.browsers, self.folder, self.filled = browsers, folder, filled
        self.proxy, self.nursery, self.engine = proxy, nursery, engine
        self.made: dict[str, Scene] = {}
        tables = (
            "meeting_revision",
            "petition_revision",
            "flash_report_revision",
            "receipt",
            "quarantined",
        )
        self.before = {
            name: rows(filled, f"SELECT coalesce(max(rowid), 0) AS n FROM {name}")[0]["n"]  # noqa: S608
            for name in tables
        }
        self._copies = 0

    def begin(self, name: str) -> Scene:
        """Return a scene of one's own in a state; its server runs, its browser does not."""
        return self._copy_of(self._made(name)) if name != "new" else self._new()

    def _made(self, name: str) -> Scene:
        if name not in self.made:
            make, beginning = STATES[name]
            scene = self.begin(beginning)
            make(scene)
            scene.phone.close()
            scene.server.kill()
            self.made[name] = scene
        return self.made[name]

    def _new(self) -> Scene:
        folder = self._folder()
        folder.mkdir(parents=True)
        shutil.copyfile(self.filled, folder / self.filled.name)
        return self._scene(folder)

    def _copy_of(self, made: Scene) -> Scene:
        folder = self._folder()
        shutil.copytree(made.server.data, folder)
        scene = self._scene(folder)
        shutil.copytree(made.phone.profile, scene.phone.profile, ignore=UNIMPORTANT, dirs_exist_ok=True)
        scene.saved, scene.photos = dict(made.saved), set(made.photos)
        return scene

    def _folder(self) -> Path:
        self._copies += 1
        return self.folder / str(self._copies)

    def _scene(self, folder: Path) -> Scene:
        server = MortalServer(self.nursery, folder)
        server.start()
        self.proxy.set()
        self.proxy.upstream = server.port
        if self.engine == "webkit":
            phone = WebKit(folder.with_name(f"{folder.name}-phone"), LISTEN)
            return WebKitScene(server, self.proxy, phone, self.browsers, self.before)  # type: ignore[arg-type]
        return Scene(
            server, self.proxy, self.browsers.new(PHONE, engine=self.engine), self.browsers, self.before
        )

    def end(self, scene: Scene) -> None:
        """Close what a case leaves open; its data may go."""
        with suppress(Error, TimeoutError):
            scene.phone.close()
        scene.server.kill()
        shutil.rmtree(scene.server.data, ignore_errors=True)
        shutil.rmtree(scene.phone.profile, ignore_errors=True)


def _ready(scene: Scene) -> None:
    """Sign in and wait until everything is on the phone."""
    scene.start()
    scene.sign_in_quietly()
    scene.open()
    scene.until_said(ALL_SENT.pattern)
    scene.evaluate(WORKER_READY)


def _one(scene: Scene) -> None:
    """Save an entry that nothing of leaves the phone."""
    scene.refuse()
    scene.record()


def _many(scene: Scene) -> None:
    scene.refuse()
    scene.show()
    scene.evaluate(MULTIPLY, MANY)
    scene.note_saved()


def _photo(scene: Scene) -> None:
    scene.refuse()
    scene.show()
    file = scene.server.data / "picture.jpg"
    file.write_bytes(bytes(scene.evaluate(PICTURE)))
    scene.record(photo=file)


def _half_a_photo(scene: Scene) -> None:
    scene.hurt({"PATCH /sync/media/": Act(request=Part.BODY)})
    scene.open()
    scene.says("Có mạng nhưng không tới được máy chủ")


def _verdict(scene: Scene) -> None:
    """The entry was sent; while the phone was off it came back from the desk."""
    scene.open()
    scene.settled()
    scene.phone.close()
    desk = scene.browsers.new(DESK)
    desk.open()
    sign_in_quietly(desk.context, scene.server.origin, REVIEWER_CODE)
    ((record, _),) = scene.saved.values()
    page = desk.page
    page.goto(f"{scene.server.origin}/review/entries/{record}")
    page.get_by_label("Lời nhắn cho người ghi").fill(REMARK)
    page.get_by_role("button", name="Trả bổ sung").click()
    expect(page.get_by_text("Đã trả phiếu")).to_be_visible()
    desk.close()


STATES: Final[dict[str, tuple[Callable[[Scene], None], str]]] = {
    "ready": (_ready, "new"),
    "one": (_one, "ready"),
    "many": (_many, "one"),
    "photo": (_photo, "ready"),
    "half a photo": (_half_a_photo, "photo"),
    "verdict": (_verdict, "one"),
}
"""How each state is made, and from which."""
