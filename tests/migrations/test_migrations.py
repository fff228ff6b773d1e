"""Migrations are numbered, linear, and say what the models say."""

from __future__ import annotations

from pathlib import Path

from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import check, downgrade, upgrade
from sqlalchemy import inspect

from tests.conftest import make_app
from webapp.db import db
from webapp.resources import resource_path


def test_they_are_one_numbered_line() -> None:
    scripts = ScriptDirectory(str(resource_path("migrations")))
    numbers = [script.revision for script in scripts.walk_revisions()][::-1]
    assert numbers == [f"{n:04d}" for n in range(1, len(numbers) + 1)]
    assert all(not isinstance(script.down_revision, tuple) for script in scripts.walk_revisions())


def test_models_have_not_drifted_from_them(any_app: Flask) -> None:
    with any_app.app_context():
        check()


def test_they_go_down_and_up_again(tmp_path: Path) -> None:
    app = make_app(tmp_path, f"sqlite:///{tmp_path / 'x.sqlite'}")
    with app.app_context():
        upgrade()
        tables = set(inspect(db.engine).get_table_names())
        downgrade(revision="base")
        assert set(inspect(db.engine).get_table_names()) == {"alembic_version"}
        upgrade()
        assert set(inspect(db.engine).get_table_names()) == tables
        db.engine.dispose()
