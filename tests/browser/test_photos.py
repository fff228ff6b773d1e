"""Photos: made small on the phone, kept through a killed browser, sent after their entry, seen at the desk."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import Browser
from tests.support.database import address_of, body_of, counts, grown, newest, rows
from tests.support.pictures import SECRET, SHOWN, camera_picture
from tests.support.proxy import Proxy
from tests.support.screens import ALL_SENT, DEVICE, TODAY, Desk, Notebook
from tests.support.server import Server, until
from webapp.media.rules import jpeg_dimensions

MOST_BYTES: Final = 150_000
CAPTION: Final = "Cống đầu ấp đã thông"
STATION: Final = "Trạm bơm mới sơn"
PATIENCE: Final = 20.0


def choose(notebook: Notebook, file: Path, number: int, caption: str) -> None:
    """Choose a picture in the form, wait until it is kept, and write what it shows."""
    with notebook.page.expect_file_chooser() as chooser:
        notebook.page.get_by_role("button", name="Chọn ảnh có sẵn").click()
    chooser.value.set_files(file)
    expect(notebook.page.get_by_text("Ảnh đã nằm trên máy")).to_be_visible()
    row = notebook.page.get_by_role("group", name=f"Ảnh {number}", exact=True)
    row.get_by_label("Chú thích").fill(caption)
    notebook.wait_until_kept(caption)


def wait_for_pictures(page: Page, count: int) -> None:
    """Wait until so many pictures are really painted."""
    images = page.locator("img.photo-image:visible")
    expect(images).to_have_count(count)
    for image in images.all():
        image.scroll_into_view_if_needed()
        until(lambda image=image: image.evaluate(SHOWN), PATIENCE, "a picture to be painted")  # type: ignore[misc]


def record_with_photos(notebook: Notebook, phone: Browser, files: list[Path]) -> str:
    """Record a meeting with two photos, the browser killed in between and afterwards; return its page's address."""
    notebook.open_form("?new=1")
    notebook.choose_group(notebook.groups()[0])
    notebook.page.get_by_label("Số hộ dự họp", exact=True).fill("21")
    notebook.next()
    notebook.next()
    notebook.page.get_by_label("Bà con không có kiến nghị gì").check()
    notebook.next()
    choose(notebook, files[0], 1, CAPTION)
    phone.kill()

    notebook = Notebook(phone.open(), notebook.origin)
    notebook.open_form()
    wait_for_pictures(notebook.page, 1)
    choose(notebook, files[1], 2, STATION)
    wait_for_pictures(notebook.page, 2)
    notebook.finish()
    address = notebook.page.get_by_role("link", name="Xem phiếu").get_attribute("href")
    phone.kill()
    return address or ""


def arrive(server: Server, notebook: Notebook, proxy: Proxy) -> dict[str, Any]:
    """Send with the server back; each photo costs one round trip, after its entry."""
    proxy.count.exchanges.clear()
    notebook.go(DEVICE)
    notebook.page.get_by_role("main").get_by_role("button", name="Gửi ngay").click()
    until(lambda: len(whole_photos(server)) == 2, PATIENCE, "the photos to arrive")
    expect(notebook.status).to_have_text(ALL_SENT)
    uploads = proxy.count.under("/sync/media/")
    assert [exchange.method for exchange in uploads.exchanges] == ["PATCH", "PATCH"]
    [entry] = newest(server.database, "meeting", 1)
    question = "SELECT min(started_at) AS first FROM media_object"
    assert entry["received_at"] <= rows(server.database, question)[0]["first"]
    photos = body_of(server.database, entry)["photos"]
    assert [photo["caption"] for photo in photos] == [CAPTION, STATION]
    for photo in photos:
        check_photo(server, photo["sha256"], photo["size"])
    return entry


@pytest.mark.slow
def test_photos_taken_without_signal_arrive_after_their_entry(
    server: Server, phone: Browser, desk: Browser, tmp_path: Path
) -> None:
    with Proxy(server.port) as proxy:
        notebook = Notebook(phone.open(), proxy.origin)
        notebook.sign_in()
        notebook.wait_until_all_is_kept()
        files = [camera_picture(notebook.page, tmp_path, seed) for seed in (11, 12)]
        assert all(file.stat().st_size > 1_000_000 for file in files)
        phone.close()  # the sign-in is on the disk
        before = counts(server.database)
        server.kill()
        notebook = Notebook(phone.open(), proxy.origin)
        address = record_with_photos(notebook, phone, files)

        notebook = Notebook(phone.open(), proxy.origin)
        notebook.go(TODAY)
        expect(notebook.status).to_contain_text("1 phiếu, 2 ảnh chưa gửi")
        notebook.go(address)
        expect(notebook.page.get_by_text("Ảnh đang gửi (0/2)")).to_be_visible()
        wait_for_pictures(notebook.page, 2)

        server.start()
        entry = arrive(server, notebook, proxy)
        assert grown(before, server.database) == {"meeting": 1, "meeting_revision": 1, "receipt": 1}
        notebook.go(f"/notebook/entry?id={address_of(entry)}")  # now from the server
        wait_for_pictures(notebook.page, 2)

    review = Desk(desk.open(), server.origin)
    review.sign_in()
    review.open_entry(address_of(entry))
    wait_for_pictures(desk.page, 2)
    desk.page.get_by_role("img", name=CAPTION).click()
    desk.page.wait_for_url("**/sync/media/*")
    assert phone.problems == []
    assert desk.problems == []


def whole_photos(server: Server) -> list[Path]:
    """Return the photos that the server has whole."""
    return sorted((server.data / "media").rglob("*.jpg"))


def check_photo(server: Server, sha256: str, size: int) -> None:
    """See that what arrived is what was named: upright, small, and silent about who took it and where."""
    [file] = [path for path in whole_photos(server) if path.stem == sha256]
    data = file.read_bytes()
    assert hashlib.sha256(data).hexdigest() == sha256
    assert len(data) == size <= MOST_BYTES
    dimensions = jpeg_dimensions(data)
    assert dimensions is not None
    wide, high = dimensions
    assert high <= 1280
    assert abs(high / wide - 1.5) < 0.01  # it lay on its side and stands now
    for trace in (b"Exif", SECRET, b"\xff\xe1", b"Nguyen"):
        assert trace not in data[:2000]
