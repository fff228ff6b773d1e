"""What groups were told of what was due: the rule, and that each number opens the list it counts."""

from __future__ import annotations

import re
from datetime import date, timedelta
from uuid import UUID

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from tests.webapp.petitions.acting import actor, do, raised, step
from tests.webapp.petitions.test_pages import on_board
from tests.webapp.world import sign_in
from webapp import clock
from webapp.petitions.board import Span, overdue_until
from webapp.petitions.board import returned as returned_to
from webapp.petitions.rules import Deed, returned, waited

waits = st.lists(st.integers(0, 500))


@given(waits, st.integers(0, 50))
def test_the_figure_is_a_share_and_a_middle(days: list[int], owed: int) -> None:
    found = returned(days, owed)
    assert found.due == len(days) + owed
    assert (found.share is None) == (found.due == 0)
    assert (found.days is None) == (not days)
    if found.share is not None:
        assert 0 <= found.share <= 1
        assert (found.share == 1) == (owed == 0)
    if found.days is not None:
        assert sum(day <= found.days for day in days) * 2 >= len(days)
        assert sum(day >= found.days for day in days) * 2 >= len(days)
    assert returned(sorted(days), owed) == found


@given(waits, st.integers(0, 50), st.integers(0, 500))
def test_to_tell_a_group_never_makes_it_worse_and_to_leave_one_lying_never_better(
    days: list[int], owed: int, more: int
) -> None:
    share = returned(days, owed).share or 0
    assert (returned([*days, more], owed).share or 0) >= share
    assert (returned([*days, more], max(0, owed - 1)).share or 0) >= share
    assert (returned(days, owed + 1).share or 0) <= share


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(-40, 400))
def test_nobody_waits_less_than_no_day(raised_on: date, days: int) -> None:
    assert waited(raised_on, raised_on + timedelta(days=days)) == max(0, days)


@pytest.fixture
def lived(any_app: Flask) -> tuple[Flask, date]:
    """Four petitions, a month later: one told, one answered and not told, one nobody looked at, one still in time."""
    any_app.config["WTF_CSRF_ENABLED"] = False
    start = clock.today()
    told, silent, _, _ = (
        raised(any_app, title=one) for one in ("Được báo", "Không ai báo", "Bỏ quên", "Mở lại")
    )
    again = _named(any_app, "Mở lại")
    with any_app.app_context():
        for wish in (told, silent, again):
            do("cuc", wish, Deed.ASSIGN, Deed.RESOLVE)
        clock.pretend_today(start + timedelta(days=12))
        day = clock.today()
        do("lan", told, step(Deed.FEED_BACK, day=day))
        do("lan", again, step(Deed.FEED_BACK, day=day))
        do("lan", again, Deed.REOPEN)
        do("cuc", again, step(Deed.ASSIGN, day=start + timedelta(days=300)))
    clock.pretend_today(start + timedelta(days=60))
    raised(any_app, title="Còn hạn")
    return any_app, start


def _named(app: Flask, title: str) -> UUID:
    page = sign_in(app, "cuc").client.get("/petitions/").text
    found = re.search(rf'href="/petitions/([0-9a-f-]+)">{title}<', page)
    assert found is not None
    return UUID(found.group(1))


def test_each_number_opens_the_list_it_counts(lived: tuple[Flask, date]) -> None:
    app, start = lived
    span = Span(start, clock.today())
    who_knows = {"cuc": True, "rang": True, "lan": True, "xuan": False, "kinh": False}
    with app.app_context():
        figures = {who: returned_to(actor(who), span) for who in who_knows}
    for who, known in who_knows.items():
        client = sign_in(app, who).client
        told = on_board(client, told=str(span))
        owed = on_board(client, due=overdue_until(span).isoformat())
        expected = ({"Được báo"}, {"Không ai báo", "Bỏ quên"}) if known else (set(), set())
        assert (set(told), set(owed)) == expected, who
        assert (figures[who].told, figures[who].owed) == (len(told), len(owed)), who
        # It was written down on the phone on 18 November, and told twelve days after it came.
        assert figures[who].days == ((start - date(2026, 11, 18)).days + 12 if known else None)


def test_days_before_the_first_telling_hold_nothing_told(lived: tuple[Flask, date]) -> None:
    app, start = lived
    with app.app_context():
        early = Span(start - timedelta(days=30), start + timedelta(days=11))
        assert returned_to(actor("cuc"), early).told == 0
        late = Span(start + timedelta(days=13), clock.today())
        assert returned_to(actor("cuc"), late).told == 0
        assert returned_to(actor("cuc"), late).owed == 2
    assert on_board(sign_in(app, "cuc").client, told=str(early)) == []


def test_the_board_and_the_month_say_the_figure(lived: tuple[Flask, date]) -> None:
    app, start = lived
    client = sign_in(app, "cuc").client
    board = client.get("/petitions/").text
    assert "1 trên 3 việc đến hạn" in board
    assert f"told={clock.today() - timedelta(days=90)}..{clock.today()}" in board
    for address in re.findall(r'href="(/petitions/\?[^"]*(?:told|due)=[^"]*)"', board):
        assert client.get(address).status_code == 200
    first = (start + timedelta(days=12)).replace(day=1)
    month = client.get(f"/reports/month?month={first:%Y-%m}").text
    assert "Đã phản hồi về tổ" in month
    assert f"told={first}.." in month


@pytest.mark.parametrize(
    "asked", ["x", "2026-11-01", "2026-11-30..2026-11-01", "..", "2026-11-01..2026-11-02..2026-11-03"]
)
def test_what_makes_no_sense_is_no_filter(asked: str) -> None:
    assert Span.read(asked) is None


@given(st.dates(date(2000, 1, 2), date(2100, 1, 1)), st.integers(0, 400))
def test_some_days_are_read_as_they_are_written(first: date, days: int) -> None:
    span = Span(first, first + timedelta(days=days))
    assert Span.read(str(span)) == span
