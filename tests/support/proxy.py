"""A TCP proxy that fails and slows down as a bad connection does, and counts what crosses it.

The browser talks to the proxy's fixed origin all the time, so that faults reach the page and the service
worker alike (throttling through the browser's developer tools reaches only the page). One link carries all
connections, as one radio does: bytes per second are shared, and opening a connection costs a round trip too.
"""

from __future__ import annotations

import asyncio
import re
import socket
import struct
import threading
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final, Self, TypeVar

from tests.support.server import HOST, free_port

SEGMENT: Final = 1400
RESET: Final = struct.pack("ii", 1, 0)
HEADER_END: Final = b"\r\n\r\n"

T = TypeVar("T")


class Mode(Enum):
    """What becomes of a connection."""

    PASS = "pass"
    REFUSE = "refuse"
    BLACK_HOLE = "black hole"


class Part(Enum):
    """How much of a request or an answer gets through before the line breaks."""

    NOTHING = "nothing"
    HEAD = "half of the head"
    BODY = "half of the body"
    ALL = "all"


@dataclass(frozen=True)
class Act:
    """What becomes of one request: cut on its way or on the way back, swallowed, or answered by somebody else."""

    request: Part = Part.ALL
    answer: Part = Part.ALL
    is_swallowed: bool = False
    reply: bytes | None = None
    header: bytes = b""
    """Added for the server to read."""
    larger_than: int = 0
    """Falls only upon requests whose body has more bytes."""

    @property
    def reaches_server(self) -> bool:
        """Whether anything of the request is handed on."""
        return self.reply is None and not self.is_swallowed


UNTOUCHED: Final = Act()


@dataclass
class Exchange:
    """One request and its answer, in bytes on the wire."""

    method: str
    path: str
    sent: int = 0
    received: int = 0
    head_sent: bytes = b""
    """Of what was sent: the request line and the headers."""
    head_received: bytes = b""
    """Of what was received: the status line and the headers."""


@dataclass
class Count:
    """What crossed the proxy since the last reset."""

    connections: int = 0
    exchanges: list[Exchange] = field(default_factory=list)

    @property
    def requests(self) -> int:
        """How many requests there were."""
        return len(self.exchanges)

    @property
    def sent(self) -> int:
        """Bytes from the browser to the server."""
        return sum(exchange.sent for exchange in self.exchanges)

    @property
    def received(self) -> int:
        """Bytes from the server to the browser."""
        return sum(exchange.received for exchange in self.exchanges)

    @property
    def bytes(self) -> int:
        """Bytes in both directions."""
        return self.sent + self.received

    @property
    def heads(self) -> int:
        """Of these bytes, those in request lines, status lines and headers."""
        return sum(len(each.head_sent) + len(each.head_received) for each in self.exchanges)

    def under(self, prefix: str) -> Count:
        """Return the part whose paths begin with `prefix`."""
        return Count(self.connections, [each for each in self.exchanges if each.path.startswith(prefix)])


