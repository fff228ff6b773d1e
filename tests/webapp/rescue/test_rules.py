"""A rescue file is opened as the protocol says, and nothing else is taken for one."""

from __future__ import annotations

import gzip
import hmac
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from tests.webapp.rescue.sealing import base64url, jwk_of, seal, unbase64url
from webapp.rescue import rules
from webapp.rescue.rules import Carried

VECTOR: dict[str, Any] = json.loads(Path(__file__).with_name("vector.json").read_text(encoding="utf-8"))
FILE: dict[str, Any] = VECTOR["file"]


def private(jwk: dict[str, str]) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(unbase64url(jwk["d"]), "big"), ec.SECP256R1())


OURS = private(VECTOR["server_private_key"])


def key_of(kid: str) -> ec.EllipticCurvePrivateKey | None:
    return OURS if kid == VECTOR["kid"] else None


def sealed(content: Any) -> bytes:
    packed = content if isinstance(content, bytes) else gzip.compress(json.dumps(content).encode())
    return seal({"kid": VECTOR["kid"], "public_key": jwk_of(OURS.public_key())}, packed)


def open_changed(**changed: Any) -> rules.Package:
    return rules.open_file(json.dumps(FILE | changed).encode(), key_of)


def test_the_vector_opens() -> None:
    package = rules.open_file(json.dumps(FILE).encode(), key_of)
    content = json.loads(VECTOR["content"])
    assert (str(package.officer_id), str(package.device_id)) == (content["officer"], content["device"])
    (operation,) = package.operations
    assert operation == Carried(content["operations"][0]["op"], content["operations"][0]["mac"])
    mac = hmac.digest(unbase64url(VECTOR["device_secret"]), operation.text.encode(), "sha256")
    assert operation.mac == base64url(mac)
    assert str(rules.author_of(operation.text)) == content["officer"]


def test_the_vector_is_sealed_as_a_stranger_seals() -> None:
    public = OURS.public_key()
    assert rules.kid_of(public) == VECTOR["kid"]
    assert rules.as_jwk(public) == {k: v for k, v in VECTOR["server_private_key"].items() if k != "d"}
    assert gzip.decompress(unbase64url(VECTOR["packed"])).decode() == VECTOR["content"]
    ephemeral = private(VECTOR["ephemeral_private_key"])
    assert ephemeral.exchange(ec.ECDH(), public) == unbase64url(VECTOR["shared_secret"])
    server_key = {"kid": VECTOR["kid"], "public_key": rules.as_jwk(public)}
    assert json.loads(seal(server_key, unbase64url(VECTOR["packed"]), ephemeral)) == FILE


@pytest.mark.parametrize("part", ["kid", "ephemeral", "iv", "sealed", "gandan_rescue"])
def test_a_file_that_lost_a_part_is_none(part: str) -> None:
    rest = {name: value for name, value in FILE.items() if name != part}
    with pytest.raises(rules.NotARescueFileError):
        rules.open_file(json.dumps(rest).encode(), key_of)


@pytest.mark.parametrize(
    "changed",
    [
        {"iv": base64url(bytes(12))},
        {"sealed": FILE["sealed"][:-6] + "AAAAAA"},
        {"ephemeral": jwk_of(ec.derive_private_key(3, ec.SECP256R1()).public_key())},
    ],
)
def test_a_changed_file_is_noticed(changed: dict[str, Any]) -> None:
    with pytest.raises(rules.BrokenSealError):
        open_changed(**changed)


def test_the_seal_holds_the_name_of_its_key() -> None:
    with pytest.raises(rules.BrokenSealError):
        rules.open_file(json.dumps(FILE | {"kid": "0" * 16}).encode(), lambda _: OURS)


@pytest.mark.parametrize("kid", ["0" * 16, "", "../../secret_key", "ABCDEF0123456789", "x" * 100])
def test_a_key_that_is_not_ours_is_said(kid: str) -> None:
    with pytest.raises(rules.ForeignKeyError):
        open_changed(kid=kid)


@pytest.mark.parametrize(
    "ephemeral",
    [
        {"kty": "EC", "crv": "P-256", "x": base64url(bytes(32)), "y": base64url(bytes(32))},
        {"kty": "EC", "crv": "P-256", "x": base64url(b"\xff" * 32), "y": base64url(b"\xff" * 32)},
        FILE["ephemeral"] | {"crv": "P-384"},
        FILE["ephemeral"] | {"x": FILE["ephemeral"]["x"] + "AA"},
        FILE["ephemeral"] | {"y": None},
        [],
    ],
)
def test_a_point_off_the_curve_is_refused(ephemeral: Any) -> None:
    with pytest.raises(rules.NotARescueFileError):
        open_changed(ephemeral=ephemeral)


def test_a_bomb_does_not_unpack() -> None:
    with pytest.raises(rules.TooLargeError):
        rules.open_file(sealed(gzip.compress(bytes(rules.MAX_UNPACKED + 1))), key_of)
    with pytest.raises(rules.TooLargeError):
        rules.open_file(sealed({"operations": [0] * (rules.MAX_OPERATIONS + 1)}), key_of)
    with pytest.raises(rules.TooLargeError):
        rules.open_file(bytes(rules.MAX_FILE + 1), key_of)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"no gzip", id="no gzip"),
        pytest.param(gzip.compress(b"{}")[:-4], id="cut off"),
        pytest.param(gzip.compress(b"\xff"), id="no text"),
        pytest.param(gzip.compress(b"[" * 100_000), id="too deep"),
        [],
        {},
        7,
        {"operations": {}},
    ],
)
def test_nonsense_inside_the_seal_is_none(content: Any) -> None:
    with pytest.raises(rules.NotARescueFileError):
        rules.open_file(sealed(content), key_of)


def test_an_operation_in_another_form_is_carried_whole() -> None:
    package = rules.open_file(sealed({"operations": ["text", {"op": 1}, {"op": "x", "mac": 5}]}), key_of)
    assert package.operations == [Carried('"text"', ""), Carried('{"op": 1}', ""), Carried("x", "")]
    assert package.officer_id is None
    assert [rules.author_of(one.text) for one in package.operations] == [None] * 3


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
ANYTHING = st.binary() | JSON.map(lambda value: json.dumps(value).encode())
ENVELOPE = st.fixed_dictionaries({}, optional={name: st.just(value) | JSON for name, value in FILE.items()})


@given(ANYTHING | ENVELOPE.map(lambda value: json.dumps(value).encode()) | ANYTHING.map(sealed))
def test_whatever_it_is_it_opens_or_says_why_not(file: bytes) -> None:
    try:
        texts = [one.text for one in rules.open_file(file, key_of).operations]
    except rules.UnusableFileError as error:
        texts = [error.code]
    assert all(isinstance(text, str) for text in texts)
