"""Photos arrive after their entries, go on where they were cut, and are seen by whoever sees the entry."""

from __future__ import annotations

import hashlib
import struct
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from tests.webapp.world import SAME_ORIGIN, Phone, meeting, sign_in
from webapp import clock
from webapp.db import db
from webapp.media import actions, queries, rules
from webapp.media.models import MediaObject, MediaReference
from webapp.media.queries import storage
from webapp.meetings.records import MAX_PHOTO_BYTES
from webapp.sync.models import Quarantined

OWNER, NEIGHBOUR, READERS, OUTSIDERS = "lan", "minh", ("cuc", "hoa", "rang", "cum"), ("xuan", "tinh", "quan")


def jpeg(filler: bytes = b"", *, width: int = 1280, height: int = 960) -> bytes:
    """Make the least that is a JPEG: its frame, and a scan of any bytes."""
    head = b"\xff\xd8" + b"\xff\xe0" + struct.pack(">H", 16) + b"JFIF\0" + bytes(9)
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 11, 8, height, width, 1) + bytes(3)
    return head + frame + b"\xff\xda" + struct.pack(">H", 8) + bytes(6) + filler + b"\xff\xd9"


PHOTO = jpeg(b"nha van hoa" * 9_000)
NAME = hashlib.sha256(PHOTO).hexdigest()


def named(data: bytes, caption: str = "") -> dict[str, Any]:
    return {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "caption": caption}


def address(data: bytes) -> str:
    return f"/sync/media/{hashlib.sha256(data).hexdigest()}"


def patch(phone: Phone, data: bytes, start: int = 0, end: int | None = None, **replaced: str) -> TestResponse:
    """Send part of a photo; keyword arguments replace headers, with ``_`` for ``-``."""
    sent = {
        "Upload-Offset": str(start), "Upload-Length": str(len(data)), "Content-Type": "application/partial-upload",
    } | SAME_ORIGIN | {name.replace("_", "-"): value for name, value in replaced.items()}  # fmt: skip
    return phone.client.patch(address(data), data=data[start:end], headers=sent)


def progress(answer: TestResponse) -> tuple[int, str, str]:
    return answer.status_code, answer.headers["Upload-Offset"], answer.headers["Upload-Complete"]


def write_entry(phone: Phone, *photos: bytes, group: str = "A1-2") -> dict[str, Any]:
    entry = phone.operation("meeting.save", meeting(group, photos=[named(data, "Cống") for data in photos]))
    [outcome] = phone.push(entry)
    assert outcome["outcome"] == "applied", outcome
    return entry


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


def test_it_is_seen_by_whoever_sees_the_entry_and_by_nobody_else(any_app: Flask, lan: Phone) -> None:
    patch(lan, PHOTO)
    assert lan.client.get(address(PHOTO)).status_code == 404  # no entry refers to it yet
    write_entry(lan, PHOTO)
    seen = {
        key: sign_in(any_app, key).client.get(address(PHOTO)).status_code
        for key in (OWNER, NEIGHBOUR, *READERS, *OUTSIDERS)
    }
    assert seen == dict.fromkeys((OWNER, *READERS), 200) | dict.fromkeys((NEIGHBOUR, *OUTSIDERS), 404)


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


def test_an_unfinished_photo_is_not_found(lan: Phone) -> None:
    write_entry(lan, PHOTO)
    assert lan.client.get(address(PHOTO)).status_code == 404
    patch(lan, PHOTO, 0, 500)
    assert lan.client.get(address(PHOTO)).status_code == 404


def test_a_photo_taken_out_of_an_entry_is_not_seen_any_more(lan: Phone) -> None:
    first = write_entry(lan, PHOTO)
    patch(lan, PHOTO)
    lan.push(lan.operation("meeting.save", meeting(), id=first["id"], rev=2, base_rev=1))
    assert lan.client.get(address(PHOTO)).status_code == 404


def test_a_parallel_version_keeps_its_photos_until_it_is_decided(any_app: Flask, lan: Phone) -> None:
    other = jpeg(b"cau van")
    first = write_entry(lan, PHOTO)
    for photo, base_rev, word in ((None, 1, "applied"), (other, 1, "parallel"), (PHOTO, 2, "applied")):
        body = meeting(photos=[named(photo)] if photo else [])
        said = lan.operation("meeting.save", body, id=first["id"], rev=base_rev + 1, base_rev=base_rev)
        assert [one["outcome"] for one in lan.push(said)] == [word]
        with any_app.app_context():
            names = set(db.session.scalars(select(MediaReference.sha256)))
        assert names == ({named(photo)["sha256"]} if photo else set())


