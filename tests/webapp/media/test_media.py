"""Photos arrive after their entries, in pieces, and go on where they were cut."""

from __future__ import annotations

import hashlib
import struct
import threading

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from tests.webapp.media.photos import (
    NAME,
    NEIGHBOUR,
    OWNER,
    PHOTO,
    address,
    jpeg,
    patch,
    progress,
    write_entry,
)
from tests.webapp.world import SAME_ORIGIN, Phone, sign_in
from webapp.db import db
from webapp.media import queries, rules
from webapp.media.models import MediaObject
from webapp.media.queries import storage
from webapp.meetings.records import MAX_PHOTO_BYTES


@pytest.fixture
def lan(any_app: Flask) -> Phone:
    return sign_in(any_app, OWNER)


def test_one_photo_costs_one_round_trip(lan: Phone) -> None:
    write_entry(lan, PHOTO)
    answer = patch(lan, PHOTO)
    assert progress(answer) == (204, str(len(PHOTO)), "?1")
    assert answer.data == b""
    seen = lan.client.get(address(PHOTO))
    assert (seen.status_code, seen.data, seen.content_type) == (200, PHOTO, "image/jpeg")
    assert seen.headers["Cache-Control"].startswith("private, ")
    assert "immutable" in seen.headers["Cache-Control"]
    assert lan.client.get(address(PHOTO), headers={"If-None-Match": f'"{NAME}"'}).status_code == 304


def test_head_says_how_far_it_has_come(lan: Phone) -> None:
    assert progress(lan.client.head(address(PHOTO))) == (200, "0", "?0")
    patch(lan, PHOTO, 0, 500)
    assert progress(lan.client.head(address(PHOTO))) == (200, "500", "?0")
    patch(lan, PHOTO, 500)
    assert progress(lan.client.head(address(PHOTO))) == (200, str(len(PHOTO)), "?1")


