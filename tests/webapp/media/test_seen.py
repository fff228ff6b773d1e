"""A photo is seen by whoever sees an entry that names it, and by nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.webapp.media.photos import NAME, NEIGHBOUR, OWNER, PHOTO, address, jpeg, named, patch, write_entry
from tests.webapp.world import SAME_ORIGIN, Phone, meeting, sign_in
from webapp.db import db
from webapp.media.models import MediaReference
from webapp.meetings.records import MAX_PHOTO_BYTES
from webapp.sync.models import Quarantined

READERS = ("cuc", "hoa", "rang", "cum")
OUTSIDERS = ("xuan", "tinh", "quan")


@pytest.fixture
def lan(any_app: Flask) -> Phone:
    return sign_in(any_app, OWNER)


def test_it_is_seen_by_whoever_sees_the_entry_and_by_nobody_else(any_app: Flask, lan: Phone) -> None:
    patch(lan, PHOTO)
    assert lan.client.get(address(PHOTO)).status_code == 404  # no entry refers to it yet
    write_entry(lan, PHOTO)
    seen = {
        key: sign_in(any_app, key).client.get(address(PHOTO)).status_code
        for key in (OWNER, NEIGHBOUR, *READERS, *OUTSIDERS)
    }
    assert seen == dict.fromkeys((OWNER, *READERS), 200) | dict.fromkeys((NEIGHBOUR, *OUTSIDERS), 404)


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
