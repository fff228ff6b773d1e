"""What is masked is gone from all that is stored and served, stays gone, and is known again; on both databases."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import LargeBinary, String, Text, select

from tests.webapp.petitions.acting import actor, alone, do, raised_on, step
from tests.webapp.rescue.sealing import hand_in, rescue_file
from tests.webapp.world import SAME_ORIGIN, Phone, meeting, petition, sign_in
from webapp.audit.models import AuditEvent
from webapp.db import db
from webapp.errors import Problem
from webapp.meetings.models import MeetingEntry, MeetingRevision
from webapp.petitions import actions as petitions
from webapp.petitions.models import PetitionRecord
from webapp.petitions.records import Channel
from webapp.petitions.rules import Deed, State
from webapp.redaction import rules
from webapp.redaction.actions import Refused
from webapp.redaction.models import Redaction
from webapp.redaction.records import Reason, Redacting
from webapp.review import actions as review
from webapp.review.queries import quarantined
from webapp.sync.models import Quarantined, Receipt
from webapp.sync.rules import digest

NAME, NUMBER = "Nguyễn Văn Mẫu", "079203001234"
BAD = f"Ông {NAME}, số {NUMBER}, lấn lối đi."
PERSON = rules.mark(Reason.PERSON)


@pytest.fixture
def here(any_app: Flask) -> Iterator[Flask]:
    any_app.config["WTF_CSRF_ENABLED"] = False
    with any_app.app_context():
        yield any_app


def everything() -> str:
    """Return all text and bytes that any table holds, as one string."""
    found: list[str] = []
    with db.engine.connect() as connection:
        for table in db.metadata.sorted_tables:
            for column in table.columns:
                if isinstance(column.type, Text | String | LargeBinary) or column.name == "payload":
                    values = connection.execute(select(column)).scalars()
                    found += [
                        one.decode("utf-8", "replace") if isinstance(one, bytes) else str(one)
                        for one in values
                    ]
    return "\n".join(found)


def gone(*texts: str) -> None:
    stored = everything()
    for text in texts:
        assert text not in stored
        assert json.dumps(text)[1:-1] not in stored


def asked(passage: str = NAME, field: str = "", reason: Reason = Reason.PERSON) -> Redacting:
    return Redacting(passage=passage, field=field, reason=reason)


def mask(entry: dict[str, Any], *what: Redacting, who: str = "cuc") -> None:
    for one in what:
        review.redact(actor(who), UUID(entry["id"]), one)
    db.session.remove()


def push(phone: Phone, *operations: dict[str, Any]) -> list[dict[str, Any]]:
    with alone():
        return phone.push(*operations)


def pulled(phone: Phone, **said: Any) -> Phone:
    with alone():
        phone.pull(protocol=2, **said)
    return phone


def body_of(op_id: str) -> dict[str, Any]:
    db.session.remove()
    row = db.session.get_one(MeetingRevision, UUID(op_id))
    body: dict[str, Any] = json.loads(row.payload)["body"]
    return body


def test_a_passage_is_gone_from_every_copy_and_phones_hear_it(here: Flask) -> None:
    lan, other = sign_in(here, "lan"), sign_in(here, "lan")
    first = lan.operation("meeting.save", meeting(summary=BAD, theme=f"Nhà {NAME}", format="thematic"))
    second = first | lan.operation(
        "meeting.save", meeting(summary=BAD + " Thêm."), id=first["id"], rev=2, base_rev=1
    )
    beside = lan.operation("meeting.save", meeting(place=NAME), id=first["id"], rev=2, base_rev=1)
    held = lan.operation(
        "meeting.save", meeting(summary=BAD, households_present=400), id=first["id"], rev=3, base_rev=2
    )
    wish = lan.operation("petition.save", petition(title=f"Ông {NAME} lấp cống", meeting_id=first["id"]))
    outcomes = push(lan, first, second, beside, held, wish)
    assert [one["outcome"] for one in outcomes] == [
        "applied",
        "applied",
        "parallel",
        "quarantined",
        "applied",
    ]
    with alone():
        clerk = sign_in(here, "cuc").client
        remark = {
            "op_id": second["op_id"],
            "decision": "comment",
            "text": f"Bỏ tên {NAME} ra.",
            "remark:summary": NAME,
        }
        clerk.post(f"/review/entries/{first['id']}/verdicts", data=remark, headers=SAME_ORIGIN)
    pulled(lan, own=0)
    pulled(other)
    mask(first, asked(), asked(NUMBER, reason=Reason.NUMBER))
    gone(NAME, NUMBER)
    assert body_of(second["op_id"])["summary"] == (
        f"Ông {PERSON}, số {rules.mark(Reason.NUMBER)}, lấn lối đi. Thêm."
    )
    assert db.session.get_one(PetitionRecord, UUID(wish["id"])).title == f"Ông {PERSON} lấp cống"
    for phone in (pulled(lan, own=0), pulled(other)):
        told = json.dumps([phone.entries, phone.petitions], ensure_ascii=False)
        assert NAME not in told
        entry = phone.entries[first["id"]]
        assert [one["reason"] for one in entry["redactions"]] == ["person", "number"]
        assert all(one["redacted"] and one["body"] for one in entry["revisions"])
        assert phone.petitions[wish["id"]]["revisions"][0]["redacted"]
        assert "Bùi" not in entry["redactions"][0]["by"]
    with alone():
        page = clerk.get(f"/review/entries/{first['id']}").text
        compared = clerk.get(
            f"/review/entries/{first['id']}/compare?before={first['op_id']}&after={second['op_id']}"
        ).text
        assert NAME not in clerk.get("/review/quarantine").text
    for text in (page, compared):
        assert NAME not in text
        assert PERSON in text


def test_a_repetition_is_known_by_what_was_sent_and_nothing_is_stored_again(here: Flask) -> None:
    lan = sign_in(here, "lan")
    saved = lan.operation("meeting.save", meeting(summary=BAD))
    held = lan.operation("meeting.save", meeting("B1-1", summary=BAD), id=saved["id"], rev=2, base_rev=1)
    texts = [json.dumps(one, ensure_ascii=False) for one in (saved, held)]
    with alone():
        before = lan.send(*texts).get_json()["outcomes"]
    mask(saved, asked(BAD[:-1]))
    with alone():
        after = lan.send(*texts).get_json()["outcomes"]
    assert [one["outcome"] for one in after] == ["duplicate", "quarantined"]
    for name in ("receipt", "received_at"):
        assert [one[name] for one in after] == [one[name] for one in before]
    gone(NAME)
    reused = texts[0].replace("Nhà tổ trưởng", f"Nhà {NAME}")
    with alone():
        [third] = lan.send(reused).get_json()["outcomes"]
    assert third["code"] == "op_reused"
    digests = {row.digest for row in db.session.scalars(select(Receipt))}
    assert digest(texts[0]) not in digests  # it could be guessed what a mark stands for


def test_what_comes_later_on_the_old_base_is_masked_on_arrival(here: Flask) -> None:
    lan = sign_in(here, "lan")
    saved = lan.operation("meeting.save", meeting(summary=BAD))
    wish = lan.operation("petition.save", petition(title="Xin nắp cống", meeting_id=saved["id"]))
    push(lan, saved, wish)
    mask(saved, asked(), asked(NUMBER))
    later = lan.operation(
        "meeting.save", meeting(summary=f"Đã nói lại. {BAD}", decisions=[{"text": NAME.upper()}]), id=saved["id"],
        rev=2, base_rev=1,
    )  # fmt: skip
    named = lan.operation("petition.save", petition(title=f"Việc của {NAME}", meeting_id=saved["id"]))
    broken = lan.operation(
        "meeting.save", meeting(summary=BAD, households_present=400), id=saved["id"], rev=3, base_rev=2
    )
    assert [one["outcome"] for one in push(lan, later, named, broken)] == [
        "applied",
        "applied",
        "quarantined",
    ]
    gone(NAME, NAME.upper(), NUMBER)
    assert body_of(later["op_id"])["summary"].startswith("Đã nói lại. Ông [đã che")
    assert [one["outcome"] for one in push(lan, later, named, broken)] == [
        "duplicate",
        "duplicate",
        "quarantined",
    ]
    assert db.session.get_one(PetitionRecord, UUID(named["id"])).title == f"Việc của {PERSON}"
    phone = pulled(lan, own=0)
    assert phone.entries[saved["id"]]["rev"] == 2
    assert phone.entries[saved["id"]]["revisions"][1]["redacted"]
    with alone():
        page = sign_in(here, "cuc").client.get(f"/review/entries/{saved['id']}").text
    assert "Đến sau khi che: xem lại" in page
    clean = lan.operation("meeting.save", meeting(summary="Đã nói lại."), id=saved["id"], rev=3, base_rev=2)
    push(lan, clean)
    assert db.session.get_one(MeetingRevision, UUID(clean["op_id"])).redacted_at is None


def test_a_field_as_a_whole_with_its_earlier_wordings(here: Flask) -> None:
    lan = sign_in(here, "lan")

    def opinions(*texts: str) -> list[dict[str, str]]:
        return [{"topic": "roads", "prevalence": "many", "stance": "agree", "text": text} for text in texts]

    first = lan.operation("meeting.save", meeting(opinions=opinions("Đường lầy", f"Tại {NAME}")))
    second = lan.operation(
        "meeting.save",
        meeting(opinions=opinions(f"Tại ông {NAME} đó", "Đường lầy")),
        id=first["id"],
        rev=2,
        base_rev=1,
    )
    push(lan, first, second)
    mask(first, asked("", "opinions.0", Reason.STANCE))
    gone(NAME)
    mark = rules.mark(Reason.STANCE)
    assert [[one["text"] for one in body_of(op["op_id"])["opinions"]] for op in (first, second)] == [
        ["Đường lầy", mark],
        [mark, "Đường lầy"],
    ]
    again = lan.operation(
        "meeting.save", meeting(opinions=opinions("Đường lầy", f"Nhắc lại: tại ông {NAME} đó, thế thôi")),
        id=first["id"], rev=3, base_rev=2,
    )  # fmt: skip
    push(lan, again)
    gone(NAME)
    for wrong in (asked("", "nowhere"), asked("", ""), asked("không có đoạn này"), asked("x")):
        with pytest.raises(Refused):
            mask(first, wrong)


def test_a_petition_s_title_is_gone_from_the_entries_that_speak_of_it(here: Flask) -> None:
    lan = sign_in(here, "lan")
    wish = raised_on(lan, title=f"Ông {NAME} lấp cống")
    found = do("cuc", wish, Deed.ASSIGN, step(Deed.RESOLVE, text=f"Đã nhắc ông {NAME}.", evidence="Biên bản"))
    row = {"text": f"Ông {NAME} lấp cống", "petition_id": str(wish), "answer_id": str(found.ending_id),
           "view": "not_yet", "said": f"{NAME} vẫn lấp."}  # fmt: skip
    told = lan.operation("meeting.save", meeting(feedback_given=[row]))
    push(lan, told)
    petitions.redact(actor("cuc"), wish, asked())
    db.session.remove()
    gone(NAME)
    assert body_of(told["op_id"])["feedback_given"][0]["said"] == f"{PERSON} vẫn lấp."
    late = lan.operation("meeting.save", meeting("A1-10", feedback_given=[row], meeting_date="2026-11-19"))
    push(lan, late)  # from a phone that had the old title
    gone(NAME)
    phone = pulled(lan, own=0)
    assert NAME not in json.dumps([phone.entries, phone.petitions], ensure_ascii=False)
    assert phone.petitions[str(wish)]["state"] == "reopened"
    assert phone.entries[told["id"]]["redactions"]


def test_what_is_redirected_is_counted_and_described_nowhere(here: Flask) -> None:
    lan = sign_in(here, "lan")
    wish = raised_on(lan, title=BAD, proposed_solution=f"Mời {NAME}")
    pulled(lan)
    do("cuc", wish, step(Deed.ASSIGN, text=f"Xem lại {BAD}"), step(Deed.REDIRECT, channel=Channel.COMPLAINT))
    gone(NAME, NUMBER, "lấn lối đi")
    mark = rules.mark(Reason.CHANNEL)
    told = pulled(lan, own=0).petitions[str(wish)]
    assert told["body"]["title"] == told["body"]["proposed_solution"] == mark
    assert (told["state"], told["channel"]) == ("redirected", "complaint")
    again = lan.operation(
        "petition.save", petition(title="Kể lại cách khác: ông ấy lấn."), id=str(wish), rev=2, base_rev=1
    )
    withdrawn = lan.operation("petition.withdraw", {"reason": "Ông ấy dọa."}, id=str(wish), rev=2, base_rev=1)
    broken = lan.operation(
        "petition.save", petition(title="Kể lại", thing="ông ấy lấn"), id=str(wish), rev=2, base_rev=1
    )
    outcomes = push(lan, again, withdrawn, broken)
    assert [one["code"] for one in outcomes] == ["closed", "closed", "invalid"]
    gone("ông ấy lấn", "dọa")
    assert db.session.get_one(PetitionRecord, wish).state == State.REDIRECTED
    held = {one["op_id"]: one for one in _held(lan)}
    assert held[again["op_id"]]["body"]["title"] == mark


def _held(phone: Phone) -> list[dict[str, Any]]:
    phone.cursor = ""
    with alone():
        pages = phone.pull(protocol=2)
    return [one for page in pages for one in page.get("quarantine", ())]


def test_what_was_redirected_before_is_masked_when_the_software_comes(here: Flask) -> None:
    lan = sign_in(here, "lan")
    wish = raised_on(lan, title=BAD)
    do("cuc", wish, Deed.REDIRECT)
    with db.engine.begin() as connection:  # as it was left by an earlier version
        connection.execute(db.metadata.tables["redacted_passage"].delete())
        connection.execute(db.metadata.tables["redaction"].delete())
        revision = db.metadata.tables["petition_revision"]
        text = json.dumps(
            lan.operation("petition.save", petition(title=BAD), id=str(wish)), ensure_ascii=False
        )
        connection.execute(revision.update().values(payload=text, redacted_at=None))
    petitions.add_known()
    gone(NAME)
    count = len(db.session.scalars(select(Redaction)).all())
    petitions.add_known()
    assert len(db.session.scalars(select(Redaction)).all()) == count == 1


def test_what_is_let_out_of_quarantine_is_known_by_what_was_sent(here: Flask) -> None:
    lan = sign_in(here, "lan")
    held = lan.operation("meeting.save", meeting("B1-1", summary=BAD))
    assert push(lan, held)[0]["code"] == "not_authorised"
    saved = lan.operation("meeting.save", meeting(summary=BAD))
    push(lan, saved)
    [kept] = quarantined(actor("rang")).rows
    with db.engine.begin() as connection:  # the same words, of a record that this one names
        row = json.loads(kept.row.payload)
        row["id"] = saved["id"]
        text = json.dumps(row, ensure_ascii=False)
        connection.execute(
            db.metadata.tables["quarantined"]
            .update()
            .values(payload=text.encode(), record_id=UUID(saved["id"]), digest=digest(text))
        )
    mask(saved, asked())
    gone(NAME)
    db.session.remove()
    [kept] = quarantined(actor("rang")).rows
    assert next(line.text for line in kept.lines if line.path == "summary").startswith(f"Ông {PERSON}")
    with alone():
        [again] = lan.send(text).get_json()["outcomes"]
    assert again["receipt"] == kept.row.receipt_code
    assert len(db.session.scalars(select(Quarantined)).all()) == 1


def test_who_may_mask(here: Flask) -> None:
    lan = sign_in(here, "lan")
    saved = lan.operation("meeting.save", meeting(summary=BAD))
    push(lan, saved)
    wish = raised_on(lan, title=BAD)
    for who, code in (
        ("hoa", "forbidden"),
        ("lien", "forbidden"),
        ("lan", "not_found"),
        ("xuan", "not_found"),
    ):
        with pytest.raises(Problem) as problem:
            mask(saved, asked(), who=who)
        assert (who, problem.value.code) == (who, code)
    for who, code in (("hoa", "forbidden"), ("lan", "forbidden"), ("au", "forbidden"), ("minh", "not_found"),
                      ("xuan", "not_found"), ("kinh", "not_found")):  # fmt: skip
        with pytest.raises(Problem) as problem:
            petitions.redact(actor(who), wish, asked())
        assert (who, problem.value.code) == (who, code)
    assert NAME in everything()
    mask(saved, asked(), who="rang")
    petitions.redact(actor("lanh"), wish, asked())
    assert NAME not in everything()
    deeds = db.session.scalars(select(AuditEvent).where(AuditEvent.action.endswith(".redact"))).all()
    assert sorted((one.action, one.record_id) for one in deeds) == sorted(
        [("meeting.redact", UUID(saved["id"])), ("petition.redact", wish)]
    )


def test_at_the_desk(here: Flask) -> None:
    lan = sign_in(here, "lan")
    saved = lan.operation("meeting.save", meeting(summary=BAD))
    push(lan, saved)
    wish = raised_on(lan, title=BAD)
    clerk, reader = sign_in(here, "cuc").client, sign_in(here, "hoa").client
    entry, petition_page = f"/review/entries/{saved['id']}", f"/petitions/{wish}"
    for address in (entry, petition_page):
        with alone():
            assert "Che vĩnh viễn" in clerk.get(address).text
        with alone():
            assert "Che vĩnh viễn" not in reader.get(address).text
        for form, status in (
            ({}, 422),
            ({"reason": "person"}, 422),
            ({"reason": "person", "passage": "không có trong phiếu"}, 422),
            ({"reason": "nothing", "passage": NAME}, 422),
            ({"reason": "person", "field": "unit_id"}, 422),
            ({"reason": "person", "passage": NAME}, 303),
            ({"reason": "number", "field": "title" if address == petition_page else "summary"}, 303),
        ):
            with alone():
                answer = clerk.post(f"{address}/redactions", data=form, headers=SAME_ORIGIN)
            assert answer.status_code == status, (address, form)
        with alone():
            assert reader.post(f"{address}/redactions", data={"reason": "person", "passage": "lấn"},
                               headers=SAME_ORIGIN).status_code == 403  # fmt: skip
        with alone():
            page = clerk.get(address).text
        assert "Đã che: Tên người, tên hộ" in page
        assert NAME not in page
    gone(NAME, NUMBER)
    assert db.session.get_one(MeetingEntry, UUID(saved["id"])).state == "submitted"


def test_a_rescue_file_from_before_brings_nothing_back(here: Flask) -> None:
    lan, minh = sign_in(here, "lan"), sign_in(here, "minh")
    saved = lan.operation("meeting.save", meeting(summary=BAD))
    later = lan.operation("meeting.save", meeting(summary=BAD + " Thêm."), id=saved["id"], rev=2, base_rev=1)
    forged = later | {
        "op_id": saved["op_id"][:-1] + ("0" if saved["op_id"][-1] != "0" else "1"),
        "author": str(minh.owner),
    }
    texts = [json.dumps(one, ensure_ascii=False) for one in (saved, later, forged)]
    with alone():
        file = rescue_file(here, lan, *texts)
    push(lan, saved)
    mask(saved, asked(), asked(NUMBER))
    with alone():
        assert hand_in(minh.client, file).status_code == 200
    gone(NAME, NUMBER)
    assert db.session.get_one(MeetingEntry, UUID(saved["id"])).rev == 2
    assert len(db.session.scalars(select(Quarantined)).all()) == 1
