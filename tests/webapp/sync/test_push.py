"""Every operation an authenticated phone sends is applied once, recognised, or kept."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from tests.webapp.world import Phone, meeting, officer_id, petition, sign_in, unit_id
from webapp.accounts.actions import revoke_devices
from webapp.audit.models import AuditEvent
from webapp.db import db, new_id, transaction
from webapp.meetings.models import MeetingEntry, MeetingRevision
from webapp.petitions.models import PetitionRecord
from webapp.sync import rules
from webapp.sync.models import Quarantined, Receipt


@pytest.fixture
def lan(any_app: Flask) -> Phone:
    return sign_in(any_app, "lan")


def count(app: Flask, table: Any) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_an_entry_is_applied_and_answered_with_a_receipt(any_app: Flask, lan: Phone) -> None:
    entry, wish = lan.operation("meeting.save", meeting()), lan.operation("petition.save", petition())
    outcomes = lan.push(entry, wish)
    assert [(o["outcome"], o["code"]) for o in outcomes] == [("applied", "applied")] * 2
    assert all(len(o["receipt"]) == 9 for o in outcomes)
    with any_app.app_context():
        row = db.session.scalars(select(MeetingEntry)).one()
        assert (row.state, row.rev, row.households_present) == ("submitted", 1, 27)
        assert row.author_id == officer_id("lan")
        assert db.session.scalars(select(PetitionRecord)).one().title == "Xin cống tròn đầu mương"
        actions = db.session.scalars(select(AuditEvent.action).where(AuditEvent.action.contains(".save")))
        assert sorted(actions) == ["meeting.save", "petition.save"]


def test_a_repetition_gets_the_stored_answer_and_changes_nothing(any_app: Flask, lan: Phone) -> None:
    text = json.dumps(lan.operation("meeting.save", meeting()))
    first = lan.send(text).get_json()["outcomes"][0]
    again = lan.send(text).get_json()["outcomes"][0]
    assert again == first | {"outcome": "duplicate"}
    assert count(any_app, MeetingRevision) == count(any_app, Receipt) == 1


def test_the_same_operation_twice_in_one_push_is_applied_once(any_app: Flask, lan: Phone) -> None:
    text = json.dumps(lan.operation("meeting.save", meeting()))
    outcomes = lan.send(text, text).get_json()["outcomes"]
    assert [o["outcome"] for o in outcomes] == ["applied", "duplicate"]
    assert outcomes[0]["receipt"] == outcomes[1]["receipt"]
    assert count(any_app, MeetingRevision) == 1


def test_other_bytes_under_a_used_operation_id_are_kept_apart(any_app: Flask, lan: Phone) -> None:
    operation = lan.operation("meeting.save", meeting())
    lan.push(operation)
    changed = operation | {"body": meeting(households_present=3)}
    (outcome,) = lan.push(changed)
    assert (outcome["outcome"], outcome["code"]) == ("quarantined", "op_reused")
    assert lan.push(changed)[0]["outcome"] == "quarantined"
    assert count(any_app, Quarantined) == 1
    with any_app.app_context():
        assert db.session.scalars(select(MeetingEntry)).one().households_present == 27


def test_an_edit_is_a_new_revision(any_app: Flask, lan: Phone) -> None:
    first = lan.operation("meeting.save", meeting())
    second = lan.operation("meeting.save", meeting(households_present=20), id=first["id"], rev=2, base_rev=1)
    assert [o["outcome"] for o in lan.push(first, second)] == ["applied", "applied"]
    with any_app.app_context():
        row = db.session.scalars(select(MeetingEntry)).one()
        assert (row.rev, row.households_present) == (2, 20)
        assert (
            row.op_id
            == db.session.scalars(select(MeetingRevision.op_id).where(MeetingRevision.rev == 2)).one()
        )


def test_a_stale_base_keeps_both_versions_and_leaves_the_standing_one(any_app: Flask, lan: Phone) -> None:
    first = lan.operation("meeting.save", meeting())
    lan.push(first)
    lan.push(lan.operation("meeting.save", meeting(households_present=20), id=first["id"], rev=2, base_rev=1))
    (stale,) = lan.push(
        lan.operation("meeting.save", meeting(households_present=9), id=first["id"], rev=2, base_rev=1)
    )
    assert stale["outcome"] == "parallel"
    with any_app.app_context():
        assert db.session.scalars(select(MeetingEntry)).one().households_present == 20
        assert sorted(db.session.scalars(select(MeetingRevision.is_parallel))) == [False, False, True]


def test_a_withdrawal_needs_no_body_and_closes_the_entry(any_app: Flask, lan: Phone) -> None:
    first = lan.operation("meeting.save", meeting())
    lan.push(first)
    withdrawal = lan.operation(
        "meeting.withdraw", {"reason": "Ghi nhầm tổ"}, id=first["id"], rev=2, base_rev=1
    )
    assert lan.push(withdrawal)[0]["outcome"] == "applied"
    late = lan.operation("meeting.save", meeting(), id=first["id"], rev=3, base_rev=2)
    assert lan.push(late)[0]["code"] == "closed"
    with any_app.app_context():
        assert db.session.scalars(select(MeetingEntry)).one().state == "withdrawn"


def test_a_bad_one_never_delays_its_neighbours(any_app: Flask, lan: Phone) -> None:
    good = [lan.operation("meeting.save", meeting()) for _ in range(3)]
    texts = [json.dumps(operation) for operation in good]
    texts.insert(1, '{"op_id": 7')
    texts.insert(3, json.dumps(lan.operation("meeting.save", meeting(households_present=99))))
    outcomes = lan.send(*texts).get_json()["outcomes"]
    assert [o["outcome"] for o in outcomes] == ["applied", "quarantined", "applied", "quarantined", "applied"]
    assert outcomes[1]["op_id"] is None
    assert outcomes[3]["code"] == "invalid"
    assert "Số hộ dự họp" in outcomes[3]["message"]
    assert count(any_app, MeetingEntry) == 3
    assert count(any_app, Quarantined) == 2


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"author": str(officer_id("minh"))}, "wrong_author"),
        ({"kind": "rumour.save"}, "unknown_kind"),
        ({"surprise": 1}, "unreadable"),
        ({"rev": 0}, "unreadable"),
        ({"body": meeting("B1-1")}, "not_authorised"),
        ({"body": meeting(unit_id=str(unit_id("A1")))}, "unknown_unit"),
        ({"body": meeting(unit_id="019a0000-0000-7000-8000-000000000000")}, "unknown_unit"),
        ({"body": meeting(meeting_date="2019-12-31")}, "not_authorised"),
        ({"body": {"status": "held"}}, "invalid"),
        ({"body": meeting(who_spoke="ông Ba")}, "invalid"),
        ({"body": meeting(status="not_held", households_present=None)}, "invalid"),
    ],
)
def test_what_cannot_be_applied_is_kept_whole_with_its_reason(
    any_app: Flask, lan: Phone, changed: dict[str, Any], code: str
) -> None:
    operation = lan.operation("meeting.save", meeting()) | changed
    text = json.dumps(operation)
    (outcome,) = lan.send(text).get_json()["outcomes"]
    assert (outcome["outcome"], outcome["code"]) == ("quarantined", code)
    assert outcome["receipt"]
    with any_app.app_context():
        kept = db.session.scalars(select(Quarantined)).one()
        assert kept.payload.decode() == text
        assert kept.officer_id == officer_id("lan")
    assert count(any_app, MeetingEntry) == 0


def test_a_substitute_from_the_same_commune_may_record(lan: Phone) -> None:
    (outcome,) = lan.push(lan.operation("meeting.save", meeting("A2-1", officer_presence="substitute")))
    assert outcome["outcome"] == "applied"


def test_nobody_revises_the_entry_of_another(any_app: Flask, lan: Phone) -> None:
    first = lan.operation("meeting.save", meeting())
    lan.push(first)
    minh = sign_in(any_app, "minh")
    (outcome,) = minh.push(minh.operation("meeting.save", meeting(), id=first["id"], rev=2, base_rev=1))
    assert outcome["code"] == "wrong_record"


def test_a_wrong_mac_is_kept_but_not_applied(any_app: Flask, lan: Phone) -> None:
    lan.secret = b"x" * 32
    (outcome,) = lan.push(lan.operation("meeting.save", meeting()))
    assert outcome["code"] == "bad_mac"
    assert count(any_app, MeetingEntry) == 0


def test_a_revoked_device_may_push_into_quarantine_and_nothing_else(any_app: Flask, lan: Phone) -> None:
    with any_app.app_context():
        assert revoke_devices("lan") == 1
    assert lan.push(lan.operation("meeting.save", meeting()))[0]["code"] == "revoked_device"
    assert lan.client.get("/sync/pull").status_code == 403
    assert lan.client.get("/review/").status_code == 403


def test_quarantine_of_a_revoked_device_is_capped_and_what_it_has_kept_stays_answered(
    any_app: Flask, lan: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "REVOKED_OPERATIONS", 3)
    other = sign_in(any_app, "lan")
    with any_app.app_context():
        assert revoke_devices("lan") == 2
    operations = [lan.operation("meeting.save", meeting(summary=f"Lần {n}.")) for n in range(5)]
    texts = [json.dumps(operation) for operation in operations]
    first = lan.send(*texts[:2]).get_json()["outcomes"]
    mixed = lan.send(*texts).get_json()["outcomes"]
    assert mixed[:2] == first
    assert [(o["outcome"], o["code"], bool(o["receipt"])) for o in mixed] == [
        *[("quarantined", "revoked_device", True)] * 3, *[("retry", "quarantine_full", False)] * 2,
    ]  # fmt: skip
    assert [o["code"] for o in lan.send(*texts, "{}").get_json()["outcomes"]][2:] == [
        "revoked_device", *["quarantine_full"] * 3,
    ]  # fmt: skip
    assert count(any_app, Quarantined) == 3
    assert other.push(other.operation("meeting.save", meeting()))[0]["code"] == "revoked_device"
    with any_app.app_context():
        own = select(Quarantined).where(Quarantined.device_id == lan.device.id)
        kept = db.session.scalars(own.limit(1)).one()
        kept.settled = "dismissed"
        db.session.commit()
    assert [o["code"] for o in lan.send(*texts[3:]).get_json()["outcomes"]] == [
        "revoked_device", "quarantine_full",
    ]  # fmt: skip


def test_the_cap_counts_bytes_too_and_a_small_one_still_fits(
    any_app: Flask, lan: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "REVOKED_BYTES", 3_000)
    with any_app.app_context():
        revoke_devices("lan")
    small, large = (lan.operation("meeting.save", meeting(summary="a" * size)) for size in (100, 2_500))
    assert [o["code"] for o in lan.push(small, large)] == ["revoked_device", "quarantine_full"]
    assert count(any_app, Quarantined) == 1


def test_quarantine_of_a_device_in_order_has_no_cap(
    any_app: Flask, lan: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "REVOKED_OPERATIONS", 0)
    invalid = [lan.operation("meeting.save", meeting(households_present=400 + n)) for n in range(3)]
    assert [o["outcome"] for o in lan.push(*invalid)] == ["quarantined"] * 3
    assert count(any_app, Quarantined) == 3


def test_gzip_is_taken_and_a_bomb_is_not(lan: Phone) -> None:
    assert lan.send(json.dumps(lan.operation("meeting.save", meeting())), packed=True).status_code == 200
    huge = json.dumps(lan.operation("meeting.save", meeting(summary="a" * 5_000_000)))
    answer = lan.send(huge, packed=True)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b'{"protocol": 1}',
        b"\xff",
        b'{"protocol":1,"device":"x","operations":[]}',
        b"[" * 100_000,
    ],
)
def test_an_unreadable_request_says_so_and_carries_the_mark(lan: Phone, data: bytes) -> None:
    answer = lan.client.post("/sync/push", data=data, headers={"Sec-Fetch-Site": "same-origin"})
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (400, "unreadable_request")
    assert "Gandan-Protocol" in answer.headers


def test_more_than_fifty_operations_are_too_many(lan: Phone) -> None:
    texts = [json.dumps(lan.operation("meeting.save", meeting())) for _ in range(51)]
    assert lan.send(*texts).status_code == 413


def test_without_a_session_nothing_moves_and_nothing_is_redirected(any_app: Flask) -> None:
    client = any_app.test_client()
    for answer in (
        client.post("/sync/push", json={}, headers={"Sec-Fetch-Site": "same-origin"}),
        client.get("/sync/pull"),
        client.get("/sync/session"),
    ):
        assert (answer.status_code, answer.get_json()["error"]["code"]) == (401, "sign_in_required")
        assert "Gandan-Protocol" in answer.headers


def test_another_site_cannot_push(lan: Phone) -> None:
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {}):
        assert lan.client.post("/sync/push", json={}, headers=headers).status_code == 403


def test_somebody_elses_device_is_refused_whole(any_app: Flask, lan: Phone) -> None:
    minh = sign_in(any_app, "minh")
    minh.device = lan.device
    answer = minh.send(json.dumps(minh.operation("meeting.save", meeting("A2-1"))))
    assert answer.get_json()["error"]["code"] == "wrong_person"


_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.dates().map(str)
    | st.uuids().map(str),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=8,
)
_ENVELOPE = (
    "op_id", "kind", "id", "rev", "base_rev", "made_at", "author", "device", "device_seq", "body", "learned_at",
    "clock_offset",
)  # fmt: skip
_BODY = (
    "unit_id", "meeting_date", "start", "opinions", "place", "households_present", "petition_ids", "summary",
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.one_of(
            st.text(),
            st.tuples(st.sampled_from(_ENVELOPE), _json),
            st.tuples(st.sampled_from(_BODY), _json),
        ),
        min_size=1, max_size=6,
    )
)  # fmt: skip
def test_whatever_comes_is_answered_and_kept(app: Flask, wild: list[Any]) -> None:
    lan = sign_in(app, "lan")
    texts = []
    for one in wild:
        if isinstance(one, str):
            texts.append(one)
            continue
        key, value = one
        operation = lan.operation("meeting.save", meeting())
        (operation if key in operation or key in ("learned_at", "clock_offset") else operation["body"])[
            key
        ] = value
        texts.append(json.dumps(operation))
    answer = lan.send(*texts)
    assert answer.status_code == 200
    outcomes = answer.get_json()["outcomes"]
    assert len(outcomes) == len(texts)
    assert {o["outcome"] for o in outcomes} <= {"applied", "duplicate", "parallel", "quarantined"}
    again = lan.send(*texts).get_json()["outcomes"]
    for before, after in zip(outcomes, again, strict=True):
        assert after["receipt"] == before["receipt"]
        assert after["outcome"] == ("duplicate" if before["outcome"] == "applied" else before["outcome"])


def test_what_the_database_refuses_is_kept_and_the_rest_is_applied(
    any_app: Flask, lan: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    from webapp.meetings import sync_handler

    def project(body: Any) -> dict[str, Any]:
        row = sync_handler.project(body)
        return row | ({"status": None} if body.households_present == 13 else {})

    object.__setattr__(sync_handler.KIND, "project", project)
    try:
        outcomes = lan.push(
            *(lan.operation("meeting.save", meeting(households_present=n)) for n in (12, 13, 14))
        )
    finally:
        object.__setattr__(sync_handler.KIND, "project", sync_handler.project)
    assert [o["outcome"] for o in outcomes] == ["applied", "quarantined", "applied"]
    assert count(any_app, MeetingEntry) == 2


def test_ids_are_minted_in_order() -> None:
    ids = [new_id() for _ in range(1000)]
    assert ids == sorted(ids)
    assert {i.version for i in ids} == {7}


def test_what_was_frozen_before_a_new_sign_in_is_still_its_authors(any_app: Flask, lan: Phone) -> None:
    old = lan.signed(json.dumps(lan.operation("meeting.save", meeting())))
    again = sign_in(any_app, "lan")
    envelope = {"protocol": 1, "device": str(again.device.id), "operations": [old]}
    answer = again.client.post("/sync/push", json=envelope, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.get_json()["outcomes"][0]["outcome"] == "applied"


def test_a_device_of_somebody_else_signs_nothing(any_app: Flask, lan: Phone) -> None:
    minh = sign_in(any_app, "minh")
    stolen = lan.operation("meeting.save", meeting()) | {"device": str(minh.device.id)}
    lan.secret = minh.secret
    assert lan.push(stolen)[0]["code"] == "bad_mac"


def test_a_wrong_clock_does_not_keep_an_author_from_taking_an_entry_back(any_app: Flask, lan: Phone) -> None:
    entry = lan.operation("meeting.save", meeting())
    lan.push(entry)
    back = lan.operation(
        "meeting.withdraw", {"reason": "Ghi nhầm tổ"}, id=entry["id"], rev=2, base_rev=1,
        made_at="1970-01-01T00:04:00.000Z",
    )  # fmt: skip
    assert lan.push(back)[0]["outcome"] == "applied"
    kept = lan.operation("meeting.save", meeting())
    lan.push(kept)
    with any_app.app_context(), transaction() as session:
        session.execute(update(MeetingEntry).values(keeper_id=officer_id("minh")))
    late = back | {"op_id": str(new_id()), "id": kept["id"]}
    assert lan.push(late)[0]["code"] == "not_authorised"  # somebody else answers for it by now


@pytest.mark.parametrize("name", ["meeting_date", "next_meeting"])
@pytest.mark.parametrize("year", ["0001", "0202", "2200", "9999"])
def test_a_year_typed_by_half_is_held_back_for_its_author(any_app: Flask, name: str, year: str) -> None:
    lan = sign_in(any_app, "lan")
    moment = f"{year}-12-31" + ("T23:59:59-12:00" if name == "next_meeting" else "")
    [odd, good] = lan.push(
        lan.operation("meeting.save", meeting(**{name: moment})), lan.operation("meeting.save", meeting())
    )
    assert (odd["outcome"], odd["code"], good["outcome"]) == ("quarantined", "invalid", "applied")
    assert ("Ngày họp" if name == "meeting_date" else "Hẹn họp lần tới") in odd["message"]


def test_what_cannot_be_put_into_a_row_is_kept_and_the_rest_is_applied(
    any_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    lan = sign_in(any_app, "lan")

    def overflows(moment: datetime | None) -> datetime | None:
        return moment and datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))

    monkeypatch.setattr("webapp.meetings.sync_handler.agreed", overflows)
    odd, good = meeting(next_meeting="2026-12-16T18:00"), meeting()
    outcomes = lan.push(lan.operation("meeting.save", odd), lan.operation("meeting.save", good))
    assert [(one["outcome"], one["code"]) for one in outcomes] == [
        ("quarantined", "invalid"),
        ("applied", "applied"),
    ]
