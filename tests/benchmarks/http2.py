"""What HTTP/2 makes of the headers that were counted over HTTP/1.1 (RFC 9113, RFC 7541)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from hpack import Encoder

from tests.support.proxy import Count, Exchange

FRAME_HEAD: Final = 9
FRAMES: Final = 2
"""HEADERS and DATA, in each direction."""
OF_THE_CONNECTION: Final = ("connection", "keep-alive", "transfer-encoding", "host")
"""What HTTP/2 does without, or says otherwise (RFC 9113, section 8.2.2)."""


def http2_heads(counted: Count, before: Count) -> int:
    """Return the bytes of heads and frames that `counted` takes over HTTP/2, on the connection of `before`."""
    total = 0
    for fields in (_asked, _answered):
        encoder = Encoder()
        for exchange in before.exchanges:
            encoder.encode(fields(exchange))
        total += sum(len(encoder.encode(fields(each))) + FRAMES * FRAME_HEAD for each in counted.exchanges)
    return total


def _asked(exchange: Exchange) -> list[tuple[str, str]]:
    (_, path, _), fields = _parts(exchange.head_sent)
    said = dict(fields)
    pseudo = {":method": exchange.method, ":scheme": "https", ":authority": said["host"], ":path": path}
    return [*pseudo.items(), *_kept(fields)]


def _answered(exchange: Exchange) -> list[tuple[str, str]]:
    (_, status, *_), fields = _parts(exchange.head_received)
    return [(":status", status), *_kept(fields)]


def _parts(head: bytes) -> tuple[list[str], list[tuple[str, str]]]:
    first, *lines = head.decode("latin-1").strip().split("\r\n")
    fields = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    return first.split(" "), fields


def _kept(fields: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    return ((name, value) for name, value in fields if name not in OF_THE_CONNECTION)
