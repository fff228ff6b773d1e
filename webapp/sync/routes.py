"""The HTTP face of sync (docs/sync-protocol.md)."""

from __future__ import annotations

import gzip
import io
import json
import zlib

from flask import Blueprint, Response, current_app, jsonify, request
from pydantic import ValidationError
from sqlalchemy.exc import OperationalError

from webapp import clock
from webapp.accounts.actions import note_contact
from webapp.accounts.rules import Actor
from webapp.accounts.session import present
from webapp.errors import Problem, answer
from webapp.extensions import csrf
from webapp.ops.queries import is_demonstration
from webapp.permissions import Permission
from webapp.sync import actions
from webapp.sync.incoming import Sent
from webapp.sync.pull import pull as pull_page
from webapp.sync.queries import device_of
from webapp.sync.records import MAX_OPERATIONS, PROTOCOL, PROTOCOLS, Push
from webapp.sync.registry import kinds

blueprint = Blueprint("sync", __name__, url_prefix="/sync")
csrf.exempt(blueprint)  # phones prove their origin by Sec-Fetch-Site or Origin; cached pages carry no token

MAX_UNPACKED = 4 * 1024 * 1024


@blueprint.after_request
def mark(response: Response) -> Response:
    """Mark every answer as ours: without the mark, a phone takes it for a captive portal's."""
    response.headers["Gandan-Protocol"] = str(PROTOCOL)
    return response


@blueprint.errorhandler(OperationalError)
def overloaded(error: OperationalError) -> Response:
    """A busy or absent database is a reason to come again, never to give up."""
    current_app.logger.warning("database: %s", type(error.orig).__name__)
    return answer(Problem("overloaded", retry_after=20))


@blueprint.get("/session")
def session() -> Response:
    """Say who is signed in and hand the phone its secret; ``?first=1`` adds the first page of a pull."""
    actor = present()
    note_contact(actor)
    device = device_of(actor)
    wants_page = request.args.get("first") == "1" and not actor.is_revoked
    page = {"page": pull_page(actor, "")} if wants_page else {}
    return jsonify(
        **page,
        protocol=PROTOCOL,
        protocols=PROTOCOLS,
        build=current_app.config["BUILD"],
        server_time=clock.iso(clock.now()),
        officer={
            "id": str(actor.officer_id), "name": actor.name, "title": actor.title,
            "may_record": actor.may(Permission.RECORD_MEETING, clock.today()),
            "may_review": actor.may(Permission.READ_MEETING, clock.today()),
        },
        device={"id": str(device.id), "secret": actions.secret_text(device.secret), "revoked": actor.is_revoked},
        demonstration=is_demonstration(),
    )  # fmt: skip


@blueprint.post("/push")
def push() -> Response:
    """Take in operations; one outcome each."""
    actor = present()
    batch = _read_push(actor)
    note_contact(actor)
    outcomes = actions.push(actor, [Sent(one.op, one.mac) for one in batch.operations], batch.sent_at)
    return jsonify(
        protocol=batch.protocol,
        build=current_app.config["BUILD"],
        server_time=clock.iso(clock.now()),
        outcomes=[
            {
                "op_id": str(o.op_id) if o.op_id else None, "outcome": o.outcome, "code": o.code,
                "message": o.message, "receipt": o.receipt, "received_at": clock.iso(o.received_at),
            }
            for o in outcomes
        ],
    )  # fmt: skip


@blueprint.get("/pull")
def pull() -> Response:
    """Say what changed in the actor's scope since the cursor."""
    actor = present()
    if actor.is_revoked:
        raise Problem("revoked_device")
    protocol = request.args.get("protocol", PROTOCOLS[0], type=int)
    _require_known(protocol)
    wants_check = protocol > 1 and request.args.get("check") == "1"
    wants_own = protocol == 1 or request.args.get("own") != "0"
    since = request.args.get("since", "")
    note_contact(actor)
    answer = pull_page(actor, since, wants_check=wants_check, wants_own=wants_own)
    return jsonify(answer | {"protocol": protocol})


@blueprint.get("/schema")
def schema() -> Response:
    """Describe the bodies as JSON Schema."""
    return jsonify({kind.name: kind.body.model_json_schema() for kind in kinds()})


def _require_known(protocol: int) -> None:
    """Take the versions we speak; say which side is too old for any other."""
    if protocol < PROTOCOLS[0]:
        raise Problem("upgrade_required")
    if protocol > PROTOCOLS[-1]:
        raise Problem("server_too_old")


def _read_push(actor: Actor) -> Push:
    """Read the request's body as a push of the actor's device, or say why it cannot be read."""
    try:
        envelope = json.loads(_body())
        protocol = int(envelope["protocol"])
        batch = Push.model_validate(envelope)
    except (ValueError, TypeError, KeyError, RecursionError, ValidationError) as error:
        raise Problem("unreadable_request") from error
    _require_known(protocol)
    if len(batch.operations) > MAX_OPERATIONS:
        raise Problem("too_large")
    if batch.device != actor.device_id:
        raise Problem("wrong_person")
    return batch


def _body() -> bytes:
    """Return the request's body, unpacked if it came as gzip, never more than `MAX_UNPACKED` bytes."""
    data = request.get_data()
    if request.headers.get("Content-Encoding") != "gzip":
        return data
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
            data = packed.read(MAX_UNPACKED + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise Problem("unreadable_request") from error
    if len(data) > MAX_UNPACKED:
        raise Problem("too_large")
    return data
