"""The database session, its column types, and the one way to open a write transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    CursorResult,
    DateTime,
    Engine,
    Executable,
    Insert,
    MetaData,
    Table,
    Uuid,
    event,
    insert,
)
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator
from uuid_utils.compat import uuid7

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Dialect
    from sqlalchemy.orm import Session

_WRITE = "gandan_write"


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, stored in UTC on every engine and read back aware."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive moments: they would mean something else on every machine."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Read every moment back as UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Model(DeclarativeBase):
    """The base of every table; constraint names are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime(), UUID: Uuid()}  # noqa: RUF012 - SQLAlchemy's own convention


db = SQLAlchemy(metadata=Model.metadata)


def table_of(model: type[Any]) -> Table:
    """Return the table behind a model, for writing rows without making objects of them."""
    return cast("Table", model.__table__)


def run(statement: Executable, values: Any = None) -> CursorResult[*tuple[Any, ...]]:  # noqa: ANN401 - one row or many
    """Run a statement on the session's connection, past the session's own machinery.

    For the statements of the exchange, which are many and speak of columns, not of objects: it halves
    their cost. Objects the session already holds do not see what is written this way.
    """
    return db.session.connection().execute(statement, values)


@cache
def insertion(model: Any) -> Insert:  # noqa: ANN401 - a model: mypy does not take classes for hashable
    """Return the statement that writes rows of a model."""
    return insert(table_of(model))


def new_id() -> UUID:
    """Mint a UUIDv7: unique anywhere, in order of time."""
    return uuid7()


@contextmanager
def transaction() -> Iterator[Session]:
    """Open the write transaction of one action: commit at the end, roll everything back on any error.

    On SQLite it begins IMMEDIATE, so that what the action reads cannot change before it writes. A
    transaction opened inside another joins it. Rows loaded before belong to an earlier snapshot and
    are expired.
    """
    session = db.session()
    if session.info.get(_WRITE):
        yield session
        return
    session.rollback()
    session.info[_WRITE] = True
    try:
        session.connection(execution_options={_WRITE: True})
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.pop(_WRITE, None)


def prepare_engine(engine: Engine) -> None:
    """Make SQLite durable and truly transactional.

    The driver's own transaction handling is switched off: with its default, a row written in a
    savepoint survived the rollback of the transaction around it.
    """
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, record: Any) -> None:  # noqa: ANN401, ARG001 - the driver's own types
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITE)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
