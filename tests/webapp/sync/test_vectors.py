"""The protocol's test vectors, against a live server, by a client that was written from the protocol page alone."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask.sessions import SecureCookieSessionInterface

from tests.conftest import make_app
from tests.support.plain_client import Client, Unanswered, mac_of
from tests.support.server import Server, copy_database
from tests.webapp import world
from webapp.accounts.models import Account, Device
from webapp.db import db, transaction

VECTORS: dict[str, Any] = json.loads(Path(__file__).with_name("vectors.json").read_text(encoding="utf-8"))
DEVICE = VECTORS["device"]
SECRET = base64.urlsafe_b64decode(DEVICE["secret"] + "=")


@pytest.fixture(scope="module")
def live(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A client of a live server, signed in on the vectors' device."""
    server = Server(tmp_path_factory.mktemp("vectors"), arguments=("serve", "--today", "2026-11-22"))
    copy_database(sqlite_template, server.database)
    app = make_app(server.data, f"sqlite:///{server.database}")
    app.config["SECRET_KEY"] = server.environment["SECRET_KEY"]
    with app.app_context():
        with transaction() as session:
            account = session.query(Account).filter_by(officer_id=UUID(VECTORS["author"])).one()
            now = datetime(2026, 11, 1, tzinfo=UTC)
            session.add(
                Device(
                    id=UUID(DEVICE["id"]),
                    account_id=account.id,
                    secret=SECRET,
                    created_at=now,
                    last_seen_at=now,
                )
            )
        db.engine.dispose()
        signer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert signer is not None
    client = Client(server.origin)
    client.opener.addheaders = [("Cookie", f"gandan={signer.dumps({'device': DEVICE['id']})}")]
    client.officer, client.device, client.secret = VECTORS["author"], DEVICE["id"], SECRET
    with server:
        yield client


def told(outcomes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what the vectors say of outcomes; every one of them has a receipt and a time."""
    assert all(one["receipt"] and one["received_at"] and one["message"] for one in outcomes)
    return [{key: one[key] for key in ("op_id", "outcome", "code")} for one in outcomes]


def test_signatures_and_digests() -> None:
    for push in VECTORS["pushes"]:
        for one, outcome in zip(push["operations"], push["outcomes"], strict=True):
            assert (one["mac"] == mac_of(SECRET, one["op"])) is (outcome["code"] != "bad_mac"), push["name"]
            assert one["digest"] == hashlib.sha256(one["op"].encode()).hexdigest()
    packed = VECTORS["packed"]
    assert gzip.decompress(base64.b64decode(packed["gzip"])).decode() == packed["plain"]


def test_the_vectors_in_their_order(live: Client) -> None:
    receipts: dict[str, str] = {}
    for push in VECTORS["pushes"]:
        signed = [{"op": one["op"], "mac": one["mac"]} for one in push["operations"]]
        body = live.envelope([], operations=signed)
        outcomes = live.exchange("/sync/push", body, Content_Type="application/json")["outcomes"]
        assert told(outcomes) == push["outcomes"], push["name"]
        for one, outcome in zip(push["operations"], outcomes, strict=True):
            assert receipts.setdefault(one["digest"], outcome["receipt"]) == outcome["receipt"]
    said = VECTORS["packed"]
    outcomes = live.exchange(
        "/sync/push",
        base64.b64decode(said["gzip"]),
        Content_Type="application/json",
        Content_Encoding="gzip",
    )
    assert told(outcomes["outcomes"]) == said["outcomes"]
    live.pull()
    standing = VECTORS["standing"]
    entry = live.held[standing["id"]]
    assert {key: entry[key] for key in ("id", "rev", "state", "households_present")} | {
        "revisions": [[one["rev"], one["parallel"]] for one in entry["revisions"]]
    } == standing


@pytest.mark.parametrize("said", VECTORS["refused"], ids=lambda said: str(said["name"]))
def test_requests_that_are_refused_as_a_whole(live: Client, said: dict[str, Any]) -> None:
    with pytest.raises(Unanswered) as refused:
        live.exchange("/sync/push", said["body"].encode(), Content_Type="application/json")
    assert (refused.value.status, refused.value.code) == (said["status"], said["code"])


def test_it_signs_in_by_itself_sends_again_and_finds_its_entry(live: Client) -> None:
    stranger = Client(live.origin)
    with pytest.raises(Unanswered) as refused:
        stranger.exchange("/sync/session")
    assert (refused.value.status, refused.value.code) == (401, "sign_in_required")
    stranger.sign_in("minh", world.PASSWORD)
    operation = stranger.operation("meeting.save", world.meeting("A2-1"))
    text = stranger.freeze(operation)
    (first,) = stranger.push([text])
    (again,) = stranger.push([text], packed=False)
    assert (first["outcome"], again["outcome"]) == ("applied", "duplicate")
    assert first["receipt"] == again["receipt"]
    stranger.pull()
    assert stranger.held[operation["id"]]["body"] == operation["body"]
    envelope = stranger.envelope([text])
    with pytest.raises(Unanswered) as refused:
        stranger.exchange("/sync/push", envelope, Origin="https://elsewhere.example")
    assert (refused.value.status, refused.value.code) == (403, "cross_site")