def test_a_version_nobody_knew_of_keeps_its_photos_when_something_else_is_saved(
    any_app: Flask, lan: Phone
) -> None:
    other = jpeg(b"cau van")
    first = write_entry(lan, PHOTO)

    def save(rev: int, *photos: bytes, **said: Any) -> None:
        body = meeting(photos=[named(photo) for photo in photos])
        lan.push(lan.operation("meeting.save", body, id=first["id"], rev=rev, base_rev=rev - 1, **said))

    def referred() -> set[str]:
        with any_app.app_context():
            return set(db.session.scalars(select(MediaReference.sha256)))

    save(2)
    save(2, other)
    save(3, settles=[])
    assert referred() == {named(other)["sha256"]}
    lan.pull()
    unseen = [one["op_id"] for one in lan.entries[first["id"]]["revisions"] if one["parallel"]]
    save(4, PHOTO, settles=unseen)
    assert referred() == {named(PHOTO)["sha256"]}


def test_many_revisions_in_one_push_leave_the_photos_of_the_last(any_app: Flask, lan: Phone) -> None:
    other = jpeg(b"cau van")
    first = lan.operation("meeting.save", meeting(photos=[named(PHOTO), named(PHOTO)]))
    second = lan.operation("meeting.save", meeting(photos=[named(other)]), id=first["id"], rev=2, base_rev=1)
    elsewhere = lan.operation("meeting.save", meeting("A1-10", photos=[named(other)]))
    assert {one["outcome"] for one in lan.push(first, second, elsewhere)} == {"applied"}
    with any_app.app_context():
        assert list(db.session.scalars(select(MediaReference.sha256))) == [named(other)["sha256"]] * 2


@pytest.mark.parametrize(
    "photos",
    [
        [named(jpeg(bytes([n]))) for n in range(5)],
        [named(PHOTO) | {"size": MAX_PHOTO_BYTES + 1}],
        [named(PHOTO) | {"sha256": NAME.upper()}],
        [named(PHOTO) | {"caption": "x" * 121}],
        [named(PHOTO) | {"place": "10.35,106.36"}],
    ],
)
def test_photos_out_of_bounds_are_kept_in_quarantine(lan: Phone, photos: list[dict[str, Any]]) -> None:
    [outcome] = lan.push(lan.operation("meeting.save", meeting(photos=photos)))
    assert outcome["code"] == "invalid"
    assert "Ảnh nơi họp, công trình" in outcome["message"]


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


def sweep(app: Flask, later: timedelta) -> int:
    with app.app_context():
        clock.pretend_today(clock.today() + later)
        return actions.sweep()


def test_the_sweep_takes_what_nobody_finishes(any_app: Flask, lan: Phone) -> None:
    write_entry(lan, PHOTO)
    patch(lan, PHOTO, 0, 500)
    assert sweep(any_app, timedelta(days=6)) == 0
    assert sweep(any_app, timedelta(days=2)) == 1
    assert progress(lan.client.head(address(PHOTO))) == (200, "0", "?0")
    assert progress(patch(lan, PHOTO)) == (204, str(len(PHOTO)), "?1")


def test_the_sweep_takes_what_nothing_refers_to(any_app: Flask, lan: Phone) -> None:
    loose = jpeg(b"loose")
    entry = write_entry(lan, PHOTO)
    for photo in (PHOTO, loose):
        patch(lan, photo)
    assert sweep(any_app, timedelta(days=29)) == 0
    assert sweep(any_app, timedelta(days=2)) == 1
    assert progress(lan.client.head(address(loose))) == (200, "0", "?0")
    with any_app.app_context():
        assert not list((Path(any_app.instance_path) / "media").rglob(f"{named(loose)['sha256']}*"))
    assert lan.client.get(address(PHOTO)).data == PHOTO
    lan.push(lan.operation("meeting.save", meeting(), id=entry["id"], rev=2, base_rev=1))
    assert sweep(any_app, timedelta(days=1)) == 1
    assert sweep(any_app, timedelta(days=1)) == 0


def test_the_sweep_takes_bytes_that_the_database_never_counted(any_app: Flask, lan: Phone) -> None:
    with any_app.app_context():
        storage().append(NAME, 0, PHOTO)  # on the disk, and then the machine went dark
    assert sweep(any_app, rules.UNFINISHED_FOR - timedelta(days=1)) == 0, "it may be an upload of this moment"
    assert sweep(any_app, timedelta(days=2)) == 1
    with any_app.app_context():
        assert storage().received(NAME) == 0
    write_entry(lan, PHOTO)
    assert patch(lan, PHOTO).status_code == 204, "the phone has it still"
    assert sweep(any_app, rules.UNFINISHED_FOR * 10) == 0, "what the database counts is its own"


