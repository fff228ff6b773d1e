"""The scripts of others that we serve are the ones their authors published."""

from __future__ import annotations

import json

import pytest

from tests.tooling import ROOT
from tests.tooling.vendor import LIST, VENDOR, Script, integrity, scripts


@pytest.mark.parametrize("script", scripts(), ids=lambda script: script.file)
def test_the_file_is_the_listed_one(script: Script) -> None:
    assert integrity(VENDOR / script.file) == script.integrity


@pytest.mark.parametrize("script", scripts(), ids=lambda script: script.file)
def test_its_licence_travels_with_it(script: Script) -> None:
    assert (VENDOR / script.licence_file).read_text(encoding="utf-8").strip()


@pytest.mark.parametrize("script", scripts(), ids=lambda script: script.file)
def test_its_types_are_checked_against_the_same_version(script: Script) -> None:
    tools = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    assert tools["devDependencies"][script.package] == script.version


def test_nothing_is_served_that_is_not_listed() -> None:
    listed = {name for script in scripts() for name in (script.file, script.licence_file)}
    present = {path.name for path in VENDOR.iterdir() if not path.name.endswith(".d.ts")}
    assert present == listed | {LIST.name}
