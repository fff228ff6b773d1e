"""Two versions that nobody has decided between are asked about however old the entry is, and whoever left."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from tests.webapp.assignments.test_actions import actor, held_by
from tests.webapp.handover.leaving import hand_over, send
from tests.webapp.sync.test_pull import digest_of
from tests.webapp.sync.test_second_versions import Operation, outcomes
from tests.webapp.world import Phone, officer_id, sign_in
from webapp.assignments.models import Assignment
from webapp.db import db
from webapp.handover import actions, queries
from webapp.handover.rules import Way
from webapp.review.actions import review
from webapp.review.rules import Decision as Verdict
from webapp.review.rules import Verdict as Said

OLD = "2026-08-18"
"""More than sixty days before today, which is 22 November 2026."""
OLDER = "2025-06-18"
"""More than a year."""


class Two:
    """An entry that was accepted at the desk, and a second version from another phone of its author."""

    def __init__(self, app: Flask, day: str = OLD) -> None:
        """Let the first version stand, accepted; the other is still on its phone."""
        self.app = app
        self.here, self.there = sign_in(app, "lan"), sign_in(app, "lan")
        self.first = send(self.there, meeting_date=day)
        self.id = self.first["id"]
        self.standing = self.made(self.there, 20, 1)
        assert outcomes(self.there, self.standing) == ["applied"]
        with app.app_context():
            accepted = Said(Verdict.ACCEPTED, "", {})
            review(actor(app, "cuc"), UUID(self.id), UUID(self.standing["op_id"]), accepted)
        self.second = self.made(self.here, 21, 1)

    def made(self, phone: Phone, present: int, base_rev: int, **said: Any) -> Operation:
        """Make a version of the entry."""
        body = self.first["body"] | {"households_present": present}
        return phone.operation("meeting.save", body, id=self.id, rev=base_rev + 1, base_rev=base_rev, **said)

    def arrive(self) -> None:
        """Let the second version come."""
        assert outcomes(self.here, self.second) == ["parallel"]

    def asked(self, phone: Phone) -> list[int]:
        """Return what a phone is asked about, by the number of households present, after it has pulled."""
        phone.pull()
        versions = phone.entries.get(self.id, {}).get("revisions", [])
        return [one["body"]["households_present"] for one in versions if "body" in one]


@pytest.mark.parametrize("day", [OLD, OLDER])
def test_who_starts_over_is_asked_about_an_old_entry_too(any_app: Flask, day: str) -> None:
    two = Two(any_app, day)
    two.arrive()
    newer = [send(two.there, meeting_date=f"2026-{month}-18") for month in ("10", "11")]
    settled = send(two.there, meeting_date="2026-07-18")
    fresh, au = sign_in(any_app, "lan"), sign_in(any_app, "au")
    assert two.asked(fresh) == [21]
    told = fresh.entries[two.id]
    assert told["state"] == "accepted"
    assert told["body"]["households_present"] == 20
    assert [one["op_id"] for one in told["revisions"] if one["parallel"]] == [two.second["op_id"]]
    assert "revisions" not in fresh.entries[settled["id"]], "of others a summary is enough"
    assert {one["id"] for one in newer} <= set(fresh.entries)
    au.pull()
    assert "revisions" not in au.entries.get(two.id, {}), "nobody else is asked"
    # Once it is decided it is as any other.
    decision = two.made(two.there, 21, 2, settles=[two.second["op_id"]])
    assert outcomes(two.there, decision) == ["applied"]
    with any_app.app_context():
        accepted = Said(Verdict.ACCEPTED, "", {})
        review(actor(any_app, "cuc"), UUID(two.id), UUID(decision["op_id"]), accepted)
    later = sign_in(any_app, "lan")
    later.pull()
    assert "revisions" not in later.entries.get(two.id, {})


@pytest.mark.parametrize("when", ["before", "after"])
def test_who_leaves_a_group_keeps_what_they_are_asked_about_and_decides(any_app: Flask, when: str) -> None:
    """Whether the other phone sends its version before its author leaves, or is switched on only later."""
    two = Two(any_app)
    settled = send(two.there, meeting_date="2026-07-18")
    if when == "before":
        two.arrive()
    two.there.pull()
    hand_over(any_app)
    if when == "after":
        assert two.asked(two.there) == []
        assert two.id not in two.there.entries
        two.arrive()
    fresh = sign_in(any_app, "lan")
    for phone in (two.there, fresh):
        assert two.asked(phone) == [21]
        assert settled["id"] not in phone.entries
        assert phone.pull(check=1, protocol=2)[-1]["check"]["digest"] == digest_of(phone, "2026-08-01")
    decision = two.made(two.there, 21, 2, settles=[two.second["op_id"]])
    assert outcomes(two.there, decision) == ["applied"]
    with any_app.app_context():
        accepted = Said(Verdict.ACCEPTED, "", {})
        review(actor(any_app, "cuc"), UUID(two.id), UUID(decision["op_id"]), accepted)
    for phone in (two.there, fresh):
        assert two.id in phone.pull()[-1]["gone"], "decided and accepted: nothing is left to do"


def ways(app: Flask, of: UUID) -> dict[str, Way | None]:
    """Return what the page of a hand-over lists, and how each was settled."""
    with app.app_context():
        found = queries.items(db.session.get_one(Assignment, of))
        return {str(item.entry.id): item.way for item in found}


def test_what_somebody_is_asked_about_is_handed_over(any_app: Flask) -> None:
    two = Two(any_app)
    settled = send(two.there, meeting_date="2026-07-18")
    two.arrive()
    with any_app.app_context():
        of = held_by("lan", "A1-2")
    assert ways(any_app, of) == {two.id: None}
    xuan = sign_in(any_app, "xuan")
    hand_over(any_app, [two.first, settled])
    assert ways(any_app, of) == {two.id: Way.HANDED_OVER}
    assert two.asked(xuan) == [21]
    assert xuan.entries[two.id]["keeper"]["id"] == str(officer_id("xuan"))
    assert two.asked(two.there) == []
    assert two.id not in two.there.entries
    decision = two.made(xuan, 21, 2, settles=[two.second["op_id"]])
    assert outcomes(xuan, decision) == ["applied"]
    assert two.asked(xuan) == []
    assert ways(any_app, of) == {two.id: Way.HANDED_OVER}


def test_what_its_author_has_decided_is_not_handed_over(any_app: Flask) -> None:
    two = Two(any_app)
    two.arrive()
    with any_app.app_context():
        of = held_by("lan", "A1-2")
    hand_over(any_app)
    assert ways(any_app, of) == {two.id: None}
    assert outcomes(two.there, two.made(two.there, 21, 2, settles=[two.second["op_id"]])) == ["applied"]
    assert ways(any_app, of) == {}
    with any_app.app_context():
        assert actions.hand_over_entries(actor(any_app), of, [UUID(two.id)], officer_id("xuan")) == 0


def test_both_versions_are_in_what_is_taken_out(any_app: Flask) -> None:
    two = Two(any_app)
    two.arrive()
    of = hand_over(any_app)
    with any_app.app_context():
        (entry,) = actions.export(actor(any_app, "cuc"), of, [UUID(two.id)])
        lines = [one.text for one in queries.whole(entry) if one.label == "Số hộ dự họp"]
    assert lines == ["20", "21"]
    assert ways(any_app, of) == {two.id: Way.EXPORTED}
