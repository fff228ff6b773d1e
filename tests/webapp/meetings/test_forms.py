"""The form of a meeting with its petitions, the pages the phone keeps, and the way without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
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
from webapp.errors import CATALOGUE
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


def without_petition(values: Mapping[str, str]) -> dict[str, str]:
    """The same meeting, at which no petition was raised."""
    return {name: value for name, value in values.items() if not name.startswith("petitions")}


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
    kept = without_petition(values)
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
    without = without_petition(values)
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


@pytest.mark.parametrize("is_kept", [True, False])
def test_without_javascript_a_petition_with_a_second_version_is_decided_by_what_is_saved(
    app: Flask, lan: Phone, *, is_kept: bool
) -> None:
    """These pages ask nobody which version of a petition stands."""
    values = typed()
    save(lan, values)
    petition_id = values["petitions-0-id"]
    for title, word in (("Xin thay hai bóng đèn", "applied"), ("Xin thay ba bóng đèn", "parallel")):
        body = petition(meeting_id=values["id"], title=title)
        said = lan.operation("petition.save", body, id=petition_id, rev=2, base_rev=1)
        assert [one["outcome"] for one in lan.push(said)] == [word]
    sent = again(values) | {"petitions-0-rev": "2"}
    assert save(lan, sent if is_kept else without_petition(sent)).status_code == 303
    lan.pull()
    assert lan.petitions[petition_id]["state"] == ("raised" if is_kept else "withdrawn")
    assert [one["parallel"] for one in lan.petitions[petition_id]["revisions"]] == [False, False, True, False]


def told_of_held(phone: Phone) -> list[str]:
    """Return what becomes of all that was held back, in the order it came, as a phone that begins is told."""
    phone.cursor = ""
    return [one["state"] for page in phone.pull() for one in page.get("quarantine", [])]


def test_without_javascript_what_was_held_back_is_overtaken_by_the_mended_form(
    app: Flask, lan: Phone
) -> None:
    # The clock of tests may stand before the ids of now.
    opened = UUID(int=new_id().int - (3 * 86_400_000 << 80))
    values = without_petition(typed(opened=str(opened)))
    wrong = values | {"meeting_date": "2019-12-31"}
    other = sign_in(app, "lan")
    elsewhere = other.operation("meeting.save", meeting(households_present=400), id=values["id"], settles=[])
    assert other.push(elsewhere)[0]["outcome"] == "quarantined"
    for sent in (wrong, wrong, wrong | {"meeting_date": "2019-12-30"}, wrong):
        save(lan, sent)
    # What came twice is there once, whatever was held back in between.
    assert told_of_held(lan) == ["waiting", "waiting", "waiting"]
    for _ in range(2):
        assert save(lan, values).status_code == 303
        # Of what another device was told, nobody was told here.
        assert told_of_held(lan) == ["waiting", "superseded", "superseded"]
        assert [one["parallel"] for one in lan.entries[values["id"]]["revisions"]] == [False]


@pytest.mark.parametrize("deed", ["choose", "withdraw"])
def test_without_javascript_what_was_held_back_is_overtaken_by_a_choice_and_a_withdrawal(
    lan: Phone, deed: str
) -> None:
    values = without_petition(typed())
    save(lan, values)
    for present in ("21", "22") if deed == "choose" else ("21",):
        save(lan, again(values, households_present=present))
    save(lan, again(values, meeting_date="2019-12-31"))
    assert told_of_held(lan) == ["waiting"]
    sent = {"reason": "Ghi nhầm tổ.", "opened": str(new_id())}
    if deed == "choose":
        *_, sent = choices(lan, values["id"]).values()
    assert post(lan, values["id"], deed, sent).status_code == 303
    assert told_of_held(lan) == ["superseded"]


def photographed(lan: Phone, values: Mapping[str, str], *captions: str) -> None:
    """Save the entry's second revision on a phone, with these photos."""
    photos = [{"sha256": f"{n:064x}", "size": 1000, "caption": text} for n, text in enumerate(captions)]
    body = meeting(photos=photos)
    lan.push(lan.operation("meeting.save", body, id=values["id"], rev=2, base_rev=1))


