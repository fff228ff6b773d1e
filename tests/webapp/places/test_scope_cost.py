"""A person's scope costs the same in the whole country as in one district of it, on both engines."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import Select, event, func, insert, select, text

from tests.conftest import make_app
from tests.support.plans import plan_of
from tests.support.postgres import Cluster
from tests.webapp.demo.test_actions import empty_app
from webapp import cli, clock
from webapp.accounts.models import Officer
from webapp.accounts.rules import Actor, Grant
from webapp.db import db, transaction
from webapp.meetings.models import MeetingEntry
from webapp.permissions import DEFAULT_ROLES, Permission
from webapp.places.country import _units
from webapp.places.models import Unit, UnitVersion
from webapp.places.presets import PRESETS
from webapp.places.queries import below, versions_on
from webapp.places.rows import write_units
from webapp.places.unit_types import add_types
from webapp.review.queries import Filters, queue
from webapp.sync.models import Feed
from webapp.sync.scope import scope_of

LISTED, SINCE = "2025-01-04", date(2024, 1, 1)
DISTRICT = "831"
"""Châu Thành, Bến Tre."""
GROUPS, ENTRIES = 12, 3
NAMES = UUID("6f0d7c0e-0000-4000-8000-0000000000c0")
AUTHOR = uuid5(NAMES, "author")


def district_alone() -> None:
    """Take in one district of the list, and what lies above it."""
    rows = list(_units(LISTED, SINCE))
    (district,) = (row for row in rows if row["official_code"] == DISTRICT and row["type_code"] == "district")
    lies_in = {district["id"], district["parent_id"]}
    with transaction() as session:
        add_types(
            session, {kind.code: kind for one in ("district", "area") for kind in PRESETS[one]}.values()
        )
        session.flush()
        write_units(
            session, [row for row in rows if row["id"] in lies_in or row["parent_id"] == district["id"]]
        )


def settle_groups() -> None:
    """Put groups with their entries into every commune: a dozen into each of the district, one into the others."""
    (district,) = db.session.scalars(select(Unit.id).where(Unit.official_code == DISTRICT))
    communes = db.session.execute(select(Unit.id, Unit.parent_id).where(Unit.base_id == Unit.id)).all()
    groups = {
        uuid5(commune, str(n)): commune
        for commune, parent in communes for n in range(GROUPS if parent == district else 1)
    }  # fmt: skip
    now = clock.now()
    with transaction() as session:
        session.add(Officer(id=AUTHOR, full_name="Người Ghi", sort_name="", title="Cán bộ", kind="commune"))
        session.execute(insert(Feed), [{"unit_id": commune, "seq": 9} for commune, _ in communes])
        write_units(session, [
            {"id": uuid5(commune, "hamlet"), "type_code": "hamlet", "base_id": commune, "parent_id": commune,
             "name": "Ấp 1", "valid_from": SINCE}
            for commune, _ in communes
        ])  # fmt: skip
        write_units(session, [
            {"id": group, "type_code": "group", "base_id": commune, "parent_id": uuid5(commune, "hamlet"),
             "name": "Tổ", "valid_from": SINCE}
            for group, commune in groups.items()
        ])  # fmt: skip
        session.execute(insert(MeetingEntry), [
            {"id": uuid5(group, f"entry{n}"), "unit_id": group, "author_id": AUTHOR, "feed_unit_id": commune,
             "feed_seq": n, "rev": 1, "op_id": uuid5(group, f"op{n}"), "state": "submitted" if n else "accepted",
             "recorded_at": now, "received_at": now - timedelta(days=n), "receipt_code": "", "status": "held",
             "meeting_date": clock.today() - timedelta(days=n), "format": "regular", "theme": "", "petition_count": 0}
            for group, commune in groups.items() for n in range(ENTRIES)
        ])  # fmt: skip
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))  # as engines do by themselves in the long run
    db.session.remove()


def person(role: str, *units: UUID) -> Actor:
    """Return somebody who holds a role at these units."""
    allowed = next(one.permissions for one in DEFAULT_ROLES if one.code == role)
    grants = tuple(Grant(role, unit, allowed, SINCE, None) for unit in units)
    return Actor(AUTHOR, AUTHOR, AUTHOR, "Người Ghi", "", grants)


def people() -> dict[str, Actor]:
    """Return people of three tiers of the district, the same in both databases."""
    (district,) = db.session.scalars(select(Unit.id).where(Unit.official_code == DISTRICT))
    commune = min(db.session.scalars(select(Unit.id).where(Unit.parent_id == district)))
    groups = [uuid5(commune, str(n)) for n in range(2)]
    return {
        "whoever follows two groups": person("group_officer", *groups),
        "the commune": person("commune_clerk", commune),
        "the district": person("district_reviewer", district),
    }


def questions(roots: Collection[UUID]) -> dict[str, Select[Any]]:
    """Return what everything else is made of: the units, groups and entries of a scope."""
    today = clock.today()
    inside = select(below(roots, today).c.id)
    return {
        "units": inside,
        "groups": select(UnitVersion.name).where(
            UnitVersion.unit_id.in_(inside), UnitVersion.type_code == "group", versions_on(today)
        ),
        "entries": select(MeetingEntry.id).where(
            MeetingEntry.unit_id.in_(inside), MeetingEntry.state == "submitted"
        ),
    }


def reads_of(actor: Actor) -> dict[str, Callable[[], object]]:
    """Return what people ask for all day: the questions of their scope, what their phone may know, their queue."""

    def asking(question: Select[Any]) -> Callable[[], object]:
        return lambda: db.session.execute(question).all()

    reads = {name: asking(question) for name, question in questions(roots_of(actor)).items()}
    return reads | {"phone": lambda: scope_of(actor), "queue": lambda: queue(actor, Filters())}


def roots_of(actor: Actor) -> frozenset[UUID]:
    today = clock.today()
    return actor.roots(Permission.READ_MEETING, today) or actor.roots(Permission.RECORD_MEETING, today)


def work_of(read: Callable[[], object]) -> int:
    """Return how much an engine does: instructions on SQLite, rows that each step read or threw away on PostgreSQL."""
    if db.engine.dialect.name == "sqlite":
        return _steps_of(read)
    asked: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, values: Any, *_: object) -> None:
        asked.append((statement, values))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        read()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    connection, rows = db.session.connection(), 0
    for statement, values in asked:
        told = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}", values)
        rows += _rows_of(told.scalar_one()[0]["Plan"])
    return rows


def _steps_of(read: Callable[[], object]) -> int:
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    connection = db.session.connection().connection.driver_connection
    assert isinstance(connection, sqlite3.Connection)
    connection.set_progress_handler(count, 1)
    try:
        read()
    finally:
        connection.set_progress_handler(None, 1)
    return steps


def _rows_of(plan: dict[str, Any]) -> int:
    thrown = plan.get("Rows Removed by Filter", 0) + plan.get("Rows Removed by Join Filter", 0)
    own = (plan["Actual Rows"] + thrown) * plan["Actual Loops"]
    return int(own) + sum(map(_rows_of, plan.get("Plans", ())))


@dataclass(frozen=True)
class Measured:
    """What each read of each person cost in a database, and how it goes about the commune's questions."""

    units: int
    entries: int
    work: dict[tuple[str, str], int]
    plans: dict[str, str]


