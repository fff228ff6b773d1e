"""What the phone keeps of the real app is whole: every page, and every file a page or a script asks for."""

from __future__ import annotations

import json
import posixpath
import re
from pathlib import Path
from typing import Any

import brotli
import pytest
from flask.testing import FlaskClient

from webapp import create_app
from webapp.config import Settings

IMPORT = re.compile(r"""(?:from|import|import\()\s*"(\.{1,2}/[^"]+)\"""")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    data = tmp_path_factory.mktemp("data")
    database = f"sqlite:///{data / 'test.sqlite'}"
    return create_app(
        Settings(data=data, database_url=database, secret_key="s", public_url=None)
    ).test_client()


@pytest.fixture(scope="module")
def kept(client: FlaskClient) -> dict[str, Any]:
    first = client.get("/service_worker.js").text.splitlines()[0]
    found: dict[str, Any] = json.loads(first.removeprefix("self.PRECACHE = ").removesuffix(";"))
    return found


def test_the_pages_are_the_same_for_everybody_and_never_redirected(
    client: FlaskClient, kept: dict[str, Any]
) -> None:
    assert {"/notebook/", "/notebook/record"} <= set(kept["shells"])
    for path in kept["shells"]:
        for query in ("", "?lang=en"):
            page = client.get(path + query)
            assert page.status_code == 200, path
            assert "Set-Cookie" not in page.headers, path
            assert "csrf_token" not in page.text, path
            assert f"/assets/{kept['build']}/" in page.text, path


def test_a_kept_page_is_packed_tightly_for_whoever_takes_it(
    client: FlaskClient, kept: dict[str, Any]
) -> None:
    for path in kept["shells"]:
        plain = client.get(path)
        packed = client.get(path, headers={"Accept-Encoding": "gzip, br"})
        assert packed.headers["Content-Encoding"] == "br", path
        assert "Accept-Encoding" in packed.headers["Vary"]
        assert packed.data == brotli.compress(plain.data, quality=11)
        assert "Content-Encoding" not in plain.headers
        assert client.get(path, headers={"Accept-Encoding": "gzip"}).headers["Content-Encoding"] == "gzip"


def test_a_page_that_was_just_opened_is_not_fetched_again_to_be_kept(
    client: FlaskClient, kept: dict[str, Any]
) -> None:
    browser = {"Accept-Encoding": "gzip, deflate, br, zstd"}
    for path in kept["shells"]:
        tag = client.get(path, headers=browser).headers["ETag"]
        again = client.get(path, headers=browser | {"If-None-Match": tag})
        assert (again.status_code, again.data) == (304, b""), path
        english = client.get(path + "?lang=en", headers=browser | {"If-None-Match": tag})
        assert english.status_code == 200, path


def test_whatever_a_page_asks_for_is_kept(client: FlaskClient, kept: dict[str, Any]) -> None:
    for path in kept["shells"]:
        asked = set(re.findall(r"/assets/[^\"'#\s<]+", client.get(path).text))
        assert asked <= set(kept["assets"]), path


def test_whatever_a_script_imports_is_kept(client: FlaskClient, kept: dict[str, Any]) -> None:
    for address in kept["assets"]:
        if not address.endswith(".js"):
            continue
        for name in IMPORT.findall(client.get(address).text):
            target = posixpath.normpath(posixpath.join(posixpath.dirname(address), name))
            assert target in kept["assets"], f"{Path(address).name} imports {name}"
