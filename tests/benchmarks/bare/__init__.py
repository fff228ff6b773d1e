"""The bare page: what a form that works offline costs at the least, for comparison in the same run.

One htmx page with the fields of the notebook's form, a small worker that keeps the page, and one write to
IndexedDB on save. It knows no drafts, no outbox, no lists and no design.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from flask import Flask, Response, render_template, send_file
from flask_compress import Compress
from wtforms import FieldList, Form

from tests.support.server import ROOT
from webapp.forms import form_for
from webapp.i18n import register as register_languages
from webapp.meetings.records import Meeting
from webapp.petitions.records import Petition

HERE: Final = Path(__file__).resolve().parent
SCRIPTS: Final = {
    "page.js": HERE / "page.js",
    "worker.js": HERE / "worker.js",
    "style.css": HERE / "style.css",
    "htmx.min.js": ROOT / "static" / "vendor" / "htmx.min.js",
}
LEFT_OUT: Final = frozenset({"unit_id", "meeting_id"})


def create_app() -> Flask:
    """Make the application: a page, its scripts and nothing behind them."""
    app = Flask(__name__, template_folder=str(HERE), static_folder=None)
    app.config.update(
        SECRET_KEY="bare", BABEL_DEFAULT_LOCALE="vi", COMPRESS_ALGORITHM=["br", "gzip"], COMPRESS_BR_LEVEL=5,
        COMPRESS_MIN_SIZE=400,
    )  # fmt: skip
    Compress(app)
    register_languages(app)

    @app.get("/")
    def page() -> str:
        meeting, petition = form_for(Meeting)(), form_for(Petition)(prefix="petition-")
        return render_template("page.html", rows=[*_rows(meeting), *_rows(petition)])

    @app.get("/<name>")
    def script(name: str) -> Response:
        return send_file(SCRIPTS[name]) if name in SCRIPTS else Response(status=404)

    @app.get("/healthz")
    def health() -> str:
        return "ok"

    return app


def _rows(form: Form) -> list[object]:
    # One row of each list is open, as on the notebook's form; a list's row is a form of its own.
    rows: list[object] = []
    for field in form:
        if isinstance(field, FieldList):
            rows.extend(field.append_entry().form)
        elif field.short_name not in LEFT_OUT:
            rows.append(field)
    return rows
