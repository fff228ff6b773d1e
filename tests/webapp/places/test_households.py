"""Household counts are readings with a day: the meeting's day says which one its attendance is divided by."""

from __future__ import annotations

import re
from datetime import date, timedelta
from uuid import UUID

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from tests.webapp.world import SAME_ORIGIN, meeting, sign_in, unit_id
from webapp import clock
from webapp.accounts.queries import actor_of_device
from webapp.accounts.rules import Actor
from webapp.audit.models import AuditEvent
from webapp.db import db
from webapp.errors import Problem
from webapp.places import counting
from webapp.places.dated import Reading
from webapp.places.households import Counts, count_fault
from webapp.places.models import HouseholdCount
from webapp.places.queries import counts_of
from webapp.reports.queries import month_report

GROUP = UUID(int=1)
FIRST = date(2026, 1, 1)
TODAY = date(2026, 11, 22)
OCTOBER = date(2026, 10, 1)


def address(key: str) -> str:
    return f"/places/{unit_id(key)}/households"


def count(client: FlaskClient, key: str = "A1-2", **said: str) -> tuple[int, str]:
    fields = {"as_of": "2026-11-01", "households": "31", "source": "Ấp rà soát tháng 10"} | said
    answer = client.post(address(key), data=fields, headers=SAME_ORIGIN)
    return answer.status_code, answer.text


def entry_page(client: FlaskClient, entry_id: str) -> str:
    """Return what the desk shows of an entry, without the tokens of its forms."""
    page = client.get(f"/review/entries/{entry_id}").text
    return re.sub(r'name="csrf_token" value="[^"]+"', "", page)


def actor(app: Flask, who: str) -> Actor:
    device_id = sign_in(app, who).device.id
    db.session.remove()
    g.pop("actor", None)
    found = actor_of_device(device_id)
    assert found
    return found


@pytest.fixture
def desk(app: Flask) -> Flask:
    app.config["WTF_CSRF_ENABLED"] = False
    return app


days = st.dates(FIRST, TODAY)


@given(st.lists(st.tuples(days, days, st.integers(1, 500)), max_size=12))
def test_no_reading_changes_what_was_counted_before_its_day(
    asked: list[tuple[date, date, int]],
) -> None:
    """Whatever is entered on whatever day: each earlier day keeps its number, and each later one has the new one."""
    readings: dict[date, Reading] = {}
    everyday = [FIRST + timedelta(days=n) for n in range((TODAY - FIRST).days + 1)]
    for today, as_of, households in sorted(asked, key=lambda one: one[0]):
        if count_fault(readings.values(), as_of, today):
            assert as_of > today or any(one >= as_of for one in readings)
            continue
        before = Counts(readings.values())
        readings[as_of] = Reading(GROUP, as_of, households)
        after = Counts(readings.values())
        for day in everyday:
            expected = before.on(GROUP, day) if day < as_of else households
            assert after.on(GROUP, day) == expected


@given(st.dictionaries(days, st.integers(1, 500), max_size=8), days, days)
def test_what_a_phone_is_told_covers_every_day_of_the_time(
    readings: dict[date, int], one: date, other: date
) -> None:
    first, last = sorted((one, other))
    counts = Counts(Reading(GROUP, day, n) for day, n in readings.items())
    told = counts.between(GROUP, first, last)
    assert [reading.as_of for reading in told] == sorted((r.as_of for r in told), reverse=True)
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        newest = next((reading.households for reading in told if reading.as_of <= day), None)
        assert newest == counts.on(GROUP, day)


def test_a_clerk_writes_down_a_reading_and_everybody_sees_who_did(desk: Flask) -> None:
    cuc, lanh = sign_in(desk, "cuc").client, sign_in(desk, "lanh").client
    assert count(cuc)[0] == 303
    page = cuc.get(address("A1-2")).text
    rows = re.findall(r'<th scope="row">(.*?)</th>\s*<td class="number">(\d+)</td>', page)
    assert rows == [("01/11/2026", "31"), ("01/01/2020", "29")]
    assert "Ấp rà soát tháng 10" in page
    assert "Võ Thị Cúc" in page
    assert "Đã ghi số hộ." in page
    leader = lanh.get(address("A1-2")).text
    assert "Ấp rà soát tháng 10" in leader
    assert "Ghi số hộ mới" not in leader
    with desk.app_context():
        actions_noted = db.session.scalar(
            select(func.count()).where(AuditEvent.action == "households.counted")
        )
        assert actions_noted == 1


