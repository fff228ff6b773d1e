"""The server's key pair for rescue files: made at first start, kept in the data folder beside the signing key."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from webapp.rescue.rules import kid_of

_NAME = "rescue_key.pem"
_KID = re.compile(r"[0-9a-f]{16}")


def prepare(folder: Path) -> None:
    """Make the key if there is none. Of several processes that start at once, one key stays."""
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / _NAME).exists():
        return
    made = _write_new(folder)
    try:
        os.link(made, folder / _NAME)  # unlike a rename, never over the key another process has just made
    except FileExistsError:
        pass
    except OSError:  # a file system without links
        made.replace(folder / _NAME)
    made.unlink(missing_ok=True)


def renew(folder: Path) -> str:
    """Make a new key and return its `kid`. The one before stays, under its own name, and opens older files."""
    prepare(folder)
    current = folder / _NAME
    kept = folder / f"rescue_key-{kid_of(current_key(folder).public_key())}.pem"
    kept.unlink(missing_ok=True)
    try:
        os.link(current, kept)
    except OSError:  # a file system without links
        kept.touch(0o600)
        kept.write_bytes(current.read_bytes())
    _write_new(folder).replace(current)
    return kid_of(current_key(folder).public_key())


def current_key(folder: Path) -> ec.EllipticCurvePrivateKey:
    """Return the key phones seal for today. It is read anew each time, so that a renewal needs no restart."""
    return _read(folder / _NAME)


def key_named(folder: Path, kid: str) -> ec.EllipticCurvePrivateKey | None:
    """Return the current or an older key by its `kid`, or None when we do not have it."""
    current = current_key(folder)
    if kid_of(current.public_key()) == kid:
        return current
    older = folder / f"rescue_key-{kid}.pem"
    return _read(older) if _KID.fullmatch(kid) and older.exists() else None


def _read(path: Path) -> ec.EllipticCurvePrivateKey:
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{path.name} holds no key on an elliptic curve.")
    return key


def _write_new(folder: Path) -> Path:
    """Write a new private key to a file only its owner may read, whole and on the disk, and return the file."""
    key = ec.generate_private_key(ec.SECP256R1())
    path = folder / f"{_NAME}.{secrets.token_hex(8)}"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        file.flush()
        os.fsync(file.fileno())
    return path
