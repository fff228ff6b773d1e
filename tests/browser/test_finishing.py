"""Finishing an entry in a hurry, and finishing one when the place is somebody else's by now."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from playwright.sync_api import expect

from tests.support.browser import Browser
from tests.support.database import body_of, counts, grown, newest
from tests.support.pictures import camera_picture
from tests.support.screens import ALL_SENT, CADRE, Notebook
from tests.support.server import Server, until
from webapp import clock

PATIENCE: Final = 20.0
WHO: Final = "(SELECT id FROM officer WHERE full_name = ?)"
END: Final = f"UPDATE assignment SET valid_to = ? WHERE officer_id = {WHO}"  # noqa: S608 - constants of this file
ACCEPT: Final = f"UPDATE meeting SET state = 'accepted' WHERE author_id = {WHO}"  # noqa: S608 - as above


def test_a_picture_that_is_still_being_made_small_is_part_of_the_entry(
    server: Server, phone: Browser, tmp_path: Path
) -> None:
    notebook = Notebook(phone.open(), server.origin)
    notebook.sign_in()
    notebook.wait_until_all_is_kept()
    file = camera_picture(notebook.page, tmp_path, 11)
    before = counts(server.database)
    notebook.open_form("?new=1")
    notebook.choose_group(notebook.groups()[0])
    notebook.page.get_by_label("Số hộ dự họp", exact=True).fill("21")
    notebook.go_to_end()
    phone.slow_processor(4)
    with notebook.page.expect_file_chooser() as chooser:
        notebook.page.get_by_role("button", name="Chọn ảnh có sẵn").click()
    chooser.value.set_files(file)
    notebook.finish()
    until(lambda: grown(before, server.database), PATIENCE, "the entry to arrive")
    [entry] = newest(server.database, "meeting", 1)
    assert len(body_of(server.database, entry)["photos"]) == 1
    until(lambda: list((server.data / "media").rglob("*.jpg")), PATIENCE, "the photo to arrive")


def test_who_follows_no_group_any_more_still_finishes_what_they_began(server: Server, phone: Browser) -> None:
    notebook = Notebook(phone.open(), server.origin)
    notebook.sign_in()
    notebook.wait_until_all_is_kept()
    notebook.open_form("?new=1")
    notebook.choose_group(notebook.groups()[0])
    today = datetime.now(clock.LOCAL_ZONE).date()
    notebook.page.get_by_label("Ngày họp").fill((today - timedelta(days=1)).isoformat())
    notebook.page.get_by_label("Số hộ dự họp", exact=True).fill("19")
    notebook.wait_until_kept("19")
    with closing(sqlite3.connect(server.database)) as connection, connection:
        connection.execute(ACCEPT, (CADRE,))
        connection.execute(END, (today.isoformat(), CADRE))
    notebook.fetch_news()
    before = counts(server.database)
    notebook.open_form()
    expect(notebook.page.get_by_label("Số hộ dự họp", exact=True)).to_have_value("19")
    notebook.go_to_end()
    notebook.finish()
    expect(notebook.status).to_have_text(ALL_SENT)
    assert grown(before, server.database) == {"meeting": 1, "meeting_revision": 1, "receipt": 1}
