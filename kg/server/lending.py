"""Lending: connections are given to desks, which answer light queries, and come back for all else."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from itertools import count
from typing import Protocol

from kg.server.desk import NUMBER
from kg.server.faults import Fault
from kg.server.frames import COMMAND, DONE, END, LAST, pack
from kg.server.processes import Stem, Worker

_PAUSE = 0.5


class Connection(Protocol):
    """What can be lent: who has it neither reads from it nor writes to it until it comes back."""

    def fileno(self) -> int:
        """The number of its socket."""

    def take_back(self, unsent: bytes, request: bytes, *, is_last: bool) -> None:
        """Go on with it: send what is left of an answer, end it, answer a request that was not answered."""


class DeskLine:
    """Our end of one desk."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker
        self.lent: dict[bytes, tuple[Connection, bytes]] = {}
        """The connections that are there, with the request that has not been answered yet."""
        self.given = 0
        """How many were lent and had their request answered."""

    def lend(self, number: bytes, connection: Connection, request: bytes) -> bool:
        """Hand a connection over; say whether that could be done."""
        try:
            socket.send_fds(self.worker.socket, [pack(COMMAND, number + request)], [connection.fileno()])
        except OSError:
            return False
        self.lent[number] = connection, request
        return True

    async def mind(self) -> None:
        """Take connections back until the desk is gone, and then all that it had."""
        line = self.worker.line
        while line.is_open:
            await line.wait(None)
            while (frame := line.take()) is not None:
                number, unsent = frame.body[:NUMBER], frame.body[NUMBER:]
                connection, request = self.lent.pop(number)
                if frame.kind == END:
                    connection.take_back(unsent, request, is_last=False)
                    continue
                self.given += bool(request)
                if frame.kind == DONE:
                    self.lent[number] = connection, b""
                else:
                    connection.take_back(unsent, b"", is_last=frame.kind == LAST)
        for connection, request in self.lent.values():
            connection.take_back(b"", request, is_last=False)
        self.lent.clear()


class Lender:
    """All desks."""

    def __init__(self, most: int, hosts: tuple[str, ...], headers: str) -> None:
        self._most, self._told = most, {"hosts": hosts, "headers": headers}
        self.desks: set[DeskLine] = set()
        self._stem: Stem | None = None
        self._numbers = count()
        self._tasks: set[asyncio.Task[None]] = set()

    def lend(self, connection: Connection, request: bytes) -> bool:
        """Lend a connection with its request to the desk that has fewest; say whether there was one."""
        desk = min(self.desks, key=lambda desk: len(desk.lent), default=None)
        return desk is not None and desk.lend(next(self._numbers).to_bytes(NUMBER), connection, request)

    async def close(self) -> None:
        """End all desks and have all connections back."""
        self._stem = None
        for desk in self.desks:
            desk.worker.line.finish()
        self.desks.clear()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=2)

    def stop(self) -> None:
        """Leave the desks to their stem."""
        self._stem = None
        for task in self._tasks:
            task.cancel()

    def open(self, stem: Stem) -> None:
        """Have desks that answer from the facts of a stem."""
        self._stem = stem
        for _ in range(self._most):
            task = asyncio.ensure_future(self._keep(stem))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _keep(self, stem: Stem) -> None:
        """Have one desk at work, and another when it ends, for as long as the facts are these."""
        while stem is self._stem and stem.is_open:
            with suppress(Fault):
                worker = await stem.fork()
                worker.send("desk", self._told)
                await worker.line.wait(None)
                desk = DeskLine(worker)
                if worker.line.take() is not None and stem is self._stem:
                    self.desks.add(desk)
                    await desk.mind()
                    self.desks.discard(desk)
                await stem.end(worker)
            if stem is self._stem:
                await asyncio.sleep(_PAUSE)
