"""What an asset is called, what the phone keeps, and how bytes are packed: pure decisions."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import posixpath
import re
from collections.abc import Collection, Iterable, Mapping
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

JOINED = "built/sources.json"
"""What stands joined: each source with its SHA-256."""
SHARED = "built/shared.js"
"""What the joined scripts of the pages have in common."""

_IMPORT = re.compile(r"""(?:from|\bimport) ?["'](\.{1,2}/[^"']+)["']""")
_STYLE_PART = re.compile(r"(css/[^/]+)/[^/]+\.css$")
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


def with_whole_styles(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files with the parts of a style sheet, ``css/NAME/*.css`` in their order, as one: phones ask once."""
    whole = {name: data for name, data in files.items() if not _STYLE_PART.match(name)}
    for name in sorted(files):
        if part := _STYLE_PART.match(name):
            sheet = f"{part[1]}.css"
            whole[sheet] = whole.get(sheet, b"") + files[name]
    return whole


def joined_sources(files: Mapping[str, bytes], hashes: Mapping[str, str]) -> frozenset[str]:
    """Return the scripts that stand joined in ``built/``; none when one of them has changed since.

    While somebody works on the scripts the sources themselves are served, so what is seen is never old.
    """
    listed: dict[str, str] = json.loads(files.get(JOINED, b"{}"))
    return (
        frozenset(listed) if all(hashes.get(path) == value for path, value in listed.items()) else frozenset()
    )


def page_scripts(page: str, files: Mapping[str, bytes], sources: Collection[str]) -> list[str]:
    """Return all that a page of the notebook needs at once, its own script first, given what stands joined."""
    source = f"js/pages/{page}.js"
    if source in sources:
        return [f"built/{page}.js", SHARED]
    found = [source]
    for path in found:
        steps = _IMPORT.findall(files[path].decode())
        needed = (posixpath.normpath(posixpath.join(posixpath.dirname(path), step)) for step in steps)
        found += [name for name in dict.fromkeys(needed) if name not in found]
    return found


def is_kept(path: str, sources: Collection[str]) -> bool:
    """Say whether the phone keeps the asset for use without a network: scripts as they stand joined, if they do."""
    twice = path in sources if sources else path.startswith("built/")
    return is_served(path) and not twice and not _NOT_KEPT.search(path)


def asset_address(build: str, path: str) -> str:
    """Return the address of the file `path` below static/."""
    return f"/assets/{build}/{path}"


def precache(
    build: str, hashes: Mapping[str, str], sources: Collection[str], shells: Iterable[str], language: str
) -> dict[str, object]:
    """Return what the worker must hold: addresses of assets with the hash of each, and the pages."""
    pages = sorted(shells)
    assets = {asset_address(build, path): hashes[path] for path in sorted(hashes) if is_kept(path, sources)}
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
