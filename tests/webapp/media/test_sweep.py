"""What nobody finishes and what nothing names is thrown away, and nothing else."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from tests.webapp.media.photos import NAME, OWNER, PHOTO, address, jpeg, named, patch, progress, write_entry
from tests.webapp.world import Phone, meeting, sign_in
from webapp import clock
from webapp.db import db
from webapp.media import actions, rules
from webapp.media.models import MediaObject
from webapp.media.queries import storage
from webapp.sync.models import Quarantined


@pytest.fixture
def lan(any_app: Flask) -> Phone:
    return sign_in(any_app, OWNER)


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
