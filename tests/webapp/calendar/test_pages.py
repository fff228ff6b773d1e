"""The calendar at the desk, in public and on phones: who sees and does what, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import icalendar
import pytest
from flask import Flask
from flask.testing import FlaskClient
from ical.calendar_stream import IcsCalendarStream
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.webapp.world import SAME_ORIGIN, Phone, meeting, officer_id, sign_in, unit_id
from webapp import clock
from webapp.audit.models import AuditEvent
from webapp.calendar.models import PlannedAttendee, PlannedMeeting
from webapp.db import db, new_id

PUBLIC = f"/lich/{unit_id('A')}"
NAMES = ("Lan", "Minh", "Cúc", "Lành", "Hòa", "Rạng", "Cụm", "Liên", "Quản")


@pytest.fixture(autouse=True)
def no_tokens(any_app: Flask) -> None:
    any_app.config["WTF_CSRF_ENABLED"] = False


def desk(app: Flask, who: str) -> FlaskClient:
    return sign_in(app, who).client


def plan(client: FlaskClient, plan_id: UUID | None = None, **said: Any) -> tuple[UUID, TestResponse]:
    """Fill in the form of a meeting and save it all the same."""
    made = plan_id or new_id()
    form = {
        "new_id": str(made), "meeting_type": "committee", "unit_id": str(unit_id("A")), "day": "2026-12-08",
        "start": "08:00", "minutes": "90", "place": "Hội trường xã", "subject": "Họp tháng", "step": "confirm",
    } | said  # fmt: skip
    address = f"/calendar/plans/{plan_id}" if plan_id else "/calendar/new"
    return made, client.post(address, data=form, headers=SAME_ORIGIN)


def told(phone: Phone) -> dict[str, Any] | None:
    """Return the calendar a phone was told by its newest pull, if it was told any."""
    found: dict[str, Any] | None = None
    for page in phone.pull():
        found = page.get("calendar", found)
    return found


def test_a_meeting_is_planned_changed_and_cancelled(any_app: Flask) -> None:
    cuc = desk(any_app, "cuc")
    made, answer = plan(cuc, attendees=[str(officer_id("lanh")), str(officer_id("cuc"))])
    assert answer.status_code == 303
    page = cuc.get("/calendar/?month=2026-12").text
    assert "Họp cấp ủy" in page
    assert "Hội trường xã" in page
    plan(cuc)[1].close()
    assert plan(cuc, made, start="09:00", attendees=[str(officer_id("cuc"))])[1].status_code == 303
    with any_app.app_context():
        kept = db.session.get_one(PlannedMeeting, made)
        assert kept.changes == 1
        assert kept.starts_at == datetime(2026, 12, 8, 2, tzinfo=UTC)
        assert set(
            db.session.scalars(select(PlannedAttendee.officer_id).where(PlannedAttendee.meeting_id == made))
        ) == {officer_id("cuc")}
    assert cuc.post(f"/calendar/plans/{made}/cancel", headers=SAME_ORIGIN).status_code == 303
    with any_app.app_context():
        assert db.session.get_one(PlannedMeeting, made).cancelled_at
        deeds = set(db.session.scalars(select(AuditEvent.action).where(AuditEvent.record_id == made)))
        assert deeds == {"meeting_planned", "plan_cancelled"}


def test_the_same_form_sent_twice_is_one_meeting(any_app: Flask) -> None:
    cuc = desk(any_app, "cuc")
    made = new_id()
    for _ in range(2):
        assert plan(cuc, new_id=str(made))[1].status_code == 303
    with any_app.app_context():
        assert len(db.session.scalars(select(PlannedMeeting)).all()) == 1


def test_what_stands_in_the_way_is_said_and_does_not_forbid(any_app: Flask) -> None:
    cuc = desk(any_app, "cuc")
    made, answer = plan(cuc, day="2026-12-18", step="save")
    assert answer.status_code == 200
    assert "Trong kỳ dành cho: Họp tổ (ngày 16–25)" in answer.text
    assert "Ngoài kỳ của họp cấp ủy (ngày 7–9)" in answer.text
    with any_app.app_context():
        assert db.session.get(PlannedMeeting, made) is None
    assert plan(cuc, day="2026-12-18", step="confirm")[1].status_code == 303
    page = cuc.get("/calendar/?month=2026-12").text
    assert "Trong kỳ họp tổ" in page
    assert "Ngoài kỳ 7–9" in page
    assert plan(cuc, day="2026-12-08", step="save")[1].status_code == 303


def test_two_meetings_of_one_person_at_a_time(any_app: Flask) -> None:
    cuc = desk(any_app, "cuc")
    plan(cuc, attendees=[str(officer_id("lanh"))])
    _, answer = plan(cuc, start="09:00", step="save", attendees=[str(officer_id("lanh"))])
    assert "Đỗ Văn Lành còn cuộc họp khác lúc 08:00: Họp cấp ủy, Xã An Lộc." in answer.text
    assert plan(cuc, start="09:30", step="save", attendees=[str(officer_id("lanh"))])[1].status_code == 303


def test_what_a_group_agreed_on_clashes_too(any_app: Flask) -> None:
    lan = sign_in(any_app, "lan")
    lan.push(lan.operation("meeting.save", meeting(next_meeting="2026-12-08T08:30")))
    cuc = desk(any_app, "cuc")
    _, answer = plan(
        cuc,
        meeting_type="group",
        unit_id=str(unit_id("A1-2")),
        step="save",
        attendees=[str(officer_id("lan"))],
    )
    assert "Nguyễn Thị Lan còn cuộc họp khác lúc 08:30: Họp tổ, Tổ NDTQ số 2, Ấp Phú Thạnh." in answer.text


def test_the_desk_shows_what_groups_agreed_on_until_they_met(any_app: Flask) -> None:
    lan, cuc = sign_in(any_app, "lan"), desk(any_app, "cuc")
    entry = lan.operation("meeting.save", meeting(next_meeting="2026-12-19T18:00"))
    lan.push(entry)
    assert "18:00" in cuc.get("/calendar/?month=2026-12").text
    assert "18:00" not in desk(any_app, "tinh").get("/calendar/?month=2026-12").text  # who reads no entries
    lan.push(lan.operation("meeting.save", meeting(meeting_date="2026-12-19")))
    assert "18:00" not in cuc.get("/calendar/?month=2026-12").text


def test_a_correction_moves_what_was_agreed_on(any_app: Flask) -> None:
    lan, cuc = sign_in(any_app, "lan"), desk(any_app, "cuc")
    entry = lan.operation("meeting.save", meeting(next_meeting="2026-12-19T18:00"))
    lan.push(entry)
    body = meeting(next_meeting="2026-12-20T11:30:00.000Z")
    lan.push(lan.operation("meeting.save", body, id=entry["id"], rev=2, base_rev=1))
    page = cuc.get("/calendar/?month=2026-12").text
    assert "18:30" in page
    assert "18:00" not in page


@pytest.mark.parametrize(("who", "status"), [("minh", 403), ("hoa", 403), ("quan", 403)])
def test_who_may_not_plan(any_app: Flask, who: str, status: int) -> None:
    assert plan(desk(any_app, who))[1].status_code == status


def test_planning_ends_at_the_edge_of_the_scope(any_app: Flask) -> None:
    made, answer = plan(desk(any_app, "rang"), unit_id=str(unit_id("B")))
    assert answer.status_code == 303
    cuc = desk(any_app, "cuc")
    assert cuc.get(f"/calendar/plans/{made}").status_code == 404
    assert cuc.post(f"/calendar/plans/{made}/cancel", headers=SAME_ORIGIN).status_code == 404
    assert cuc.get(f"/calendar/?unit={unit_id('B')}").status_code == 404
    assert plan(cuc, unit_id=str(unit_id("B")))[1].status_code == 404
    assert plan(cuc, unit_id=str(unit_id("B")), step="people")[1].status_code == 404  # nor who follows it
    assert cuc.get(f"/calendar/new?unit={unit_id('B')}").status_code == 404
    assert "Hội trường xã" not in cuc.get("/calendar/?month=2026-12").text


def test_somebody_without_a_role_there_is_not_put_on_the_list(any_app: Flask) -> None:
    made, answer = plan(desk(any_app, "cuc"), attendees=[str(officer_id("xuan"))])
    assert answer.status_code == 422
    with any_app.app_context():
        assert db.session.get(PlannedMeeting, made) is None


def test_who_was_there_is_said_by_themselves_or_by_who_plans(any_app: Flask) -> None:
    clock.pretend_today(date(2026, 12, 9))
    cuc, hoa, lien = (desk(any_app, who) for who in ("cuc", "hoa", "lien"))
    both = [str(officer_id(who)) for who in ("hoa", "lanh")]
    made, _ = plan(cuc, unit_id=str(unit_id("A1")), meeting_type="branch", attendees=both)
    mark = f"/calendar/plans/{made}/attended"
    for reader in (hoa, desk(any_app, "tinh")):
        said = reader.get(f"/calendar/plans/{made}").text
        assert "Đỗ Văn Lành" in said
        assert "Sửa cuộc họp" not in said
    assert hoa.post(mark, data={"there": both}, headers=SAME_ORIGIN).status_code == 303
    assert desk(any_app, "tinh").post(mark, headers=SAME_ORIGIN).status_code == 403
    with any_app.app_context():
        there = {row.officer_id for row in db.session.scalars(select(PlannedAttendee)) if row.attended_at}
        assert there == {officer_id("hoa")}  # only of herself
    page = hoa.get("/calendar/").text
    assert "Dự sinh hoạt chi bộ" in page
    assert "Đã 1 trên 1" in page
    assert lien.post(mark, data={"there": both}, headers=SAME_ORIGIN).status_code == 303
    with any_app.app_context():
        assert all(row.attended_at for row in db.session.scalars(select(PlannedAttendee)))


def test_nobody_was_at_a_meeting_that_is_still_to_come(any_app: Flask) -> None:
    cuc = desk(any_app, "cuc")
    made, _ = plan(cuc, attendees=[str(officer_id("cuc"))])
    assert cuc.post(f"/calendar/plans/{made}/attended", headers=SAME_ORIGIN).status_code == 400


def publish(app: Flask, who: str, unit: str, word: str = "yes") -> int:
    data = {"unit": str(unit_id(unit)), "public": word}
    return desk(app, who).post("/calendar/publish", data=data, headers=SAME_ORIGIN).status_code


def test_the_public_sees_roles_and_places_once_it_is_switched_on(any_app: Flask) -> None:
    cuc, public = desk(any_app, "cuc"), any_app.test_client()
    people = [str(officer_id(who)) for who in ("lanh", "lien", "cuc")]
    plan(cuc, is_public="y", attendees=people)
    plan(cuc, start="14:00", place="Phòng họp nhỏ", attendees=people)
    week = f"{PUBLIC}?week=2026-W50"
    assert public.get(week).status_code == 404
    assert publish(any_app, "cuc", "A") == 403
    assert publish(any_app, "lanh", "B") == 404
    assert publish(any_app, "lanh", "A") == 303
    page = public.get(week)
    assert page.status_code == 200
    assert "Hội trường xã" in page.text
    assert "Cán bộ tổng hợp xã, Lãnh đạo xã, Lãnh đạo huyện" in page.text
    assert "29/10 âl" in page.text
    assert not [name for name in NAMES if name in page.text]
    assert "Họp tháng" not in page.text  # the subject is not for the public
    assert "Phòng họp nhỏ" not in page.text  # nor a meeting that was not put there
    assert "Set-Cookie" not in page.headers
    assert "Cookie" not in page.headers.get("Vary", "")
    assert public.get(f"/lich/{unit_id('A1')}").status_code == 200
    assert public.get(f"/lich/{unit_id('B')}").status_code == 404
    assert public.get(f"/lich/{unit_id('district')}").status_code == 404
    assert publish(any_app, "lanh", "A", "no") == 303
    assert public.get(week).status_code == 404
    assert public.get(f"{PUBLIC}.ics").status_code == 404


def test_a_unit_switched_off_is_left_out_of_what_lies_above(any_app: Flask) -> None:
    rang, public = desk(any_app, "rang"), any_app.test_client()
    for unit in ("A", "B"):
        plan(rang, unit_id=str(unit_id(unit)), is_public="y", place=f"Nơi họp {unit}")
    publish(any_app, "lien", "district")
    week = f"/lich/{unit_id('district')}?week=2026-W50"
    assert "Nơi họp A" in public.get(week).text
    assert publish(any_app, "lanh", "A", "no") == 303
    page = public.get(week).text
    assert "Nơi họp A" not in page
    assert "Nơi họp B" in page
    assert public.get(PUBLIC).status_code == 404


def test_the_file_opens_in_other_calendars(any_app: Flask) -> None:
    """Read by two parsers that know nothing of us, the strict one of Home Assistant among them."""
    cuc = desk(any_app, "cuc")
    kept, _ = plan(cuc, is_public="y", attendees=[str(officer_id("lanh"))])
    gone, _ = plan(cuc, is_public="y", start="15:00", place="Nhà văn hóa ấp; phòng 2, tầng 1")
    cuc.post(f"/calendar/plans/{gone}/cancel", headers=SAME_ORIGIN)
    publish(any_app, "lanh", "A")
    answer = any_app.test_client().get(f"{PUBLIC}.ics")
    assert answer.content_type == "text/calendar; charset=utf-8"
    assert all(len(line.encode()) <= 75 for line in answer.data.decode().split("\r\n"))
    read = IcsCalendarStream.calendar_from_ics(answer.text)
    events = {event.uid: event for event in read.events}
    assert set(events) == {f"{one}@localhost" for one in (kept, gone)}
    first = events[f"{kept}@localhost"]
    assert first.dtstart == datetime(2026, 12, 8, 1, tzinfo=UTC)
    assert first.dtend == datetime(2026, 12, 8, 2, 30, tzinfo=UTC)
    assert first.summary == "Họp cấp ủy: Xã An Lộc"
    assert first.location == "Hội trường xã"
    assert first.description == "Lãnh đạo xã"
    cancelled = events[f"{gone}@localhost"]
    assert (cancelled.status, cancelled.sequence) == ("CANCELLED", 1)
    assert cancelled.location == "Nhà văn hóa ấp; phòng 2, tầng 1"
    again = icalendar.Calendar.from_ical(answer.data)
    assert len(again.walk("VEVENT")) == 2
    assert not again.errors
    assert not [name for name in NAMES if name in answer.text]


def test_a_phone_is_told_the_calendar_whole_once(any_app: Flask) -> None:
    lan = sign_in(any_app, "lan")
    first, second = lan.pull()
    assert "calendar" not in first  # what the form does not need comes with the second page
    calendar = second["calendar"]
    assert calendar["windows"] == [
        {"type": "branch", "first": 10, "last": 15},
        {"type": "committee", "first": 7, "last": 9},
        {"type": "group", "first": 16, "last": 25},
    ]
    assert calendar["duties"] == [
        {"type": "group", "count": 1, "each": True, "from": "2026-11-01", "until": "2026-12-01"}
    ]
    assert ["2026-11-09", 10] in calendar["lunar"]
    assert calendar["lunar"][0][0] <= "2026-10-01"
    assert calendar["plans"] == []
    assert told(lan) is None


def test_a_plan_reaches_the_phones_it_concerns_and_no_other(any_app: Flask) -> None:
    lan, xuan = sign_in(any_app, "lan"), sign_in(any_app, "xuan")
    told(lan)
    told(xuan)
    cuc = desk(any_app, "cuc")
    made, _ = plan(cuc, unit_id=str(unit_id("A1")), meeting_type="branch", day="2026-12-11", subject="")
    calendar = told(lan)
    assert calendar
    assert calendar["plans"] == [
        {"id": str(made), "type": "branch", "unit_id": str(unit_id("A1")), "at": "2026-12-11T01:00:00.000Z",
         "minutes": 90, "place": "Hội trường xã"}
    ]  # fmt: skip
    assert told(lan) is None
    assert told(xuan) is None
    cuc.post(f"/calendar/plans/{made}/cancel", headers=SAME_ORIGIN)
    assert (told(lan) or {})["plans"] == []


def test_who_attends_is_told_also_of_a_place_they_do_not_know(any_app: Flask) -> None:
    lan = sign_in(any_app, "lan")
    told(lan)
    rang = desk(any_app, "rang")
    made, answer = plan(
        rang, unit_id=str(unit_id("A1-2")), meeting_type="group", attendees=[str(officer_id("lan"))]
    )
    assert answer.status_code == 303
    assert [one["me"] for one in (told(lan) or {})["plans"]] == [True]
    plan(
        rang, made, unit_id=str(unit_id("district")), meeting_type="other", attendees=[str(officer_id("lan"))]
    )
    (one,) = (told(lan) or {})["plans"]
    assert one["where"] == "Huyện Mẫu"
    plan(rang, made, unit_id=str(unit_id("district")), meeting_type="other", attendees=[])
    assert (told(lan) or {})["plans"] == []


def test_a_phone_that_knew_no_calendar_is_told_at_its_next_pull(any_app: Flask) -> None:
    """A cursor of before: its digest of the units fills the whole room, and it does not start over."""
    lan = sign_in(any_app, "lan")
    lan.pull()
    import json
    from base64 import urlsafe_b64decode, urlsafe_b64encode

    said = json.loads(urlsafe_b64decode(lan.cursor))
    scope, _, digests = said[4].partition(":")
    said[4] = f"{scope}:{digests[:8]}"
    lan.cursor = urlsafe_b64encode(json.dumps(said).encode()).decode()
    (page,) = lan.pull()
    assert not page["reset"]
    assert "scope" not in page
    assert page["calendar"]["windows"]


def decide(app: Flask, who: str, address: str, prefix: str, **said: Any) -> TestResponse:
    form = {"new_id": str(new_id()), "unit_id": str(unit_id("A")), "meeting_type": "group", "valid_from": "2026-12",
            "basis": "Quy định 12-QĐ/ĐU ngày 20/11/2026"} | said  # fmt: skip
    data = {f"{prefix}-{key}": value for key, value in form.items()}
    return desk(app, who).post(f"/duties/{address}", data=data, headers=SAME_ORIGIN)


def test_a_window_changes_from_a_month_on_and_is_told(any_app: Flask) -> None:
    lan = sign_in(any_app, "lan")
    told(lan)
    answer = decide(any_app, "lanh", "windows", "window", first_day="18", last_day="27")
    assert answer.status_code == 303
    windows = (told(lan) or {})["windows"]
    assert {"type": "group", "first": 16, "last": 25, "months": ["2026-11"]} in windows
    assert {"type": "group", "first": 18, "last": 27, "months": ["2026-12", "2027-01", "2027-02"]} in windows
    assert told(sign_in(any_app, "xuan")) != told(lan)
    page = desk(any_app, "lanh").get("/duties/").text
    assert "Quy định 12-QĐ/ĐU" in page
    assert "Sắp áp dụng" in page


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"valid_from": "2026-10"}, "Tháng đã qua giữ nguyên"),
        ({"last_day": "3"}, "Ngày cuối không thể trước ngày đầu."),
        ({"basis": ""}, "Cần điền mục này."),
        ({"first_day": "32"}, ""),
        ({"unit_id": str(unit_id("B"))}, ""),
    ],
)
def test_a_window_that_cannot_be_is_refused(any_app: Flask, said: dict[str, str], words: str) -> None:
    answer = decide(any_app, "lanh", "windows", "window", **{"first_day": "18", "last_day": "27"} | said)
    assert answer.status_code == 422
    assert words in answer.text


def test_a_duty_of_a_role_is_decided_and_ended(any_app: Flask) -> None:
    answer = decide(
        any_app, "quan", "rules", "duty", role_code="commune_clerk", meeting_type="committee", min_count="2",
        period="quarter", for_each="", valid_from="2026-11",
    )  # fmt: skip
    assert answer.status_code == 303
    page = desk(any_app, "cuc").get("/calendar/").text
    assert "Đã 0 trên 2 trong quý" in page
    row = desk(any_app, "quan").get("/duties/").text.split("/end")[0].rsplit("/", 1)[1]
    assert desk(any_app, "lanh").post(f"/duties/{row}/end", headers=SAME_ORIGIN).status_code == 303
    clock.pretend_today(date(2026, 12, 1))
    assert "trong quý" not in desk(any_app, "cuc").get("/calendar/").text


def test_the_plain_page_says_what_is_due_and_what_is_done(any_app: Flask) -> None:
    lan = sign_in(any_app, "lan")
    page = lan.client.get("/notebook/plain/calendar").text
    assert "Đã 0 trên 2 trong tháng" in page
    assert "Đang trong kỳ" in page
    lan.push(lan.operation("meeting.save", meeting(next_meeting="2026-11-24T18:00")))
    page = lan.client.get("/notebook/plain/calendar").text
    assert "Đã 1 trên 2 trong tháng" in page
    assert "18:00" in page
    assert "Đến hạn" in lan.client.get("/notebook/plain/").text
    clock.pretend_today(date(2026, 11, 26))
    assert "Đã qua kỳ, còn thiếu" in lan.client.get("/notebook/plain/calendar").text
    assert "Đã qua kỳ, còn thiếu" in lan.client.get("/notebook/plain/").text
    clock.pretend_today(date(2026, 11, 5))
    assert "Chưa tới kỳ" in lan.client.get("/notebook/plain/calendar").text
    assert "Chưa tới" in lan.client.get("/notebook/plain/").text
