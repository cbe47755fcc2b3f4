"""A desk: a worker to whom clients' connections are lent, and who answers their light queries itself.

A connection comes with the request that it was lent for. Those that follow are read for good only when there
is an answer. So a desk may end at any moment: but for the one it is just answering, all is where it was.
"""

from __future__ import annotations

import selectors
import socket
import time
from typing import NamedTuple

from kg.server.frames import BLOCK, DONE, END, Wire, pack
from kg.server.light import LONGEST
from kg.server.replies import Replies

NUMBER = 8
"""How many bytes the number of a connection has."""
_IDLE = 5.0
_PEEK = socket.MSG_PEEK | socket.MSG_DONTWAIT


class _Lent(NamedTuple):
    """A connection, and what the server calls it."""

    link: socket.socket
    number: bytes


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
        answer = self._replies.find(request)
        # A process has no more files than it may.
        link = socket.socket(fileno=self._wire.fds.pop()) if self._wire.fds else None
        if answer is None or link is None:
            self._wire.send(pack(END, number))
            if link is not None:
                link.close()
            return
        lent = _Lent(link, number)
        self._lent[link.fileno()] = lent
        self._selector.register(link, selectors.EVENT_READ, lent)
        if self._send(lent, answer):
            self._wire.send(pack(DONE, number))

    def _serve(self, lent: _Lent) -> None:
        """Answer what has come on a connection, or give it back."""
        link = lent.link
        try:
            size = link.recv_into(self._read, 0, _PEEK)
            request = self._read[:size].tobytes()
            answer = self._replies.find(request)
            if answer is None:
                self._give_back(lent)
                return
            link.recv_into(self._read, size)
        except OSError:
            # Its other owner meets with the same, and knows what to do.
            self._give_back(lent)
            return
        self._send(lent, answer)

    def _send(self, lent: _Lent, answer: bytes) -> bool:
        """Send an answer; what the client does not take now is left to the server, with the connection."""
        self._used.add(lent.link.fileno())
        try:
            sent = lent.link.send(answer, socket.MSG_DONTWAIT)
        except BlockingIOError:
            sent = 0
        except OSError:
            sent = len(answer)
        if sent < len(answer):
            self._give_back(lent, answer[sent:])
        return sent == len(answer)

    def _give_back(self, lent: _Lent, unsent: bytes = b"") -> None:
        del self._lent[lent.link.fileno()]
        self._selector.unregister(lent.link)
        lent.link.close()
        self._wire.send(pack(BLOCK, lent.number + unsent))

    def _sweep(self) -> None:
        """Give back whatever has been silent."""
        for fd, lent in list(self._lent.items()):
            if fd not in self._used:
                self._give_back(lent)
        self._used.clear()
