"""A hand-over decided for a day to come."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from tests.webapp.assignments.test_actions import DECISION, actor, held, held_by
from tests.webapp.handover.leaving import MINE, correct, give_back, send, state_of
from tests.webapp.world import SINCE, officer_id, petition, sign_in, unit_id
from webapp import clock
from webapp.assignments import actions as assignments
from webapp.assignments.actions import NewAssignment
from webapp.assignments.models import Assignment
from webapp.assignments.rules import EndReason, Refused
from webapp.audit.models import AuditEvent
from webapp.db import db, new_id
from webapp.handover import actions, queries
from webapp.handover.models import HandoverItem
from webapp.handover.rules import Way
from webapp.meetings.models import MeetingEntry

DAY_DECIDED = date(2026, 11, 22)


def test_a_replacement_dated_ahead_hands_over_by_itself_when_the_day_comes(any_app: Flask) -> None:
    """Decided on 22 November for 1 December: nobody does anything on that day but open the notebook."""
    lan, xuan = sign_in(any_app, "lan"), sign_in(any_app, "xuan")
    first, sent, kept = (send(lan, meeting_date=f"2026-{month}-18") for month in ("08", "11", "10"))
    wish = lan.operation("petition.save", petition(meeting_id=first["id"]))
    lan.push(wish)
    for one in (first, sent, kept):
        give_back(any_app, one)
    on, new = date(2026, 12, 1), new_id()
    with any_app.app_context():
        old = held_by("lan", "A1-2")
        actions.replace(
            actor(any_app), old, officer_id("xuan"), on, EndReason.MOVED.label, DECISION, id=new,
            hand_over=[UUID(one["id"]) for one in (first, sent)],
        )  # fmt: skip
    for day in (DAY_DECIDED, on - timedelta(days=1)):
        clock.pretend_today(day)
        for phone in (lan, xuan):
            phone.pull()
        assert {first["id"], sent["id"], kept["id"]} <= set(lan.entries)
        assert lan.units[MINE]["mine"]
        assert not set(xuan.entries) & {first["id"], sent["id"], kept["id"]}
    with any_app.app_context():
        listed = queries.items(db.session.get_one(Assignment, old))
        assert {(str(one.entry.id), one.way, one.to) for one in listed} == {
            (first["id"], None, "Lê Thị Xuân"), (sent["id"], None, "Lê Thị Xuân"), (kept["id"], None, None),
        }  # fmt: skip
        assert not actions.hand_over_planned(clock.today()), "not before the day"
    assert lan.push(correct(lan, sent))[0]["outcome"] == "applied"
    clock.pretend_today(on)
    assert xuan.pull()[0]["reset"]
    assert {first["id"], sent["id"], kept["id"]} <= set(xuan.entries)
    assert xuan.entries[first["id"]]["keeper"]["name"] == "Lê Thị Xuân"
    assert wish["id"] in xuan.petitions
    assert lan.pull()[0]["reset"]
    assert first["id"] not in lan.entries
    assert {sent["id"], kept["id"]} <= set(lan.entries), (
        "one waits for a verdict, one she said she would mend"
    )
    assert not lan.units[MINE].get("mine")
    (outcome,) = xuan.push(correct(xuan, first, households_present=20))
    assert (outcome["outcome"], state_of(any_app, first)) == ("applied", ("submitted", 2))
    with any_app.app_context():
        assert not actions.hand_over_planned(on), "once"
        listed = queries.items(db.session.get_one(Assignment, old))
        assert {(str(one.entry.id), one.way) for one in listed} == {
            (first["id"], Way.HANDED_OVER), (kept["id"], None),
        }  # fmt: skip
        deed = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "handover.handed_over")).one()
        assert (deed.actor_id, deed.record_id) == (officer_id("quan"), UUID(first["id"]))


def test_what_was_planned_waits_for_who_does_not_come_and_may_be_settled_otherwise(any_app: Flask) -> None:
    lan = sign_in(any_app, "lan")
    entry = send(lan)
    give_back(any_app, entry)
    on, new = date(2026, 12, 1), new_id()
    with any_app.app_context():
        old, quan = held_by("lan", "A1-2"), actor(any_app)
        actions.replace(
            quan, old, officer_id("xuan"), on, "Nghỉ", DECISION, id=new, hand_over=[UUID(entry["id"])]
        )
        assignments.end(quan, new, on, EndReason.MISTAKEN.label, DECISION)
        clock.pretend_today(on)
        assert not actions.hand_over_planned(on)
        assignments.assign(
            quan, NewAssignment(officer_id("minh"), unit_id("A1-2"), "group_officer", on, DECISION)
        )
        assert not actions.hand_over_planned(on)
        assert actions.hand_over_entries(quan, old, [UUID(entry["id"])], officer_id("minh")) == 1
        assert db.session.get_one(MeetingEntry, UUID(entry["id"])).keeper_id == officer_id("minh")


def test_a_replacement_that_the_book_refuses_plans_nothing(any_app: Flask) -> None:
    lan = sign_in(any_app, "lan")
    entry = send(lan)
    give_back(any_app, entry)
    with any_app.app_context():
        with pytest.raises(Refused, match="Người mới"):
            actions.replace(
                actor(any_app), held_by("lan", "A1-2"), officer_id("lan"), date(2026, 12, 1), "", DECISION,
                id=new_id(), hand_over=[UUID(entry["id"])],
            )  # fmt: skip
        assert held("A1-2") == [("lan", True, SINCE, None)]
        assert db.session.scalars(select(HandoverItem)).all() == []
