"""What may be taken in as a photo and where an upload goes on: decided from facts, without Flask or a database."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from webapp.meetings.records import MAX_PHOTO_BYTES

MAX_SIDE = 4096
"""Longest side of a photo in pixels; phones send 1280."""

UNFINISHED_FOR = timedelta(days=7)
"""How long an upload may rest before its bytes are thrown away."""
LOOSE_FOR = timedelta(days=30)
"""How long a whole photo is kept to which no entry refers: the entry may still be on its way."""
MAX_LOOSE = 200
"""How many photos one person may have here to which no entry refers: 30 MB, forty entries in quarantine."""

_NAME = re.compile(r"[0-9a-f]{64}")
_SOI, _EOI = b"\xff\xd8", b"\xff\xd9"
_START_OF_SCAN = 0xDA
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers of a frame, which says the dimensions; the three left out are tables."""
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
"""Markers that stand without a length."""


class Step(Enum):
    """What is to be done with the bytes of one request."""

    TAKE = "take"
    ALREADY_THERE = "already there"
    WRONG_OFFSET = "wrong offset"
    START_OVER = "start over"
    """The length announced is another than before: one of the two was wrong, so nothing of it is kept."""


@dataclass(frozen=True)
class Upload:
    """How far one photo has come."""

    size: int
    received: int
    is_complete: bool


def is_name(text: str) -> bool:
    """Say whether a text can name a photo: SHA-256 in lower-case hexadecimal."""
    return _NAME.fullmatch(text) is not None


def is_size(size: int) -> bool:
    """Say whether a photo may have so many bytes."""
    return 0 < size <= MAX_PHOTO_BYTES


def next_step(known: Upload, offset: int, size: int) -> Step:
    """Decide what becomes of bytes from `offset` on, of a photo announced with `size`."""
    if known.is_complete:
        return Step.ALREADY_THERE
    if size != known.size:
        return Step.START_OVER if offset == 0 else Step.WRONG_OFFSET
    return Step.TAKE if offset == known.received else Step.WRONG_OFFSET


def is_whole(sha256: str, data: bytes) -> bool:
    """Say whether the bytes are the photo of this name."""
    return hashlib.sha256(data).hexdigest() == sha256 and is_photo(data)


def is_photo(data: bytes) -> bool:
    """Say whether the bytes are one JPEG of sane dimensions, from its first marker to its last."""
    dimensions = jpeg_dimensions(data)
    return dimensions is not None and all(0 < side <= MAX_SIDE for side in dimensions)


def jpeg_dimensions(data: bytes) -> tuple[int, int] | None:
    """Return width and height as the frame of a JPEG says them; None when it is no JPEG or not a whole one."""
    if not data.startswith(_SOI) or not data.endswith(_EOI):
        return None
    place = len(_SOI)
    while place + 4 <= len(data) and data[place] == 0xFF:  # noqa: PLR2004 - every marker begins so
        marker = data[place + 1]
        if marker == 0xFF:  # noqa: PLR2004 - fill bytes may stand before a marker
            place += 1
            continue
        if marker in _ALONE:
            place += 2
            continue
        length = int.from_bytes(data[place + 2 : place + 4])
        if marker in _FRAMES and length >= 8:  # noqa: PLR2004 - precision, height, width and the count of parts
            height, width = data[place + 5 : place + 7], data[place + 7 : place + 9]
            return int.from_bytes(width), int.from_bytes(height)
        if marker == _START_OF_SCAN or length < 2:  # noqa: PLR2004 - a length counts itself
            return None
        place += 2 + length
    return None
