"""What every test may ask for: an app on a database of its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from threading import Thread

import pytest
from flask import Flask

from tests.support.postgres import Cluster, postgres_cluster, postgres_url
from tests.webapp import world
from webapp import clock, create_app, daily
from webapp.config import Settings
from webapp.db import db
from webapp.ops.actions import prepare_database

__all__ = ["postgres_cluster", "postgres_url"]

TODAY = date(2026, 11, 22)

MakeApp = Callable[[str], Flask]


def make_app(data: Path, database_url: str) -> Flask:
    """Make an app for a test."""
    app = create_app(Settings(data, database_url, "a key for tests", None))
    app.testing = True
    return app


@pytest.fixture(autouse=True)
def today() -> Iterator[date]:
    """Let it be one fixed day in every test that does not say otherwise."""
    clock.pretend_today(TODAY)
    yield TODAY
    clock.pretend_today(None)


class AtOnce(Thread):
    """Work that is done when it is started, and not beside."""

    def start(self) -> None:
        """Do it."""
        self.run()


@pytest.fixture(autouse=True)
def begun_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what a day brings with it be done before the first request: no test shares its clock with a thread."""
    monkeypatch.setattr(daily, "Thread", AtOnce)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file that holds the world of tests.webapp.world."""
    path = tmp_path_factory.mktemp("template") / "gandan.sqlite"
    app = make_app(path.parent, f"sqlite:///{path}")
    with app.app_context():
        prepare_database()
        world.build()
        db.session.remove()
        with db.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        db.engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Name a PostgreSQL database that holds the world of tests.webapp.world."""
    with postgres_cluster.database() as name:
        app = make_app(tmp_path_factory.mktemp("pg"), postgres_cluster.url(name))
        with app.app_context():
            prepare_database()
            world.build()
            db.session.remove()
            db.engine.dispose()
        yield name


def _sqlite_app(template: Path, folder: Path) -> Flask:
    copy = folder / "gandan.sqlite"
    shutil.copy(template, copy)
    return make_app(folder, f"sqlite:///{copy}")


@pytest.fixture
def app(sqlite_template: Path, tmp_path: Path) -> Iterator[Flask]:
    """An app on SQLite."""
    app = _sqlite_app(sqlite_template, tmp_path)
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def any_app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """The same app on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        app = _sqlite_app(request.getfixturevalue("sqlite_template"), tmp_path)
        yield app
        with app.app_context():
            db.engine.dispose()
        return
    cluster: Cluster = request.getfixturevalue("postgres_cluster")
    with cluster.database(request.getfixturevalue("postgres_template")) as name:
        app = make_app(tmp_path, cluster.url(name))
        yield app
        with app.app_context():
            db.engine.dispose()
