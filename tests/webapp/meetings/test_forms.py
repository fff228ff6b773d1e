"""The form of a meeting with its petitions, the pages the phone keeps, and the way without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import brotli
import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from tests.webapp.petitions.acting import do
from tests.webapp.world import SAME_ORIGIN, Phone, meeting, officer_id, petition, sign_in, unit_id
from webapp.accounts.rules import Actor
from webapp.db import db, new_id, transaction
from webapp.meetings.forms import MeetingForm, entry_from
from webapp.meetings.models import MeetingEntry
from webapp.meetings.plain import petitions_of as petitions_raised_at
from webapp.meetings.records import MAX_ITEMS
from webapp.meetings.routes import SHELLS
from webapp.petitions.models import PetitionRecord
from webapp.petitions.rules import Deed
from webapp.sync.incoming import Outcome
from webapp.sync.models import Quarantined
from webapp.sync.rules import RETRY

SHELL_PAGES = [f"/notebook{path}" for path in SHELLS]
RECORD_PAGE_BUDGET = 9_000


def typed(**said: str) -> dict[str, str]:
    """What a browser sends of a plain meeting with one petition; names with ``__`` for ``-``."""
    values = {
        "id": str(new_id()), "opened": str(new_id()), "base_rev": "0", "unit_id": str(unit_id("A1-2")),
        "status": "held", "meeting_date": "2026-11-18", "households_present": "20", "format": "regular",
        "chair_role": "group_leader", "officer_presence": "present", "petitions__0__id": str(new_id()),
        "petitions__0__rev": "0", "petitions__0__title": "Xin thay bóng đèn đường",
        "petitions__0__category": "lighting",
        "petitions__0__urgency": "normal", "petitions__0__level": "local",
    } | said  # fmt: skip
    return {name.replace("__", "-"): value for name, value in values.items()}


def form_of(values: Mapping[str, str]) -> MeetingForm:
    return MeetingForm(formdata=MultiDict(values), meta={"csrf": False})


def test_petitions_belong_to_the_meeting_and_its_group(app: Flask) -> None:
    values = typed()
    with app.test_request_context():
        entry = entry_from(form_of(values))
    assert entry is not None
    [(petition_id, petition)] = entry.petitions.items()
    assert str(petition_id) == values["petitions-0-id"]
    assert str(petition.meeting_id) == values["id"]
    assert petition.unit_id == entry.meeting.unit_id == unit_id("A1-2")
    assert entry.meeting.petition_ids == (petition_id,)


def test_a_fault_of_a_petition_stands_in_its_row(app: Flask) -> None:
    with app.test_request_context():
        form = form_of(typed(petitions__0__category=""))
        assert entry_from(form) is None
        assert form.petitions[0].form["category"].errors == ["Cần chọn một mục."]
        assert "petitions" in form.errors


def test_nothing_raised_and_a_petition_contradict_each_other(app: Flask) -> None:
    with app.test_request_context():
        form = form_of(typed(nothing_raised="y"))
        assert entry_from(form) is None
        assert form["nothing_raised"].errors == ["Đã ghi kiến nghị thì bỏ chọn ô này."]


def test_an_empty_petition_is_none(app: Flask) -> None:
    with app.test_request_context():
        entry = entry_from(form_of(typed(petitions__0__title=" ", petitions__0__category="")))
    assert entry is not None
    assert entry.petitions == {}


@pytest.mark.parametrize("path", SHELL_PAGES)
def test_a_page_for_the_phone_knows_nobody(app: Flask, path: str) -> None:
    stranger = app.test_client().get(path)
    lan = sign_in(app, "lan").client.get(path)
    assert stranger.status_code == 200
    assert stranger.data == lan.data
    assert b"csrf_token" not in stranger.data
    assert b"/notebook/plain/" in stranger.data
    for answer in (stranger, lan):
        assert "Set-Cookie" not in answer.headers
        assert "Cookie" not in answer.headers.get("Vary", "")
        assert "no-store" not in answer.headers["Cache-Control"]


def test_the_record_page_is_small(app: Flask) -> None:
    page = app.test_client().get("/notebook/record").data
    assert len(brotli.compress(page, quality=5)) <= RECORD_PAGE_BUDGET


def save(phone: Phone, values: Mapping[str, str]) -> TestResponse:
    return phone.client.post("/notebook/plain/record", data=values, headers=SAME_ORIGIN)


@pytest.fixture
def lan(app: Flask) -> Phone:
    app.config["WTF_CSRF_ENABLED"] = False
    return sign_in(app, "lan")


def entries_of(phone: Phone) -> dict[str, dict[str, Any]]:
    phone.pull()
    return phone.entries


def test_without_javascript_the_same_form_sent_twice_is_one_entry(lan: Phone) -> None:
    values = typed()
    for _ in range(2):
        assert save(lan, values).status_code == 303
    [entry] = entries_of(lan).values()
    assert (entry["id"], entry["rev"]) == (values["id"], 1)
    assert [one["parallel"] for one in entry["revisions"]] == [False]
    assert list(lan.petitions) == [values["petitions-0-id"]]


def test_without_javascript_going_back_and_changing_something_loses_neither(lan: Phone) -> None:
    values = typed()
    save(lan, values)
    save(lan, values | {"households_present": "21"})
    [entry] = entries_of(lan).values()
    assert [one["parallel"] for one in entry["revisions"]] == [False, True]


def test_without_javascript_a_refused_form_comes_back_whole(lan: Phone) -> None:
    answer = save(lan, typed(households_present="mười", summary="Bà con đồng ý, 100%."))
    assert answer.status_code == 422
    assert "Cần một số nguyên." in answer.text
    assert "mười" in answer.text
    assert "Bà con đồng ý, 100%." in answer.text
    assert not entries_of(lan)


def test_without_javascript_rows_are_added_and_taken_away(lan: Phone) -> None:
    more = save(lan, typed(add="conveyed", conveyed__0__text="Bầu cử"))
    assert more.status_code == 200
    assert 'name="conveyed-1-text"' in more.text
    less = save(lan, typed(remove="petitions-0"))
    assert 'name="petitions-0-title"' not in less.text
    assert not entries_of(lan)


def test_without_javascript_a_petition_taken_out_is_taken_back(lan: Phone) -> None:
    values = typed()
    save(lan, values)
    kept = {name: value for name, value in values.items() if not name.startswith("petitions")}
    save(lan, kept | {"base_rev": "1", "opened": str(new_id())})
    lan.pull()
    assert [one["state"] for one in lan.petitions.values()] == ["withdrawn"]
    assert lan.entries[values["id"]]["rev"] == 2


def test_without_javascript_an_entry_is_shown_edited_and_taken_back(lan: Phone) -> None:
    values = typed()
    save(lan, values)
    address = f"/notebook/plain/entry/{values['id']}"
    shown = lan.client.get(address)
    assert "Xin thay bóng đèn đường" in shown.text
    assert "Xin thay bóng đèn đường" in lan.client.get(f"/notebook/plain/record?id={values['id']}").text
    short = {"opened": str(new_id()), "reason": ""}
    assert lan.client.post(f"{address}/withdraw", data=short, headers=SAME_ORIGIN).status_code == 422
    reason = {"opened": str(new_id()), "reason": "Ghi nhầm tổ"}
    assert lan.client.post(f"{address}/withdraw", data=reason, headers=SAME_ORIGIN).status_code == 303
    assert entries_of(lan)[values["id"]]["state"] == "withdrawn"


def test_without_javascript_a_form_without_its_token_comes_back_whole(app: Flask) -> None:
    lan = sign_in(app, "lan")
    answer = save(lan, typed(summary="Bà con đồng ý."))
    assert answer.status_code == 422
    assert "Bà con đồng ý." in answer.text
    assert 'name="csrf_token"' in answer.text


def test_others_cannot_change_an_entry(app: Flask, lan: Phone) -> None:
    values = typed()
    save(lan, values)
    au = sign_in(app, "au")
    assert au.client.get(f"/notebook/plain/entry/{values['id']}").status_code == 200
    assert au.client.get(f"/notebook/plain/record?id={values['id']}").status_code == 403
    xuan = sign_in(app, "xuan")
    assert xuan.client.get(f"/notebook/plain/entry/{values['id']}").status_code == 404


def again(values: Mapping[str, str], **said: str) -> dict[str, str]:
    """What a browser sends of the same entry, opened once more as it first stood."""
    return dict(values) | {"base_rev": "1", "petitions-0-rev": "1", "opened": str(new_id())} | said


def test_without_javascript_a_petition_the_desk_has_taken_up_is_left_alone(app: Flask, lan: Phone) -> None:
    values = typed()
    save(lan, values)
    with app.app_context():
        do("cuc", UUID(values["petitions-0-id"]), Deed.TRIAGE)
    assert save(lan, again(values, households_present="21")).status_code == 303
    assert entries_of(lan)[values["id"]]["rev"] == 2
    without = {name: value for name, value in values.items() if not name.startswith("petitions")}
    assert save(lan, again(without, households_present="22") | {"base_rev": "2"}).status_code == 303
    assert entries_of(lan)[values["id"]]["rev"] == 3
    assert "quarantine" not in lan.pull()[0]
    assert lan.petitions[values["petitions-0-id"]]["state"] == "triaged"
    with app.app_context():
        assert db.session.scalars(select(Quarantined.code)).all() == []


def test_without_javascript_a_form_of_yesterday_takes_back_no_petition_it_never_knew(lan: Phone) -> None:
    values = typed()
    save(lan, values)
    added = lan.operation("petition.save", petition(meeting_id=values["id"]))
    body = meeting(petition_ids=[values["petitions-0-id"], added["id"]])
    newer = lan.operation("meeting.save", body, id=values["id"], rev=2, base_rev=1)
    assert [one["outcome"] for one in lan.push(newer, added)] == ["applied", "applied"]
    save(lan, again(values, households_present="21"))
    lan.pull()
    assert lan.petitions[added["id"]]["state"] == "raised"
    assert [one["parallel"] for one in lan.entries[values["id"]]["revisions"]] == [False, False, True]


def choices(lan: Phone, entry: str) -> dict[str, dict[str, str]]:
    """Return what is sent when one of several versions of an entry is chosen, by its operation."""
    page = lan.client.get(f"/notebook/plain/entry/{entry}").text
    fields = re.findall(r'name="(choice-\w+)"[^>]*value="([^"]*)"', page)
    versions = [value for name, value in fields if name == "choice-version"]
    return {version: dict(fields) | {"choice-version": version} for version in versions}


def post(lan: Phone, entry: str, deed: str, data: Mapping[str, str]) -> TestResponse:
    return lan.client.post(f"/notebook/plain/entry/{entry}/{deed}", data=data, headers=SAME_ORIGIN)


def test_without_javascript_the_author_says_which_of_two_versions_stands(lan: Phone) -> None:
    values = typed()
    save(lan, values)
    assert choices(lan, values["id"]) == {}
    save(lan, again(values, households_present="21"))
    save(lan, again(values, households_present="22"))
    asked = choices(lan, values["id"])
    lan.pull()
    standing, second = [one["op_id"] for one in lan.entries[values["id"]]["revisions"]][1:]
    assert list(asked) == [standing, second]
    unseen = lan.operation("meeting.save", meeting(households_present=23), id=values["id"], rev=2, base_rev=1)
    assert lan.push(unseen)[0]["outcome"] == "parallel"
    assert post(lan, values["id"], "choose", asked[second]).status_code == 303
    assert entries_of(lan)[values["id"]]["households_present"] == 22
    # What came while the page lay open is asked about still, also by who withdraws the entry without a word on it.
    assert list(choices(lan, values["id"]))[1:] == [unseen["op_id"]]
    post(lan, values["id"], "withdraw", {"reason": "Ghi nhầm tổ.", "opened": str(new_id())})
    asked = choices(lan, values["id"])
    *_, withdrawal = asked
    assert len(asked) == 3
    post(lan, values["id"], "choose", asked[withdrawal])
    assert entries_of(lan)[values["id"]]["state"] == "withdrawn"
    assert choices(lan, values["id"]) == {}
    late = post(lan, values["id"], "choose", asked[withdrawal])
    assert "Các bản đã khác trước" in lan.client.get(late.location).text


def test_without_javascript_nothing_of_one_person_is_sent_as_another(app: Flask, lan: Phone) -> None:
    page = lan.client.get("/notebook/plain/record").text
    assert f'value="{officer_id("lan")}"' in page
    values = typed(author=str(officer_id("lan")), summary="Bà con đồng ý, 100%.")
    minh = sign_in(app, "minh")
    answer = save(minh, values)
    assert answer.status_code == 403
    assert "Bà con đồng ý, 100%." in answer.text
    assert "đang đăng nhập bằng tên người khác" in answer.text
    assert not entries_of(minh)
    assert save(lan, values).status_code == 303
    assert list(entries_of(lan)) == [values["id"]]


def test_without_javascript_a_busy_server_gives_the_words_back(
    lan: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = Outcome(None, RETRY, "busy", "", "", datetime(2026, 11, 22, tzinfo=UTC))

    def locked(_actor: Actor, _operations: object) -> list[Outcome]:
        raise OperationalError("", {}, Exception("database is locked"))

    for way in (lambda _actor, operations: [busy for _ in operations], locked):
        monkeypatch.setattr("webapp.meetings.routes.submit", way)
        answer = save(lan, typed(summary="Bà con đồng ý, 100%."))
        assert answer.status_code == 503
        assert "Bà con đồng ý, 100%." in answer.text
        assert "chưa lưu được" in answer.text


def test_without_javascript_one_row_too_many_is_said_and_nothing_is_lost(lan: Phone) -> None:
    rows = {f"conveyed__{n}__text": f"Nội dung thứ {n}" for n in range(MAX_ITEMS)}
    answer = save(lan, typed(add="conveyed", **rows))
    assert answer.status_code == 200
    assert "Nhiều nhất 30 mục." in answer.text
    assert "Nội dung thứ 29" in answer.text
    assert save(lan, typed(petitions__0__id="x")).status_code == 400


def test_without_javascript_whoever_answers_for_an_entry_keeps_the_petitions_of_both(
    app: Flask, lan: Phone
) -> None:
    values = typed()
    save(lan, values)
    minh = sign_in(app, "minh")
    with app.app_context(), transaction() as session:
        session.execute(update(MeetingEntry).values(keeper_id=officer_id("minh")))
        session.execute(update(PetitionRecord).values(keeper_id=officer_id("minh")))
    added = minh.operation("petition.save", petition(meeting_id=values["id"]))
    assert minh.push(added)[0]["outcome"] == "applied"
    with app.app_context():
        found = db.session.get_one(MeetingEntry, UUID(values["id"]))
        assert {str(one.id) for one in petitions_raised_at(found)} == {values["petitions-0-id"], added["id"]}
