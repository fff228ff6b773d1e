"""The worker, the manifest and the assets, over a small app of their own."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import brotli
import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient
from flask_babel import Babel, force_locale
from werkzeug.test import TestResponse

from webapp import pwa
from webapp.pwa import assets, routes, rules, shells

STYLE = b"body { color: black; }\n" * 40
SCRIPT = (
    'import { t } from "./messages.js";\nt("Gửi ngay ({count})", { count: 1 });\nt("Chưa dịch");\n'.encode()
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, data in {
        "static/css/app/02-base.css": STYLE[500:],
        "static/css/app/01-tokens.css": STYLE[:500],
        "static/css/desk/01-frame.css": b"desk {}",
        "static/js/send.js": SCRIPT,
        "static/js/service_worker.js": b"self.worker = 1;\n",
        "static/js/types.d.ts": b"declare namespace Gandan {}",
        "static/icons/icon-512.png": b"\x89PNG" * 100,
        "static/vendor/idb.js": b"export {};",
        "static/vendor/idb.LICENSE.txt": b"ISC",
        "templates/page.html": b"<p>",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return tmp_path


@pytest.fixture
def app(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Flask:
    monkeypatch.setattr(assets, "resource_path", lambda name: folder / name)
    monkeypatch.setattr(shells, "_shells", set())
    app = Flask("webapp", root_path=str(folder))
    Babel(app, locale_selector=_language)
    pwa.init_app(app)
    return app


def _language() -> str:
    from flask import request

    return request.args.get("lang", "vi")


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def build(app: Flask) -> str:
    with app.app_context():
        return pwa.current_build()


def precache(response: TestResponse) -> dict[str, object]:
    first = response.text.splitlines()[0]
    found: dict[str, object] = json.loads(first.removeprefix("self.PRECACHE = ").removesuffix(";"))
    return found


def test_an_asset_may_be_kept_for_ever_under_its_own_build_only(client: FlaskClient, build: str) -> None:
    answer = client.get(f"/assets/{build}/css/app.css")
    assert answer.data == STYLE
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Type"] == "text/css; charset=utf-8"
    old = client.get("/assets/0000000000/css/app.css")
    assert old.data == STYLE
    assert old.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("accepted", "encoding", "unpack"),
    [
        ("br, gzip", "br", brotli.decompress),
        ("gzip, deflate", "gzip", gzip.decompress),
        ("gzip, br;q=0", "gzip", gzip.decompress),
        ("identity", None, bytes),
    ],
)
def test_an_asset_is_packed_as_the_browser_likes(
    client: FlaskClient, build: str, accepted: str, encoding: str | None, unpack: type[bytes]
) -> None:
    answer = client.get(f"/assets/{build}/css/app.css", headers={"Accept-Encoding": accepted})
    assert answer.headers.get("Content-Encoding") == encoding
    assert unpack(answer.data) == STYLE
    assert "Accept-Encoding" in answer.headers["Vary"]


def test_an_asset_that_is_known_is_not_asked_for_again(client: FlaskClient, build: str) -> None:
    headers = client.get(f"/assets/{build}/css/app.css").headers
    assert "immutable" in headers["Cache-Control"]
    assert sum(len(name) + len(value) + 4 for name, value in headers.items()) < 250


@pytest.mark.parametrize(
    "path",
    ["missing.css", "../templates/page.html", "%2e%2e/templates/page.html", "css/../../templates/page.html",
     "js/types.d.ts", "/etc/passwd", "css"],
)  # fmt: skip
def test_nothing_else_is_served(client: FlaskClient, build: str, path: str) -> None:
    assert client.get(f"/assets/{build}/{path}").status_code in {308, 404}


def test_pictures_are_not_packed(client: FlaskClient, build: str) -> None:
    answer = client.get(f"/assets/{build}/icons/icon-512.png", headers={"Accept-Encoding": "br"})
    assert "Content-Encoding" not in answer.headers
    assert answer.headers["Content-Type"] == "image/png"


def test_the_worker_is_always_asked_for_anew_and_says_what_to_keep(client: FlaskClient, build: str) -> None:
    pwa.register_shell("/notebook/record")
    pwa.register_shell("/notebook/")
    answer = client.get("/service_worker.js")
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["Service-Worker-Allowed"] == "/"
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert answer.text.endswith("self.worker = 1;\n")
    kept = precache(answer)
    assert kept["shells"] == ["/notebook/", "/notebook/record"]
    assert kept["assets"] == {
        f"/assets/{build}/css/app.css": rules.digest(STYLE),
        f"/assets/{build}/js/send.js": rules.digest(SCRIPT),
        f"/assets/{build}/vendor/idb.js": rules.digest(b"export {};"),
    }
    again = client.get("/service_worker.js", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_the_version_follows_language_pages_files_and_templates(app: Flask, folder: Path) -> None:
    def version(query: str = "") -> object:
        app.extensions.pop("gandan_assets", None)
        return precache(app.test_client().get("/service_worker.js" + query))["version"]

    seen = [version(), version("?lang=en")]
    pwa.register_shell("/notebook/")
    seen.append(version())
    (folder / "templates/page.html").write_text("<p>changed")
    seen.append(version())
    (folder / "static/js/send.js").write_text("changed")
    seen.append(version())
    translations = folder / "translations/en/LC_MESSAGES"
    translations.mkdir(parents=True)
    (translations / "other.mo").write_bytes(b"changed")
    seen.append(version())
    assert len(set(seen)) == len(seen)
    assert version() == seen[-1]


def test_a_style_sheet_is_one_file_whatever_its_parts(client: FlaskClient, build: str) -> None:
    assert client.get(f"/assets/{build}/css/app.css").data == STYLE
    assert client.get(f"/assets/{build}/css/app/01-tokens.css").status_code == 404


def test_files_are_read_once_except_while_developing(app: Flask, folder: Path, build: str) -> None:
    (folder / "static/css/app/01-tokens.css").write_bytes(b"changed")
    with app.app_context():
        assert pwa.current_build() == build
        app.debug = True
        assert pwa.current_build() != build


def test_the_manifest_opens_the_notebook(client: FlaskClient, build: str) -> None:
    answer = client.get("/manifest.webmanifest")
    found = json.loads(answer.data)
    assert answer.headers["Content-Type"] == "application/manifest+json"
    assert found["name"] == "Gần Dân"
    assert found["start_url"] == "/notebook/"
    assert found["shortcuts"] == [{"name": "Ghi buổi họp", "url": "/notebook/record"}]
    assert {icon["purpose"] for icon in found["icons"]} == {"any", "maskable"}
    assert all(icon["src"].startswith(f"/assets/{build}/icons/") for icon in found["icons"])


def test_templates_name_assets_and_carry_the_words_of_the_scripts(app: Flask, build: str) -> None:
    from babel.messages.catalog import Catalog
    from babel.messages.mofile import write_mo

    catalogue = Catalog(locale="en")
    catalogue.add("Gửi ngay ({count})", "Send now ({count}) </script>")
    catalogue.add("Không có trong mã", "Not in the scripts")
    where = Path(app.root_path) / "translations/en/LC_MESSAGES"
    where.mkdir(parents=True)
    with (where / "messages.mo").open("wb") as file:
        write_mo(file, catalogue)
    with app.test_request_context():
        assert render_template_string("{{ asset('css/app.css') }}") == f"/assets/{build}/css/app.css"
        assert render_template_string("{{ client_messages() }}") == "{}"
        with force_locale("en"):
            said = render_template_string("{{ client_messages() }}")
    assert "</script>" not in said
    assert json.loads(said) == {"Gửi ngay ({count})": "Send now ({count}) </script>"}


def test_a_shell_is_a_plain_path(app: Flask) -> None:
    assert pwa.register_shell("/notebook/entry") == "/notebook/entry"
    for path in ("notebook", "/notebook/?x", "/notebook/<id>"):
        with pytest.raises(ValueError, match="plain path"):
            pwa.register_shell(path)


def test_the_real_scripts_say_their_words_where_they_can_be_found() -> None:
    root = Path(routes.__file__).parents[2] / "static/js/offline"
    found = set().union(*(rules.script_messages(path.read_bytes()) for path in root.glob("*.js")))
    assert "Chưa có mạng; phiếu nằm an toàn trên máy này." in found
    assert len(found) > 30


def join(folder: Path) -> None:
    """Put down what a build leaves: two scripts that need each other, in two files."""
    sources = {"js/pages/today.js": b'import "../send.js";\n', "js/send.js": b"export {};\n"}
    built = {"built/today.js": b"gandan.t()", "built/shared.js": b"gandan={t(){}}"}
    listed = json.dumps({path: rules.digest(data) for path, data in sources.items()})
    for path, data in {**sources, **built, rules.JOINED: listed.encode()}.items():
        (folder / "static" / path).parent.mkdir(exist_ok=True)
        (folder / "static" / path).write_bytes(data)


def scripts_of(app: Flask) -> tuple[list[str], set[str]]:
    """Return what a page asks for and which scripts the phone keeps."""
    with app.test_request_context():
        asked = [address.split("/", 3)[3] for address in assets.page_scripts("today")]
    kept = precache(app.test_client().get("/service_worker.js"))["assets"]
    assert isinstance(kept, dict)
    names = {address.split("/", 3)[3] for address in kept}
    return asked, {name for name in names if name.endswith(".js") and not name.startswith("vendor/")}


def test_scripts_are_served_joined(app: Flask, folder: Path) -> None:
    join(folder)
    asked, kept = scripts_of(app)
    assert asked == ["built/today.js", "built/shared.js"]
    assert kept == set(asked)


@pytest.mark.parametrize("path", ["js/send.js", "js/pages/today.js"])
def test_what_was_joined_before_a_source_changed_is_not_served(app: Flask, folder: Path, path: str) -> None:
    join(folder)
    with (folder / "static" / path).open("ab") as source:
        source.write(b"// changed\n")
    asked, kept = scripts_of(app)
    assert asked == ["js/pages/today.js", "js/send.js"]
    assert kept == set(asked)
