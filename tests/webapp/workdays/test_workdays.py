"""Working days on the calendars of real years: Tết, exchanged days, a Friday night."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from click.testing import CliRunner
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from webapp import cli
from webapp.audit.models import AuditEvent
from webapp.db import db
from webapp.workdays.actions import DECREED, add_known, decree
from webapp.workdays.queries import calendar
from webapp.workdays.rules import Calendar

DAYS = st.dates(date(2020, 1, 1), date(2028, 12, 31))
PUBLIC = Calendar()
WITH_DECREES = Calendar({day: is_worked for day, is_worked, _ in DECREED})


@pytest.mark.parametrize(
    ("day", "is_worked"),
    [
        (date(2026, 2, 13), True),  # the Friday before Tết
        *(
            (date(2026, 2, 14) + timedelta(days=n), False) for n in range(9)
        ),  # 14 to 22 February, weekends with it
        (date(2026, 2, 23), True),
        (date(2026, 1, 1), False),
        (date(2026, 1, 2), False),  # exchanged for Saturday the 10th
        (date(2026, 1, 10), True),
        (date(2026, 1, 17), False),
        (date(2026, 4, 26), False),  # the kings' day is a Sunday
        (date(2026, 4, 27), False),  # and is made good on Monday
        (date(2026, 8, 22), True),  # worked for Monday the 31st
        (date(2026, 8, 31), False),
        (date(2026, 9, 1), False),
        (date(2026, 9, 2), False),
        (date(2026, 9, 3), True),
        (date(2026, 11, 24), False),  # the day of culture, new in 2026
    ],
)
def test_the_days_of_2026(day: date, is_worked: bool) -> None:  # noqa: FBT001 - a column of the table
    assert WITH_DECREES.is_worked(day) is is_worked


def test_the_library_alone_does_not_know_the_exchange_of_january() -> None:
    assert PUBLIC.is_worked(date(2026, 1, 2))
    assert not PUBLIC.is_worked(date(2026, 1, 10))


@pytest.mark.parametrize(
    ("learned", "until"),
    [
        (date(2026, 11, 20), date(2026, 11, 26)),  # Friday: Monday, Wednesday, Thursday; Tuesday is a holiday
        (date(2026, 11, 6), date(2026, 11, 11)),  # Friday in a plain week: Monday, Tuesday, Wednesday
        (date(2026, 11, 7), date(2026, 11, 11)),  # Saturday and Sunday are the same
        (date(2026, 11, 8), date(2026, 11, 11)),
        (date(2026, 2, 12), date(2026, 2, 24)),  # Friday, and two days after Tết
        (date(2025, 12, 31), date(2026, 1, 7)),  # over the exchanged 2 January
        (date(2026, 1, 8), date(2026, 1, 12)),  # Friday, the worked Saturday, Monday
        (date(2026, 8, 21), date(2026, 8, 25)),  # the worked Saturday 22 August counts
        (date(2026, 8, 28), date(2026, 9, 7)),  # over the long National Day
    ],
)
def test_three_working_days(learned: date, until: date) -> None:
    assert WITH_DECREES.after(learned, 3) == until


@given(DAYS, st.integers(0, 30))
def test_after_and_between_are_one_count(day: date, count: int) -> None:
    until = WITH_DECREES.after(day, count)
    assert WITH_DECREES.between(day, until) == count
    assert count == 0 or WITH_DECREES.is_worked(until)


@given(DAYS, st.booleans())
def test_what_was_decreed_has_the_last_word(day: date, is_worked: bool) -> None:  # noqa: FBT001 - drawn
    assert Calendar({day: is_worked}).is_worked(day) is is_worked


def test_decrees_are_rows_and_the_last_one_holds(any_app: Flask) -> None:
    with any_app.app_context():
        assert not calendar().is_worked(date(2026, 1, 2))
        decree(date(2026, 12, 31), "Quyết định thử", is_worked=False)
        add_known()  # what comes with the software does not undo it
        assert not calendar().is_worked(date(2026, 12, 31))
        decree(date(2026, 12, 31), "Quyết định thử 2", is_worked=True)
        assert calendar().is_worked(date(2026, 12, 31))
        assert (
            db.session.scalars(select(AuditEvent.action).where(AuditEvent.record_kind == "special_day")).all()
            == ["workdays.decreed"] * 2
        )


def test_a_decree_is_given_at_the_console(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "create_app", lambda: app)
    said = CliRunner().invoke(cli.main, ["workday", "2026-12-05", "Quyết định thử", "--worked"])
    assert said.output == "2026-12-05 is a working day: Quyết định thử\n"
    with app.app_context():
        assert calendar().is_worked(date(2026, 12, 5))