@pytest.mark.parametrize("cut", [0, 1, 2, 20, len(PHOTO) // 2, len(PHOTO) - 2, len(PHOTO) - 1])
def test_it_goes_on_after_a_cut_at_any_byte(lan: Phone, cut: int) -> None:
    write_entry(lan, PHOTO)
    assert progress(patch(lan, PHOTO, 0, cut)) == (204, str(cut), "?0")
    assert progress(patch(lan, PHOTO, cut)) == (204, str(len(PHOTO)), "?1")
    assert lan.client.get(address(PHOTO)).data == PHOTO


def test_another_offset_is_answered_with_the_right_one(lan: Phone) -> None:
    patch(lan, PHOTO, 0, 500)
    for start in (0, 499, 501):
        answer = patch(lan, PHOTO, start, start + 10)
        assert progress(answer) == (409, "500", "?0")
        assert answer.get_json()["error"]["code"] == "wrong_offset"
    assert progress(patch(lan, PHOTO, 500)) == (204, str(len(PHOTO)), "?1")


def test_a_lost_answer_costs_nothing(lan: Phone) -> None:
    patch(lan, PHOTO)
    for start in (0, 500, len(PHOTO)):
        assert progress(patch(lan, PHOTO, start)) == (204, str(len(PHOTO)), "?1")


def test_bytes_of_anybody_are_accepted_once(any_app: Flask, lan: Phone) -> None:
    patch(sign_in(any_app, "xuan"), PHOTO)
    write_entry(lan, PHOTO)
    assert progress(lan.client.head(address(PHOTO))) == (200, str(len(PHOTO)), "?1")
    assert lan.client.get(address(PHOTO)).data == PHOTO


@pytest.mark.parametrize(
    "wrong",
    [
        b"\xff\xd8 no photo \xff\xd9",
        PHOTO[:-2] + b"\0\0",
        b"GIF89a" + bytes(200),
        jpeg(width=0),
        jpeg(height=rules.MAX_SIDE + 1),
        b"\xff\xd8\xff\xd9",
        b"\xff" * 40 + b"\xff\xd9",
    ],
)
def test_what_is_no_photo_is_thrown_away(any_app: Flask, lan: Phone, wrong: bytes) -> None:
    answer = patch(lan, wrong)
    assert progress(answer) == (422, "0", "?0")
    assert answer.get_json()["error"]["code"] == "wrong_content"
    assert progress(lan.client.head(address(wrong))) == (200, "0", "?0")
    with any_app.app_context():
        assert db.session.scalars(select(MediaObject)).all() == []
        assert storage().received(hashlib.sha256(wrong).hexdigest()) == 0


def test_bytes_of_another_photo_are_thrown_away_and_the_right_ones_taken(lan: Phone) -> None:
    other = bytes([*PHOTO[:-5], 0, 0, 0, *PHOTO[-2:]])
    headers = {"Upload-Offset": "0", "Upload-Length": str(len(PHOTO))} | SAME_ORIGIN
    sent = {"data": other, "headers": headers | {"Content-Type": "application/partial-upload"}}
    answer = lan.client.patch(address(PHOTO), **sent)
    assert progress(answer) == (422, "0", "?0")
    assert progress(patch(lan, PHOTO)) == (204, str(len(PHOTO)), "?1")


def test_a_length_announced_wrongly_does_not_stand_in_the_way(lan: Phone) -> None:
    patch(lan, PHOTO, 0, 300, Upload_Length="900")
    assert progress(patch(lan, PHOTO, 300)) == (409, "300", "?0")
    assert progress(patch(lan, PHOTO)) == (204, str(len(PHOTO)), "?1")


def test_too_large_is_refused_before_anything_is_kept(lan: Phone) -> None:
    answer = patch(lan, PHOTO, Upload_Length=str(MAX_PHOTO_BYTES + 1))
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (413, "too_large")
    assert progress(lan.client.head(address(PHOTO))) == (200, "0", "?0")
    largest = jpeg(bytes(MAX_PHOTO_BYTES - len(jpeg())))
    assert len(largest) == MAX_PHOTO_BYTES
    assert progress(patch(lan, largest)) == (204, str(MAX_PHOTO_BYTES), "?1")


@pytest.mark.parametrize(
    "headers",
    [
        {"Upload_Offset": "-1"},
        {"Upload_Offset": ""},
        {"Upload_Offset": "x"},
        {"Upload_Length": "0"},
        {"Upload_Length": "ba"},
        {"Upload_Length": "100"},
        {"Content_Type": "image/jpeg"},
        {"Upload_Offset": "9" * 30},
    ],
)
def test_what_cannot_be_read_is_said(lan: Phone, headers: dict[str, str]) -> None:
    answer = patch(lan, PHOTO, 0, None, **headers)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (400, "unreadable_request")
    assert "Gandan-Protocol" in answer.headers


def test_every_answer_carries_the_mark(any_app: Flask, lan: Phone) -> None:
    stranger = Phone(any_app.test_client(), lan.device, lan.owner, lan.secret)
    unnamed = lan.client.get("/sync/media/ABC")
    answers = [
        patch(stranger, PHOTO), stranger.client.get(address(PHOTO)), stranger.client.head(address(PHOTO)),
        lan.client.get(address(PHOTO)), unnamed, patch(lan, PHOTO, 5), patch(lan, PHOTO),
        patch(lan, PHOTO, Sec_Fetch_Site="cross-site"),
    ]  # fmt: skip
    assert [answer.status_code for answer in answers] == [401, 401, 401, 404, 404, 409, 204, 403]
    assert all("Gandan-Protocol" in answer.headers for answer in answers)
    assert unnamed.get_json()["error"]["code"] == "not_found"


def test_photos_to_which_no_entry_refers_are_limited_for_each_person(
    any_app: Flask, lan: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MAX_LOOSE", 2)
    photos = [jpeg(bytes([n])) for n in range(5)]
    write_entry(lan, photos[0])
    assert [progress(patch(lan, one)) for one in photos[:3]] == [(204, str(len(photos[0])), "?1")] * 3
    answer = patch(lan, photos[3])
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (413, "photos_waiting")
    assert progress(lan.client.head(address(photos[3]))) == (200, "0", "?0")
    assert progress(patch(lan, photos[2])) == (204, str(len(photos[0])), "?1")  # what is here stays answered
    write_entry(lan, photos[4])
    assert patch(lan, photos[4]).status_code == 204  # an entry refers to it
    assert patch(sign_in(any_app, "xuan"), photos[3]).status_code == 204  # another person
    write_entry(lan, photos[1])
    assert patch(lan, jpeg(b"one more")).status_code == 204  # there is room again


def test_two_uploads_at_once_make_one_photo(any_app: Flask, lan: Phone) -> None:
    write_entry(lan, PHOTO)
    phones = [lan, sign_in(any_app, "au"), sign_in(any_app, "minh")]
    told: list[int] = []

    def send(phone: Phone) -> None:
        at = 0
        for _ in range(200):
            answer = patch(phone, PHOTO, at, min(at + 20_000, len(PHOTO)))
            told.append(answer.status_code)
            at = int(answer.headers["Upload-Offset"])
            if answer.headers["Upload-Complete"] == "?1":
                return

    threads = [threading.Thread(target=send, args=(phone,)) for phone in phones]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(told) <= {204, 409}
    assert lan.client.get(address(PHOTO)).data == PHOTO


def test_a_crash_between_the_bytes_and_their_count_loses_and_doubles_nothing(
    any_app: Flask, lan: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_entry(lan, PHOTO)
    patch(lan, PHOTO, 0, 500)
    with any_app.app_context():
        storage().append(NAME, 500, PHOTO[500:900])  # on the disk, and then the machine went dark
    assert progress(lan.client.head(address(PHOTO))) == (200, "500", "?0")
    assert progress(patch(lan, PHOTO, 500)) == (204, str(len(PHOTO)), "?1")
    assert lan.client.get(address(PHOTO)).data == PHOTO


def test_a_restored_database_without_its_files_asks_for_the_bytes_again(any_app: Flask, lan: Phone) -> None:
    write_entry(lan, PHOTO)
    patch(lan, PHOTO)
    with any_app.app_context():
        storage().remove(NAME)
    assert lan.client.get(address(PHOTO)).status_code == 404
    assert progress(lan.client.head(address(PHOTO))) == (200, "0", "?0")
    assert progress(patch(lan, PHOTO)) == (204, str(len(PHOTO)), "?1")
    assert lan.client.get(address(PHOTO)).data == PHOTO


def test_a_full_disk_asks_the_phone_to_come_again(lan: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("webapp.media.storage.Folder.append", full)
        answer = patch(lan, PHOTO)
        assert (answer.status_code, answer.get_json()["error"]["code"]) == (503, "overloaded")
    assert progress(patch(lan, PHOTO)) == (204, str(len(PHOTO)), "?1")


@pytest.mark.parametrize(
    ("busy", "path"),
    [("webapp.media.actions.take_in", address(PHOTO)), ("webapp.sync.routes.pull_page", "/sync/pull")],
)
def test_a_busy_database_asks_the_phone_to_come_again(
    app: Flask, monkeypatch: pytest.MonkeyPatch, busy: str, path: str
) -> None:
    def locked(*_: object, **__: object) -> None:
        raise OperationalError("BEGIN", None, Exception("database is locked"))

    lan = sign_in(app, OWNER)
    monkeypatch.setattr(busy, locked)
    answer = patch(lan, PHOTO) if "media" in path else lan.client.get(path)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (503, "overloaded")
    assert int(answer.headers["Retry-After"]) > 0
    assert "Gandan-Protocol" in answer.headers


def test_a_revoked_device_does_nothing_with_photos(any_app: Flask, lan: Phone) -> None:
    write_entry(lan, PHOTO)
    patch(lan, PHOTO)
    with any_app.app_context():
        db.session.execute(db.text("UPDATE device SET revoked_at = created_at"))
        db.session.commit()
    for answer in (lan.client.get(address(PHOTO)), patch(lan, PHOTO)):
        assert (answer.status_code, answer.get_json()["error"]["code"]) == (403, "revoked_device")


def test_a_photo_goes_up_in_the_name_of_its_own_phone_only(any_app: Flask, lan: Phone) -> None:
    write_entry(lan, PHOTO)
    minh = sign_in(any_app, NEIGHBOUR)
    refused = patch(minh, PHOTO, Gandan_Device=str(lan.device.id))
    assert (refused.status_code, refused.get_json()["error"]["code"]) == (403, "wrong_person")
    assert progress(lan.client.head(address(PHOTO))) == (200, "0", "?0")
    assert patch(lan, PHOTO, Gandan_Device=str(lan.device.id)).status_code == 204


@given(st.binary(max_size=300))
def test_no_bytes_break_the_look_at_a_photo(data: bytes) -> None:
    rules.jpeg_dimensions(data)
    rules.jpeg_dimensions(b"\xff\xd8" + data + b"\xff\xd9")


def test_dimensions_are_read_past_tables_and_metadata() -> None:
    exif = b"\xff\xe1" + struct.pack(">H", 10) + b"Exif\0\0\0\0"
    with_more = PHOTO[:2] + b"\xff\xff" + exif + b"\xff\x01" + PHOTO[2:]
    assert rules.jpeg_dimensions(with_more) == rules.jpeg_dimensions(PHOTO) == (1280, 960)
