"""A flash report from the phone to the desk and back: who sees it, whose opening counts, what its author is told."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.conftest import TODAY
from tests.webapp.world import SAME_ORIGIN, SINCE, Phone, flash_report, officer_id, sign_in, unit_id
from webapp.assignments.models import Assignment
from webapp.audit.models import AuditEvent
from webapp.db import db, new_id, transaction
from webapp.flash_reports.models import FlashReportRecord, FlashReportRevision
from webapp.places.actions import carry_out
from webapp.places.operations import Merge, NewUnit
from webapp.sync.models import Quarantined

WHAT = flash_report()["what"]
READERS = {"cuc", "lanh", "hoa", "rang", "cum", "lien"}
"""Those whose scope reaches hamlet A1; of them Hòa and Liên follow it, and cannot act on what is reported."""
ACT = {"cuc", "lanh", "rang", "cum"}


@pytest.fixture(autouse=True)
def no_tokens(any_app: Flask) -> None:
    any_app.config["WTF_CSRF_ENABLED"] = False


def reported(phone: Phone, group: str = "A1-2", **said: Any) -> str:
    """Send a flash report and return its id."""
    operation = phone.operation("flash_report.save", flash_report(group), **said)
    [outcome] = phone.push(operation)
    assert outcome["outcome"] == "applied", outcome
    return str(operation["id"])


def look(app: Flask, who: str, report: str, **headers: str) -> int:
    return sign_in(app, who).client.get(f"/flash-reports/{report}", headers=headers).status_code


def row(app: Flask, report: str) -> FlashReportRecord:
    with app.app_context():
        return db.session.get_one(FlashReportRecord, UUID(report))


def opened(phone: Phone, report: str) -> dict[str, Any] | None:
    """Return what the author's phone knows of the opening."""
    phone.pull()
    found: dict[str, Any] | None = phone.flash_reports[report].get("opened")
    return found


def deeds(app: Flask, action: str) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).where(AuditEvent.action == action)) or 0


def listed(client: FlaskClient, asked: str = "") -> str:
    answer = client.get(f"/flash-reports/{asked}")
    assert answer.status_code == 200
    return answer.text


def test_its_author_learns_when_it_came_and_who_opened_it_first(any_app: Flask) -> None:
    lan = sign_in(any_app, "lan")
    report = reported(lan, learned_at="2026-11-18T09:20:00.000Z", clock_offset=0)
    assert opened(lan, report) is None
    told = lan.flash_reports[report]
    assert told["state"] == "reported"
    assert told["body"]["needed"] == "Bao cát và 10 người trước đỉnh triều"
    assert (told["learned_at"], told["recorded_at"]) == (
        "2026-11-18T09:20:00.000Z",
        "2026-11-18T12:30:00.000Z",
    )
    assert told["received_at"] > told["recorded_at"]

    assert look(any_app, "rang", report) == 200
    first = opened(lan, report)
    assert first
    assert (first["role"], first["place"]) == ("Cán bộ tổng hợp huyện", "Huyện Mẫu")
    assert lan.flash_reports[report]["state"] == "opened"
    for who in ("cuc", "rang", "cum"):
        assert look(any_app, who, report) == 200
    assert opened(lan, report) == first
    assert deeds(any_app, "flash_report.open") == 1
    assert not lan.pull()[-1]["flash_reports"]  # told once


@pytest.mark.parametrize("who", sorted(READERS | {"lan", "minh", "au", "xuan", "tinh", "quan", "kinh"}))
def test_only_who_can_act_opens_it(any_app: Flask, who: str) -> None:
    lan = sign_in(any_app, "lan")
    report = reported(lan)
    assert look(any_app, who, report) == (200 if who in READERS else 403)
    assert (opened(lan, report) is not None) == (who in ACT)


def test_out_of_scope_it_is_not_there(any_app: Flask) -> None:
    lan, xuan = sign_in(any_app, "lan"), sign_in(any_app, "xuan")
    report, far = reported(lan, "A1-2"), reported(xuan, "B1-1")
    for who in ("cuc", "lanh", "hoa", "cum"):
        assert look(any_app, who, far) == 404
        assert sign_in(any_app, who).client.post(
            f"/flash-reports/{far}/redirect", data={"channel": "crime"}, headers=SAME_ORIGIN
        ).status_code == 404  # fmt: skip
        assert listed(sign_in(any_app, who).client).count(WHAT) == 1
    assert listed(sign_in(any_app, "rang").client).count(WHAT) == 2
    assert row(any_app, far).opened_at is None
    for phone, mine in ((lan, report), (xuan, far)):
        phone.pull()
        assert set(phone.flash_reports) == {mine}
    minh = sign_in(any_app, "minh")
    minh.pull()
    assert not minh.flash_reports  # the groups of colleagues are names to him


