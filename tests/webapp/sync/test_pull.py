"""A phone learns what changed in its scope, all of it, in pages, and nothing outside."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import event, update

from tests.webapp.world import Phone, meeting, officer_id, petition, sign_in, unit_id
from webapp import clock
from webapp.accounts.models import Account, Device
from webapp.assignments.models import Assignment
from webapp.db import db, new_id, transaction
from webapp.meetings.models import MeetingEntry
from webapp.petitions.models import PetitionRecord
from webapp.places.models import Unit
from webapp.sync import held, pull
from webapp.sync.feeds import next_number
from webapp.sync.models import Quarantined


def test_the_first_pull_brings_the_groups_and_names_their_neighbours(any_app: Flask) -> None:
    lan = sign_in(any_app, "lan")
    lan.pull()
    mine = {u["name"]: u.get("households") for u in lan.units.values() if u.get("mine")}
    assert mine == {"Tổ NDTQ số 2": 29, "Tổ NDTQ số 10": 29}
    assert lan.units[str(unit_id("A2-1"))].keys() == {"id", "type", "name", "parent_id"}
    assert str(unit_id("B1-1")) not in lan.units
    assert list(lan.units).index(str(unit_id("A1-2"))) < list(lan.units).index(str(unit_id("A1-10")))


def test_what_was_sent_comes_back_to_author_and_cadre_and_nobody_else(any_app: Flask) -> None:
    lan, au, minh, xuan = (sign_in(any_app, key) for key in ("lan", "au", "minh", "xuan"))
    entry = lan.operation("meeting.save", meeting())
    wish = lan.operation("petition.save", petition(meeting_id=entry["id"]))
    lan.push(entry, wish)
    for phone in (lan, au):
        phone.pull()
        assert phone.entries[entry["id"]]["body"] == entry["body"]
        assert phone.petitions[wish["id"]]["body"] == wish["body"]
    for phone in (minh, xuan):
        phone.pull()
        assert not phone.entries
        assert not phone.petitions


def held_back(phone: Phone, count: int) -> list[dict[str, Any]]:
    """Have entries held back: more came than the group has."""
    bad = [phone.operation("meeting.save", meeting(households_present=400 + n)) for n in range(count)]
    assert {one["outcome"] for one in phone.push(*bad)} == {"quarantined"}
    return bad


def told_in(page: dict[str, Any]) -> list[dict[str, str]]:
    """Return what a page tells of quarantine."""
    told: list[dict[str, str]] = page.get("quarantine", []) + page.get("quarantine_rest", [])
    return told


def test_however_many_are_held_back_each_is_told_and_told_again_when_it_is_settled(
    any_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held, "HELD_PAGE", 3)
    lan = sign_in(any_app, "lan")
    bad = held_back(lan, 8)
    ids = [one["op_id"] for one in bad]

    def told(**asked: int) -> dict[str, str]:
        """Keep what is told as a phone does."""
        kept: list[dict[str, str]] = []
        for page in lan.pull(**asked):
            new = told_in(page)
            assert len(new) <= 3
            kept = new if "quarantine" in page else new + kept
        return {one["op_id"]: one["state"] for one in kept}

    assert list(told()) == ids
    assert told() == {}
    for op_id in (ids[0], ids[3], ids[7]):
        with any_app.app_context(), transaction() as session:
            change = update(Quarantined).where(Quarantined.op_id == UUID(op_id))
            session.execute(change.values(settled="dismissed", settled_at=clock.now()))
        assert told()[op_id] == "dismissed"
    for old in (bad[1], bad[6]):
        mended = lan.operation("meeting.save", meeting(), id=old["id"], rev=2, base_rev=1)
        assert lan.push(mended)[0]["outcome"] == "applied"
    assert told()[ids[6]] == "superseded"
    bad = [lan.operation("meeting.save", meeting(), id=bad[2]["id"], rev=2, base_rev=1)]
    assert lan.push(*bad)[0]["outcome"] == "applied"
    assert told() == {}
    assert told(protocol=2, check=1)[ids[2]] == "superseded"


def test_a_list_that_changes_while_it_is_told_is_told_again(
    any_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held, "HELD_PAGE", 2)
    lan = sign_in(any_app, "lan")
    bad = held_back(lan, 4)
    page: dict[str, Any] = {"more": True, "cursor": ""}
    seen = []
    for _ in range(10):
        page = lan.client.get("/sync/pull", query_string={"since": page["cursor"]}).get_json()
        seen += [one["op_id"] for one in told_in(page)]
        if "quarantine" in page and len(bad) == 4:
            bad += held_back(lan, 1)
    assert not page["more"]
    assert set(seen) == {one["op_id"] for one in bad}


def test_nothing_new_is_nothing_at_all(any_app: Flask) -> None:
    lan = sign_in(any_app, "lan")
    lan.push(lan.operation("meeting.save", meeting()))
    lan.pull()
    (page,) = lan.pull()
    assert page["entries"] == page["petitions"] == []
    assert not page["reset"]
    assert "scope" not in page


def test_history_comes_as_summaries_but_for_the_newest_two_and_ones_own(any_app: Flask) -> None:
    lan, au = sign_in(any_app, "lan"), sign_in(any_app, "au")
    months = ["2026-11-18", "2026-10-18", "2026-09-18", "2026-08-18", "2026-01-18", "2025-06-18"]
    for day in months:
        lan.push(lan.operation("meeting.save", meeting(meeting_date=day)))
    au.pull()
    whole = {e["meeting_date"] for e in au.entries.values() if "body" in e}
    assert whole == {"2026-11-18", "2026-10-18"}
    assert {e["meeting_date"] for e in au.entries.values()} == set(months[:5])
    lan.push(lan.operation("meeting.save", meeting(meeting_date="2026-03-18")))
    au.pull()
    assert {e["meeting_date"] for e in au.entries.values()} == {*months[:5], "2026-03-18"}


def test_pages_bring_everything_once(any_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pull, "PAGE", 3)
    lan, au = sign_in(any_app, "lan"), sign_in(any_app, "au")
    for n in range(1, 9):
        lan.push(
            lan.operation("meeting.save", meeting(households_present=n)),
            lan.operation("petition.save", petition()),
        )
    pages = au.pull()
    assert len(pages) >= 5
    ids = [e["id"] for page in pages for e in page["entries"]]
    assert len(ids) == len(set(ids)) == 8
    assert len(au.petitions) == 8


def test_a_changed_assignment_starts_the_phone_over(any_app: Flask) -> None:
    lan = sign_in(any_app, "lan")
    kept, lost = (
        lan.operation("meeting.save", meeting("A1-2")),
        lan.operation("meeting.save", meeting("A1-10")),
    )
    au = sign_in(any_app, "au")
    theirs = au.operation("meeting.save", meeting("A1-10"))
    lan.push(kept, lost)
    au.push(theirs)
    lan.pull()
    assert set(lan.entries) == {kept["id"], lost["id"], theirs["id"]}
    with any_app.app_context(), transaction() as session:
        session.execute(
            update(Assignment)
            .where(Assignment.unit_id == unit_id("A1-10"))
            .values(valid_to=date(2026, 11, 1))
        )
    assert lan.pull()[0]["reset"]
    assert set(lan.entries) == {kept["id"], lost["id"]}  # her own stays hers
    assert not lan.units[str(unit_id("A1-10"))].get("mine")


def test_a_renamed_group_reaches_the_phone_without_starting_over(any_app: Flask) -> None:
    lan = sign_in(any_app, "lan")
    lan.pull()
    with any_app.app_context(), transaction() as session:
        session.execute(update(Unit).where(Unit.id == unit_id("A1-2")).values(name="Tổ NDTQ số 2A"))
    (page,) = lan.pull()
    assert not page["reset"]
    assert lan.units[str(unit_id("A1-2"))]["name"] == "Tổ NDTQ số 2A"


@pytest.mark.parametrize("token", ["", "x", "e30=", "W10=", "[" * 5000, "bnVsbA==", "WzEsMiwzXQ=="])
def test_a_cursor_that_says_nothing_starts_over(any_app: Flask, token: str) -> None:
    lan = sign_in(any_app, "lan")
    lan.cursor = token
    assert lan.pull()[0]["reset"]


def test_the_cursor_of_another_person_starts_over(any_app: Flask) -> None:
    lan, au = sign_in(any_app, "lan"), sign_in(any_app, "au")
    lan.pull()
    au.cursor = lan.cursor
    assert au.pull()[0]["reset"]


def test_a_row_committed_late_is_not_passed_over(any_app: Flask) -> None:
    """Hold a change open while others commit and phones pull: it must still arrive."""
    lan, au = sign_in(any_app, "lan"), sign_in(any_app, "au")
    slow = lan.operation("meeting.save", meeting("A1-10"))
    lan.push(slow)
    au.pull()
    taken, may_commit = threading.Event(), threading.Event()

    def change_slowly() -> None:
        with any_app.app_context():
            with transaction() as session:
                row = session.get_one(MeetingEntry, UUID(slow["id"]))
                row.theme = "muộn"
                row.feed_seq = next_number(row.feed_unit_id)
                session.flush()
                taken.set()
                may_commit.wait(10)
            db.session.remove()

    holder = threading.Thread(target=change_slowly)
    holder.start()
    assert taken.wait(10)
    quick = lan.operation("meeting.save", meeting("A1-2"))
    pusher = threading.Thread(target=lan.push, args=(quick,))
    pusher.start()
    au.pull()  # neither is committed yet
    may_commit.set()
    holder.join()
    pusher.join()
    au.pull()
    assert au.entries[slow["id"]]["theme"] == "muộn"
    assert quick["id"] in au.entries


def test_a_parallel_version_is_told_to_its_author(any_app: Flask) -> None:
    lan = sign_in(any_app, "lan")
    first = lan.operation("meeting.save", meeting())
    lan.push(first)
    lan.push(lan.operation("meeting.save", meeting(households_present=20), id=first["id"], rev=2, base_rev=1))
    lan.push(lan.operation("meeting.save", meeting(households_present=9), id=first["id"], rev=2, base_rev=1))
    lan.pull()
    told = lan.entries[first["id"]]
    assert [r["parallel"] for r in told["revisions"]] == [False, False, True]
    assert told["body"]["households_present"] == 20


def test_the_newest_body_is_told_although_the_servers_clock_was_set_back(any_app: Flask) -> None:
    lan = sign_in(any_app, "lan")
    first = lan.operation("meeting.save", meeting())
    lan.push(first)
    clock.pretend_today(date(2026, 11, 21))
    lan.push(lan.operation("meeting.save", meeting(households_present=20), id=first["id"], rev=2, base_rev=1))
    lan.pull()
    assert lan.entries[first["id"]]["body"]["households_present"] == 20


def test_a_phone_may_leave_out_what_it_sent_itself(any_app: Flask) -> None:
    lan, au = sign_in(any_app, "lan"), sign_in(any_app, "au")
    lan.pull()
    au.pull()
    entry = lan.operation("meeting.save", meeting())
    wish = lan.operation("petition.save", petition(meeting_id=entry["id"]))
    lan.push(entry, wish)
    lan.pull(own="0", protocol="2")
    au.pull(own="0", protocol="2")
    told = lan.entries[entry["id"]]
    assert "body" not in told
    assert [one["op_id"] for one in told["revisions"]] == [entry["op_id"]]
    assert "body" not in lan.petitions[wish["id"]]
    assert au.entries[entry["id"]]["body"] == entry["body"]  # another's phone does not have it
    lan.cursor = ""
    lan.pull(own="0", protocol="2")
    assert lan.entries[entry["id"]]["body"] == entry["body"]  # nor does one that starts over


def test_when_a_phone_was_last_heard_of_is_known_to_the_hour(any_app: Flask) -> None:
    lan = sign_in(any_app, "lan")

    def seen() -> datetime:
        with any_app.app_context():
            return db.session.get_one(Device, lan.device.id).last_seen_at

    first = seen()
    lan.pull()
    assert seen() == first
    for contact in (
        lan.pull,
        lambda: lan.client.get("/sync/session"),
        lambda: lan.push(lan.operation("x.save", {})),
    ):
        with any_app.app_context(), transaction() as session:
            session.get_one(Device, lan.device.id).last_seen_at = first - timedelta(hours=2)
        contact()
        assert seen() >= first


def test_the_session_may_bring_the_groups_along(any_app: Flask) -> None:
    lan = sign_in(any_app, "lan")
    page = lan.client.get("/sync/session?first=1").get_json()["page"]
    assert page["reset"]
    assert page["more"]
    assert str(unit_id("A1-2")) in {unit["id"] for unit in page["scope"]["units"]}
    assert page["entries"] == []
    lan.cursor = page["cursor"]
    assert not lan.pull()[0]["reset"]
    assert "page" not in lan.client.get("/sync/session").get_json()


def test_somebody_without_groups_is_told_of_nothing(any_app: Flask) -> None:
    lien = sign_in(any_app, "lien")
    (page,) = lien.pull()
    assert page["scope"] == {"units": []}
    assert page["entries"] == []


def test_the_session_hands_over_the_secret_once_signed_in(any_app: Flask) -> None:
    lan = sign_in(any_app, "lan")
    answer = lan.client.get("/sync/session")
    said = answer.get_json()
    assert said["officer"] == {
        "id": str(officer_id("lan")),
        "name": "Nguyễn Thị Lan",
        "title": "Cán bộ phụ trách tổ",
        "may_record": True,
        "may_review": False,
    }
    assert said["device"]["id"] == str(lan.device.id)
    assert answer.headers["Cache-Control"] == "no-store"


def digest_of(phone: Phone, since: str) -> str:
    mine = {unit["id"] for unit in phone.units.values() if unit.get("mine")}
    return digest(
        entry
        for entry in phone.entries.values()
        if entry["meeting_date"] >= since
        and (entry["unit_id"] in mine or entry["author"]["id"] == str(phone.owner))
    )


def digest(records: Iterable[dict[str, Any]]) -> str:
    lines = sorted(f"{record['id']}:{record['seq']}\n" for record in records)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def test_a_phone_that_drifted_finds_out(any_app: Flask) -> None:
    lan, au = sign_in(any_app, "lan"), sign_in(any_app, "au")
    for day in ("2026-11-18", "2026-10-18", "2025-12-18"):
        lan.push(lan.operation("meeting.save", meeting(meeting_date=day)))
    lan.push(lan.operation("meeting.save", meeting("A2-1")))  # as a substitute
    for phone in (lan, au):
        check = phone.pull(check=1, protocol=2)[-1]["check"]
        assert check["since"] == "2026-08-01"
        assert check["digest"] == digest_of(phone, check["since"])
    assert "check" not in lan.pull(protocol=2)[-1]
    lan.entries.popitem()
    check = lan.pull(check=1, protocol=2)[-1]["check"]
    assert check["digest"] != digest_of(lan, check["since"])


def test_the_check_covers_what_else_was_received_in_the_last_month(any_app: Flask) -> None:
    lan, au = sign_in(any_app, "lan"), sign_in(any_app, "au")
    lan.push(
        lan.operation("petition.save", petition("A1-10")),
        lan.operation(
            "flash_report.save", {"unit_id": str(unit_id("A1-2")), "what": "Gãy cầu.", "needed": "Ván."}
        ),
        lan.operation("petition.save", old := petition(title="Việc cũ của tổ")),
    )
    table = PetitionRecord
    with any_app.app_context(), transaction():
        db.session.execute(
            update(table)
            .where(table.title == old["title"])
            .values(received_at=clock.now() - timedelta(days=31))
        )
    for phone, count in ((lan, 2), (au, 2)):
        others = phone.pull(check=1, protocol=2)[-1]["check"]["others"]
        held = [*phone.petitions.values(), *phone.flash_reports.values()]
        assert others["count"] == count
        assert others["digest"] == digest([one for one in held if one["received_at"] >= others["since"]])
    lan.push(
        lan.operation(
            "flash_report.withdraw", {"reason": "Báo nhầm."}, id=next(iter(lan.flash_reports)), rev=2
        )
    )
    others = au.pull(check=1, protocol=2)[-1]["check"]["others"]
    held = [*au.petitions.values(), *au.flash_reports.values()]
    assert others["digest"] == digest([one for one in held if one["received_at"] >= others["since"]])


@pytest.mark.parametrize(
    ("protocol", "code"), [(0, "upgrade_required"), (3, "server_too_old"), (99999, "server_too_old")]
)
def test_other_versions_are_told_which_side_is_too_old(any_app: Flask, protocol: int, code: str) -> None:
    lan = sign_in(any_app, "lan")
    for answer in (
        lan.client.get("/sync/pull", query_string={"protocol": protocol}),
        lan.client.post(
            "/sync/push",
            json={"protocol": protocol, "device": str(lan.device.id), "operations": []},
            headers={"Sec-Fetch-Site": "same-origin"},
        ),
    ):
        assert (answer.status_code, answer.get_json()["error"]["code"]) == (409, code)


def test_the_last_two_versions_are_answered_in_their_own(any_app: Flask) -> None:
    lan = sign_in(any_app, "lan")
    assert lan.client.get("/sync/session").get_json()["protocols"] == [1, 2]
    lan.pull()
    for protocol in (1, 2):
        page = lan.client.get(
            "/sync/pull", query_string={"protocol": protocol, "check": 1, "since": lan.cursor}
        ).get_json()
        assert page["protocol"] == protocol
        assert ("check" in page) == (protocol == 2)


def test_the_work_of_a_pull_does_not_grow_with_the_history(any_app: Flask) -> None:
    """However much there is, a page and the number of statements behind it stay bounded."""
    lan = sign_in(any_app, "lan")
    lan.push(*(lan.operation("meeting.save", meeting(meeting_date=f"2026-{m:02d}-18")) for m in range(1, 12)))
    lan.pull()

    def statements() -> int:
        seen: list[str] = []
        with any_app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
        lan.pull()
        return len(seen)

    few = statements()
    for month in range(1, 12):
        days = (f"2026-{month:02d}-{day:02d}" for day in range(1, 28, 3))
        lan.push(*(lan.operation("meeting.save", meeting(meeting_date=day)) for day in days))
    lan.pull()
    assert statements() <= few


def test_a_phone_knows_who_else_follows_its_places_at_every_tier(any_app: Flask) -> None:
    with any_app.app_context(), transaction() as session:
        session.execute(update(Account).where(Account.code == "hoa").values(phone="0900000001"))
    lan = sign_in(any_app, "lan")
    lan.pull()
    said = {unit["name"]: unit.get("contacts", []) for unit in lan.units.values()}
    names = {place: [one["name"] for one in contacts] for place, contacts in said.items() if contacts}
    assert names == {
        "Ấp Phú Thạnh": ["Phạm Văn Âu", "Huỳnh Thị Hòa"],
        "Xã An Lộc": [
            "Võ Thị Cúc", "Đỗ Văn Lành", "Hồ Văn Tỉnh", "Cao Văn Cụm", "Đặng Thị Liên", "Bùi Văn Rạng",
        ],
    }  # fmt: skip
    assert said["Ấp Phú Thạnh"][1] == {
        "name": "Huỳnh Thị Hòa", "title": "Cán bộ huyện phụ trách ấp", "role": "Cán bộ huyện phụ trách ấp",
        "place": "Ấp Phú Thạnh", "agency": "Xã An Lộc", "phone": "0900000001",
    }  # fmt: skip
    assert "scope" not in lan.pull()[0]
    with any_app.app_context(), transaction() as session:
        hoa = Assignment.officer_id == officer_id("hoa")
        session.execute(update(Assignment).where(hoa).values(valid_to=date(2026, 11, 1)))
    assert "scope" not in lan.pull()[0]
    assert "scope" in lan.pull(protocol=2, check=1)[0]  # once a day
    assert "scope" not in lan.pull(protocol=2, check=1)[0]
    assert len(lan.units[str(unit_id("A1"))]["contacts"]) == 1
    assert "quan" not in str(lan.units)


def test_colleagues_of_a_group_are_on_its_own_card(app: Flask) -> None:
    minh = sign_in(app, "minh")
    minh.pull()
    assert "contacts" not in minh.units[str(unit_id("A2-1"))]  # but himself
    with app.app_context(), transaction() as session:
        session.add(Assignment(id=new_id(), officer_id=officer_id("lan"), unit_id=unit_id("A2-1"),
                               role_code="group_officer", valid_from=date(2026, 1, 1)))  # fmt: skip
    minh.pull(protocol=2, check=1)
    assert [one["name"] for one in minh.units[str(unit_id("A2-1"))]["contacts"]] == ["Nguyễn Thị Lan"]
