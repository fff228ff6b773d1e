"""The worker, the manifest and the assets over HTTP."""

from __future__ import annotations

import json
from functools import lru_cache
from http import HTTPStatus

from flask import Blueprint, Response, abort, jsonify, request
from flask_babel import gettext

from webapp.i18n import LANGUAGES
from webapp.pwa import rules
from webapp.pwa.assets import asset, library
from webapp.pwa.shells import registered_shells

blueprint = Blueprint("pwa", __name__)

FOR_EVER = "public, max-age=31536000, immutable"


@blueprint.get("/service_worker.js")
def service_worker() -> Response:
    """Serve the worker with what it must keep; ``?lang=`` chooses the language of the kept pages."""
    files = library()
    asked = request.args.get("lang", LANGUAGES[0])
    language = asked if asked in LANGUAGES else LANGUAGES[0]
    kept = rules.precache(files.build, files.hashes, files.sources, registered_shells(), language)
    source = f"self.PRECACHE = {json.dumps(kept, separators=(',', ':'))};\n".encode()
    response = Response(source + files.files["js/service_worker.js"])
    response.content_type = "text/javascript; charset=utf-8"
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Service-Worker-Allowed"] = "/"
    response.add_etag()
    response.make_conditional(request)
    return response


@blueprint.get("/manifest.webmanifest")
def manifest() -> Response:
    """Describe the app to the browser that installs it."""
    icons = [
        {"src": asset(f"icons/{name}.png"), "sizes": size, "type": "image/png", "purpose": purpose}
        for name, size, purpose in (
            ("icon-192", "192x192", "any"),
            ("icon-512", "512x512", "any"),
            ("icon-maskable-512", "512x512", "maskable"),
        )
    ]
    response = jsonify(
        id="/notebook/", name="Gần Dân", short_name="Gần Dân", lang="vi", dir="ltr",
        description=gettext("Sổ tay cán bộ cơ sở: ghi buổi họp tổ, cả khi không có mạng."),
        start_url="/notebook/", scope="/", display="standalone", orientation="portrait",
        theme_color="#0e4a3e", background_color="#0e4a3e", icons=icons,
        shortcuts=[{"name": gettext("Ghi buổi họp"), "url": "/notebook/record"}],
    )  # fmt: skip
    response.content_type = "application/manifest+json"
    response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.after_app_request
def pack_kept_page(response: Response) -> Response:
    """Pack a page that phones keep as tightly as its assets, and only once: it is the same for everybody."""
    is_kept = request.path in registered_shells() and response.status_code == HTTPStatus.OK
    if is_kept and request.accept_encodings.quality("br") and "Content-Encoding" not in response.headers:
        response.set_data(_packed_page(response.get_data()))
        response.headers["Content-Encoding"] = "br"
        response.vary.add("Accept-Encoding")
    if is_kept:
        response.add_etag()
        response.make_conditional(request)
    return response


@lru_cache(maxsize=64)
def _packed_page(page: bytes) -> bytes:
    return rules.packed(page, "br")


@blueprint.get("/assets/<build>/<path:path>")
def assets(build: str, path: str) -> Response:
    """Serve a file below static/. Only names that were read are known, so no path leads outside."""
    files = library()
    if path not in files.files:
        abort(404)
    accepted = [name for name, quality in request.accept_encodings if quality]
    encoding = rules.encoding_for(path, len(files.files[path]), accepted)
    response = Response(files.packed(path, encoding), content_type=rules.content_type(path))
    if encoding:
        response.headers["Content-Encoding"] = encoding
    response.headers["Vary"] = "Accept-Encoding"
    # A page of an older build gets the newer file, but must not keep it under the older name.
    response.headers["Cache-Control"] = FOR_EVER if build == files.build else "no-store"
    return response
