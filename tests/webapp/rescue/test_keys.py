"""The key is made once, belongs to its owner alone, and older ones still open."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask

from tests.webapp.rescue.sealing import hand_in, rescue_file
from tests.webapp.world import sign_in
from webapp.cli import main
from webapp.rescue import keys
from webapp.rescue.rules import kid_of


def test_it_is_made_at_the_first_start_and_stays(tmp_path: Path) -> None:
    keys.prepare(tmp_path / "data")
    file = tmp_path / "data" / "rescue_key.pem"
    made = file.read_bytes()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    keys.prepare(tmp_path / "data")
    assert file.read_bytes() == made
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_of_processes_that_start_at_once_one_key_stays(tmp_path: Path) -> None:
    def start(_: int) -> str:
        keys.prepare(tmp_path)
        return kid_of(keys.current_key(tmp_path).public_key())

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(start, range(8)))) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["rescue_key.pem"]


def test_a_folder_without_links_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr("os.link", refuse)
    keys.prepare(tmp_path)
    before = kid_of(keys.current_key(tmp_path).public_key())
    keys.renew(tmp_path)
    assert keys.key_named(tmp_path, before) is not None
    assert {path.name for path in tmp_path.iterdir()} == {"rescue_key.pem", f"rescue_key-{before}.pem"}
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in tmp_path.iterdir())


def test_a_file_for_an_older_key_still_opens(app: Flask) -> None:
    lan = sign_in(app, "lan")
    file = rescue_file(app, lan)
    folder = Path(app.instance_path)
    before = app.test_client().get("/sync/rescue-key").get_json()["kid"]
    after = keys.renew(folder)
    assert app.test_client().get("/sync/rescue-key").get_json()["kid"] == after != before
    assert (folder / f"rescue_key-{before}.pem").exists()
    assert hand_in(lan.client, file).status_code == 200
    assert hand_in(lan.client, rescue_file(app, lan)).status_code == 200
    assert keys.key_named(folder, "../rescue_key") is None


def test_the_command_says_and_renews_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GANDAN_DATA", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    before = CliRunner().invoke(main, ["rescue-key"]).output
    assert kid_of(keys.current_key(tmp_path).public_key()) in before
    after = CliRunner().invoke(main, ["rescue-key", "--renew"]).output
    assert kid_of(keys.current_key(tmp_path).public_key()) in after
    assert before != after
