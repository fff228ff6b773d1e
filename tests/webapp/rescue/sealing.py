"""Seals a rescue file as a phone does: written from section 8 of docs/sync-protocol.md alone."""

from __future__ import annotations

import gzip
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from io import BytesIO
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.webapp.world import SAME_ORIGIN, Phone

IV = bytes(range(12))


def unbase64url(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def public_key(jwk: Mapping[str, str]) -> ec.EllipticCurvePublicKey:
    x, y = (int.from_bytes(unbase64url(jwk[name]), "big") for name in ("x", "y"))
    return ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()


def jwk_of(key: ec.EllipticCurvePublicKey) -> dict[str, str]:
    numbers = key.public_numbers()
    x, y = (base64url(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y}


def seal(
    server_key: Mapping[str, Any], packed: bytes, ephemeral: ec.EllipticCurvePrivateKey | None = None
) -> bytes:
    """Seal bytes for the server whose answer of `GET /sync/rescue-key` is given."""
    ephemeral = ephemeral or ec.generate_private_key(ec.SECP256R1())
    shared = ephemeral.exchange(ec.ECDH(), public_key(server_key["public_key"]))
    key = HKDF(SHA256(), length=32, salt=b"", info=b"gandan-rescue-1").derive(shared)
    return json.dumps({
        "gandan_rescue": 1,
        "kid": server_key["kid"],
        "ephemeral": jwk_of(ephemeral.public_key()),
        "iv": base64url(IV),
        "sealed": base64url(AESGCM(key).encrypt(IV, packed, server_key["kid"].encode())),
    }).encode()  # fmt: skip


def package(phone: Phone, *operations: Mapping[str, str], **said: Any) -> bytes:
    """Pack signed operations as the phone's file holds them."""
    content = {
        "officer": str(phone.owner), "device": str(phone.device.id), "made_at": "2026-11-22T12:30:00.000Z",
        "operations": operations,
    } | said  # fmt: skip
    return gzip.compress(json.dumps(content).encode())


def rescue_file(app: Flask, phone: Phone, *texts: str) -> bytes:
    """Make the file of a phone whose outbox holds these frozen texts."""
    key = app.test_client().get("/sync/rescue-key").get_json()
    return seal(key, package(phone, *(phone.signed(text) for text in texts)))


def hand_in(client: FlaskClient, file: bytes) -> TestResponse:
    """Hand a file in at the page, as the form does."""
    form = {"file": (BytesIO(file), "gan-dan-du-phong-20261122-1930.gandan")}
    return client.post("/rescue", data=form, headers=SAME_ORIGIN)
