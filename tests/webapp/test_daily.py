"""The first request of a day does what was decided for it, and waits for nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from threading import Event, Thread

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from tests.webapp.world import sign_in
from webapp import clock, daily
from webapp.db import db
from webapp.media.models import MediaObject


@pytest.fixture
def beside(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Thread]]:
    """Let deeds be done beside the requests, as they are outside tests; wait for them at the end."""
    begun: list[Thread] = []

    class Begun(Thread):
        def start(self) -> None:
            begun.append(self)
            super().start()

    monkeypatch.setattr(daily, "Thread", Begun)
    yield begun
    for one in begun:
        one.join()


def test_no_request_waits_for_a_deed_aside(app: Flask, beside: list[Thread]) -> None:
    go_on = Event()
    done: list[tuple[date, int | None]] = []

    def deed(day: date) -> None:
        assert go_on.wait(30)
        done.append((day, db.session.scalar(select(func.count()).select_from(MediaObject))))

    daily.every_day_aside(app, deed)
    lan = sign_in(app, "lan")
    for _ in range(3):
        assert lan.pull()
    assert not done, "answered while it waits"
    go_on.set()
    today, tomorrow = clock.today(), clock.today() + timedelta(days=1)
    for one in beside:
        one.join()
    assert done == [(today, 0)], "once a day"
    clock.pretend_today(tomorrow)
    lan.pull()
    for one in beside:
        one.join()
    assert done == [(today, 0), (tomorrow, 0)]


def test_several_first_requests_of_a_day_set_it_going_once(app: Flask, beside: list[Thread]) -> None:
    with app.app_context():
        for _ in range(3):
            daily.begin(clock.today())
    assert len(beside) == 1


def test_a_database_too_busy_for_a_deed_aside_is_written_down(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    done: list[date] = []

    def busy(_: date) -> None:
        raise OperationalError("BEGIN", None, Exception("database is locked"))

    daily.every_day_aside(app, busy)
    daily.every_day_aside(app, done.append)
    assert sign_in(app, "lan").pull()
    assert "was not done" in caplog.text
    assert done == [clock.today()], "what comes after it is done"
