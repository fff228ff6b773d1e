"""Whoever brings a file: each operation takes effect once, as its author's, and the carrier learns nothing."""

from __future__ import annotations

import gzip
import json
import re
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update
from sqlalchemy.exc import OperationalError

from tests.webapp.rescue.sealing import hand_in, package, rescue_file, seal
from tests.webapp.world import SAME_ORIGIN, Phone, meeting, officer_id, petition, sign_in
from webapp import clock
from webapp.accounts.actions import revoke_devices
from webapp.accounts.models import Account, Device
from webapp.audit.models import AuditEvent
from webapp.db import db, new_id, transaction
from webapp.meetings.models import MeetingEntry, MeetingRevision
from webapp.rescue import actions
from webapp.rescue.actions import Summary, take_in
from webapp.rescue.rules import MAX_FILE
from webapp.sync.models import Quarantined, Receipt

SECRET_WORDS = "Bà con đồng ý."


def count(app: Flask, table: Any) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(table)) or 0


def held(app: Flask) -> list[tuple[str, Any]]:
    with app.app_context():
        rows = db.session.execute(select(Quarantined.code, Quarantined.officer_id))
        return [(code, officer) for code, officer in rows]


def frozen(phone: Phone, **said: Any) -> str:
    return json.dumps(phone.operation("meeting.save", meeting(**said)), ensure_ascii=False)


def imported(app: Flask, importer: Phone, file: bytes) -> Summary:
    """Take a file in as a person, and return what the page is made of."""
    from webapp.accounts.queries import actor_of_device

    with app.test_request_context():
        actor = actor_of_device(importer.device.id)
        assert actor is not None
        return take_in(actor, file)


def numbers(summary: Summary) -> tuple[int, int, int]:
    return summary.taken_in, summary.already_there, summary.waiting


def test_a_colleague_brings_it_and_it_is_the_authors(any_app: Flask) -> None:
    lan, xuan = sign_in(any_app, "lan"), sign_in(any_app, "xuan")
    texts = [frozen(lan), json.dumps(lan.operation("petition.save", petition()))]
    answer = hand_in(xuan.client, rescue_file(any_app, lan, *texts))
    assert answer.status_code == 200
    with any_app.app_context():
        entry = db.session.scalars(select(MeetingEntry)).one()
        assert (entry.author_id, entry.state, entry.households_present) == (
            officer_id("lan"),
            "submitted",
            27,
        )
        revision = db.session.scalars(select(MeetingRevision)).one()
        assert (revision.payload, revision.device_id) == (texts[0], lan.device.id)
        rescued = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "rescued")).all()
        assert {event.actor_id for event in rescued} == {officer_id("xuan")}
        assert {event.record_id for event in rescued} == set(db.session.scalars(select(Receipt.op_id)))
        saved = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "meeting.save")).one()
        assert saved.actor_id == officer_id("lan")
    lan.pull()
    assert [entry["author"]["id"] for entry in lan.entries.values()] == [str(officer_id("lan"))]


def test_the_phone_that_syncs_later_gets_the_same_receipts(any_app: Flask) -> None:
    lan, cuc = sign_in(any_app, "lan"), sign_in(any_app, "cuc")
    texts = [frozen(lan), frozen(lan, group="A1-10")]
    brought = imported(any_app, cuc, rescue_file(any_app, lan, *texts))
    assert numbers(brought) == (2, 0, 0)
    sent = lan.send(*texts).get_json()["outcomes"]
    assert [one["outcome"] for one in sent] == ["duplicate", "duplicate"]
    assert [one["receipt"] for one in sent] == [one.receipt for one in brought.outcomes]
    assert count(any_app, MeetingRevision) == count(any_app, Receipt) == 2


def test_what_the_phone_has_sent_itself_is_already_there(any_app: Flask) -> None:
    lan, cuc = sign_in(any_app, "lan"), sign_in(any_app, "cuc")
    first, second = frozen(lan), frozen(lan, group="A1-10")
    (sent,) = lan.send(first).get_json()["outcomes"]
    brought = imported(any_app, cuc, rescue_file(any_app, lan, first, second))
    assert numbers(brought) == (1, 1, 0)
    assert brought.outcomes[0].receipt == sent["receipt"]
    assert count(any_app, MeetingRevision) == 2