class _Requests:
    """Follows the requests in one connection's stream, so that bytes are counted for the right one."""

    def __init__(self, count: Count) -> None:
        self.count = count
        self.act = UNTOUCHED
        self.current: Exchange | None = None
        self._head = b""
        self._body_left = 0
        self._answer_head: bytes | None = None

    @property
    def is_between(self) -> bool:
        """Whether what comes next is the beginning of a request."""
        return not (self._body_left or self._head)

    def answer(self, data: bytes) -> None:
        if self.current is None:
            return
        self.current.received += len(data)
        if self._answer_head is not None:
            head, end, _ = (self._answer_head + data).partition(HEADER_END)
            self._answer_head = None if end else head
            self.current.head_received = head + end

    def feed(self, data: bytes) -> None:
        while data:
            if self._body_left:
                taken, data = data[: self._body_left], data[self._body_left :]
                self._body_left -= len(taken)
                if self.current:
                    self.current.sent += len(taken)
                continue
            self._head += data
            head, end, data = self._head.partition(HEADER_END)
            if not end:
                return
            self._head = b""
            self._begin(head)

    def _begin(self, head: bytes) -> None:
        first, *lines = head.decode("latin-1").split("\r\n")
        method, _, rest = first.partition(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        self._body_left = int(headers.get("content-length", "0"))
        head += HEADER_END
        self.current = Exchange(method, rest.partition(" ")[0], sent=len(head), head_sent=head)
        self._answer_head = b""
        self.count.exchanges.append(self.current)


class _Link:
    """One direction of the radio: a queue in front of so many bytes per second."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    async def carry(self, size: int, bytes_per_second: float | None) -> None:
        if bytes_per_second:
            async with self._turn:
                await asyncio.sleep(size / bytes_per_second)


class _Delivery:
    """Hands on what one connection sends in one direction, in order, each piece after the way there."""

    def __init__(self, writer: asyncio.StreamWriter, seconds: float) -> None:
        self._writer = writer
        self._seconds = seconds
        self._waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    def send(self, data: bytes) -> None:
        self._waiting.put_nowait((asyncio.get_running_loop().time() + self._seconds, data))

    def end(self) -> None:
        self.send(b"")

    async def run(self) -> None:
        while True:
            due, data = await self._waiting.get()
            await asyncio.sleep(due - asyncio.get_running_loop().time())
            if not data:
                return
            self._writer.write(data)
            await self._writer.drain()


class _CutError(ConnectionError):
    """The connection has carried as much as the test lets through."""


def _length(message: bytes) -> int:
    """Return how long the body is of a request or an answer that begins so."""
    found = re.search(rb"(?i)content-length: *(\d+)", message.partition(HEADER_END)[0])
    return int(found[1]) if found else 0


def _bytes_of(message: bytes, part: Part) -> int | None:
    """Return how many bytes get through of a request or an answer that begins so."""
    head = len(message.partition(HEADER_END)[0])
    return {
        Part.NOTHING: 0,
        Part.HEAD: head // 2,
        Part.BODY: head + len(HEADER_END) + max(1, _length(message) // 2),
        Part.ALL: None,
    }[part]


def _reset(writer: asyncio.StreamWriter) -> None:
    connection = writer.get_extra_info("socket")
    if connection is not None and connection.fileno() >= 0:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    writer.transport.abort()


class Proxy:
    """A proxy in front of `upstream` on a port of its own; use it in a `with` statement."""

    def __init__(self, upstream: int, *, port: int | None = None) -> None:
        """Prepare a proxy to a port of this machine."""
        self.upstream = upstream
        self.port = port or free_port()
        self.mode = Mode.PASS
        self.cut_after: int | None = None
        self.round_trip = 0.0
        self.bytes_per_second: float | None = None
        self.acts: Mapping[str, Act] = {}
        self.met: list[str] = []
        """The first lines of the requests that an act fell upon."""
        self.count = Count()
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True, name="fault proxy")
        self._up_link, self._down_link = _Link(), _Link()

    @property
    def origin(self) -> str:
        """The proxy's address without a path."""
        return f"http://{HOST}:{self.port}"

    def set(
        self,
        *,
        mode: Mode = Mode.PASS,
        cut_after: int | None = None,
        round_trip: float = 0.0,
        bytes_per_second: float | None = None,
        acts: Mapping[str, Act] | None = None,
    ) -> None:
        """Put these faults in place of the present ones and drop open connections: they apply at once.

        `cut_after` breaks each connection after so many bytes of answer; `round_trip` is in seconds;
        `bytes_per_second` limits each direction; `acts` says by a pattern of the request's first line what becomes
        of single requests.
        """

        async def apply() -> None:
            self.mode, self.cut_after = mode, cut_after
            self.round_trip, self.bytes_per_second = round_trip, bytes_per_second
            self.acts, self.met = acts or {}, []
            await self._drop()

        self._do(apply())

    def reset_count(self) -> Count:
        """Begin to count anew and return what was counted until now."""

        async def swap() -> Count:
            before, self.count = self.count, Count()
            return before

        return self._do(swap())

    def __enter__(self) -> Self:
        """Listen."""
        self._thread.start()
        self._server = self._do(asyncio.start_server(self._accepted, HOST, self.port, limit=SEGMENT))
        return self

    def __exit__(self, *_: object) -> None:
        """Close every connection and stop listening."""

        async def close() -> None:
            self._server.close()
            await self._drop()

        self._do(close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=30)

    async def _drop(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self.count.connections += 1
        try:
            await task
        except (asyncio.CancelledError, OSError, ExceptionGroup):
            _reset(writer)
        writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.mode is Mode.REFUSE:
            raise ConnectionRefusedError
        if self.mode is Mode.BLACK_HOLE:
            while await reader.read(SEGMENT):
                pass
            return
        origin_reader, origin_writer = await asyncio.open_connection(HOST, self.upstream, limit=SEGMENT)
        requests = _Requests(self.count)
        try:
            # What opening a connection costs; the operating system has answered the browser already.
            await asyncio.sleep(self.round_trip)
            async with asyncio.TaskGroup() as both:
                upwards = both.create_task(self._up(reader, origin_writer, writer, requests))
                await self._down(origin_reader, writer, requests)
                upwards.cancel()
        finally:
            origin_writer.close()

    async def _up(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        back: asyncio.StreamWriter,
        requests: _Requests,
    ) -> None:
        delivery = _Delivery(writer, self.round_trip / 2)
        left: int | None = None
        async with asyncio.TaskGroup() as both:
            both.create_task(delivery.run())
            while data := await reader.read(SEGMENT):
                begins = requests.is_between
                if begins:
                    requests.act = self._act_on(data)
                    left = _bytes_of(data, requests.act.request)
                requests.feed(data)
                act = requests.act
                if act.reply and requests.is_between:
                    back.write(act.reply)
                if not act.reaches_server:
                    continue
                if begins and act.header:
                    data = data.replace(b"\r\n", b"\r\n" + act.header + b"\r\n", 1)
                if left is not None:
                    data, left = data[:left], max(0, left - len(data))
                await self._up_link.carry(len(data), self.bytes_per_second)
                delivery.send(data)
                if left == 0:
                    break
            delivery.end()
        if left == 0:
            raise _CutError
        writer.write_eof()

    def _act_on(self, data: bytes) -> Act:
        """Return what becomes of the request that begins with `data`."""
        line = data.partition(b"\r\n")[0].decode("latin-1")
        for pattern, act in self.acts.items():
            if re.match(pattern, line) and _length(data) >= act.larger_than:
                self.met.append(line)
                return act
        return UNTOUCHED

    async def _down(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, requests: _Requests
    ) -> None:
        left = self.cut_after
        delivery = _Delivery(writer, self.round_trip / 2)
        async with asyncio.TaskGroup() as both:
            both.create_task(delivery.run())
            while data := await reader.read(SEGMENT):
                if left is None:
                    left = _bytes_of(data, requests.act.answer)
                piece = data if left is None else data[:left]
                await self._down_link.carry(len(piece), self.bytes_per_second)
                requests.answer(piece)
                delivery.send(piece)
                if left is not None:
                    left -= len(piece)
                    if left <= 0:
                        break
            delivery.end()
        if left is not None and left <= 0:
            raise _CutError
