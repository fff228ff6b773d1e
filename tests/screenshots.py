"""Take the pictures of the README: `make screenshots`.

They are the same each time: the district, the day and the screens are given.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from playwright.sync_api import Page, sync_playwright

from tests.support import demonstration
from tests.support.browser import THEMES, Browsers, Device, Theme
from tests.support.database import address_of, rows
from tests.support.people import sign_in_quietly
from tests.support.screens import CADRE_CODE, REVIEWER_CODE, TODAY, Notebook, Raised
from tests.support.screens import DESK as QUEUE
from tests.support.server import ROOT, Server

PICTURES: Final = ROOT / "docs" / "pictures"
DAY: Final = date(2026, 11, 22)
# Seven in the evening there, when such forms are filled in.
MOMENT: Final = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LARGEST: Final = 120_000
# Sharp enough on a README, and small.
PHONE: Final = Device(360, 640, touch=True, scale=1.5)
DESK: Final = Device(1120, 700)
ROAD: Final = Raised("Xin đắp lại đoạn đường lầy trước nhà sinh hoạt ấp", "Giao thông", "Xã cho 02 xe đá")


class Camera:
    """Takes the pictures of one theme."""

    def __init__(self, server: Server, browsers: Browsers, theme: Theme) -> None:
        """Photograph what `server` shows, in one theme."""
        self.server = server
        self.browsers = browsers
        self.theme = theme

    @contextmanager
    def screen(self, device: Device, person: str) -> Iterator[Page]:
        """Open a browser in which somebody is signed in and it is the day of the pictures."""
        with self.browsers.new(device, theme=self.theme) as browser:
            sign_in_quietly(browser.context, self.server.origin, person)
            browser.page.clock.set_fixed_time(MOMENT)
            yield browser.page

    def take(self, page: Page, name: str) -> None:
        """Keep what is on the screen, and see that it is small enough for a README."""
        path = PICTURES / f"{name}-{self.theme}.png"
        # Without the mark of the keyboard's place, which blinks.
        page.screenshot(path=path, animations="disabled", caret="hide", scale="device")
        size = path.stat().st_size
        if size > LARGEST:
            raise SystemExit(f"{path.name} has {size} bytes, more than {LARGEST}.")
        sys.stdout.write(f"{path.relative_to(ROOT)}  {size / 1000:.0f} kB\n")

    def tidy(self, notebook: Notebook) -> None:
        """Leave the field, go to the top and wait until everything typed is kept."""
        notebook.page.evaluate("() => { document.activeElement.blur(); scrollTo(0, 0); }")
        notebook.wait_for_mark()

    def phone(self) -> None:
        """Photograph the notebook."""
        with self.screen(PHONE, CADRE_CODE) as page:
            notebook = Notebook(page, self.server.origin)
            notebook.go(TODAY)
            notebook.wait_until_all_is_kept()
            self.take(page, "today")
            page.get_by_role("region", name="Cần xem lại").get_by_role("link").first.click()
            notebook.wait_until_shown()
            self.take(page, "returned")
            notebook.open_form("?new=1")
            notebook.choose_group(notebook.groups()[1])
            page.get_by_label("Số hộ dự họp", exact=True).fill("21")
            self.tidy(notebook)
            self.take(page, "form-meeting")
            notebook.next()
            notebook.next()
            notebook.add_petition(ROAD, 1)
            self.tidy(notebook)
            self.take(page, "form-raised")

    def desk(self) -> None:
        """Photograph the desk."""
        with self.screen(DESK, REVIEWER_CODE) as page:
            page.goto(self.server.origin + QUEUE)
            self.take(page, "queue")
            entry = rows(
                self.server.database,
                "SELECT * FROM meeting WHERE state = 'submitted' AND petition_count > 0"
                " ORDER BY received_at, id LIMIT 1",
            )[0]
            page.goto(f"{self.server.origin}/review/entries/{address_of(entry)}")
            self.take(page, "desk-entry")


def main() -> int:
    """Take all pictures."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="gandan-pictures-") as name:
        folder = Path(name)
        filled = demonstration.template(folder / "demonstration", DAY)
        with (
            demonstration.server(folder / "server", filled, DAY) as server,
            sync_playwright() as playwright,
            Browsers(playwright) as browsers,
        ):
            for theme in THEMES:
                camera = Camera(server, browsers, theme)
                camera.phone()
                camera.desk()
    return 0


if __name__ == "__main__":
    sys.exit(main())
