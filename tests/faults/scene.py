"""One phone in a real browser, one real server, the line between them, and what must be true when all is calm.

Cases (tests/faults/cases.py) begin in a state (tests/faults/states.py): the browser's profile, the server's data, and
the ledger of what was saved. The phone's database is read past the application, and so is the server's.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from playwright.sync_api import Error, expect

from tests.faults.scripts import LISTEN, READ
from tests.support.browser import Browser, Browsers
from tests.support.database import rows
from tests.support.people import sign_in_quietly
from tests.support.proxy import Act, Mode, Proxy
from tests.support.screens import ALL_SENT, CADRE_CODE, RECORD, TODAY, Notebook
from tests.support.server import Server, until
from tests.support.webkit import WebKitError

PATIENCE: Final = 20.0
LOOK_EVERY: Final = 0.15
"""Seconds between two looks at the page, each of which costs the browser something."""
LINE: Final = "#sync-status"
NEW: Final = f"{RECORD}?new=1"
SENT: Final = "Đã gửi hết"
MINUTE: Final = 60_000
REMARK: Final = "Xem lại số hộ dự."

BROWSERS_OWN: Final = re.compile("service_worker.js|The script has|fetching the script|Manifest: Line")
"""What a browser says of a worker's script that it could not fetch, or of a portal's page instead of the manifest."""

Saved = tuple[str, int]
"""A revision: the record's id and the revision's number."""


@dataclass
class Scene:
    """What a case plays in."""

    server: Server
    proxy: Proxy
    phone: Browser
    browsers: Browsers
    before: dict[str, int]
    saved: dict[str, Saved] = field(default_factory=dict)
    """By operation: two versions of one record may have the same number."""
    photos: set[str] = field(default_factory=set)
    hours: float = 0
    """How far the phone's clock is ahead."""
    scripts: list[str] = field(default_factory=list)
    """What runs before the pages' own scripts."""

    @property
    def notebook(self) -> Notebook:
        """The tab opened last."""
        return Notebook(self.phone.page, self.proxy.origin)

    # The phone

    def start(self) -> None:
        """Start the browser cold, with a clock that the case can turn."""
        self.phone.open()
        context = self.phone.context
        context.clock.install()
        for script in (LISTEN, *self.scripts):
            context.add_init_script(script)
        if self.hours:
            context.clock.set_system_time(datetime.now(UTC) + timedelta(hours=self.hours))

    def go(self, path: str) -> None:
        """Go to a page; that it is cut or refused may be what the case is about."""
        with suppress(Error):
            self.phone.page.goto(self.proxy.origin + path, wait_until="commit")

    def evaluate(self, script: str, value: object = None) -> Any:
        """Run a function in the page."""
        return self.phone.page.evaluate(script, value)

    def pass_time(self, minutes: float) -> None:
        """Let what is due in the next minutes happen now."""
        self.phone.page.clock.fast_forward(int(minutes * MINUTE))

    def sign_in_quietly(self) -> None:
        """Give the browser the session of the cadre; no page is opened."""
        sign_in_quietly(self.phone.context, self.proxy.origin, CADRE_CODE)

    def forget_cookies(self) -> None:
        """Delete the browser's cookies."""
        self.phone.context.clear_cookies()

    def fill_in(self, present: int = 21) -> None:
        """Say in the open form what there is to say, up to its last step."""
        notebook = self.notebook
        notebook.wait_for_form()
        notebook.choose_group(notebook.groups()[1])  # nothing is recorded there this month
        notebook.page.get_by_label("Số hộ dự họp", exact=True).fill(str(present))
        notebook.next()
        notebook.next()
        notebook.page.get_by_label("Bà con không có kiến nghị gì").check()
        notebook.next()

    def finish(self) -> None:
        """Save the open form."""
        self.notebook.finish()

    def tap(self, text: str, where: str = "body") -> None:
        """Tap on a button or a link within a part of the page."""
        place = self.phone.page.locator(where)
        button, link = (place.get_by_role(role, name=text) for role in ("button", "link"))
        button.or_(link).click()

    def new_tab(self) -> None:
        """Open another tab, from now on the one that is looked at."""
        self.phone.context.new_page()

    # What is the same in every browser

    def open(self, path: str = TODAY) -> None:
        """Look at a page, in a browser that is started if it does not run."""
        if not self.phone.is_open:
            self.start()
        self.go(path)

    def show(self, path: str = TODAY) -> None:
        """Look at a page and wait until it is filled."""
        self.open(path)
        until(
            lambda: self.is_there('#notebook[aria-busy="false"]'),
            PATIENCE,
            "the page to be filled",
            LOOK_EVERY,
        )

    def is_there(self, selector: str) -> bool:
        """Say whether something is on the page and visible."""
        with suppress(Error, WebKitError):  # between two pages
            return bool(self.evaluate("(one) => document.querySelector(one)?.checkVisibility()", selector))
        return False

    def text(self, where: str = LINE) -> str:
        """Return what a part of the page says; nothing while there is none."""
        with suppress(Error, WebKitError):  # between two pages
            return str(
                self.evaluate("(where) => document.querySelector(where)?.innerText.trim() ?? ''", where)
            )
        return ""

    def read(self) -> dict[str, list[dict[str, Any]]]:
        """Return what lies in the phone's databases, of whoever has been on this phone, by store."""
        found: dict[str, list[dict[str, Any]]] = self.evaluate(READ)
        return found

    def note_saved(self) -> None:
        """Write what is saved on the phone into the ledger: it has been said to be saved."""
        lying = self.read()
        self.saved |= {
            row["op_id"]: (row["record_id"], row["rev"]) for row in lying["outbox"] + lying["sent"]
        }
        self.photos |= {row["sha256"] for row in lying["media"] if row["records"]}

    def save(self) -> None:
        """Save the open form; it is in the ledger when the phone says so."""
        self.finish()
        self.hear_anew()
        self.note_saved()

    def hear_anew(self) -> None:
        """Forget what the line has said: until now it was true that all was sent."""
        self.evaluate("() => { sessionStorage.heard = '[]'; }")

    def record(self, present: int = 21, photo: Path | None = None) -> None:
        """Record a meeting in the form and save it."""
        self.open(NEW)
        self.fill_in(present)
        if photo:
            page = self.phone.page
            with page.expect_file_chooser() as chooser:
                page.get_by_role("button", name="Chọn ảnh có sẵn").click()
            chooser.value.set_files(photo)
            expect(page.get_by_text("Ảnh đã nằm trên máy")).to_be_visible()
        self.save()

    # The line and the server

    def hurt(self, acts: dict[str, Act]) -> None:
        """Let these acts fall upon the requests they fit."""
        self.proxy.set(acts=acts)

    def refuse(self) -> None:
        """Refuse every connection."""
        self.proxy.set(mode=Mode.REFUSE)

    def calm(self) -> None:
        """End every fault of the line and the server."""
        self.proxy.set()
        self.revive()

    def revive(self) -> None:
        """Start the server if it does not run."""
        if not self.server.is_running:
            self.server.kill()
            self.server.start()

    def until_met(self) -> None:
        """Wait until the fault has fallen upon a request."""
        until(lambda: self.proxy.met, PATIENCE, "the fault to strike")

    def ask(self, question: str, *values: object) -> list[dict[str, Any]]:
        """Ask the server's database."""
        return rows(self.server.database, question, *values)

    def change(self, statement: str) -> None:
        """Change the server's database past the application."""
        with closing(sqlite3.connect(self.server.database)) as connection, connection:
            connection.execute(statement)

    # What must be true

    def says(self, sentence: str, where: str = LINE) -> None:
        """See that a part of the page tells this; the line begins with exactly what has not been sent."""
        self.until_said(sentence, where)
        lying = self.read()
        # As a person counts them: two versions of one entry are one.
        unsent = len({row.get("entry") or row["record_id"] for row in lying["outbox"]})
        photos = sum(1 for row in lying["media"] if row["records"] and not row.get("complete_at"))
        line = self.text()
        assert line.startswith(unsent_words(unsent, photos)), f"{unsent} and {photos} wait; the line: {line}"
        assert len(self.saved) <= len(lying["outbox"] + lying["sent"]), "something saved is not on the phone"
        if unsent or photos:
            heard = self.evaluate("() => JSON.parse(sessionStorage.heard ?? '[]')")
            assert not [text for text in heard if SENT in text], heard

    def until_said(self, sentence: str, where: str = LINE) -> None:
        """Wait until a part of the page tells this."""
        try:
            until(lambda: re.search(sentence, self.text(where)), PATIENCE, sentence, LOOK_EVERY)
        except TimeoutError as late:
            raise AssertionError(f"{late}; {where} says: {self.text(where)}") from None

    def settled(self) -> None:
        """Wait until the phone says that all is sent, and see that it is, exactly once."""
        # The line that stood there before the last save may say so too, for as long as it takes to count.
        until(lambda: not self.read()["outbox"], PATIENCE, "the outbox to be empty", LOOK_EVERY)
        self.until_said(ALL_SENT.pattern)
        self.check()

    def arrived(self) -> Counter[Saved]:
        """Count the revisions that came to the server since the beginning, in the book or in quarantine."""
        found: Counter[Saved] = Counter()
        for kind in ("meeting", "petition", "flash_report"):
            question = f"SELECT record_id, rev FROM {kind}_revision WHERE rowid > ?"  # noqa: S608
            found.update(
                (str(UUID(row["record_id"])), row["rev"])
                for row in self.ask(question, self.before[f"{kind}_revision"])
            )
        return found

    def check(self, quarantined: int = 0) -> None:
        """Compare the ledger, the phone and the server."""
        arrived = self.arrived()
        held = self.ask("SELECT * FROM quarantined WHERE rowid > ?", self.before["quarantined"])
        assert len(held) == quarantined
        for row in held:
            arrived[str(UUID(row["record_id"])), 1] += 1
        assert arrived == Counter(self.saved.values()), (
            "what was saved is on the server, once, and nothing else"
        )
        receipts = {
            str(UUID(row["op_id"])): row["receipt_code"]
            for row in self.ask(
                "SELECT op_id, receipt_code FROM receipt WHERE rowid > ?", self.before["receipt"]
            )
        } | {str(UUID(row["op_id"])): row["receipt_code"] for row in held}
        assert len(receipts) == len(self.saved)
        lying = self.read()
        assert lying["outbox"] == []
        sent = {row["op_id"]: row["receipt"] for row in lying["sent"]}
        assert sent == receipts, "the phone holds the server's receipts"
        photos = {row["sha256"]: row.get("complete_at") for row in lying["media"]}
        whole = {path.stem for path in (self.server.data / "media").rglob("*.jpg")}
        assert self.photos <= whole
        assert all(photos.get(sha256, True) for sha256 in self.photos)
        assert [one for one in self.phone.problems if not BROWSERS_OWN.search(one)] == []


def unsent_words(entries: int, photos: int) -> str:
    """Return how the line begins while so much waits."""
    if entries and photos:
        return f"{entries} phiếu, {photos} ảnh chưa gửi"
    if photos:
        return f"Còn {photos} ảnh chưa gửi"
    return f"{entries} phiếu chưa gửi" if entries else ""
