"""What tests of photos do again and again: make one, send part of it, name it in an entry."""

from __future__ import annotations

import hashlib
import struct
from typing import Any

from werkzeug.test import TestResponse

from tests.webapp.world import SAME_ORIGIN, Phone, meeting

OWNER = "lan"
NEIGHBOUR = "minh"


def jpeg(filler: bytes = b"", *, width: int = 1280, height: int = 960) -> bytes:
    """Make the least that is a JPEG: its frame, and a scan of any bytes."""
    head = b"\xff\xd8" + b"\xff\xe0" + struct.pack(">H", 16) + b"JFIF\0" + bytes(9)
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 11, 8, height, width, 1) + bytes(3)
    return head + frame + b"\xff\xda" + struct.pack(">H", 8) + bytes(6) + filler + b"\xff\xd9"


PHOTO = jpeg(b"nha van hoa" * 9_000)
NAME = hashlib.sha256(PHOTO).hexdigest()


def named(data: bytes, caption: str = "") -> dict[str, Any]:
    return {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "caption": caption}


def address(data: bytes) -> str:
    return f"/sync/media/{hashlib.sha256(data).hexdigest()}"


def patch(phone: Phone, data: bytes, start: int = 0, end: int | None = None, **replaced: str) -> TestResponse:
    """Send part of a photo; keyword arguments replace headers, with ``_`` for ``-``."""
    sent = {
        "Upload-Offset": str(start), "Upload-Length": str(len(data)), "Content-Type": "application/partial-upload",
    } | SAME_ORIGIN | {name.replace("_", "-"): value for name, value in replaced.items()}  # fmt: skip
    return phone.client.patch(address(data), data=data[start:end], headers=sent)


def progress(answer: TestResponse) -> tuple[int, str, str]:
    return answer.status_code, answer.headers["Upload-Offset"], answer.headers["Upload-Complete"]


def write_entry(phone: Phone, *photos: bytes, group: str = "A1-2") -> dict[str, Any]:
    entry = phone.operation("meeting.save", meeting(group, photos=[named(data, "Cống") for data in photos]))
    [outcome] = phone.push(entry)
    assert outcome["outcome"] == "applied", outcome
    return entry