def question(lan: Phone, entry: str) -> list[str]:
    """Return what the page says where it asks which version stands: before the first version, and of each."""
    page = lan.client.get(f"/notebook/plain/entry/{entry}").text
    return page.split("Bản nào đúng?")[1].split("</form>")[0].split("<h3>")


def test_without_javascript_versions_that_differ_in_photos_show_them(lan: Phone) -> None:
    values = without_petition(typed())
    save(lan, values)
    photographed(lan, values, "Cầu ván", "Cống đầu mương")
    photographed(lan, values, "Nhà tổ trưởng")
    photographed(lan, values)
    why, *versions = question(lan, values["id"])
    assert "những chỗ các bản khác nhau" in why
    shown = [
        re.findall(r"<p>(Cầu ván|Cống đầu mương|Nhà tổ trưởng|Không có ảnh.)</p>", one) for one in versions
    ]
    assert shown == [["Cầu ván", "Cống đầu mương"], ["Nhà tổ trưởng"], ["Không có ảnh."]]
    assert [one.count("<img") for one in versions] == [2, 1, 0]


def test_without_javascript_versions_that_look_alike_are_said_to(lan: Phone) -> None:
    values = typed()
    save(lan, values)
    for petition_ids in ([values["petitions-0-id"]], [str(new_id())]):
        body = meeting(petition_ids=petition_ids)
        lan.push(lan.operation("meeting.save", body, id=values["id"], rev=2, base_rev=1))
    why, *versions = question(lan, values["id"])
    assert len(versions) == 2
    assert "giống nhau ở mọi mục" in why
    assert "những chỗ các bản khác nhau" not in why


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


def busy(_actor: Actor, operations: Iterable[object]) -> list[Outcome]:
    """Answer as where nothing of a batch could be stored."""
    return [
        Outcome(None, RETRY, "busy", "", "", datetime(2026, 11, 22, tzinfo=UTC)) for _operation in operations
    ]


def locked(*_asked: object) -> list[Outcome]:
    """Fail as where another holds the database."""
    raise OperationalError("", {}, Exception("database is locked"))


@pytest.mark.parametrize("way", [busy, locked])
def test_without_javascript_a_busy_server_gives_the_words_back(
    lan: Phone, monkeypatch: pytest.MonkeyPatch, way: Callable[..., list[Outcome]]
) -> None:
    values = without_petition(typed())
    save(lan, values)
    for present in ("21", "22"):
        save(lan, again(values, households_present=present))
    asked = choices(lan, values["id"])
    standing, second = asked
    reason = {"reason": "Ghi nhầm tổ, 100%.", "opened": str(new_id())}
    with monkeypatch.context() as patched:
        patched.setattr("webapp.meetings.routes.submit", way)
        answers = {
            "Bà con đồng ý, 100%.": save(lan, typed(summary="Bà con đồng ý, 100%.")),
            reason["reason"]: post(lan, values["id"], "withdraw", reason),
            f'value="{second}"': post(lan, values["id"], "choose", asked[second]),
        }
    for words, answer in answers.items():
        assert answer.status_code == 503
        assert words in answer.text
        assert CATALOGUE["overloaded"].message in answer.text
        assert "chưa lưu được" in answer.text
    assert entries_of(lan)[values["id"]]["state"] == "submitted"
    assert list(choices(lan, values["id"])) == [standing, second]


def test_without_javascript_a_database_that_cannot_even_be_read_is_told(
    lan: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.meetings.queries.entries_of", locked)
    answer = lan.client.get("/notebook/plain/")
    assert answer.status_code == 503
    assert CATALOGUE["overloaded"].message in answer.text


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
