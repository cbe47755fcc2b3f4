"""A worker: a process that answers one job at a time, and can be killed at any moment.

In comes a frame with a job's name and its fields; out go a head, blocks of bytes and an end, or a fault.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterable
from typing import Any

from kg.engine.embedded import Embedded
from kg.errors import KgError
from kg.graph import Graph
from kg.server.capping import remark
from kg.server.faults import Fault, fault_of
from kg.server.frames import BLOCK, DONE, END, FAULT, HEAD, Wire, pack, pack_data
from kg.server.settings import Limits

BLOCK_BYTES = 65_536
LEAST_COMPRESSED = 1000


class Output:
    """The way of an answer out of the worker: a file that is only written to."""

    def __init__(self, wire: Wire, limits: Limits, *, gzip: bool = False) -> None:
        self._wire, self._limit, self._left = wire, limits.answer_bytes, limits.answer_bytes
        self.rows = limits.rows
        self._opening = (b"", b"")
        self._is_limited = False
        self._buffer = bytearray()
        self._head = b""
        self._media_type = ""
        self._wants_gzip = gzip
        self._gzip: Any = None

    def head(self, media_type: str) -> None:
        """Name the media type; nothing is sent before the first block, so a failure can still be told."""
        self._media_type = media_type

    def limited(self, name: str) -> None:
        """Say in the answer, which is in this format, that its rows were limited."""
        self._is_limited = True
        self._opening = remark(name, self.rows)

    def write(self, block: bytes) -> int:
        """Take bytes; raises `Fault` beyond the limit, so that no short answer passes for a whole one."""
        self._left -= len(block)
        if self._left < 0:
            raise Fault(413, f"The answer has more than {self._limit:,} bytes; add a LIMIT.")
        if self._opening[1]:
            replaced, said = self._opening
            self._opening = (b"", b"")
            self._buffer += said
            self._buffer += block[len(replaced) :]
        else:
            self._buffer += block
        if len(self._buffer) >= BLOCK_BYTES:
            self._wire.send(*self._packed())
        return len(block)

    def writelines(self, blocks: Iterable[bytes]) -> None:
        """Take many blocks."""
        for block in blocks:
            self.write(block)

    def flush(self) -> None:
        """Do nothing: blocks go out when they are full."""

    def close(self, seconds: float) -> None:
        """Send the rest, and say that this was all, how many bytes, and how long it took on a core."""
        self._wire.send(*self._packed(is_last=True), pack_data(END, [seconds, self._limit - self._left]))

    def _packed(self, *, is_last: bool = False) -> list[bytes]:
        frames = []
        if not self._head:
            is_long = self._wants_gzip and len(self._buffer) >= LEAST_COMPRESSED
            self._gzip = compressor() if is_long else None
            self._head = pack_data(HEAD, [self._media_type, "gzip" if is_long else "", self._is_limited])
            frames.append(self._head)
        block = bytes(self._buffer)
        self._buffer.clear()
        if self._gzip is not None:
            block = self._gzip.compress(block) + (self._gzip.flush() if is_last else b"")
        if block:
            frames.append(pack(BLOCK, block))
        return frames


def compressor() -> Any:
    """Return what packs an answer; level 4 is several times faster than 9 and loses a few percent."""
    return zlib.compressobj(4, wbits=31)


def with_charset(media_type: str) -> str:
    """Return a media type as answers state it.

    >>> with_charset("text/csv")
    'text/csv; charset=utf-8'
    """
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type


def work(wire: Wire, graph: Graph | Fault, limits: Limits) -> None:
    """Answer jobs until the socket closes; where the facts could not be opened, say so to each."""
    try:
        while True:
            name, fields = wire.receive().data()
            if name == "desk":
                _tend(wire, graph, fields, limits)
                return
            if isinstance(graph, Fault):
                _tell(wire, graph)
            else:
                _answer(wire, graph, name, fields, limits)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return


def _tend(wire: Wire, graph: Graph | Fault, told: dict[str, Any], limits: Limits) -> None:
    """Be a desk until the server hangs up."""
    from kg.server.desk import Desk
    from kg.server.replies import Replies

    if isinstance(graph, Graph) and isinstance(graph.engine, Embedded):
        wire.send(pack(DONE))
        Desk(wire, Replies(graph.engine, frozenset(told["hosts"]), told["headers"], limits)).run()


def _answer(wire: Wire, graph: Graph, name: str, fields: dict[str, Any], limits: Limits) -> None:
    from kg.server.jobs import JOBS

    output = Output(wire, limits, gzip=fields.pop("gzip", False))
    before = time.process_time()
    try:
        JOBS[name](graph, fields, output)
    except Fault as fault:
        _tell(wire, fault)
    except KgError as error:
        _tell(wire, fault_of(error))
    except (BrokenPipeError, ConnectionResetError):
        raise
    except RecursionError:
        _tell(wire, Fault(400, "The query is nested too deeply."))
    except (OSError, RuntimeError, ValueError) as error:
        # What pyoxigraph raises while it writes: what a format cannot hold, or a failed evaluation.
        _tell(wire, Fault(400, f"The answer could not be written: {error}."))
    else:
        output.close(time.process_time() - before)


def _tell(wire: Wire, fault: Fault) -> None:
    wire.send(pack_data(FAULT, [fault.status, fault.message, fault.line, fault.column, fault.headers]))
