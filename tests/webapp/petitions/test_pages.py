"""The desk of petitions: what each person finds on it, and that it leads where the rules say."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.webapp.petitions.acting import DUE, do, raised, step
from tests.webapp.world import PEOPLE, SAME_ORIGIN, meeting, petition, sign_in, unit_id
from webapp import clock
from webapp.db import db
from webapp.petitions.board import PAGE
from webapp.petitions.models import PetitionEvent, PetitionRecord
from webapp.petitions.records import View
from webapp.petitions.rules import Deed

READERS = {"lan", "au", "cuc", "lanh", "hoa", "rang", "cum", "lien"}
"""Who finds a petition of the group A1-2."""


@pytest.fixture
def plain(any_app: Flask) -> Flask:
    any_app.config["WTF_CSRF_ENABLED"] = False
    return any_app


def on_board(client: FlaskClient, **asked: str) -> list[str]:
    """Return the titles on a page of the board."""
    answer = client.get("/petitions/", query_string=asked)
    assert answer.status_code == 200, answer.text
    return re.findall(r'class="petition-title"\s+href="[^"]+">([^<]+)</a>', answer.text)


def say(client: FlaskClient, wish: UUID, deed: Deed, **said: Any) -> int:
    return client.post(f"/petitions/{wish}/{deed.value}", data=said, headers=SAME_ORIGIN).status_code


def state(app: Flask, wish: UUID) -> str:
    with app.app_context():
        return db.session.get_one(PetitionRecord, wish).state


def test_everybody_finds_on_the_board_what_they_may_open_and_nothing_else(plain: Flask) -> None:
    mine, other = raised(plain, title="Cống hẻm 12"), raised(plain, "B1-1", "xuan", title="Cầu ván")
    for who, *_ in PEOPLE:
        client = sign_in(plain, who).client
        sees = {"Cống hẻm 12"} if who in READERS else set()
        sees |= {"Cầu ván"} if who in ("xuan", "rang", "lien") else set()
        if who in ("tinh", "quan", "kinh", "minh"):
            assert not sees
        board = client.get("/petitions/")
        assert board.status_code == (403 if who == "quan" else 200), who
        if who != "quan":
            assert set(on_board(client)) == sees, who
        for wish, title in ((mine, "Cống hẻm 12"), (other, "Cầu ván")):
            answer = client.get(f"/petitions/{wish}")
            assert answer.status_code == (200 if title in sees else 404), who
            assert (title in answer.text) is (title in sees)


def test_the_province_sees_what_is_overdue_and_the_commune_is_told(plain: Flask) -> None:
    wish = raised(plain, title="Cống hẻm 12")
    province, commune = sign_in(plain, "tinh").client, sign_in(plain, "cuc").client
    assert on_board(province) == []
    assert "cũng đã thấy" not in commune.get(f"/petitions/{wish}").text
    clock.pretend_today(date(2026, 11, 27))
    assert on_board(province) == ["Cống hẻm 12"]
    assert province.get(f"/petitions/{wish}").status_code == 200
    assert (
        "Quá hạn từ ngày 26/11/2026: Huyện Mẫu cũng đã thấy kiến nghị này."
        in commune.get(f"/petitions/{wish}").text
    )
    assert "phân loại và giao việc thay" in sign_in(plain, "rang").client.get(f"/petitions/{wish}").text


def test_a_direct_proposal_is_seen_above_and_the_tier_between_is_told(plain: Flask) -> None:
    wish = raised(plain, title="Cống hẻm 12")
    with plain.app_context():
        do(
            "cuc", wish, step(Deed.ASSIGN, unit_id=unit_id("A1"))
        )  # the hamlet: the district is past the commune
    lan, commune = sign_in(plain, "lan").client, sign_in(plain, "cuc").client
    assert say(lan, wish, Deed.PROPOSE, unit_id=unit_id("A"), text="Ấp không đủ sức làm việc này.") == 422
    assert say(lan, wish, Deed.PROPOSE, unit_id=unit_id("district"), text="") == 422
    assert (
        say(lan, wish, Deed.PROPOSE, unit_id=unit_id("district"), text="Ấp không đủ sức làm việc này.") == 303
    )
    assert "Đã được đề xuất thẳng với Huyện Mẫu" in commune.get(f"/petitions/{wish}").text
    assert on_board(sign_in(plain, "tinh").client) == ["Cống hẻm 12"]


def test_an_agency_sees_what_is_referred_to_it_and_only_its_part_of_the_story(plain: Flask) -> None:
    wish = raised(plain, title="Cống hẻm 12")
    agency = sign_in(plain, "kinh").client
    with plain.app_context():
        do("cuc", wish, Deed.ASSIGN, step(Deed.ADVISE, text="Lời riêng trong xã."), Deed.REFER)
    assert on_board(agency) == ["Cống hẻm 12"]
    page = agency.get(f"/petitions/{wish}").text
    assert "Ai quản lý tuyến này?" in page
    assert "Lời riêng trong xã." not in page
    assert "Nguyễn Thị Lan" not in page
    assert set(re.findall(r'id="step-([a-z_]+)"', page)) == {"reply", "advise"}
    assert say(agency, wish, Deed.RESOLVE, text="Xong rồi.", evidence="Biên bản") == 403
    assert say(agency, wish, Deed.REPLY, text="Thuộc tuyến do Phòng quản lý.") == 303
    assert "Thuộc tuyến do Phòng quản lý." in sign_in(plain, "cuc").client.get(f"/petitions/{wish}").text
    assert sign_in(plain, "kinh").client.get("/").headers["Location"] == "/petitions/"


STEPS = {
    "lan": {"press", "advise"}, "au": {"press", "advise"}, "hoa": {"press", "advise"}, "rang": {"press", "advise"},
    "cuc": {"triage", "assign", "answer", "redirect", "merge", "press", "advise"},
    "cum": {"press", "advise"}, "lien": {"press"},
}  # fmt: skip


def test_the_page_offers_each_person_what_the_rules_allow(plain: Flask) -> None:
    wish, _ = raised(plain), raised(plain, "A1-10", title="Cũng việc ấy")
    for who, steps in STEPS.items():
        page = sign_in(plain, who).client.get(f"/petitions/{wish}").text
        assert set(re.findall(r'id="step-([a-z_]+)"', page)) == steps, who
    clock.pretend_today(date(2026, 12, 1))
    page = sign_in(plain, "rang").client.get(f"/petitions/{wish}").text
    assert {"triage", "assign", "redirect"} <= set(re.findall(r'id="step-([a-z_]+)"', page))


def test_from_the_desk_to_the_answer_without_javascript(plain: Flask) -> None:
    wish = raised(plain)
    clerk = sign_in(plain, "cuc").client
    page = clerk.get(f"/petitions/{wish}").text
    assert 'value="2026-12-07"' in page  # ten working days for drainage, one of them a holiday
    assert say(clerk, wish, Deed.ASSIGN, unit_id=unit_id("A"), day="2026-12-04", seen=0) == 303
    assert say(clerk, wish, Deed.RESOLVE, text="Đã nạo vét 35 m.", evidence="", seen=2) == 422
    assert say(clerk, wish, Deed.RESOLVE, text="Đã nạo vét 35 m.", evidence="Biên bản 12", seen=2) == 303
    assert say(clerk, wish, Deed.DECLINE, text="Nhầm, chưa làm được.", seen=2) == 409
    assert "Đã nạo vét 35 m." in sign_in(plain, "lan").client.get(f"/petitions/{wish}").text
    lan = sign_in(plain, "lan").client
    assert say(lan, wish, Deed.FEED_BACK, means="meeting", day="2026-11-23", view="agreed") == 422  # tomorrow
    assert (
        say(lan, wish, Deed.FEED_BACK, means="meeting", day="2026-11-21", view="not_yet", text="Còn đọng")
        == 303
    )
    assert say(clerk, wish, Deed.CLOSE) == 422  # the group does not agree: why, then?
    assert say(clerk, wish, Deed.CLOSE, text="Đã giải thích tại buổi họp.") == 303
    assert state(plain, wish) == "closed"


def test_a_refused_form_comes_back_open_with_what_was_typed(plain: Flask) -> None:
    wish = raised(plain)
    answer = sign_in(plain, "cuc").client.post(
        f"/petitions/{wish}/assign", data={"unit_id": unit_id("A"), "day": "2026-11-20", "text": "Sớm giúp"},
        headers=SAME_ORIGIN,
    )  # fmt: skip
    assert answer.status_code == 422
    opened = re.search(
        r'<details class="deed"\s+name="deed"\s+id="step-assign"\s*open>.*?</details>', answer.text, re.DOTALL
    )
    assert opened
    assert "Ngày này đã qua." in opened[0]
    assert "Sớm giúp" in opened[0]


def test_sent_twice_it_is_taken_once(plain: Flask) -> None:
    wish = raised(plain)
    clerk = sign_in(plain, "cuc").client
    page = clerk.get(f"/petitions/{wish}").text
    found = re.search(r'id="step-press".*?name="event_id" value="([^"]+)"', page, re.DOTALL)
    assert found
    for _ in range(2):
        assert say(clerk, wish, Deed.PRESS, text="Nhắc lần một", event_id=found[1]) == 303
    with plain.app_context():
        assert db.session.query(PetitionEvent).count() == 1


def test_what_belongs_elsewhere_is_counted_and_shown_nowhere(plain: Flask) -> None:
    wish = raised(plain, title="Ông X lấn đất nhà tôi")
    clerk = sign_in(plain, "cuc").client
    assert say(clerk, wish, Deed.REDIRECT, channel="land_dispute") == 303
    for who in READERS:
        client = sign_in(plain, who).client
        for address in ("/petitions/", "/petitions/?lane=done", f"/petitions/{wish}"):
            page = client.get(address).text
            assert "Ông X" not in page, (who, address)
    board = clerk.get("/petitions/").text
    assert re.search(
        r"channel=land_dispute[^>]*>Tranh chấp đất đai<strong class=\"number\">1</strong>", board
    )
    listed = clerk.get("/petitions/?lane=done&state=redirected&channel=land_dispute").text
    assert "Tổ NDTQ số 2" not in listed  # nor of which group it is, nor on which day
    assert "22/11/2026" not in listed
    assert "Tổ NDTQ số 2" not in clerk.get(f"/petitions/{wish}").text


def test_the_entry_of_the_meeting_does_not_describe_it_either(plain: Flask) -> None:
    lan = sign_in(plain, "lan")
    entry = lan.operation("meeting.save", meeting())
    wishes = [
        lan.operation("petition.save", petition(title=title, meeting_id=entry["id"]))
        for title in ("Ông X lấn đất nhà tôi", "Cống hẻm 12")
    ]
    lan.push(entry, *wishes)
    clerk = sign_in(plain, "cuc").client
    assert "Ông X" in clerk.get(f"/review/entries/{entry['id']}").text
    assert say(clerk, UUID(wishes[0]["id"]), Deed.REDIRECT, channel="land_dispute") == 303
    page = clerk.get(f"/review/entries/{entry['id']}").text
    assert "Ông X" not in page
    assert f'/petitions/{wishes[1]["id"]}">Xem diễn biến</a>' in page


def test_several_at_once(plain: Flask) -> None:
    wishes = [raised(plain, group, title=f"Đèn {group} {n}") for n in range(3) for group in ("A1-2", "A1-10")]
    foreign = raised(plain, "B1-1", "xuan")
    clerk = sign_in(plain, "cuc").client

    def bulk(deed: str, chosen: list[UUID], **more: Any) -> str:
        form = {"deed": deed, "petition": chosen, "back": "/petitions/?lane=waiting"} | more
        answer = clerk.post("/petitions/bulk", data=form, headers=SAME_ORIGIN)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/petitions/?lane=waiting")
        return clerk.get("/petitions/").text

    assert "Chọn kiến nghị" in bulk("triage", [])
    assert "Chọn đơn vị để giao." in bulk("assign", wishes)
    page = bulk("triage", [*wishes[:2], foreign])
    assert "Đã xong 2 kiến nghị." in page
    assert "1 kiến nghị giữ nguyên" in page
    assert "Đã xong 1 kiến nghị." in bulk("assign", [wishes[2]], unit=unit_id("A1"))
    assert "Đã xong 2 kiến nghị." in bulk("merge", wishes[3:])
    assert [state(plain, wish) for wish in wishes] == [
        "triaged",
        "triaged",
        "assigned",
        "raised",
        "merged",
        "merged",
    ]
    assert state(plain, foreign) == "raised"
    away = clerk.post(
        "/petitions/bulk", data={"deed": "triage", "back": "https://x.example"}, headers=SAME_ORIGIN
    )
    assert away.headers["Location"] == "/petitions/"


def test_every_number_opens_the_list_behind_it(plain: Flask) -> None:
    wishes = [raised(plain, title=f"Việc {n}", category="roads" if n % 2 else "drainage") for n in range(8)]
    with plain.app_context():
        do("cuc", wishes[0], Deed.TRIAGE)
        do("cuc", wishes[1], Deed.ASSIGN)
        do("cuc", wishes[2], Deed.ASSIGN, Deed.RESOLVE)
        do("cuc", wishes[3], Deed.ASSIGN, Deed.RESOLVE, step(Deed.FEED_BACK, view=View.AGREED))
        do("cuc", wishes[4], Deed.ANSWER)
        do("cuc", wishes[5], Deed.REDIRECT)
    clock.pretend_today(DUE + timedelta(days=1))
    clerk = sign_in(plain, "cuc").client
    for start in (
        "/petitions/",
        "/petitions/?category=roads",
        "/petitions/?lane=working",
        "/petitions/?late=1",
    ):
        page = clerk.get(start).text
        numbers = re.findall(
            r'href="(/petitions/[^"]*)"[^>]*>(?:(?!</a>).)*<strong class="number">(\d+)</strong>',
            page,
            re.DOTALL,
        )
        assert len(numbers) > 5, start
        for address, number in numbers:
            listed = clerk.get(address.replace("&amp;", "&")).text
            assert len(re.findall(r'class="petition-title"', listed)) == int(number), (start, address)


def test_the_board_goes_on_page_by_page_in_the_order_of_what_is_due(plain: Flask) -> None:
    wishes = [raised(plain, "A1-2" if n % 3 else "A1-10", title=f"Việc {n:02}") for n in range(PAGE + 12)]
    with plain.app_context():
        for n in (3, 20, 35):
            do("cuc", wishes[n], step(Deed.ASSIGN, day=date(2026, 11, 23 + n // 10)))
    clerk = sign_in(plain, "cuc").client
    listed: list[str] = []
    address = "/petitions/"
    for _ in range(3):
        page = clerk.get(address).text
        listed += re.findall(r'class="petition-title"\s+href="[^"]+">([^<]+)</a>', page)
        more = re.search(r'href="(/petitions/\?[^"]*after=[^"]*)"[^>]*rel="next"', page)
        if not more:
            break
        address = more[1].replace("&amp;", "&")
    assert len(listed) == len(set(listed)) == len(wishes)
    assert listed[0] == "Việc 03"
    assert on_board(clerk, after="nonsense")[0] == "Việc 03"
    done = on_board(clerk, lane="done")
    assert done == []


@pytest.mark.parametrize(
    ("asked", "titles"),
    [
        ({"urgency": "urgent"}, {"Khẩn"}),
        ({"category": "roads"}, {"Đường"}),
        ({"state": "assigned"}, {"Giao"}),
        ({"lane": "waiting"}, {"Khẩn", "Đường", "Xa xôi"}),
        ({"unit": str(unit_id("A2"))}, {"Xa xôi"}),
        ({"unit": str(unit_id("B"))}, set()),
        ({"late": "1"}, set()),
        ({"older": "30"}, set()),
        (
            {"lane": "nonsense", "older": "7", "category": "x", "late": "x"},
            {"Khẩn", "Đường", "Giao", "Xa xôi"},
        ),
    ],
)
def test_filters_live_in_the_address(plain: Flask, asked: dict[str, str], titles: set[str]) -> None:
    raised(plain, title="Khẩn", urgency="urgent")
    raised(plain, title="Đường", category="roads")
    raised(plain, "A2-1", "minh", title="Xa xôi")
    given = raised(plain, title="Giao")
    with plain.app_context():
        do("cuc", given, Deed.ASSIGN)
    assert set(on_board(sign_in(plain, "cuc").client, **asked)) == titles


def test_whoever_stands_in_finds_what_they_wrote(plain: Flask) -> None:
    raised(plain, "A2-1", "lan", title="Ghi thay")
    assert on_board(sign_in(plain, "lan").client) == ["Ghi thay"]
    assert on_board(sign_in(plain, "minh").client) == ["Ghi thay"]
    assert on_board(sign_in(plain, "xuan").client) == []