def test_an_author_who_could_act_does_not_open_their_own(any_app: Flask) -> None:
    with any_app.app_context():
        follows = {"unit_id": unit_id("A1-2"), "role_code": "group_officer", "valid_from": SINCE}
        with transaction() as session:
            session.add(Assignment(officer_id=officer_id("cuc"), **follows))
    report = reported(sign_in(any_app, "cuc"))
    assert look(any_app, "cuc", report) == 200
    assert row(any_app, report).opened_at is None
    assert look(any_app, "lanh", report) == 200
    assert row(any_app, report).opened_role == "commune_leader"


def test_a_page_that_is_only_fetched_ahead_opens_nothing(any_app: Flask) -> None:
    report = reported(sign_in(any_app, "lan"))
    cuc = sign_in(any_app, "cuc").client
    assert cuc.get(f"/flash-reports/{report}", headers={"Sec-Purpose": "prefetch"}).status_code == 503
    assert cuc.head(f"/flash-reports/{report}").status_code == 200
    assert row(any_app, report).opened_at is None


def test_the_desk_sees_what_nobody_has_opened_on_top_and_counted(any_app: Flask) -> None:
    lan = sign_in(any_app, "lan")
    first, second = reported(lan), reported(lan, "A1-10")
    cuc = sign_in(any_app, "cuc").client
    front = cuc.get("/review/").text
    assert "Báo nhanh (2)" in front
    assert "Có 2 báo nhanh chưa ai mở." in front
    assert look(any_app, "cuc", second) == 200
    page = listed(cuc)
    assert page.index(first) < page.index(second)  # the newer one was opened
    assert "Báo nhanh (1)" in page
    assert second not in listed(cuc, "?state=reported")
    assert first not in listed(cuc, "?state=opened")
    rang = sign_in(any_app, "rang").client
    assert first not in listed(rang, f"?unit={unit_id('B')}")
    assert first in listed(rang, f"?unit={unit_id('A')}")
    assert first in listed(cuc, "?state=nonsense&page=x&unit=y")
    assert look(any_app, "cuc", first) == 200
    assert "chưa ai mở." not in cuc.get("/review/").text


def test_what_belongs_elsewhere_is_counted_and_told_nowhere(any_app: Flask) -> None:
    lan = sign_in(any_app, "lan")
    report = reported(lan)
    for who, status in (("hoa", 403), ("lien", 403), ("minh", 403), ("cuc", 303)):
        answer = sign_in(any_app, who).client.post(
            f"/flash-reports/{report}/redirect", data={"channel": "crime"}, headers=SAME_ORIGIN
        )
        assert answer.status_code == status, who
    cuc = sign_in(any_app, "cuc").client
    for page in (cuc.get(f"/flash-reports/{report}").text, listed(cuc, "?state=redirected")):
        assert "Tố giác tội phạm" in page
        assert WHAT not in page
    assert report not in listed(cuc)
    lan.pull()
    told = lan.flash_reports[report]
    assert (told["state"], told["channel"]) == ("redirected", "crime")
    assert WHAT not in str(told)
    with any_app.app_context():
        assert WHAT not in str(db.session.scalars(select(FlashReportRevision.payload)).all())
    again = cuc.post(f"/flash-reports/{report}/redirect", data={"channel": "crime"}, headers=SAME_ORIGIN)
    assert again.status_code == 409
    assert deeds(any_app, "flash_report.redirect") == 1


def test_a_channel_that_is_none_is_asked_for_again(any_app: Flask) -> None:
    report = reported(sign_in(any_app, "lan"))
    cuc = sign_in(any_app, "cuc").client
    answer = cuc.post(f"/flash-reports/{report}/redirect", data={"channel": "gossip"}, headers=SAME_ORIGIN)
    assert answer.status_code == 422
    assert "Cần chọn một mục." in answer.text


