"""What tests of a hand-over do again and again: send and return an entry, replace who follows its group."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import select

from tests.webapp.assignments.test_actions import DECISION, actor, held_by
from tests.webapp.world import Phone, meeting, officer_id, unit_id
from webapp.assignments.rules import EndReason
from webapp.db import db, new_id
from webapp.handover import actions
from webapp.meetings.models import MeetingEntry, MeetingRevision
from webapp.review.actions import review
from webapp.review.rules import Decision as Verdict
from webapp.review.rules import Verdict as Said

DAY = date(2026, 11, 20)
"""The day of the hand-over; it is the 22nd."""
MINE = str(unit_id("A1-2"))
Operation = dict[str, Any]


def send(phone: Phone, group: str = "A1-2", **said: Any) -> Operation:
    """Send an entry and return its operation."""
    entry = phone.operation("meeting.save", meeting(group, **said))
    assert phone.push(entry)[0]["outcome"] == "applied"
    return entry


def give_back(app: Flask, entry: Operation, rev: int = 1) -> None:
    """Return an entry at the desk."""
    with app.app_context():
        cuc = actor(app, "cuc")
        op_id = db.session.scalars(
            select(MeetingRevision.op_id).where(
                MeetingRevision.record_id == UUID(entry["id"]), MeetingRevision.rev == rev,
                ~MeetingRevision.is_parallel,
            )
        ).one()  # fmt: skip
        review(
            cuc, UUID(entry["id"]), op_id, Said(Verdict.RETURNED, "Xem lại", {"households_present": "23?"})
        )


def hand_over(app: Flask, entries: Iterable[Operation] = (), to: str = "xuan", group: str = "A1-2") -> UUID:
    """Replace Lan at a group; return her assignment."""
    with app.app_context():
        old = held_by("lan", group)
        actions.replace(
            actor(app), old, officer_id(to), DAY, EndReason.MOVED.label, DECISION, id=new_id(),
            hand_over=[UUID(one["id"]) for one in entries],
        )  # fmt: skip
        return old


def correct(phone: Phone, entry: Operation, base_rev: int = 1, **said: Any) -> Operation:
    return phone.operation(
        "meeting.save", entry["body"] | said, id=entry["id"], rev=base_rev + 1, base_rev=base_rev
    )


def state_of(app: Flask, entry: Operation) -> tuple[str, int]:
    with app.app_context():
        found = db.session.get_one(MeetingEntry, UUID(entry["id"]))
        return found.state, found.rev
