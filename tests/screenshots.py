"""Take the pictures of the README and of the guide: `make screenshots`.

They are the same each time: the district, the day and the screens are given.
"""

from __future__ import annotations

import base64
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from playwright.sync_api import Locator, Page, expect, sync_playwright

from tests.support import demonstration
from tests.support.browser import THEMES, Browsers, Device, Theme
from tests.support.database import address_of, rows
from tests.support.people import sign_in_quietly
from tests.support.screens import CADRE_CODE, DEVICE, LEADER_CODE, REVIEWER_CODE, TODAY, Notebook, Raised
from tests.support.screens import DESK as QUEUE
from tests.support.server import ROOT, Server, copy_database
from webapp import clock, create_app
from webapp.config import Settings
from webapp.db import db
from webapp.demo import reform
from webapp.demo.actions import fill
from webapp.ops.actions import prepare_database

PICTURES: Final = ROOT / "docs" / "pictures"
DAY: Final = date(2026, 11, 22)
# Seven in the evening there, when such forms are filled in.
MOMENT: Final = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LARGEST: Final = 150_000
# Sharp enough on a README, and small.
PHONE: Final = Device(360, 640, touch=True, scale=1.5)
DESK: Final = Device(1120, 700)
# So high that a report on 21 communes needs no scrolling, and small for it.
REPORT: Final = Device(1120, 1500, scale=0.7)
# What was drawn while the page scrolled may lie half a point off, and stays so: everything is drawn anew.
DRAW_ANEW: Final = """
async () => {
  const at = scrollY;
  const drawn = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  for (const hidden of [true, false]) {
    document.body.hidden = hidden;
    scrollTo(0, at);
    await drawn();
  }
}
"""
# A road in the rice fields after rain, drawn: a picture of a real place would be somebody's.
DRAW_ROAD: Final = """
async () => {
  const canvas = new OffscreenCanvas(1200, 900);
  const brush = canvas.getContext("2d");
  const fill = (colour, ...points) => {
    brush.fillStyle = colour;
    brush.beginPath();
    for (const [x, y] of points) brush.lineTo(x, y);
    brush.fill();
  };
  fill("#b9d3dc", [0, 0], [1200, 0], [1200, 420], [0, 420]);
  fill("#5f7f56", [0, 400], [300, 360], [700, 390], [1200, 350], [1200, 440], [0, 440]);
  fill("#9db45f", [0, 420], [1200, 420], [1200, 900], [0, 900]);
  fill("#b58f63", [560, 420], [640, 420], [1000, 900], [200, 900]);
  for (const [x, y, width] of [[580, 560, 60], [660, 680, 110], [430, 800, 150]]) {
    brush.fillStyle = "#8da3a6";
    brush.beginPath();
    brush.ellipse(x, y, width, width / 4, 0, 0, 7);
    brush.fill();
  }
  const blob = await canvas.convertToBlob({type: "image/jpeg", quality: 0.9});
  const bytes = new Uint8Array(await blob.arrayBuffer());
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}
"""
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

    def take(self, page: Page, name: str, part: Locator | None = None) -> None:
        """Keep what is on the screen, or a part of it, and see that it is small enough for a README."""
        path = PICTURES / f"{name}-{self.theme}.png"
        page.evaluate(DRAW_ANEW)
        # Without the mark of the keyboard's place, which blinks.
        (part or page).screenshot(path=path, animations="disabled", caret="hide", scale="device")
        size = path.stat().st_size
        if size > LARGEST:
            raise SystemExit(f"{path.name} has {size} bytes, more than {LARGEST}.")
        sys.stdout.write(f"{path.relative_to(ROOT)}  {size / 1000:.0f} kB\n")

    def tidy(self, notebook: Notebook) -> None:
        """Leave the field, go to the top and wait until everything typed is kept."""
        notebook.page.evaluate("() => { document.activeElement.blur(); scrollTo(0, 0); }")
        notebook.wait_for_mark()

    def show(self, part: Locator) -> None:
        """Leave the field and scroll until a part of the page stands in the middle of the screen."""
        part.evaluate("(part) => { document.activeElement.blur(); part.scrollIntoView({block: 'center'}); }")

    def add_photo(self, notebook: Notebook) -> None:
        """Choose a photo in the last step, say what it shows, and wait until both are kept."""
        page = notebook.page
        content = base64.b64decode(page.evaluate(DRAW_ROAD))
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Chọn ảnh có sẵn").click()
        chooser.value.set_files({"name": "road.jpg", "mimeType": "image/jpeg", "buffer": content})
        page.get_by_text("Ảnh đã nằm trên máy").wait_for()
        photo = page.get_by_role("group", name="Ảnh 1", exact=True)
        photo.get_by_label("Chú thích").fill("Đoạn lầy trước nhà sinh hoạt ấp")
        self.tidy(notebook)
        self.show(photo)

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
            page.get_by_role("link", name="Sửa và gửi lại").click()
            notebook.wait_for_form()
            page.get_by_text("Phiếu được trả lại để bổ sung").wait_for()
            self.show(page.locator("[data-remark]").first)
            self.take(page, "mend")
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
            notebook.next()
            self.add_photo(notebook)
            self.take(page, "form-photos")
            page.context.set_offline(True)
            notebook.finish()
            notebook.go(DEVICE)
            expect(page.get_by_role("button", name="Tạo tệp dự phòng (1 phiếu)")).to_be_enabled()
            self.show(page.get_by_role("region", name="Tệp dự phòng"))
            self.take(page, "rescue")

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


def take_report(server: Server, browsers: Browsers, month: str, name: str) -> bytes:
    """Photograph the leader's report on a month."""
    camera = Camera(server, browsers, "light")
    with camera.screen(REPORT, LEADER_CODE) as page:
        page.goto(f"{server.origin}/reports/month?month={month}")
        camera.take(page, name, page.locator("main"))
    return (PICTURES / f"{name}-light.png").read_bytes()


def take_reform(folder: Path, browsers: Browsers) -> None:
    """Photograph an old month before and after the reform, the same to the dot, and the first new month."""
    before, after = folder / "before.sqlite3", folder / "after.sqlite3"
    clock.pretend_today(reform.TODAY)
    app = create_app(Settings(folder, f"sqlite:///{before}", "a key for pictures", None))
    with app.app_context():
        prepare_database()
        fill(reform.TODAY, earlier=reform.EARLIER)
        db.session.remove()
        copy_database(before, after)
        db.engine.dispose()
    app = create_app(Settings(folder, f"sqlite:///{after}", "a key for pictures", None))
    with app.app_context():
        reform.reform()
        db.session.remove()
        db.engine.dispose()
    clock.pretend_today(None)
    month = f"{reform.EARLIER[0]:%Y-%m}"
    with demonstration.server(folder / "server-before", before, reform.TODAY) as server:
        old = take_report(server, browsers, month, "reform-before")
    with demonstration.server(folder / "server-after", after, reform.TODAY) as server:
        same = take_report(server, browsers, month, "reform-after")
        take_report(server, browsers, f"{reform.REFORM_DAY:%Y-%m}", "reform-first-month")
    if old != same:
        raise SystemExit(f"The report on {month} changed with the reform.")


def main() -> int:
    """Take all pictures, or those of the reform alone."""
    only = sys.argv[1:]
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="gandan-pictures-") as name:
        folder = Path(name)
        with sync_playwright() as playwright, Browsers(playwright) as browsers:
            take_reform(folder, browsers)
        if only == ["reform"]:
            return 0
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