def test_until_it_is_opened_its_author_may_mend_or_withdraw_it(any_app: Flask) -> None:
    lan = sign_in(any_app, "lan")
    report = reported(lan)
    mended = lan.operation(
        "flash_report.save", flash_report(what="Đê tràn 40 m"), id=report, rev=2, base_rev=1
    )
    assert lan.push(mended)[0]["outcome"] == "applied"
    assert look(any_app, "cuc", report) == 200
    late = lan.operation("flash_report.save", flash_report(what="Đê tràn 60 m"), id=report, rev=3, base_rev=2)
    [outcome] = lan.push(late)
    assert (outcome["outcome"], outcome["code"]) == ("quarantined", "closed")
    assert "Đê tràn 60 m" in sign_in(any_app, "cuc").client.get("/review/quarantine").text
    other = reported(lan)
    taken = lan.operation("flash_report.withdraw", {"reason": "Báo nhầm"}, id=other, rev=2, base_rev=1)
    assert lan.push(taken)[0]["outcome"] == "applied"
    assert look(any_app, "cuc", other) == 200
    assert row(any_app, other).state == "withdrawn"
    assert row(any_app, other).opened_at is None


def test_it_travels_under_the_rules_of_every_record(any_app: Flask) -> None:
    lan = sign_in(any_app, "lan")
    operation = lan.operation("flash_report.save", flash_report())
    assert [one["outcome"] for one in lan.push(operation, operation)] == ["applied", "duplicate"]
    for group, said, code in (
        ("B1-1", {}, "not_authorised"), ("A1-2", {"needed": ""}, "invalid"), ("A1-2", {"name": "ai"}, "invalid"),
        ("A1", {}, "unknown_unit"),
    ):  # fmt: skip
        [outcome] = lan.push(lan.operation("flash_report.save", flash_report(group) | said))
        assert (outcome["outcome"], outcome["code"]) == ("quarantined", code)
    xuan = sign_in(any_app, "xuan")
    stolen = xuan.operation("flash_report.save", flash_report("B1-1"), id=operation["id"])
    assert xuan.push(stolen)[0]["code"] == "wrong_record"
    with any_app.app_context():
        assert db.session.scalar(select(func.count()).select_from(FlashReportRecord)) == 1
        assert db.session.scalar(select(func.count()).select_from(Quarantined)) == 5


def test_a_group_that_was_merged_takes_its_flash_reports_along(any_app: Flask) -> None:
    lan = sign_in(any_app, "lan")
    report = reported(lan)
    with any_app.app_context():
        both = (unit_id("A1-2"), unit_id("A1-10"))
        whole = NewUnit(id=new_id(), kind="group", name="Tổ NDTQ số 3")
        carry_out(None, Merge(on=TODAY, sources=both, into=whole), "Nghị quyết 1")
    assert look(any_app, "cuc", report) == 200
    assert opened(lan, report) is not None
    assert lan.flash_reports[report]["unit_id"] == str(whole.id)


def test_times_are_mended_by_the_clocks_error_and_doubted_where_they_cannot_be(any_app: Flask) -> None:
    lan = sign_in(any_app, "lan")
    three_hours = 3 * 3_600_000
    slow = reported(lan, made_at="2026-11-18T09:30:00.000Z", clock_offset=three_hours)
    ahead = reported(lan, made_at="2099-01-01T00:00:00.000Z", clock_offset=0)
    unknown = reported(lan)
    cuc = sign_in(any_app, "cuc").client
    assert "19:30 18/11/2026" in cuc.get(f"/flash-reports/{slow}").text
    assert "Giờ ghi chưa chắc" not in cuc.get(f"/flash-reports/{slow}").text
    for one in (ahead, unknown):
        assert "Giờ ghi chưa chắc" in cuc.get(f"/flash-reports/{one}").text


def test_a_name_is_masked_by_whoever_decides_there_and_its_author_is_told(any_app: Flask) -> None:
    lan = sign_in(any_app, "lan")
    operation = lan.operation("flash_report.save", flash_report(where="Nhà bà Mẫu"))
    lan.push(operation)
    address = f"/flash-reports/{operation['id']}/redactions"
    mask = {"passage": "bà Mẫu", "reason": "person", "field": ""}
    for who, status in (("hoa", 403), ("cum", 403), ("minh", 403)):
        assert (
            sign_in(any_app, who).client.post(address, data=mask, headers=SAME_ORIGIN).status_code == status
        )
    cuc = sign_in(any_app, "cuc").client
    assert cuc.post(address, data=mask | {"passage": "ông Ai"}, headers=SAME_ORIGIN).status_code == 422
    assert cuc.post(address, data=mask, headers=SAME_ORIGIN).status_code == 303
    assert "bà Mẫu" not in cuc.get(f"/flash-reports/{operation['id']}").text
    lan.pull()
    told = lan.flash_reports[operation["id"]]
    assert told["body"]["where"] == "Nhà [đã che: tên người, tên hộ]"
    assert told["redactions"][0]["reason"] == "person"
    assert lan.push(operation)[0]["outcome"] == "duplicate"