def measure(app: Flask) -> Measured:
    """Put groups and entries into a tree, and measure there."""
    with app.app_context():
        settle_groups()
        if db.engine.dialect.name == "postgresql":
            # as docs/operations.md says, for disks without arms
            db.session.execute(text("SET random_page_cost = 1.1"))
        actors = people()
        found = Measured(
            db.session.scalars(select(func.count(Unit.id))).one(),
            db.session.scalars(select(func.count(MeetingEntry.id))).one(),
            {
                (who, what): work_of(read)
                for who, one in actors.items()
                for what, read in reads_of(one).items()
            },
            {
                name: plan_of(question)
                for name, question in questions(roots_of(actors["the commune"])).items()
            },
        )
        db.session.remove()
        db.engine.dispose()
    return found


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def urls(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Two empty databases of one engine."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'district.sqlite'}", f"sqlite:///{tmp_path / 'country.sqlite'}"
        return
    cluster: Cluster = request.getfixturevalue("postgres_cluster")
    with cluster.database() as one, cluster.database() as other:
        yield cluster.url(one), cluster.url(other)


@pytest.mark.slow
def test_a_scope_costs_the_same_in_the_country_as_in_a_district(
    urls: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = empty_app(tmp_path, urls[0])
    with alone.app_context():
        district_alone()
    district = measure(alone)
    monkeypatch.setenv("DATABASE_URL", urls[1])
    monkeypatch.setenv("GANDAN_DATA", str(tmp_path))
    command = ["import", "units", "--preset", "before-2025", "--since", SINCE.isoformat()]
    done = CliRunner().invoke(cli.main, command)
    assert "10810 units made or changed." in done.output
    country = measure(make_app(tmp_path, urls[1]))
    print(f"\n{urls[1].partition(':')[0]}: {district.units} units and {district.entries} entries;"  # noqa: T201 - figures
          f" {country.units} and {country.entries}")  # fmt: skip
    for (who, what), cost in district.work.items():
        print(f"  {who}, {what}: {cost} -> {country.work[who, what]}")  # noqa: T201 - figures, with -s
    more = (
        1.2 if urls[1].startswith("sqlite") else 2.5
    )  # PostgreSQL's planner chooses as the sizes of tables suggest
    assert country.entries > 20 * more * district.entries
    for key, cost in district.work.items():
        assert country.work[key] <= more * cost, (key, country.plans)
    for plan in country.plans.values():
        assert "ix_unit_version_parent_id" in plan, plan
        assert not re.search(r"(SCAN|Seq Scan on) (unit|unit_version|meeting)\b", plan), plan
