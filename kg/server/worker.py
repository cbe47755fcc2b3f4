"""A worker: a process that answers one job at a time, and can be killed at any moment.

In comes a frame with a job's name and its fields; out go a head, blocks of bytes and an end, or a fault.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import Any

from kg.errors import KgError
from kg.graph import Graph
from kg.server.faults import Fault, fault_of
from kg.server.frames import BLOCK, END, FAULT, HEAD, Wire, pack, pack_data

BLOCK_BYTES = 65_536
_LEAST_COMPRESSED = 1000


class Output:
    """The way of an answer out of the worker: a file that is only written to."""

    def __init__(self, wire: Wire, limit: int, *, gzip: bool = False) -> None:
        self._wire, self._limit, self._left = wire, limit, limit
        self._buffer = bytearray()
        self._head = b""
        self._media_type = ""
        self._wants_gzip = gzip
        self._gzip: Any = None

    def head(self, media_type: str) -> None:
        """Name the media type; nothing is sent before the first block, so a failure can still be told."""
        self._media_type = media_type

    def write(self, block: bytes) -> int:
        """Take bytes; raises `Fault` beyond the limit, so that no short answer passes for a whole one."""
        self._left -= len(block)
        if self._left < 0:
            raise Fault(413, f"The answer has more than {self._limit:,} bytes; add a LIMIT.")
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

    def close(self) -> None:
        """Send the rest, and say that this was all."""
        frames = self._packed()
        if self._gzip is not None:
            frames.append(pack(BLOCK, self._gzip.flush()))
        self._wire.send(*frames, pack(END))

    def _packed(self) -> list[bytes]:
        frames = []
        if not self._head:
            is_long = self._wants_gzip and len(self._buffer) >= _LEAST_COMPRESSED
            # Level 4 is several times faster than 9 and loses a few percent.
            self._gzip = zlib.compressobj(4, wbits=31) if is_long else None
            self._head = pack_data(HEAD, [self._media_type, "gzip" if is_long else ""])
            frames.append(self._head)
        block = bytes(self._buffer)
        self._buffer.clear()
        if self._gzip is not None:
            block = self._gzip.compress(block)
        if block:
            frames.append(pack(BLOCK, block))
        return frames


def work(wire: Wire, graph: Graph | Fault, limit: int) -> None:
    """Answer jobs until the socket closes; where the facts could not be opened, say so to each."""
    try:
        while True:
            name, fields = wire.receive().data()
            if isinstance(graph, Fault):
                _tell(wire, graph)
            else:
                _answer(wire, graph, name, fields, limit)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return


def _answer(wire: Wire, graph: Graph, name: str, fields: dict[str, Any], limit: int) -> None:
    from kg.server.jobs import JOBS

    output = Output(wire, limit, gzip=fields.pop("gzip", False))
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
        output.close()


def _tell(wire: Wire, fault: Fault) -> None:
    wire.send(pack_data(FAULT, [fault.status, fault.message, fault.line, fault.column, fault.headers]))