def test_the_sweep_spares_what_waits_in_quarantine(any_app: Flask, lan: Phone) -> None:
    held = lan.operation("meeting.save", meeting("B1-1", photos=[named(PHOTO)]))
    assert [one["outcome"] for one in lan.push(held)] == ["quarantined"]
    patch(lan, PHOTO)
    assert sweep(any_app, timedelta(days=60)) == 0
    with any_app.app_context():
        row = db.session.scalars(select(Quarantined)).one()
        row.settled = "dismissed"
        db.session.commit()
    assert sweep(any_app, timedelta(days=1)) == 1


def test_a_day_begins_with_the_sweep(any_app: Flask, lan: Phone) -> None:
    patch(lan, PHOTO)
    clock.pretend_today(clock.today() + rules.LOOSE_FOR + timedelta(days=1))
    lan.pull()
    assert progress(lan.client.head(address(PHOTO))) == (200, "0", "?0")
    assert sweep(any_app, timedelta()) == 0


def test_two_processes_sweep_at_once(any_app: Flask, lan: Phone) -> None:
    photos = [jpeg(bytes([n])) for n in range(20)]
    for one in photos:
        patch(lan, one)
    write_entry(lan, PHOTO)
    patch(lan, PHOTO)
    clock.pretend_today(clock.today() + rules.LOOSE_FOR + timedelta(days=1))
    both = threading.Barrier(2)

    def sweep_together(_: int) -> int:
        with any_app.app_context():
            both.wait()
            return actions.sweep()

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(sweep_together, range(2))) == len(photos), "each went once"
    with any_app.app_context():
        assert list(db.session.scalars(select(MediaObject.sha256))) == [NAME]
        assert list(storage().names()) == [NAME]


def test_an_entry_taken_in_from_quarantine_brings_its_photos(any_app: Flask, lan: Phone) -> None:
    held = lan.operation("meeting.save", meeting("B1-1", photos=[named(PHOTO)]))
    lan.push(held)
    patch(lan, PHOTO)
    rang = sign_in(any_app, "rang")
    assert rang.client.get(address(PHOTO)).status_code == 404
    any_app.config["WTF_CSRF_ENABLED"] = False
    with any_app.app_context():
        held_id = db.session.scalars(select(Quarantined.id)).one()
    answer = rang.client.post(f"/review/quarantine/{held_id}", data={"word": "release"}, headers=SAME_ORIGIN)
    assert answer.status_code == 303
    assert rang.client.get(address(PHOTO)).data == PHOTO


def test_the_desk_shows_it_small_and_whole(any_app: Flask, lan: Phone) -> None:
    entry = write_entry(lan, PHOTO)
    patch(lan, PHOTO)
    page = sign_in(any_app, "cuc").client.get(f"/review/entries/{entry['id']}").text
    assert f'href="{address(PHOTO)}"' in page
    assert 'loading="lazy"' in page
    assert 'alt="Cống"' in page
    assert NAME not in page.replace(address(PHOTO), "")  # nobody reads a hash


def test_the_plain_way_shows_and_keeps_the_photos(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    lan = sign_in(app, OWNER)
    entry = write_entry(lan, PHOTO)
    assert address(PHOTO) in lan.client.get(f"/notebook/plain/entry/{entry['id']}").text
    typed = {
        "id": entry["id"], "opened": entry["op_id"], "base_rev": "1", "unit_id": entry["body"]["unit_id"],
        "status": "held", "meeting_date": "2026-11-18", "households_present": "20", "format": "regular",
        "chair_role": "group_leader", "officer_presence": "present",
    }  # fmt: skip
    assert lan.client.post("/notebook/plain/record", data=typed, headers=SAME_ORIGIN).status_code == 303
    lan.pull()
    told = lan.entries[entry["id"]]
    assert (told["rev"], told["households_present"]) == (2, 20)
    assert [photo["sha256"] for photo in told["body"]["photos"]] == [NAME]


@given(st.binary(max_size=300))
def test_no_bytes_break_the_look_at_a_photo(data: bytes) -> None:
    rules.jpeg_dimensions(data)
    rules.jpeg_dimensions(b"\xff\xd8" + data + b"\xff\xd9")


def test_dimensions_are_read_past_tables_and_metadata() -> None:
    exif = b"\xff\xe1" + struct.pack(">H", 10) + b"Exif\0\0\0\0"
    with_more = PHOTO[:2] + b"\xff\xff" + exif + b"\xff\x01" + PHOTO[2:]
    assert rules.jpeg_dimensions(with_more) == rules.jpeg_dimensions(PHOTO) == (1280, 960)
