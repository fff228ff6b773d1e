"""Ten thousand open petitions: a page of the board, and each filter of it, reads little more than it shows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import product
from time import perf_counter
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import event, func, insert, select, text

from tests.support.plans import plan_of
from tests.webapp.petitions.acting import actor
from tests.webapp.world import unit_id
from webapp import clock
from webapp.accounts.models import Officer
from webapp.db import db, transaction
from webapp.notices.queries import sheet
from webapp.permissions import Permission
from webapp.petitions import rules
from webapp.petitions.board import (
    HEARD,
    PAGE,
    Filters,
    Lane,
    Span,
    board,
    counted_in,
    page_of,
    returned,
    scope_of,
)
from webapp.petitions.models import PetitionEvent, PetitionRecord
from webapp.petitions.records import Topic, Urgency
from webapp.petitions.rules import Deed, State
from webapp.places.models import Unit
from webapp.places.rows import write_units
from webapp.sync.models import Feed

DISTRICT = unit_id("district")
COMMUNES, OPEN, DONE = 20, 10_000, 4_000
STATES = (*sorted(rules.OPEN), State.FED_BACK)
FILTERS = {
    "all that is open": Filters(),
    "overdue": Filters(late=True),
    "waiting": Filters(Lane.WAITING),
    "working": Filters(Lane.WORKING),
    "owed": Filters(Lane.OWED),
    "one state": Filters(state=State.ON_HOLD),
    "one state, overdue": Filters(state=State.RAISED, late=True),
    "one kind": Filters(category="education"),
    "settled": Filters(Lane.DONE),
    "told": Filters(Lane.TOLD),
    "urgent": Filters(urgency="urgent"),
    "urgent and settled": Filters(Lane.DONE, urgency="urgent"),
    "one kind, settled": Filters(Lane.DONE, category="education"),
}
NARROW = {
    "old": Filters(older=90),
    "one kind, waiting": Filters(Lane.WAITING, category="roads"),
    "urgent and owed": Filters(Lane.OWED, urgency="urgent"),
    "old and settled": Filters(Lane.DONE, older=90),
}
"""Walks of what is open in a commune, or was settled lately, until a page is full: never of what only grows."""


@pytest.fixture
def full(any_app: Flask) -> Iterator[Flask]:
    """The world with twenty communes more, and ten thousand petitions in them."""
    with any_app.app_context():
        with transaction() as session:
            groups: list[tuple[UUID, UUID]] = []
            for n in range(COMMUNES):
                commune, hamlet = uuid4(), uuid4()
                rows: list[dict[str, Any]] = [
                    {"id": commune, "type_code": "commune", "name": f"Xã {n}", "parent_id": DISTRICT},
                    {"id": hamlet, "type_code": "hamlet", "name": f"Ấp {n}", "parent_id": commune},
                ]
                for g in range(10):
                    groups.append((commune, uuid4()))
                    group = {"id": groups[-1][1], "type_code": "group", "name": f"Tổ {n}-{g}"}
                    rows.append(group | {"parent_id": hamlet})
                for row in rows:
                    write_units(
                        session,
                        [row | {"base_id": commune, "valid_from": clock.today() - timedelta(days=900)}],
                    )
                session.add(Feed(unit_id=commune, seq=0))
            session.flush()
            authors = [uuid4() for _ in range(200)]
            session.add_all(
                Officer(id=one, full_name="Người Ghi", sort_name="", title="Cán bộ", kind="commune")
                for one in authors
            )
            session.flush()
            now, today = clock.now(), clock.today()
            petitions, events = [], []
            for n in range(OPEN + DONE):
                commune, place = groups[n % len(groups)]
                state = STATES[n % len(STATES)] if n < OPEN else State.CLOSED
                since = now - timedelta(minutes=n * 17 % 200_000)
                ident, answer = uuid4(), uuid4()
                if state in HEARD:
                    events += [
                        {
                            "id": one, "petition_id": ident, "seq": seq, "deed": deed.value, "relation": "home",
                            "actor_id": authors[0], "about_id": about, "said": said, "recorded_at": since,
                            "received_at": since,
                        }
                        for seq, (one, deed, about, said) in enumerate((
                            (answer, Deed.ANSWER, None, '{"text":"Đã làm."}'),
                            (uuid4(), Deed.FEED_BACK, answer, f'{{"day":"{since:%Y-%m-%d}","view":"agreed"}}'),
                        ), 1)
                    ]  # fmt: skip
                petitions.append({
                    "id": ident, "unit_id": place, "author_id": authors[n % len(authors)], "feed_unit_id": commune,
                    "feed_seq": n, "rev": 1, "op_id": uuid4(), "state": state.value, "recorded_at": since,
                    "received_at": since, "receipt_code": "", "title": f"Việc {n}", "meeting_id": None,
                    "category": list(Topic)[n % 19].value, "urgency": list(Urgency)[(n % 50 == 0) * 2].value,
                    "level": "local", "people_affected": None, "since": since, "event_seq": 0,
                    "next_by": today + timedelta(days=n * 7 % 90 - 20) if state in rules.OPEN else None,
                    "owner_unit_id": None if state in rules.WAITING else commune,
                    "ending_id": answer if state in HEARD else None,
                })  # fmt: skip
            session.execute(insert(PetitionRecord), petitions)
            session.execute(insert(PetitionEvent), events)
        with transaction() as session:
            session.execute(text("ANALYZE"))
        yield any_app


@contextmanager
def plans_seen() -> Iterator[list[str]]:
    """Note how the database goes about each statement that reads petitions or what happened to them."""
    said: list[tuple[str, Any]] = []
    plans: list[str] = []

    def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        said.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    yield plans
    event.remove(db.engine, "before_cursor_execute", note)
    explain = "EXPLAIN QUERY PLAN" if db.engine.dialect.name == "sqlite" else "EXPLAIN (ANALYZE, TIMING OFF)"
    for statement, parameters in said:
        if "petition" in statement:
            rows = db.session.connection().exec_driver_sql(f"{explain} {statement}", parameters)
            plans.append("\n".join(str(row[-1]) for row in rows))


def walked(plan: str) -> int:
    """Return how many rows of petitions PostgreSQL read, index entries that a filter threw away included."""
    scans = re.findall(
        r"(?:Index|Seq|Bitmap)[^\n]*on petition[^\n]*rows=([\d.]+) loops=(\d+)\)([^>]*)",
        plan.split("SubPlan", maxsplit=1)[0],
    )
    thrown = sum(int(n) for n in re.findall(r"Rows Removed by Filter: (\d+)", plan))
    return int(sum(float(rows) * int(loops) for rows, loops, _ in scans)) + thrown


@pytest.mark.slow
def test_each_list_is_walked_in_its_order_and_no_further_than_a_page(full: Flask) -> None:
    for who, (name, filters) in product(("rang", "cuc"), (FILTERS | NARROW).items()):
        scope = scope_of(actor(who))
        plan = plan_of(page_of(scope, filters))
        said = f"{who}, {name}:\n{plan}"
        walks = len(scope.feeds) * max(1, len(rules.OPEN))
        if db.engine.dialect.name == "sqlite":
            assert "SCAN petition\n" not in f"{plan}\n", said  # never the whole table
            assert len(
                re.findall(
                    r"SEARCH petition USING (?:COVERING )?INDEX ix_petition_(?:next|state|since|category|urgency)",
                    plan,
                )
            ) >= len(scope.feeds), said
        else:
            assert "Seq Scan on petition " not in plan, said
            most = OPEN if name in NARROW else walks * (PAGE + 1)
            assert walked(plan) <= most, said


@pytest.mark.slow
def test_the_district_s_board_is_a_page_in_a_handful_of_statements(full: Flask) -> None:
    reviewer, counted = actor("rang"), Counter[str]()
    assert len(scope_of(reviewer).feeds) == COMMUNES + 2

    def count(*_: Any) -> None:
        counted[name] += 1

    event.listen(db.engine, "before_cursor_execute", count)
    took: dict[str, float] = {}
    for name, filters in (FILTERS | NARROW).items():
        start = perf_counter()
        found = board(reviewer, filters)
        took[name] = perf_counter() - start
        assert len(found.rows) == PAGE, name
        assert len({row.petition.id for row in found.rows}) == PAGE
    event.remove(db.engine, "before_cursor_execute", count)
    assert max(counted.values()) <= 8, counted
    print({name: f"{1000 * seconds:.0f} ms" for name, seconds in took.items()})  # noqa: T201 - figures, with -s
    open_ones = board(reviewer, Filters())
    assert sum(open_ones.counts.values()) == OPEN


@pytest.mark.slow
def test_the_numbers_of_the_tabs_read_what_is_not_done_and_nothing_else(full: Flask) -> None:
    with transaction() as session:  # years go by
        more = text("UPDATE petition SET state = 'closed', next_by = NULL WHERE category <> 'education'")
        session.execute(more)
    with transaction() as session:
        session.execute(text("ANALYZE"))
    left = len(
        db.session.scalars(select(PetitionRecord.id).where(PetitionRecord.state != State.CLOSED)).all()
    )
    assert left < (OPEN + DONE) / 15
    for filters in (FILTERS | NARROW).values():
        plan = plan_of(counted_in(scope_of(actor("rang")), filters))
        if db.engine.dialect.name == "sqlite":
            assert "SCAN petition\n" not in f"{plan}\n", plan
            assert re.search(r"INDEX ix_petition_(?:state|since)\w* \(feed_unit_id=\? AND state=\?", plan), (
                plan
            )
        else:
            assert walked(plan) <= 2 * left, plan


def test_nothing_is_open_in_a_channel(full: Flask) -> None:
    assert not board(actor("rang"), Filters(channel="denunciation")).rows


def test_a_part_of_a_commune_is_asked_for_by_its_groups(full: Flask) -> None:
    scope = scope_of(actor("lan"))
    assert scope.feeds == []
    assert {len(units) for units in scope.parts.values()} == {2}
    assert actor("lan").roots(Permission.READ_MEETING, clock.today()) == frozenset()
    assert db.session.get_one(Unit, unit_id("A1-2")).feed_unit_id in scope.parts


def test_a_sheet_reads_the_petitions_of_its_groups_only(full: Flask) -> None:
    group = db.session.scalars(select(Unit).where(Unit.name == "Tổ 3-4")).one()
    hamlet = db.session.get_one(Unit, group.parent_id)
    today = clock.today()
    for place, groups in ((group, 1), (hamlet, 10)):
        with plans_seen() as plans:
            found = sheet(actor("rang"), place.id, today.replace(day=1), today)
        assert found is not None
        assert len(plans) == 2, plans  # the petitions, and what happened to them
        held = groups * (OPEN + DONE) // (COMMUNES * 10)
        for plan in plans:
            if db.engine.dialect.name == "sqlite":
                assert "SCAN petition" not in plan, plan
            else:
                assert "Seq Scan on petition" not in plan, plan
        if db.engine.dialect.name == "sqlite":
            assert "SEARCH petition USING INDEX ix_petition_unit" in plans[0], plans[0]
        else:
            assert walked(plans[0]) <= held, plans[0]


@pytest.mark.slow
def test_the_figure_reads_what_is_overdue_and_what_was_told_lately(full: Flask) -> None:
    reviewer, today = actor("rang"), clock.today()
    span = Span(today - timedelta(days=30), today)
    with plans_seen() as plans:
        figure = returned(reviewer, span)
    assert figure.owed
    assert figure.told
    lately = db.session.scalar(
        select(func.count())
        .select_from(PetitionRecord)
        .where(PetitionRecord.state.in_(HEARD), PetitionRecord.since >= span.moments()[0])
    )
    assert lately
    assert len(plans) == 3, plans  # who heard, when, and what is overdue
    for plan in plans:
        if db.engine.dialect.name == "sqlite":
            assert "SCAN petition\n" not in f"{plan}\n", plan
        else:
            assert "Seq Scan on petition " not in plan, plan
    if db.engine.dialect.name != "sqlite":
        assert walked(plans[0]) == lately, plans[0]
        assert walked(plans[2]) == figure.owed, plans[2]
