"""Frames: how the server and its workers speak over a socket: a kind, a length, and so many bytes."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections import deque
from typing import Any, NamedTuple, cast

HEAD, BLOCK, LAST, END, FAULT, DONE, COMMAND = b"H", b"B", b"L", b"E", b"F", b"D", b"C"
_HEADER = struct.Struct("!cI")
_MOST_AHEAD = 1 << 20


class Frame(NamedTuple):
    """One frame: what it is, and what it holds."""

    kind: bytes
    body: bytes

    def data(self) -> Any:
        """Read the body as JSON."""
        return json.loads(self.body)


def pack(kind: bytes, body: bytes = b"") -> bytes:
    r"""Write a frame.

    >>> pack(END)
    b'E\x00\x00\x00\x00'
    """
    return _HEADER.pack(kind, len(body)) + body


def pack_data(kind: bytes, data: object) -> bytes:
    """Write a frame that holds JSON."""
    return pack(kind, json.dumps(data).encode())


class Wire:
    """A worker's end of a socket, which waits."""

    def __init__(self, end: socket.socket) -> None:
        self._socket = end
        self._buffer = bytearray()
        self.fds: list[int] = []

    def fileno(self) -> int:
        """The number of the socket."""
        return self._socket.fileno()

    def send(self, *frames: bytes) -> None:
        """Send packed frames; raises `BrokenPipeError` where nobody listens."""
        self._socket.sendall(b"".join(frames))

    def receive(self) -> Frame:
        """Wait for one frame; a file that came with it is put into `fds`. Raises `EOFError` at the end."""
        kind, size = _HEADER.unpack(self._exactly(_HEADER.size))
        return Frame(kind, self._exactly(size))

    def _exactly(self, size: int) -> bytes:
        while len(self._buffer) < size:
            block, fds, _, _ = socket.recv_fds(self._socket, 65_536, 1)
            if not block:
                raise EOFError
            self.fds += fds
            self._buffer += block
        found = bytes(self._buffer[:size])
        del self._buffer[:size]
        return found


class Line(asyncio.Protocol):
    """Our end of such a socket, which never waits and never holds much of what nobody has taken."""

    def __init__(self) -> None:
        self.is_open = True
        self._buffer = bytearray()
        self._frames: deque[Frame] = deque()
        self._held = 0
        self._is_paused = False
        self._waiter: asyncio.Future[None] | None = None
        self._transport: asyncio.Transport | None = None

    @classmethod
    async def over(cls, end: socket.socket) -> Line:
        """Speak over a connected socket."""
        end.setblocking(False)
        _, line = await asyncio.get_running_loop().create_unix_connection(cls, sock=end)
        return line

    def send(self, frame: bytes) -> None:
        """Send a packed frame."""
        if self._transport is not None:
            self._transport.write(frame)

    def take(self) -> Frame | None:
        """Return a frame that has come, None where none has."""
        if not self._frames:
            return None
        frame = self._frames.popleft()
        self._held -= len(frame.body)
        if self._is_paused and self._held < _MOST_AHEAD and self._transport is not None:
            self._is_paused = False
            self._transport.resume_reading()
        return frame

    async def wait(self, seconds: float | None) -> None:
        """Wait until a frame has come, the other end is gone, or the time is over."""
        if self._frames or not self.is_open:
            return
        loop = asyncio.get_running_loop()
        self._waiter = loop.create_future()
        # Cheaper than a task and a timeout around it, and it runs for every answer.
        bell = None if seconds is None else loop.call_later(seconds, self._wake)
        try:
            await self._waiter
        finally:
            self._waiter = None
            if bell is not None:
                bell.cancel()

    def finish(self) -> None:
        """Say that nothing more will be sent."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write_eof()

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what can be paused."""
        # uvloop's transports do all this and are not of asyncio's class.
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Cut what has come into frames."""
        self._buffer += data
        at, size = 0, len(self._buffer)
        while size - at >= _HEADER.size:
            kind, length = _HEADER.unpack_from(self._buffer, at)
            start = at + _HEADER.size
            if size - start < length:
                break
            at = start + length
            self._frames.append(Frame(kind, bytes(self._buffer[start:at])))
            self._held += length
        del self._buffer[:at]
        if self._held > _MOST_AHEAD and not self._is_paused and self._transport is not None:
            self._is_paused = True
            self._transport.pause_reading()
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Wake who waits: nothing more comes."""
        self.is_open = False
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
