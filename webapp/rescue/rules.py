"""What a rescue file is (docs/sync-protocol.md, section 8) and how it is opened: no Flask, no database."""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

VERSION = 1
INFO = b"gandan-rescue-1"
MAX_FILE = 4 * 1024 * 1024
MAX_UNPACKED = 8 * 1024 * 1024
MAX_OPERATIONS = 5000

_KID = re.compile(r"[0-9a-f]{16}")
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*")
_COORDINATE = 32
_IV = 12
_GZIP = 31

KeyOf = Callable[[str], ec.EllipticCurvePrivateKey | None]
"""Given a `kid`, the private key it names, or None when it is not ours."""


class UnusableFileError(Exception):
    """A file that cannot be taken in; `code` stands in the catalogue of failures."""

    code = "rescue_unreadable"


class NotARescueFileError(UnusableFileError):
    """Something else, or a rescue file that lost a part."""


class ForeignKeyError(UnusableFileError):
    """Sealed for a key we do not have: another server's, or one that was lost."""

    code = "rescue_foreign"


class BrokenSealError(UnusableFileError):
    """Changed or damaged on the way."""

    code = "rescue_damaged"


class TooLargeError(UnusableFileError):
    """More than a phone can have waiting."""

    code = "rescue_too_large"


class Carried(NamedTuple):
    """One operation as the phone froze it: its exact text and the proof of the device."""

    text: str
    mac: str


@dataclass(frozen=True)
class Package:
    """What was inside the seal. Who and which device is only a claim: each operation is checked by itself."""

    officer_id: UUID | None
    device_id: UUID | None
    operations: list[Carried]


def kid_of(key: ec.EllipticCurvePublicKey) -> str:
    """Return the short name of a public key: 16 hexadecimal digits of the SHA-256 of its uncompressed point."""
    return hashlib.sha256(key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)).hexdigest()[:16]


def as_jwk(key: ec.EllipticCurvePublicKey) -> dict[str, str]:
    """Write a public key as browsers import it."""
    numbers = key.public_numbers()
    x, y = (_text(number.to_bytes(_COORDINATE, "big")) for number in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y}


def open_file(file: bytes, key_of: KeyOf) -> Package:
    """Open a rescue file, or raise an `UnusableFileError` that says why it cannot be opened."""
    if len(file) > MAX_FILE:
        raise TooLargeError
    envelope = _json(file)
    if not isinstance(envelope, dict) or envelope.get("gandan_rescue") != VERSION:
        raise NotARescueFileError
    kid = envelope.get("kid")
    if not isinstance(kid, str):
        raise NotARescueFileError
    private = key_of(kid) if _KID.fullmatch(kid) else None
    if private is None:
        raise ForeignKeyError
    iv, sealed = _bytes(envelope.get("iv")), _bytes(envelope.get("sealed"))
    if len(iv) != _IV:
        raise NotARescueFileError
    secret = private.exchange(ec.ECDH(), _public_key(envelope.get("ephemeral")))
    key = HKDF(SHA256(), length=32, salt=None, info=INFO).derive(secret)
    try:
        packed = AESGCM(key).decrypt(iv, sealed, kid.encode())
    except InvalidTag as error:
        raise BrokenSealError from error
    return _package(_json(_unpacked(packed)))


def author_of(text: str) -> UUID | None:
    """Return whom an operation names as its author, if it can be read that far."""
    try:
        operation = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return _uuid(operation.get("author")) if isinstance(operation, dict) else None


def _package(said: Any) -> Package:  # noqa: ANN401 - anything JSON can say
    if not isinstance(said, dict) or not isinstance(said.get("operations"), list):
        raise NotARescueFileError
    operations: list[Any] = said["operations"]
    if len(operations) > MAX_OPERATIONS:
        raise TooLargeError
    return Package(
        _uuid(said.get("officer")), _uuid(said.get("device")), [_carried(one) for one in operations]
    )


def _carried(one: Any) -> Carried:  # noqa: ANN401 - anything JSON can say
    """Take one operation; what is not in its form is carried whole all the same, to be kept and looked at."""
    if isinstance(one, dict) and isinstance(one.get("op"), str):
        mac = one.get("mac")
        return Carried(one["op"], mac if isinstance(mac, str) else "")
    try:
        return Carried(json.dumps(one, ensure_ascii=False), "")
    except RecursionError as error:
        raise NotARescueFileError from error


def _json(data: bytes) -> Any:  # noqa: ANN401 - anything JSON can say
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise NotARescueFileError from error


def _bytes(text: Any) -> bytes:  # noqa: ANN401 - anything JSON can say
    if not isinstance(text, str) or not _BASE64URL.fullmatch(text):
        raise NotARescueFileError
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as error:
        raise NotARescueFileError from error


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def _public_key(jwk: Any) -> ec.EllipticCurvePublicKey:  # noqa: ANN401 - anything JSON can say
    """Read a point of P-256; one that does not lie on the curve would betray the private key."""
    if not isinstance(jwk, dict) or jwk.get("kty") != "EC" or jwk.get("crv") != "P-256":
        raise NotARescueFileError
    x, y = _bytes(jwk.get("x")), _bytes(jwk.get("y"))
    if len(x) != _COORDINATE or len(y) != _COORDINATE:
        raise NotARescueFileError
    point = ec.EllipticCurvePublicNumbers(int.from_bytes(x, "big"), int.from_bytes(y, "big"), ec.SECP256R1())
    try:
        return point.public_key()
    except ValueError as error:
        raise NotARescueFileError from error


def _unpacked(packed: bytes) -> bytes:
    """Unpack gzip, never more than `MAX_UNPACKED` bytes of it."""
    unpacker = zlib.decompressobj(_GZIP)
    try:
        data = unpacker.decompress(packed, MAX_UNPACKED + 1)
    except zlib.error as error:
        raise NotARescueFileError from error
    if len(data) > MAX_UNPACKED:
        raise TooLargeError
    if not unpacker.eof:
        raise NotARescueFileError
    return data


def _uuid(text: Any) -> UUID | None:  # noqa: ANN401 - anything JSON can say
    try:
        return UUID(text) if isinstance(text, str) else None
    except ValueError:
        return None
