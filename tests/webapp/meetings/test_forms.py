"""The form of a meeting with its petitions, the pages the phone keeps, and the way without JavaScript."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import brotli
import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from tests.webapp.world import SAME_ORIGIN, Phone, sign_in, unit_id
from webapp.db import new_id
from webapp.meetings.forms import MeetingForm, entry_from
from webapp.meetings.routes import SHELLS

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
