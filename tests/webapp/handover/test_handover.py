"""Somebody follows a group instead of another: what each phone is told, and who mends what was open."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import select

from tests.webapp.assignments.test_actions import DECISION, actor, held_by
from tests.webapp.handover.leaving import DAY, MINE, correct, give_back, hand_over, send, state_of
from tests.webapp.sync.test_pull import digest_of
from tests.webapp.world import SAME_ORIGIN, Phone, meeting, officer_id, petition, sign_in
from webapp.db import db, new_id
from webapp.handover import actions, queries
from webapp.meetings.models import MeetingEntry, MeetingRevision
from webapp.permissions import Permission
from webapp.petitions.models import PetitionRecord
from webapp.review.actions import release, review
from webapp.review.rules import Decision as Verdict
from webapp.review.rules import Verdict as Said
from webapp.sync.models import Quarantined


def test_the_new_holder_gets_the_past_and_what_is_open_and_the_old_one_drops_it(any_app: Flask) -> None:
    """Xuân comes from another commune; her phone has never heard of this one."""
    lan, au, xuan = (sign_in(any_app, key) for key in ("lan", "au", "xuan"))
    past = [send(lan, meeting_date=f"2026-{month:02d}-18") for month in (1, 5, 10)]
    by_au = send(au, meeting_date="2026-09-18")
    old_wish = lan.operation("petition.save", petition(), made_at="2026-02-01T03:00:00.000Z")
    lan.push(old_wish)
    elsewhere = send(lan, "A1-10")
    for phone in (lan, xuan):
        phone.pull()
    assert not xuan.entries
    hand_over(any_app)
    assert xuan.pull()[0]["reset"]
    assert set(xuan.entries) == {one["id"] for one in (*past, by_au)}
    assert old_wish["id"] in xuan.petitions, "an open petition of nine months ago"
    assert xuan.units[MINE]["mine"]
    assert lan.pull()[0]["reset"]
    assert set(lan.entries) == {elsewhere["id"]} | {past[2]["id"]}, "only what still waits for a verdict"
    assert not lan.petitions
    assert not lan.units[MINE].get("mine")


def test_whoever_leaves_the_commune_altogether_keeps_what_must_be_mended_and_hears_the_verdict(
    any_app: Flask,
) -> None:
    minh = sign_in(any_app, "minh")
    settled, waiting = (send(minh, "A2-1", meeting_date=f"2026-{month}-18") for month in ("03", "11"))
    wish = minh.operation("petition.save", petition("A2-1", meeting_id=waiting["id"]))
    minh.push(wish)
    with any_app.app_context():
        old = held_by("minh", "A2-1")
        actions.replace(actor(any_app), old, officer_id("xuan"), DAY, "Nghỉ", DECISION, id=new_id())
    minh.pull()
    assert set(minh.entries) == {waiting["id"]}
    assert set(minh.petitions) == {wish["id"]}
    assert [unit["name"] for unit in minh.units.values()] == ["Ấp Thới Hòa", "Tổ NDTQ số 1"]
    assert minh.pull(check=1, protocol=2)[-1]["check"]["digest"] == digest_of(minh, "2026-08-01")
    give_back(any_app, waiting)
    (page,) = minh.pull()
    assert not page["reset"]
    assert minh.entries[waiting["id"]]["state"] == "returned"
    mended = correct(minh, waiting, households_present=20)
    assert minh.push(mended)[0]["outcome"] == "applied"
    with any_app.app_context():
        review(
            actor(any_app, "cuc"), UUID(waiting["id"]), UUID(mended["op_id"]), Said(Verdict.ACCEPTED, "", {})
        )
    (page,) = minh.pull()
    assert set(page["gone"]) == {waiting["id"], wish["id"]}, "accepted: nothing is left to do"
    assert minh.pull(check=1, protocol=2)[-1]["check"]["count"] == 0
    assert settled["id"] not in minh.entries


def test_a_returned_entry_is_handed_over_and_mended_by_the_new_holder(any_app: Flask) -> None:
    lan, xuan = sign_in(any_app, "lan"), sign_in(any_app, "xuan")
    entry = send(lan, meeting_date="2025-06-18")
    wish = lan.operation("petition.save", petition(meeting_id=entry["id"]))
    lan.push(wish)
    give_back(any_app, entry)
    for phone in (lan, xuan):
        phone.pull()
    hand_over(any_app, [entry])
    xuan.pull()
    told = xuan.entries[entry["id"]]
    assert told["author"]["name"] == "Nguyễn Thị Lan"
    assert told["keeper"] == {"id": str(officer_id("xuan")), "name": "Lê Thị Xuân"}
    assert told["state"] == "returned"
    assert told["body"] == entry["body"], "although it is older than what a phone begins with"
    assert xuan.petitions[wish["id"]]["keeper"]["name"] == "Lê Thị Xuân"
    lan.pull()
    assert entry["id"] not in lan.entries
    assert wish["id"] not in lan.petitions
    mended = correct(xuan, entry, households_present=23)
    sorted_out = xuan.operation(
        "petition.save", wish["body"] | {"title": "Xin cống"}, id=wish["id"], rev=2, base_rev=1
    )
    assert [one["outcome"] for one in xuan.push(mended, sorted_out)] == ["applied", "applied"]
    assert state_of(any_app, entry) == ("submitted", 2)
    xuan.pull()
    assert [one.get("author", {}).get("name") for one in xuan.entries[entry["id"]]["revisions"]] == [
        None, "Lê Thị Xuân",
    ]  # fmt: skip
    desk = sign_in(any_app, "cuc").client.get(f"/review/entries/{entry['id']}").text
    assert "Người ghi: Nguyễn Thị Lan" in desk
    assert "Đã bàn giao cho Lê Thị Xuân" in desk
    with any_app.app_context():
        found = db.session.get_one(MeetingEntry, UUID(entry["id"]))
        assert (found.author_id, found.keeper_id) == (officer_id("lan"), officer_id("xuan"))
        written = db.session.scalars(
            select(MeetingRevision.author_id)
            .where(MeetingRevision.record_id == found.id)
            .order_by(MeetingRevision.rev)
        )
        assert list(written) == [officer_id("lan"), officer_id("xuan")]


def test_nobody_else_may_mend_it(any_app: Flask) -> None:
    lan, au = sign_in(any_app, "lan"), sign_in(any_app, "au")
    entry = send(lan)
    give_back(any_app, entry)
    hand_over(any_app, [entry])
    (outcome,) = au.push(correct(au, entry))
    assert (outcome["outcome"], outcome["code"]) == ("quarantined", "wrong_record")


def test_what_the_old_phone_still_held_arrives(any_app: Flask) -> None:
    """Lan was without a network: an entry of before, a correction, an entry of after, and she follows A1-10 no more."""
    lan, xuan = sign_in(any_app, "lan"), sign_in(any_app, "xuan")
    entry = send(lan, meeting_date="2026-11-10")
    give_back(any_app, entry)
    hand_over(any_app, [entry])
    hand_over(any_app, to="minh", group="A1-10")
    before = lan.operation("meeting.save", meeting(meeting_date="2026-11-19"))
    late_wish = lan.operation(
        "petition.save", petition(meeting_id=before["id"]), made_at="2026-11-21T03:00:00.000Z"
    )
    mended = correct(lan, entry, households_present=20)
    after = lan.operation(
        "meeting.save", meeting(meeting_date="2026-11-21"), made_at="2026-11-21T12:00:00.000Z"
    )
    stray = lan.operation("petition.save", petition(), made_at="2026-11-21T12:00:00.000Z")
    outcomes = lan.push(before, late_wish, mended, after, stray)
    assert [(one["outcome"], one["code"]) for one in outcomes] == [
        ("applied", "applied"), ("applied", "applied"), ("applied", "applied"),
        ("quarantined", "not_authorised"), ("quarantined", "not_authorised"),
    ]  # fmt: skip
    assert state_of(any_app, entry) == ("submitted", 2)
    xuan.pull()
    assert {before["id"], entry["id"]} <= set(xuan.entries)
    assert late_wish["id"] in xuan.petitions
    with any_app.app_context():
        waiting = db.session.scalars(
            select(Quarantined.id).where(Quarantined.record_id == UUID(after["id"]))
        ).one()
        release(actor(any_app, "cuc"), waiting)
    xuan.pull()
    assert after["id"] in xuan.entries
    lan.pull()
    states = {one["record_id"]: one["state"] for one in lan_quarantine(lan)}
    assert states == {after["id"]: "released", stray["id"]: "waiting"}


def lan_quarantine(phone: Phone) -> list[dict[str, Any]]:
    phone.cursor = ""
    told: list[dict[str, Any]] = phone.pull()[0]["quarantine"]
    return told


def test_two_who_mend_without_hearing_of_each_other_lose_nothing(any_app: Flask) -> None:
    lan, xuan = sign_in(any_app, "lan"), sign_in(any_app, "xuan")
    entry = send(lan)
    give_back(any_app, entry)
    hand_over(any_app, [entry])
    assert xuan.push(correct(xuan, entry, households_present=23))[0]["outcome"] == "applied"
    hers = correct(lan, entry, households_present=20)
    assert lan.push(hers)[0]["outcome"] == "parallel"
    xuan.pull()
    told = xuan.entries[entry["id"]]
    assert told["body"]["households_present"] == 23
    (beside,) = [one for one in told["revisions"] if one["parallel"]]
    assert beside["body"]["households_present"] == 20, "she is asked which stands, and must have seen both"
    settled = correct(xuan, entry, base_rev=2, households_present=20)
    assert xuan.push(settled)[0]["outcome"] == "applied"


def test_the_phones_check_agrees_after_a_hand_over(any_app: Flask) -> None:
    lan, xuan = sign_in(any_app, "lan"), sign_in(any_app, "xuan")
    entry, other = send(lan), send(lan, "A1-10")
    give_back(any_app, entry)
    for phone in (lan, xuan):
        phone.pull()
    hand_over(any_app, [entry])
    for phone in (lan, xuan):
        check = phone.pull(check=1, protocol=2)[-1]["check"]
        assert check["digest"] == digest_of(phone, check["since"])
    assert set(lan.entries) == {other["id"]}


def test_what_is_handed_over_while_the_group_was_left_before_is_dropped_without_starting_over(
    any_app: Flask,
) -> None:
    lan = sign_in(any_app, "lan")
    entry = send(lan)
    wish = lan.operation("petition.save", petition(meeting_id=entry["id"]))
    lan.push(wish)
    give_back(any_app, entry)
    old = hand_over(any_app)
    lan.pull()
    assert set(lan.entries) == {entry["id"]}
    with any_app.app_context():
        assert actions.hand_over_entries(actor(any_app), old, [UUID(entry["id"])], officer_id("xuan")) == 1
    (page,) = lan.pull()
    assert not page["reset"]
    assert set(page["gone"]) == {entry["id"], wish["id"]}


def test_what_came_back_to_its_author_is_the_authors_again(any_app: Flask) -> None:
    lan, xuan = sign_in(any_app, "lan"), sign_in(any_app, "xuan")
    entry = send(lan)
    give_back(any_app, entry)
    hand_over(any_app, [entry])
    with any_app.app_context():
        again = held_by("xuan", "A1-2")
        actions.replace(
            actor(any_app), again, officer_id("lan"), date(2026, 11, 21), "", DECISION, id=new_id(),
            hand_over=[UUID(entry["id"])],
        )  # fmt: skip
        assert db.session.get_one(MeetingEntry, UUID(entry["id"])).keeper_id is None
    lan.pull()
    assert "keeper" not in lan.entries[entry["id"]]
    (outcome,) = xuan.push(correct(xuan, entry))
    assert outcome["code"] == "wrong_record"


def test_a_petition_is_not_let_in_by_anothers_meeting(any_app: Flask) -> None:
    """The day of a meeting lets a petition in only with who was there, and where it was."""
    lan, au = sign_in(any_app, "lan"), sign_in(any_app, "au")
    hers, elsewhere = send(au, meeting_date="2026-11-19"), send(lan, "A1-10", meeting_date="2026-11-19")
    for group in ("A1-2", "A1-10"):
        hand_over(any_app, group=group)
    late = {"made_at": "2026-11-21T03:00:00.000Z"}
    outcomes = lan.push(
        lan.operation("petition.save", petition(meeting_id=hers["id"]), **late),
        lan.operation("petition.save", petition(meeting_id=elsewhere["id"]), **late),
        lan.operation("petition.save", petition("A1-10", meeting_id=elsewhere["id"]), **late),
    )
    assert [one["code"] for one in outcomes] == ["not_authorised", "not_authorised", "applied"]


def test_the_plain_form_takes_the_new_holders_correction(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    lan, xuan = sign_in(app, "lan"), sign_in(app, "xuan")
    entry = send(lan)
    give_back(app, entry)
    hand_over(app, [entry])
    address = f"/notebook/plain/entry/{entry['id']}"
    assert "/withdraw" in xuan.client.get(address).text
    answer = xuan.client.post(
        f"{address}/withdraw", data={"reason": "Ghi nhầm", "opened": str(new_id())}, headers=SAME_ORIGIN
    )
    assert answer.status_code == 303
    assert state_of(app, entry)[0] == "withdrawn"
    assert lan.client.get(address).status_code == 200
    assert (
        lan.client.post(f"{address}/withdraw", data={"reason": "Ghi nhầm"}, headers=SAME_ORIGIN).status_code
        == 403
    )


def test_petitions_of_others_stay_theirs(any_app: Flask) -> None:
    lan, au = sign_in(any_app, "lan"), sign_in(any_app, "au")
    entry = send(lan)
    theirs = au.operation("petition.save", petition(meeting_id=entry["id"]))
    au.push(theirs)
    give_back(any_app, entry)
    hand_over(any_app, [entry])
    with any_app.app_context():
        assert db.session.get_one(PetitionRecord, UUID(theirs["id"])).keeper_id is None
        quan = actor(any_app)
        assert queries.assignment(quan, held_by("xuan", "A1-2"), Permission.ADMINISTER)
        assert queries.assignment(quan, new_id(), Permission.ADMINISTER) is None
