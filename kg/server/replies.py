"""Answers to light queries, from the bytes of a request to the bytes of its answer, in one step."""

from __future__ import annotations

import signal
import time
from email.utils import formatdate
from typing import NamedTuple

import pyoxigraph as ox

from kg.engine import Answer
from kg.engine.embedded import Embedded
from kg.formats import RESULT_FORMATS
from kg.query import RESULTS
from kg.server.capping import added, cap, remark
from kg.server.light import is_light
from kg.server.negotiate import choose
from kg.server.plain import host_name, read_fields, read_query, split
from kg.server.worker import LEAST_COMPRESSED, compressor, with_charset

SECONDS = 0.05
"""So long may a light query keep a core; its process ends on it."""
_LONGEST = 65_536
_MOST_KEPT = 16_000_000
_MOST_SEEN = 100_000
_ROWS = frozenset(["csv", "tsv"])


class _Manner(NamedTuple):
    """How requests with certain header fields are answered."""

    format: str
    head: bytes
    gzip: bool
    is_form: bool
    is_last: bool


class Reply(NamedTuple):
    """A whole answer, and whether the connection is to be closed after it."""

    content: bytes
    is_last: bool


class _Short(list[bytes]):
    """A file for an answer that is short."""

    _left = _LONGEST

    def write(self, block: bytes) -> int:
        """Take bytes; raises `ValueError` where they are too many."""
        self._left -= len(block)
        if self._left < 0:
            raise ValueError("This answer is not short.")
        self.append(block)
        return len(block)

    def flush(self) -> None:
        """Do nothing."""


class Replies:
    """What is answered to which request, from one state of the facts."""

    def __init__(self, engine: Embedded, hosts: frozenset[str], headers: str, rows: int = 0) -> None:
        self._engine, self._hosts, self._headers, self._rows = engine, hosts, headers, rows
        self._prefixes = dict(engine.prefixes)
        self._manners: dict[tuple[bytes, bool], _Manner | None] = {}
        self._seen: set[int] = set()
        self._kept: dict[bytes, Reply] = {}
        self._bytes = self._second = 0
        self._start = b""

    def find(self, request: bytes) -> Reply | None:
        """Return the whole answer to a light request, None for any other."""
        reply = self._kept.get(request) or self._make(request)
        if reply is None:
            return None
        now = int(time.time())
        if now != self._second:
            self._second = now
            self._start = f"HTTP/1.1 200 OK\r\ndate: {formatdate(now, usegmt=True)}\r\n".encode()
        return Reply(self._start + reply.content, reply.is_last)

    def _make(self, request: bytes) -> Reply | None:
        parts = split(request)
        manner = self._manner(parts.fields, is_posted=parts.is_posted) if parts else None
        if parts is None or manner is None:
            return None
        query = read_query(parts.asked, is_form=manner.is_form)
        if query is None or not is_light(query):
            return None
        capped = cap(query, self._rows)
        body = self._evaluate(capped, manner.format)
        if body is None:
            return None
        extra = b""
        if capped != query:
            replaced, said = remark(manner.format, self._rows)
            body = said + body[len(replaced) :]
            extra = b"Kg-Added: %b\r\n" % added(self._rows).encode()
        if manner.gzip and len(body) >= LEAST_COMPRESSED:
            packer = compressor()
            body, extra = packer.compress(body) + packer.flush(), extra + b"content-encoding: gzip\r\n"
        content = b"%b%bcontent-length: %d\r\n\r\n%b" % (manner.head, extra, len(body), body)
        reply = Reply(content, manner.is_last)
        self._keep(request, reply)
        return reply

    def _evaluate(self, query: str, format: str) -> bytes | None:  # noqa: A002 - the word that users know
        output = _Short()
        # Nothing can stop the engine within a process; whoever lent us connections takes them back.
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        try:
            answer = self._ask(query)
            if isinstance(answer, ox.QueryTriples) or (
                isinstance(answer, ox.QueryBoolean) and format in _ROWS
            ):
                return None
            answer.serialize(output, RESULTS[format])  # type: ignore[arg-type]  # it is only written to
        except (SyntaxError, ValueError, OSError, RuntimeError):
            return None
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        return b"".join(output)

    def _ask(self, query: str) -> Answer:
        """Ask without prefixes first: most texts declare theirs, and each call parses what it is given."""
        try:
            return self._engine.store.query(query)
        except SyntaxError:
            return self._engine.store.query(query, prefixes=self._prefixes)

    def _manner(self, fields: bytes, *, is_posted: bool) -> _Manner | None:
        """Read header fields, which clients send again and again."""
        key = fields, is_posted
        if key in self._manners:
            return self._manners[key]
        if len(self._manners) > 1000:
            self._manners.clear()
        wanted = read_fields(fields, is_posted=is_posted)
        found = None
        if wanted is not None and host_name(wanted.host) in self._hosts:
            kind = choose(wanted.accept, RESULT_FORMATS)
            if kind is not None:
                head = f"content-type: {with_charset(kind.media_type)}\r\n{self._headers}"
                if wanted.is_last:
                    head += "connection: close\r\n"
                found = _Manner(kind.name, head.encode(), wanted.gzip, wanted.is_form, wanted.is_last)
        self._manners[key] = found
        return found

    def _keep(self, request: bytes, reply: Reply) -> None:
        """Keep the answer to what is asked a second time; most is asked once."""
        number = hash(request)
        if number not in self._seen:
            if len(self._seen) >= _MOST_SEEN:
                self._seen.clear()
            self._seen.add(number)
            return
        size = len(request) + len(reply.content)
        self._bytes += size
        if self._bytes > _MOST_KEPT:
            self._kept.clear()
            self._bytes = size
        self._kept[request] = reply
