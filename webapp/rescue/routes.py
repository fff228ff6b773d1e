"""The public key for phones, and the page where anybody signed in hands in a rescue file."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, current_app, jsonify, render_template, request
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import RequestEntityTooLarge

from webapp.accounts.session import signed_in
from webapp.errors import CATALOGUE
from webapp.extensions import csrf
from webapp.rescue import actions, keys, rules
from webapp.sync.routes import mark, overloaded

blueprint = Blueprint("rescue", __name__)
# What was taken in so far stays, and the file can be handed in again.
blueprint.register_error_handler(OperationalError, overloaded)

ENVELOPE = 64 * 1024
"""What a browser's form needs around the file."""


@blueprint.get("/sync/rescue-key")
def key() -> Response:
    """Give the public key phones seal for. It is no secret and says nothing of anybody: no sign-in is asked."""
    public = keys.current_key(Path(current_app.instance_path)).public_key()
    response = jsonify(kid=rules.kid_of(public), public_key=rules.as_jwk(public))
    response.headers["Cache-Control"] = "public, max-age=3600"
    return mark(response)


@blueprint.get("/rescue")
def page() -> str:
    """Show where to hand in a file."""
    signed_in()
    return render_template("rescue/page.html")


# The origin is proven by Sec-Fetch-Site or Origin; a token would have the form read before its size is allowed.
@csrf.exempt
@blueprint.post("/rescue")
def take_in() -> str | tuple[str, int]:
    """Take in a file and say what became of it, or in one sentence why it cannot be opened."""
    importer = signed_in()
    request.max_content_length = rules.MAX_FILE + ENVELOPE
    try:
        sent = request.files.get("file")
        content = sent.read() if sent else b""
        if not content:
            return _refusal("rescue_missing")
        summary = actions.take_in(importer, content)
    except RequestEntityTooLarge:
        return _refusal("rescue_too_large")
    except rules.UnusableFileError as error:
        return _refusal(error.code)
    return render_template("rescue/page.html", summary=summary)


def _refusal(code: str) -> tuple[str, int]:
    failure = CATALOGUE[code]
    return render_template("rescue/page.html", failure=failure), failure.status
