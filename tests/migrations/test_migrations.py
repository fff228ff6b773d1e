"""Migrations are numbered, linear, and say what the models say."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import check, downgrade, upgrade
from sqlalchemy import inspect

from tests.conftest import make_app
from tests.migrations import frozen
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


def test_0013_folds_the_names_that_are_there(tmp_path: Path) -> None:
    app = make_app(tmp_path, f"sqlite:///{tmp_path / 'x.sqlite'}")
    with app.app_context():
        upgrade(revision="0012")
        with db.engine.begin() as connection:
            connection.exec_driver_sql(
                "INSERT INTO officer (id, full_name, sort_name, title, kind)"
                " VALUES ('01', 'Đỗ  Thị Ưng', '', '', ''), ('02', 'An', '', '', '')"
            )
        upgrade(revision="0013")
        with db.engine.begin() as connection:
            folded = connection.exec_driver_sql("SELECT folded_name FROM officer ORDER BY id").scalars().all()
        assert folded == ["do thi ung", "an"]
        downgrade(revision="0012")
        db.engine.dispose()


def test_0008_lets_clerks_and_administrators_count(tmp_path: Path) -> None:
    app = make_app(tmp_path, f"sqlite:///{tmp_path / 'x.sqlite'}")
    with app.app_context():
        upgrade(revision="0007")
        with db.engine.begin() as connection:
            connection.exec_driver_sql(
                "INSERT INTO role VALUES ('commune_clerk', 'x', 'x'), ('group_officer', 'x', 'x'),"
                " ('administrator', 'x', 'x')"
            )
        upgrade(revision="0008")
        with db.engine.begin() as connection:
            rights = connection.exec_driver_sql("SELECT * FROM role_permission ORDER BY role_code").all()
        assert rights == [("administrator", "count_households"), ("commune_clerk", "count_households")]
        downgrade(revision="0007")
        with db.engine.begin() as connection:
            assert not connection.exec_driver_sql("SELECT * FROM role_permission").all()
        db.engine.dispose()


def test_0004_gives_every_unit_its_first_version(tmp_path: Path) -> None:
    app = make_app(tmp_path, f"sqlite:///{tmp_path / 'x.sqlite'}")
    with app.app_context():
        upgrade(revision="0003")
        with db.engine.begin() as connection:
            connection.exec_driver_sql(
                "INSERT INTO unit_type VALUES ('district', 2, 'Huyện', 'District', 0, 0, 1, 0),"
                " ('commune', 3, 'Xã', 'Commune', 0, 1, 1, 0), ('group', 5, 'Tổ', 'Group', 1, 0, 0, 0)"
            )
            for number, kind, parent, feed, ended in (
                (1, "district", None, None, None), (2, "commune", 1, 2, None), (3, "group", 2, 2, None),
                (4, "group", 2, 2, "2024-05-01"),
            ):  # fmt: skip
                ids = [f"{n:032x}" if n else None for n in (number, parent, feed)]
                connection.exec_driver_sql(
                    "INSERT INTO unit (id, parent_id, feed_unit_id, type_code, name, sort_key, folded_name,"
                    " valid_from, valid_to) VALUES (?, ?, ?, ?, 'Tên', '', 'ten', '2022-01-01', ?)",
                    (*ids, kind, ended),
                )
        upgrade()
        with db.engine.begin() as connection:
            bases = connection.exec_driver_sql("SELECT code FROM unit_type WHERE is_base").scalars().all()
            lies_in = connection.exec_driver_sql("SELECT base_id FROM unit ORDER BY id").scalars().all()
            versions = connection.exec_driver_sql(
                "SELECT unit_id, state, parent_id, valid_from, valid_to FROM unit_version ORDER BY unit_id, valid_from"
            ).all()
        assert bases == ["commune"]
        assert [one and int(one, 16) for one in lies_in] == [None, 2, 2, 2]
        assert [(int(u, 16), s, p and int(p, 16), f, t) for u, s, p, f, t in versions] == [
            (1, "stands", None, "2022-01-01", None), (2, "stands", 1, "2022-01-01", None),
            (3, "stands", 2, "2022-01-01", None), (4, "stands", 2, "2022-01-01", "2024-05-01"),
            (4, "kept", 2, "2024-05-01", None),
        ]  # fmt: skip
        downgrade(revision="0003")
        upgrade()
        db.engine.dispose()


def test_0021_says_of_second_versions_what_stood_when_they_came(tmp_path: Path) -> None:
    app = make_app(tmp_path, f"sqlite:///{tmp_path / 'x.sqlite'}")
    with app.app_context():
        upgrade(revision="0020")
        with db.engine.begin() as connection:
            frozen.fill(connection, frozen.read("0020"))
            (found,) = connection.exec_driver_sql(
                "SELECT * FROM meeting_revision WHERE is_parallel"
            ).mappings()
            revisions = sa.table("meeting_revision", *(sa.column(name) for name in found))
            for op_id, rev, parallel, day in (
                ("f1", 7, 0, "2030-01-01"), ("f2", 2, 1, "2030-01-02"), ("f3", 8, 0, "2030-01-03"),
            ):  # fmt: skip
                changed = {"op_id": op_id * 16, "rev": rev, "is_parallel": parallel, "received_at": day}
                connection.execute(revisions.insert().values(dict(found) | changed))
        upgrade(revision="0021")
        with db.engine.begin() as connection:
            beside = connection.exec_driver_sql(
                "SELECT is_parallel, rev, beside_rev FROM meeting_revision WHERE record_id = ? ORDER BY received_at",
                (found["record_id"],),
            ).all()
        assert [tuple(row) for row in beside] == [
            (0, 1, None), (0, 2, None), (1, 2, 2), (0, 7, None), (1, 2, 7), (0, 8, None),
        ]  # fmt: skip
        downgrade(revision="0020")
        db.engine.dispose()
