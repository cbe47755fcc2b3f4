"""A desk: a worker to whom clients' connections are lent, and who answers their light queries itself.

A connection comes with the request that it was lent for. Those that follow are read for good only when there
is an answer. So a desk may end at any moment: but for the one it is just answering, all is where it was.
"""

from __future__ import annotations

import selectors
import socket
import time
from dataclasses import dataclass

from kg.server.frames import BLOCK, DONE, END, LAST, Wire, pack
from kg.server.plain import LONGEST, length
from kg.server.replies import Replies, Reply

NUMBER = 8
"""How many bytes the number of a connection has."""
_IDLE = 5.0
_PEEK = socket.MSG_PEEK | socket.MSG_DONTWAIT


@dataclass(slots=True)
class _Lent:
    """A connection, what the server calls it, and whether the rest of a request is awaited."""

    link: socket.socket
    number: bytes
    is_awaited: bool = False

    def await_rest(self, size: int) -> None:
        """Be told of nothing until so many bytes can be read."""
        self.link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, size)
        self.is_awaited = size > 1


class Desk:
    """The process."""

    def __init__(self, wire: Wire, replies: Replies) -> None:
        self._wire, self._replies = wire, replies
        self._lent: dict[int, _Lent] = {}
        self._used: set[int] = set()
        self._selector = selectors.DefaultSelector()
        self._read = memoryview(bytearray(LONGEST + 1))

    def run(self) -> None:
        """Answer until the server hangs up, which raises `EOFError`."""
        self._selector.register(self._wire.fileno(), selectors.EVENT_READ)
        swept = time.monotonic()
        while True:
            for key, _ in self._selector.select(_IDLE):
                if key.data is None:
                    self._take()
                else:
                    self._serve(key.data)
            if time.monotonic() - swept > _IDLE:
                self._sweep()
                swept = time.monotonic()

    def _take(self) -> None:
        """Take a connection and answer its request."""
        body = self._wire.receive().body
        number, request = body[:NUMBER], body[NUMBER:]
        reply = self._replies.find(request, is_quick=True)
        # A process has no more files than it may.
        link = socket.socket(fileno=self._wire.fds.pop()) if self._wire.fds else None
        if reply is None or link is None:
            self._wire.send(pack(END, number))
            if link is not None:
                link.close()
            return
        lent = _Lent(link, number)
        left = self._send(lent, reply)
        if left or reply.is_last:
            link.close()
            self._wire.send(pack(LAST if reply.is_last else BLOCK, number + left))
            return
        self._lent[link.fileno()] = lent
        self._selector.register(link, selectors.EVENT_READ, lent)
        self._wire.send(pack(DONE, number))

    def _serve(self, lent: _Lent) -> None:
        """Answer what has come on a connection, or give it back."""
        link = lent.link
        try:
            size = link.recv_into(self._read, 0, _PEEK)
            request = self._read[:size].tobytes()
            reply = self._replies.find(request)
            if reply is None:
                whole = length(request)
                if whole is None or whole <= size or lent.is_awaited:
                    self._give_back(lent)
                else:
                    lent.await_rest(whole)
                return
            link.recv_into(self._read, size)
            if lent.is_awaited:
                lent.await_rest(1)
        except OSError:
            # Its other owner meets with the same, and knows what to do.
            self._give_back(lent)
            return
        left = self._send(lent, reply)
        if left or reply.is_last:
            self._give_back(lent, left, is_last=reply.is_last)

    def _send(self, lent: _Lent, reply: Reply) -> bytes:
        """Send an answer; return what the client does not take now, which is left to the server."""
        content = reply.content
        self._used.add(lent.link.fileno())
        try:
            return content[lent.link.send(content, socket.MSG_DONTWAIT) :]
        except BlockingIOError:
            return content
        except OSError:
            return b""

    def _give_back(self, lent: _Lent, unsent: bytes = b"", *, is_last: bool = False) -> None:
        del self._lent[lent.link.fileno()]
        self._selector.unregister(lent.link)
        lent.link.close()
        self._wire.send(pack(LAST if is_last else BLOCK, lent.number + unsent))

    def _sweep(self) -> None:
        """Give back whatever has been silent."""
        for fd, lent in list(self._lent.items()):
            if fd not in self._used:
                self._give_back(lent)
        self._used.clear()
