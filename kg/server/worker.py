"""A worker: a process that opens the facts by itself and answers one job at a time.

It speaks over one pipe. In come a job's name and its fields; out go `("ready", title, root)` or
`("failed", message)` once, and for every job `("head", media type)`, bytes and `("end",)`, or
`("fault", ...)`.
It can be killed at any moment: nothing that it holds is shared.
"""

from __future__ import annotations

import signal
from collections.abc import Iterable
from multiprocessing.connection import Connection
from typing import Any

from kg.errors import KgError
from kg.graph import Graph
from kg.server.faults import Fault, fault_of
from kg.server.settings import Place

BLOCK = 65_536


class Output:
    """The way of an answer out of the worker: a file that is only written to."""

    def __init__(self, pipe: Connection, limit: int) -> None:
        self._pipe, self._left = pipe, limit
        self._buffer = bytearray()
        self._media_type = ""
        self._is_begun = False

    def head(self, media_type: str) -> None:
        """Name the media type; nothing is sent before the first block, so a failure can still be told."""
        self._media_type = media_type

    def write(self, block: bytes) -> int:
        """Take bytes; raises `Fault` beyond the limit, so that no short answer passes for a whole one."""
        self._left -= len(block)
        if self._left < 0:
            raise Fault(413, "The answer is larger than this server gives; add a LIMIT.")
        self._buffer += block
        if len(self._buffer) >= BLOCK:
            self.flush()
        return len(block)

    def writelines(self, blocks: Iterable[bytes]) -> None:
        """Take many blocks."""
        for block in blocks:
            self.write(block)

    def flush(self) -> None:
        """Send what has gathered."""
        if len(self._buffer) < BLOCK and self._is_begun is False:
            return
        self._send()

    def close(self) -> None:
        """Send the rest, and say that this was all."""
        self._send()
        self._pipe.send(("end",))

    def _send(self) -> None:
        if not self._is_begun:
            self._is_begun = True
            self._pipe.send(("head", self._media_type))
        if self._buffer:
            self._pipe.send(bytes(self._buffer))
            self._buffer.clear()


def work(pipe: Connection, place: Place, limit: int) -> None:
    """Open the facts and answer jobs until the pipe closes."""
    # Ctrl-C reaches the whole group; the server tells its workers itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        graph = place.open()
        graph.questions()
    except (KgError, OSError) as error:
        pipe.send(("failed", str(error)))
        return
    try:
        pipe.send(("ready", graph.project.title, str(graph.project.root)))
        while True:
            name, fields = pipe.recv()
            _answer(pipe, graph, name, fields, limit)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return


def _answer(pipe: Connection, graph: Graph, name: str, fields: dict[str, Any], limit: int) -> None:
    from kg.server.jobs import JOBS

    output = Output(pipe, limit)
    try:
        JOBS[name](graph, fields, output)
    except Fault as fault:
        _tell(pipe, fault)
    except KgError as error:
        _tell(pipe, fault_of(error))
    except (BrokenPipeError, ConnectionResetError):
        raise
    except (OSError, RuntimeError, ValueError) as error:
        # What pyoxigraph raises while it writes: what a format cannot hold, or a failed evaluation.
        _tell(pipe, Fault(400, f"The answer could not be written: {error}."))
    else:
        output.close()


def _tell(pipe: Connection, fault: Fault) -> None:
    pipe.send(("fault", fault.status, fault.message, fault.line, fault.column))