def test_the_same_file_twice_changes_nothing(any_app: Flask) -> None:
    lan, cuc = sign_in(any_app, "lan"), sign_in(any_app, "cuc")
    first = lan.operation("meeting.save", meeting())
    edited = lan.operation("meeting.save", meeting(households_present=20), id=first["id"], rev=2, base_rev=1)
    stale = lan.operation("meeting.save", meeting(households_present=19), id=first["id"], rev=2, base_rev=1)
    elsewhere = lan.operation("meeting.save", meeting("B1-1"))
    file = rescue_file(any_app, lan, *(json.dumps(one) for one in (first, edited, stale, elsewhere)))
    once, twice = imported(any_app, cuc, file), imported(any_app, cuc, file)
    assert [one.outcome for one in once.outcomes] == ["applied", "applied", "parallel", "quarantined"]
    assert (numbers(once), numbers(twice)) == ((3, 0, 1), (0, 3, 1))
    assert [one.receipt for one in once.outcomes] == [one.receipt for one in twice.outcomes]
    with any_app.app_context():
        rescued = select(func.count()).select_from(AuditEvent).where(AuditEvent.action == "rescued")
        assert db.session.scalar(rescued) == 4


def test_many_operations_are_taken_in_in_order(app: Flask) -> None:
    lan, cuc = sign_in(app, "lan"), sign_in(app, "cuc")
    record = str(new_id())
    edits = [
        lan.operation("meeting.save", meeting(households_present=n % 29), id=record, rev=n + 1, base_rev=n)
        for n in range(120)
    ]
    summary = imported(app, cuc, rescue_file(app, lan, *(json.dumps(one) for one in edits)))
    assert numbers(summary) == (120, 0, 0)
    with app.app_context():
        assert db.session.scalars(select(MeetingEntry.rev)).one() == 120


def test_a_revoked_device_waits(any_app: Flask) -> None:
    lan, cuc = sign_in(any_app, "lan"), sign_in(any_app, "cuc")
    text = frozen(lan)
    with any_app.app_context(), transaction() as session:
        session.execute(update(Device).where(Device.id == lan.device.id).values(revoked_at=clock.now()))
    summary = imported(any_app, cuc, rescue_file(any_app, lan, text))
    assert (numbers(summary), held(any_app)) == ((0, 0, 1), [("revoked_device", officer_id("lan"))])
    (sent,) = lan.send(text).get_json()["outcomes"]
    assert (sent["outcome"], sent["receipt"]) == ("quarantined", summary.outcomes[0].receipt)


def test_the_work_of_a_closed_account_waits(app: Flask) -> None:
    lan, cuc = sign_in(app, "lan"), sign_in(app, "cuc")
    with app.app_context(), transaction() as session:
        session.execute(update(Account).where(Account.code == "lan").values(is_active=False))
    assert numbers(imported(app, cuc, rescue_file(app, lan, frozen(lan)))) == (0, 0, 1)
    assert held(app) == [("revoked_device", officer_id("lan"))]


def test_a_device_that_signed_out_still_proves_what_it_froze(app: Flask) -> None:
    lan, cuc = sign_in(app, "lan"), sign_in(app, "cuc")
    with app.app_context(), transaction() as session:
        session.execute(update(Device).where(Device.id == lan.device.id).values(signed_out_at=clock.now()))
    assert numbers(imported(app, cuc, rescue_file(app, lan, frozen(lan)))) == (1, 0, 0)
    with app.app_context():
        assert revoke_devices("lan") == 1, "until it is said to be lost"
    assert numbers(imported(app, cuc, rescue_file(app, lan, frozen(lan)))) == (0, 0, 1)


