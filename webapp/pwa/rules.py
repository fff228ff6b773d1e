"""What an asset is called, what the phone keeps, and how bytes are packed: pure decisions."""

from __future__ import annotations

import gzip
import hashlib
import io
import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

import brotli
from babel.messages.extract import extract

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
_PACKABLE = {".css", ".js", ".json", ".svg", ".txt"}
_SMALLEST_PACKED = 200

_NOT_SERVED = re.compile(r"(^|/)\.|\.d\.ts$|\.map$")
# The desk works with signal; the worker fetches itself; big icons are for the installer only.
_NOT_KEPT = re.compile(r"(^|/)(desk|review)(/|\.|$)|^js/service_worker\.js$|-512\.png$|\.(txt|json)$")


def digest(data: bytes) -> str:
    """Return the SHA-256 of `data` in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def build_of(hashes: Mapping[str, str]) -> str:
    """Return the short name of a state of all files, given the hash of each."""
    lines = "".join(f"{path}\0{hashes[path]}\n" for path in sorted(hashes))
    return digest(lines.encode())[:10]


def is_served(path: str) -> bool:
    """Say whether a file below static/ has an address at all."""
    return not _NOT_SERVED.search(path)


def slim(path: str, data: bytes) -> bytes:
    """Return a file of ours as it is served: scripts without what only their readers need.

    Whole-line comments, casts for the type checker and indentation go: a quarter of the bytes on a slow line.
    Nothing else is touched, so a script must not have text over several lines in backquotes (tested).
    """
    if not (path.startswith("js/") and path.endswith(".js")):
        return data
    kept: list[str] = []
    in_comment = False
    for line in data.decode().splitlines():
        bare = _CAST.sub("", line.strip())
        if in_comment or bare.startswith("/*"):
            in_comment = not bare.endswith("*/")
        elif bare and not bare.startswith("//"):
            kept.append(bare)
    return ("\n".join(kept) + "\n").encode()


_CAST = re.compile(r"/\*\* @type \{[^*]*\} \*/ ?")


def is_kept(path: str) -> bool:
    """Say whether the phone keeps the asset for use without a network."""
    return is_served(path) and not _NOT_KEPT.search(path)


def asset_address(build: str, path: str) -> str:
    """Return the address of the file `path` below static/."""
    return f"/assets/{build}/{path}"


def precache(
    build: str, hashes: Mapping[str, str], shells: Iterable[str], language: str
) -> dict[str, object]:
    """Return what the worker must hold: addresses of assets with the hash of each, and the pages."""
    pages = sorted(shells)
    assets = {asset_address(build, path): hashes[path] for path in sorted(hashes) if is_kept(path)}
    version = digest("\n".join((build, language, *pages)).encode())[:12]
    return {"version": version, "build": build, "language": language, "shells": pages, "assets": assets}


def content_type(path: str) -> str:
    """Return the type by the ending of the name."""
    return _TYPES.get(PurePosixPath(path).suffix, "application/octet-stream")


def encoding_for(path: str, size: int, accepted: Iterable[str]) -> str:
    """Choose how to pack a file: ``br``, ``gzip``, or nothing."""
    if PurePosixPath(path).suffix not in _PACKABLE or size < _SMALLEST_PACKED:
        return ""
    asked = {name.lower() for name in accepted}
    return next((name for name in ("br", "gzip") if name in asked), "")


def packed(data: bytes, encoding: str) -> bytes:
    """Pack `data`; the same bytes always give the same result."""
    if encoding == "br":
        return bytes(brotli.compress(data, quality=11))
    if encoding == "gzip":
        return gzip.compress(data, 9, mtime=0)
    return data


def script_messages(source: bytes) -> set[str]:
    """Return the messages a script asks for with ``t("…")``."""
    found = extract("javascript", io.BytesIO(source), keywords={"t": None}, options={"encoding": "utf-8"})
    return {message for _, message, _, _ in found if isinstance(message, str)}
