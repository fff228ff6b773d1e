"""When something was written down, by a device whose clock is wrong, or was set otherwise meanwhile."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from tests.webapp.petitions.acting import do, step
from tests.webapp.world import Phone, meeting, petition, sign_in
from webapp import clock
from webapp.db import db
from webapp.petitions.models import PetitionEvent, PetitionRecord, PetitionRevision
from webapp.petitions.rules import Deed
from webapp.sync import rules

HOURS = timedelta(hours=3)
BEHIND = 3 * 3600 * 1000
"""The server's clock is so many milliseconds ahead of a phone that is three hours slow."""


@pytest.fixture
def slow(any_app: Flask) -> Phone:
    """A phone whose clock is three hours slow."""
    phone = sign_in(any_app, "lan")
    phone.sent_at = clock.now() - HOURS
    return phone


def save(phone: Phone, written: datetime, offset: int | None, **said: Any) -> UUID:
    """Save a petition at a moment of the phone's clock and send it."""
    known = {} if offset is None else {"clock_offset": offset}
    operation = phone.operation("petition.save", petition(**said), made_at=written.isoformat(), **known)
    assert phone.push(operation)[0]["outcome"] == "applied"
    return UUID(operation["id"])


def revision_of(petition_id: UUID) -> PetitionRevision:
    return db.session.query(PetitionRevision).filter_by(record_id=petition_id).one()


def test_a_clock_that_is_wrong_all_the_time_is_put_right(any_app: Flask, slow: Phone) -> None:
    really = clock.now() - timedelta(hours=1)
    petition_id = save(slow, really - HOURS, BEHIND)
    with any_app.app_context():
        revision = revision_of(petition_id)
        assert abs(revision.recorded_at - (really - HOURS)) < timedelta(
            seconds=1
        )  # what the phone said stays
        assert abs(revision.times.recorded - really) < timedelta(seconds=1)
        assert not revision.times.is_uncertain
        assert db.session.get_one(PetitionRecord, petition_id).recorded_at == revision.times.recorded
    page = sign_in(any_app, "cuc").client.get(f"/petitions/{petition_id}").text
    assert clock.local(really).strftime("%H:%M") in page
    assert "chưa chắc" not in page


@pytest.mark.parametrize(
    ("known", "is_marked"),
    [(BEHIND, False), (0, True), (None, True), (BEHIND + 240_000, False), (-BEHIND, True)],
)
def test_a_clock_that_was_set_between_is_marked(
    any_app: Flask,
    slow: Phone,
    known: int | None,
    is_marked: bool,  # noqa: FBT001 - pytest gives it by name
) -> None:
    petition_id = save(slow, clock.now() - HOURS - timedelta(hours=1), known)
    with any_app.app_context():
        assert revision_of(petition_id).times.is_uncertain is is_marked
    page = sign_in(any_app, "cuc").client.get(f"/petitions/{petition_id}").text
    assert ("chưa chắc" in page) is is_marked


def test_a_phone_that_does_not_say_what_its_clock_shows_is_believed(any_app: Flask) -> None:
    petition_id = save(sign_in(any_app, "lan"), clock.now() - timedelta(hours=1), 1500)
    with any_app.app_context():
        revision = revision_of(petition_id)
        assert not revision.times.is_uncertain


def test_what_an_entry_tells_of_an_answer_has_the_entry_s_clock(any_app: Flask, slow: Phone) -> None:
    any_app.config["WTF_CSRF_ENABLED"] = False
    petition_id = save(slow, clock.now() - HOURS, BEHIND)
    with any_app.app_context():
        answer = do("cuc", petition_id, Deed.ASSIGN, step(Deed.RESOLVE)).ending_id
    row = {"text": "Cống", "view": "agreed", "petition_id": str(petition_id), "answer_id": str(answer)}
    for offset, is_sure in ((BEHIND, True), (0, False)):
        body = meeting(feedback_given=[row], meeting_date=f"{clock.today()}")
        made_at = clock.now() - HOURS - timedelta(minutes=20)
        told = slow.operation("meeting.save", body, made_at=made_at.isoformat(), clock_offset=offset)
        assert slow.push(told)[0]["outcome"] == "applied"
        with any_app.app_context():
            newest = select(PetitionEvent).filter_by(deed=Deed.FEED_BACK).order_by(PetitionEvent.seq.desc())
            event = db.session.scalars(newest).first()
            assert event is not None
            assert event.times.is_uncertain is not is_sure
            assert abs(event.times.recorded - (made_at + timedelta(milliseconds=offset))) < timedelta(
                seconds=1
            )


def test_the_desk_s_own_steps_are_sure(any_app: Flask) -> None:
    petition_id = save(sign_in(any_app, "lan"), clock.now(), 0)
    with any_app.app_context():
        do("cuc", petition_id, Deed.TRIAGE)
        event = db.session.query(PetitionEvent).filter_by(petition_id=petition_id).one()
        assert not event.times.is_uncertain


def test_a_petition_s_page_says_the_three_times(any_app: Flask) -> None:
    phone = sign_in(any_app, "lan")
    held = phone.operation("meeting.save", meeting())
    wish = phone.operation("petition.save", petition(meeting_id=held["id"]), clock_offset=0)
    assert [one["outcome"] for one in phone.push(held, wish)] == ["applied", "applied"]
    page = sign_in(any_app, "cuc").client.get(f"/petitions/{wish['id']}").text
    assert "Tại buổi họp ngày 18/11/2026" in page
    assert "Ghi trên máy lúc" in page
    assert "Máy chủ nhận lúc" in page


@given(st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9))
def test_a_clock_has_jumped_when_it_is_elsewhere(known: int, now: int) -> None:
    later = timedelta(milliseconds=now)
    assert rules.has_jumped(known, later) is (abs(known - now) > 300_000)
    assert not rules.has_jumped(None, later)