def test_nobody_writes_in_anothers_name(any_app: Flask) -> None:
    """Minh seals what he wrote himself as if Lan had: with his own signature, with hers made up, and with none."""
    lan, minh = sign_in(any_app, "lan"), sign_in(any_app, "minh")
    forged = frozen(lan)
    as_minh = json.dumps(json.loads(frozen(lan)) | {"device": str(minh.device.id)})
    key = any_app.test_client().get("/sync/rescue-key").get_json()
    operations = [minh.signed(forged), minh.signed(as_minh), {"op": frozen(lan), "mac": ""}]
    file = seal(key, package(lan, *operations))
    assert numbers(imported(any_app, minh, file)) == (0, 0, 3)
    assert held(any_app) == [("bad_mac", officer_id("lan"))] * 3
    assert count(any_app, MeetingEntry) == 0


def test_who_is_named_on_the_file_does_not_matter(app: Flask) -> None:
    lan, minh = sign_in(app, "lan"), sign_in(app, "minh")
    minhs = json.dumps(minh.operation("meeting.save", meeting("A2-1")))
    key = app.test_client().get("/sync/rescue-key").get_json()
    file = seal(
        key, package(lan, lan.signed(frozen(lan)), minh.signed(minhs), officer=str(officer_id("rang")))
    )
    assert numbers(imported(app, minh, file)) == (2, 0, 0)
    with app.app_context():
        authors = set(db.session.scalars(select(MeetingEntry.author_id)))
    assert authors == {officer_id("lan"), officer_id("minh")}


@pytest.mark.parametrize(("officer", "keeper"), [("lan", "lan"), (None, "cuc")])
def test_what_names_nobody_we_know_is_kept_too(app: Flask, officer: str | None, keeper: str) -> None:
    lan, cuc = sign_in(app, "lan"), sign_in(app, "cuc")
    texts = [
        json.dumps(lan.operation("meeting.save", meeting(), author=str(new_id()))),
        "no JSON",
        "[]",
        "\ud800",
    ]
    key = app.test_client().get("/sync/rescue-key").get_json()
    said = str(officer_id(officer)) if officer else "nobody"
    file = seal(key, package(lan, *(lan.signed(text) for text in texts), officer=said))
    assert numbers(imported(app, cuc, file)) == (0, 0, 4)
    assert sorted(held(app)) == sorted([
        ("wrong_author", officer_id(keeper)), *[("unreadable", officer_id(keeper))] * 3
    ])  # fmt: skip


def test_receipts_are_listed_where_the_importer_may_look(any_app: Flask) -> None:
    lan, cuc, xuan = (sign_in(any_app, who) for who in ("lan", "cuc", "xuan"))
    first = lan.operation("meeting.save", meeting())
    texts = [json.dumps(one) for one in (
        first,
        lan.operation("petition.save", petition()),
        lan.operation("meeting.withdraw", {"reason": "Ghi nhầm tổ."}, id=first["id"], rev=2, base_rev=1),
        lan.operation("meeting.save", meeting("B1-1")),
    )]  # fmt: skip
    file = rescue_file(any_app, lan, *texts)
    at_the_desk = imported(any_app, cuc, file)
    receipts = [one.receipt for one in at_the_desk.outcomes]
    (line,) = at_the_desk.lines
    assert (line.group, str(line.day), line.receipts) == ("Tổ NDTQ số 2", "2026-11-18", receipts[:3])
    (own,) = imported(any_app, lan, file).lines
    assert own.receipts == receipts[:3]

    page = hand_in(sign_in(any_app, "tinh").client, file).text
    assert not any(receipt in page for receipt in receipts)
    assert "số 2" not in page
    assert re.search(r"Đã có từ trước\s*</dt>\s*<dd>\s*3\s*</dd>", page)
    assert re.search(r"Đang giữ lại[^<]*</dt>\s*<dd>\s*1\s*</dd>", page)
    # Xuân follows the group the fourth one names: she learns of that one, and of nothing else.
    assert [line.receipts for line in imported(any_app, xuan, file).lines] == [receipts[3:]]


def test_the_page_says_nothing_of_what_is_written(app: Flask) -> None:
    lan = sign_in(app, "lan")
    file = rescue_file(app, lan, frozen(lan))
    for who in ("lan", "cuc", "xuan", "rang", "tinh"):
        page = hand_in(sign_in(app, who).client, file).text
        assert SECRET_WORDS not in page
        assert "Lan" not in page


