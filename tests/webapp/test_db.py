"""What the database must promise before anything else is built on it."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import IntegrityError, StatementError

from webapp.audit.models import AuditEvent
from webapp.db import db, new_id, transaction
from webapp.ops.models import Setting


def _count() -> int:
    return db.session.scalar(select(func.count()).select_from(Setting)) or 0


def test_an_outer_rollback_leaves_nothing(any_app: Flask) -> None:
    with any_app.app_context():
        before = _count()
        with pytest.raises(RuntimeError), transaction() as session:  # noqa: PT012 - the whole is what fails
            session.add(Setting(key="outer", value=""))
            with session.begin_nested():
                session.add(Setting(key="inner", value=""))
            raise RuntimeError
        assert _count() == before


def test_a_failed_savepoint_leaves_the_rest(any_app: Flask) -> None:
    with any_app.app_context():
        with transaction() as session:
            session.add(Setting(key="a", value=""))
            session.flush()
            with pytest.raises(IntegrityError), session.begin_nested():
                session.execute(insert(Setting), [{"key": "b", "value": ""}, {"key": "a", "value": ""}])
            session.add(Setting(key="c", value=""))
        assert set(db.session.scalars(select(Setting.key))) >= {"a", "c"}
        assert "b" not in set(db.session.scalars(select(Setting.key)))


def test_a_transaction_inside_another_joins_it(any_app: Flask) -> None:
    with any_app.app_context():
        with pytest.raises(RuntimeError), transaction():  # noqa: PT012 - the whole is what fails
            with transaction() as session:
                session.add(Setting(key="joined", value=""))
            raise RuntimeError
        assert "joined" not in set(db.session.scalars(select(Setting.key)))


def test_writers_wait_for_each_other_and_lose_nothing(any_app: Flask) -> None:
    with any_app.app_context(), transaction() as session:
        session.add(Setting(key="n", value="0"))

    def add() -> None:
        for _ in range(10):
            with any_app.app_context():
                with transaction() as session:
                    row = session.get_one(Setting, "n", with_for_update=True)
                    row.value = str(int(row.value) + 1)
                db.session.remove()

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with any_app.app_context():
        assert db.session.get_one(Setting, "n").value == "40"


def test_moments_are_aware_and_come_back_in_utc(any_app: Flask) -> None:
    moment = datetime(2026, 11, 22, 19, 30, 0, 123000, tzinfo=UTC)
    row = {"actor_id": None, "action": "x", "record_kind": "x", "record_id": None, "unit_id": None}
    with any_app.app_context():
        with transaction() as session:
            session.execute(insert(AuditEvent), [row | {"id": new_id(), "at": moment}])
        assert db.session.scalars(select(AuditEvent.at).where(AuditEvent.action == "x")).one() == moment
        with pytest.raises((StatementError, ValueError)):
            db.session.execute(
                insert(AuditEvent), [row | {"id": new_id(), "at": moment.replace(tzinfo=None)}]
            )


def test_sqlite_is_durable_and_keeps_its_references(app: Flask) -> None:
    with app.app_context():
        pragma = {
            name: db.session.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragma == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
