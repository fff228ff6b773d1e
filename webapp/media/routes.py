"""The HTTP face of media (docs/sync-protocol.md, section 7)."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, request
from sqlalchemy.exc import OperationalError

from webapp.accounts.session import signed_in
from webapp.errors import Problem, answer
from webapp.extensions import csrf
from webapp.media import actions, queries, rules
from webapp.media.actions import Word
from webapp.media.rules import Upload
from webapp.sync.routes import mark, overloaded

blueprint = Blueprint("media", __name__, url_prefix="/sync/media")
csrf.exempt(blueprint)  # as all of sync: the origin is proven by Sec-Fetch-Site or Origin
blueprint.after_request(mark)
blueprint.register_error_handler(OperationalError, overloaded)

PARTIAL = "application/partial-upload"
KEPT = "private, max-age=31536000, immutable"
"""A photo never changes under its name; it is for the person who asked."""


@blueprint.errorhandler(OSError)
def no_room(error: OSError) -> Response:
    """A full or absent disk is a reason to come again, never to give up."""
    current_app.logger.error("media store: %s", error)
    return answer(Problem("overloaded", retry_after=60))


@blueprint.get("/<sha256>")
def photo(sha256: str) -> Response:
    """Return a photo to whoever sees an entry that refers to it; to HEAD say how far it has come."""
    actor = signed_in()
    _check_name(sha256)
    if request.method == "HEAD":
        return _told(queries.progress(sha256), 200)
    data = queries.photo(actor, sha256)
    if data is None:
        raise Problem("not_found")
    response = Response(data, content_type="image/jpeg")
    response.headers["Cache-Control"] = KEPT
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.set_etag(sha256)
    response.make_conditional(request)
    return response


@blueprint.patch("/<sha256>")
def upload(sha256: str) -> Response:
    """Take in bytes of a photo from an offset on."""
    actor = signed_in()
    _check_name(sha256)
    if request.headers.get("Gandan-Device", str(actor.device_id)) != str(actor.device_id):
        raise Problem("wrong_person")
    offset, size = _number("Upload-Offset"), _number("Upload-Length")
    if size > 0 and not rules.is_size(size):
        raise Problem("too_large")
    data = request.get_data()
    if request.mimetype != PARTIAL or size == 0 or offset + len(data) > size:
        raise Problem("unreadable_request")
    word, come = actions.take_in(actor, sha256, offset, size, data)
    if word is Word.NO_ROOM:
        raise Problem("photos_waiting")
    if word is Word.WRONG_OFFSET:
        raise Problem("wrong_offset", headers=_headers(come))
    if word is Word.WRONG_CONTENT:
        raise Problem("wrong_content", headers=_headers(come))
    return _told(come, 204)


def _check_name(sha256: str) -> None:
    if not rules.is_name(sha256):
        raise Problem("not_found")


def _number(header: str) -> int:
    """Read a header that counts bytes."""
    text = request.headers.get(header, "")
    if not (text.isascii() and text.isdecimal() and len(text) <= 12):  # noqa: PLR2004 - no photo is that large
        raise Problem("unreadable_request")
    return int(text)


def _told(come: Upload, status: int) -> Response:
    response = Response(status=status)
    response.headers.extend(_headers(come))
    response.headers["Cache-Control"] = "no-store"
    return response


def _headers(come: Upload) -> dict[str, str]:
    return {"Upload-Offset": str(come.received), "Upload-Complete": "?1" if come.is_complete else "?0"}