@pytest.mark.parametrize(
    ("file", "status", "words"),
    [
        (b"", 400, "Chưa chọn tệp"),
        (b"%PDF-1.7", 400, "không phải tệp dự phòng"),
        (b'{"gandan_rescue": 1, "kid": "0000000000000000"}', 400, "máy chủ khác"),
        (bytes(MAX_FILE + 1), 413, "quá lớn"),
        (bytes(MAX_FILE + 1_000_000), 413, "quá lớn"),
    ],
    ids=["none", "a document", "for another server", "too large", "much too large"],
)
def test_any_other_file_is_answered_with_one_sentence(
    app: Flask, file: bytes, status: int, words: str
) -> None:
    answer = hand_in(sign_in(app, "cuc").client, file)
    assert answer.status_code == status
    assert words in answer.text
    assert 'type="file"' in answer.text, "one may choose another file at once"


def test_the_largest_file_is_taken(app: Flask) -> None:
    lan = sign_in(app, "lan")
    file = rescue_file(app, lan, frozen(lan))
    assert hand_in(lan.client, file + b" " * (MAX_FILE - len(file))).status_code == 200


def test_handing_in_needs_a_person_and_our_own_page(app: Flask) -> None:
    lan = sign_in(app, "lan")
    file = rescue_file(app, lan, frozen(lan))
    assert hand_in(app.test_client(), file).status_code == 401
    assert lan.client.post("/rescue", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    revoked = sign_in(app, "minh")
    with app.app_context(), transaction() as session:
        session.execute(update(Device).where(Device.id == revoked.device.id).values(revoked_at=clock.now()))
    assert hand_in(revoked.client, file).status_code == 403
    assert count(app, Receipt) == 0
    for who in ("lan", "cuc", "rang", "tinh", "quan"):
        assert sign_in(app, who).client.get("/rescue", headers=SAME_ORIGIN).status_code == 200


def test_the_key_is_public_and_ours(app: Flask) -> None:
    answer = app.test_client().get("/sync/rescue-key")
    assert answer.headers["Gandan-Protocol"]
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    assert "Set-Cookie" not in answer.headers
    assert answer.get_json().keys() == {"kid", "public_key"}
    assert "d" not in answer.get_json()["public_key"]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
NEARLY = st.fixed_dictionaries(
    {
        "operations": st.lists(
            st.fixed_dictionaries({"op": st.text() | ANYTHING, "mac": st.text()}) | ANYTHING
        )
    },
    optional={"officer": ANYTHING, "device": ANYTHING},
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    garbage=st.binary(), inside=ANYTHING | NEARLY, mutation=st.dictionaries(st.text(), ANYTHING, max_size=2)
)
def test_garbage_never_breaks_the_server(
    app: Flask, garbage: bytes, inside: Any, mutation: dict[str, Any]
) -> None:
    cuc = sign_in(app, "cuc")
    key = app.test_client().get("/sync/rescue-key").get_json()
    changed = json.dumps(cuc.operation("meeting.save", meeting()) | mutation)
    for file in (
        garbage,
        seal(key, garbage),
        seal(key, gzip.compress(garbage)),
        seal(key, gzip.compress(json.dumps(inside).encode())),
        seal(key, package(cuc, cuc.signed(changed))),
    ):
        answer = hand_in(cuc.client, file)
        assert answer.status_code in (200, 400, 413)
        assert "<h1>" in answer.text


def test_a_busy_database_is_told_and_the_file_may_come_again(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    lan = sign_in(app, "lan")
    file = rescue_file(app, lan, frozen(lan))

    def busy(*_: Any) -> Any:
        raise OperationalError("", None, Exception())

    with monkeypatch.context() as patched:
        patched.setattr(actions, "take_in", busy)
        answer = hand_in(lan.client, file)
    assert answer.status_code == 503
    assert "Máy chủ đang bận" in answer.text
    assert hand_in(lan.client, file).status_code == 200
    assert count(app, MeetingEntry) == 1
