"""A database of every released revision, with data in its tables, becomes a present one, whole and working."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from tests.conftest import make_app
from tests.migrations import frozen
from tests.support.postgres import Cluster
from tests.webapp.world import Phone, meeting, officer_id, unit_id
from webapp.accounts.models import Device
from webapp.db import db
from webapp.resources import resource_path
from webapp.sync.models import Quarantined

REVISIONS = sorted(path.stem for path in frozen.RELEASED.glob("*.json"))
Old = tuple[Flask, frozen.Tables]


def test_every_revision_before_the_newest_is_here() -> None:
    scripts = ScriptDirectory(str(resource_path("migrations"))).walk_revisions()
    before = sorted(script.revision for script in scripts)[:-1]
    assert REVISIONS[: len(before)] == before, "keep the last one: see tests/migrations/frozen.py"


def test_they_hold_something_of_everything() -> None:
    newest = frozen.read(REVISIONS[-1])
    assert {name for name, rows in newest.items() if not rows} <= {
        "setting", "review_remark", "place_change", "handover_item",
    }  # fmt: skip


@pytest.fixture(params=REVISIONS)
def revision(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def old(request: pytest.FixtureRequest, tmp_path: Path, revision: str) -> Iterator[Old]:
    """An app on a database as it was at a revision, brought to the present one."""

    def upgraded(url: str) -> Iterator[Old]:
        app = make_app(tmp_path, url)
        tables = frozen.read(revision)
        with app.app_context():
            upgrade(revision=revision)
            with db.engine.begin() as connection:
                frozen.fill(connection, tables)
            upgrade()
        yield app, tables
        with app.app_context():
            db.session.remove()
            db.engine.dispose()

    if request.param == "sqlite":
        yield from upgraded(f"sqlite:///{tmp_path / 'old.sqlite'}")
        return
    cluster: Cluster = request.getfixturevalue("postgres_cluster")
    with cluster.database() as name:
        yield from upgraded(cluster.url(name))


def rows_of(connection: Connection, name: str, columns: list[str]) -> list[tuple[str, ...]]:
    """Read a table as the models see it, in one form for both engines."""
    table = db.metadata.tables[name]
    rows = connection.execute(select(*(table.columns[column] for column in columns)))
    return sorted(tuple(map(str, row)) for row in rows)


def test_nothing_is_lost_or_changed_on_the_way(old: Old, tmp_path: Path, revision: str) -> None:
    """Compared with the same rows put straight into the present tables of another database."""
    app, tables = old
    beside = make_app(tmp_path / "beside", f"sqlite:///{tmp_path / 'beside.sqlite'}")
    with beside.app_context():
        upgrade(revision=revision)
        with db.engine.begin() as connection:
            frozen.fill(connection, tables)
        with db.engine.connect() as connection:
            kept = {
                name: rows_of(connection, name, _columns(name, rows)) for name, rows in tables.items() if rows
            }
        db.engine.dispose()
    with app.app_context(), db.engine.connect() as connection:
        for name, rows in tables.items():
            if rows:
                now = rows_of(connection, name, _columns(name, rows))
                # A migration may let existing roles do what they could not do before; nothing is taken from them.
                same = set(kept[name]) <= set(now) if name == "role_permission" else kept[name] == now
                assert same, name


def _columns(name: str, rows: list[dict[str, Any]]) -> list[str]:
    return [column for column in rows[0] if column in db.metadata.tables[name].columns]


def test_a_phone_of_that_time_goes_on(old: Old) -> None:
    app, tables = old
    with app.app_context():
        session: Session = db.session()
        lan = session.scalars(
            select(Device).where(Device.revoked_at.is_(None)).order_by(Device.created_at)
        ).first()
        assert lan
        device, secret = lan.id, lan.secret
        waiting = len(session.scalars(select(Quarantined.id).where(Quarantined.settled.is_(None))).all())
        db.session.remove()
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["device"] = str(device)
    phone = Phone(client, Device(id=device), officer_id("lan"), secret, seq=100)
    own = [row for row in tables["meeting_revision"] if UUID(row["device_id"]) == device]
    assert len(own) >= 5
    again = phone.send(*(row["payload"] for row in own)).get_json()["outcomes"]
    assert [one["receipt"] for one in again] == [row["receipt_code"] for row in own]
    assert {one["outcome"] for one in again} == {"duplicate", "parallel"}
    phone.pull(protocol=2)
    assert set(phone.entries) == {str(UUID(row["id"])) for row in tables["meeting"]}
    assert {entry["state"] for entry in phone.entries.values()} == {"submitted", "returned", "withdrawn"}
    assert [str(UUID(row["id"])) for row in tables["petition"]] == list(phone.petitions)
    assert str(unit_id("A1-2")) in phone.units
    assert waiting == len(tables["quarantined"])
    [new] = phone.push(phone.operation("meeting.save", meeting()))
    assert new["outcome"] == "applied"