def test_only_who_counts_here_counts_here(desk: Flask) -> None:
    assert count(sign_in(desk, "lanh").client)[0] == 403  # the leader of the same commune only reads
    assert count(sign_in(desk, "lan").client)[0] == 403  # and who follows the group
    assert sign_in(desk, "lan").client.get(address("A1-2")).status_code == 403
    cuc = sign_in(desk, "cuc").client
    assert count(cuc, "B1-1")[0] == 404
    assert cuc.get(address("B1-1")).status_code == 404
    assert count(cuc, "A1")[0] == 404  # nobody meets there
    with desk.app_context():
        assert not db.session.scalar(select(func.count()).where(HouseholdCount.as_of > date(2020, 1, 1)))
        leader, clerk = actor(desk, "lanh"), actor(desk, "cuc")
        for who, group, code in ((leader, "A1-2", "forbidden"), (clerk, "B1-1", "not_found")):
            with pytest.raises(Problem) as problem:
                counting.count_households(who, unit_id(group), TODAY, 31)
            assert problem.value.code == code


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"as_of": "2019-12-31"}, "chưa có vào ngày ấy"), ({"as_of": "2020-01-01"}, "số liệu cũ không đổi"),
        ({"as_of": "2026-11-23"}, "Ngày này chưa tới."), ({"source": ""}, "Cần điền mục này."),
        ({"households": "0"}, "field-bad"), ({"as_of": "x"}, "field-bad"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said_at_its_field(desk: Flask, said: dict[str, str], sentence: str) -> None:
    cuc = sign_in(desk, "cuc").client
    status, page = count(cuc, **said)
    assert (status, sentence in page) == (422, True)
    assert re.findall(r'<td class="number">(\d+)</td>', cuc.get(address("A1-2")).text) == ["29"]


def test_what_was_read_today_may_be_put_right_today(desk: Flask) -> None:
    cuc = sign_in(desk, "cuc").client
    assert count(cuc, as_of="2026-11-22", households="13")[0] == 303
    assert count(cuc, as_of="2026-11-22", households="31")[0] == 303
    with desk.app_context():
        assert counts_of([unit_id("A1-2")]).on(unit_id("A1-2"), TODAY) == 31
    clock.pretend_today(date(2026, 11, 23))
    assert count(cuc, as_of="2026-11-22", households="32")[0] == 422


def test_a_new_count_leaves_old_reports_and_the_desk_as_they_were(desk: Flask) -> None:
    lan, cuc = sign_in(desk, "lan"), sign_in(desk, "cuc").client
    old = lan.operation("meeting.save", meeting(meeting_date="2026-10-18", households_present=15))
    new = lan.operation("meeting.save", meeting(households_present=15))
    lan.push(old, new)
    with desk.app_context():
        october = month_report(None, OCTOBER).total
        db.session.remove()
    assert (october.came, october.expected) == (15, 29)
    before = entry_page(cuc, old["id"])
    assert count(cuc, households="40")[0] == 303
    cuc.get(address("A1-2"))  # says that it was done, once
    with desk.app_context():
        assert month_report(None, OCTOBER).total == october
        assert month_report(None, date(2026, 11, 1)).total.expected == 40
        db.session.remove()
    assert entry_page(cuc, old["id"]) == before
    after = entry_page(cuc, new["id"])
    assert "số đã ghi nhận vào ngày họp là 40 hộ" in after
    assert "Dưới nửa số hộ dự" in after  # 15 of 40, though the author said 29
    assert "Dưới nửa số hộ dự" not in before
    queue = " ".join(cuc.get("/review/").text.split())
    assert re.findall(r"> (15/\d+)", queue) == ["15/29", "15/40"]


def test_a_phone_knows_the_counts_of_the_past_year(app: Flask) -> None:
    lan = sign_in(app, "lan")
    lan.pull()
    assert "earlier_counts" not in lan.units[str(unit_id("A1-2"))]
    with app.app_context():
        counting.count_households(None, unit_id("A1-2"), date(2024, 1, 1), 27)
        counting.count_households(None, unit_id("A1-2"), date(2025, 10, 1), 28)
        counting.count_households(None, unit_id("A1-2"), date(2026, 11, 1), 31)
        db.session.remove()
    lan.pull()
    group = lan.units[str(unit_id("A1-2"))]
    assert (group["households"], group["households_as_of"]) == (31, "2026-11-01")
    assert group["earlier_counts"] == [{"households": 28, "households_as_of": "2025-10-01"}]
