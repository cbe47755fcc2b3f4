"""Answers to quick queries, from the bytes of a request to the bytes of its answer, in one step."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Sequence
from email.utils import formatdate
from typing import NamedTuple

import pyoxigraph as ox

from kg.engine import Answer
from kg.engine.embedded import Embedded
from kg.errors import KgError
from kg.formats import RDF_FORMATS, RESULT_FORMATS, Format
from kg.query import write_answer
from kg.server.capping import added, cap, remark
from kg.server.kinds import LONGEST, changes, kind
from kg.server.light import is_light
from kg.server.negotiate import choose
from kg.server.plain import Wanted, host_name, read_fields, read_query, split
from kg.server.settings import Limits
from kg.server.worker import LEAST_COMPRESSED, compressor, with_charset

SECONDS = 0.05
"""So long may a light query keep a core; its process ends on it."""
_MOST_KEPT = 16_000_000
_MOST_SEEN = 100_000
_MOST_WAYS = 10_000


class _Form(NamedTuple):
    """A format, and the header fields of an answer in it."""

    name: str
    head: bytes


class _Manner(NamedTuple):
    """How requests with certain header fields are answered."""

    rows: _Form | None
    triples: _Form | None
    gzip: bool
    is_form: bool
    is_last: bool


class Reply(NamedTuple):
    """A whole answer, and whether the connection is to be closed after it."""

    content: bytes
    is_last: bool


class _Short(list[bytes]):
    """A file for an answer that is short."""

    def __init__(self, longest: int) -> None:
        self._left = longest

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

    def __init__(self, engine: Embedded, hosts: frozenset[str], headers: str, limits: Limits) -> None:
        self._engine, self._hosts, self._headers = engine, hosts, headers
        self._rows, self._longest = limits.rows, min(limits.answer_bytes, LONGEST)
        self._prefixes = dict(engine.prefixes)
        self._manners: dict[tuple[bytes, bool], _Manner | None] = {}
        self._ways: dict[int, Callable[[str], Answer]] = {}
        self._seen: set[int] = set()
        self._kept: dict[bytes, Reply] = {}
        self._bytes = self._second = 0
        self._start = b""

    def find(self, request: bytes, *, is_quick: bool = False) -> Reply | None:
        """Return the whole answer to what is light, or of a kind that was said to be quick; else None."""
        reply = self._kept.get(request) or self._make(request, is_quick=is_quick)
        if reply is None:
            return None
        now = int(time.time())
        if now != self._second:
            self._second = now
            self._start = f"HTTP/1.1 200 OK\r\ndate: {formatdate(now, usegmt=True)}\r\n".encode()
        return Reply(self._start + reply.content, reply.is_last)

    def _make(self, request: bytes, *, is_quick: bool) -> Reply | None:
        parts = split(request)
        manner = self._manner(parts.fields, is_posted=parts.is_posted) if parts else None
        if parts is None or manner is None:
            return None
        query = read_query(parts.asked, is_form=manner.is_form)
        if query is None:
            return None
        capped = cap(query, self._rows)
        ask = self._way(query, is_quick=is_quick)
        found = None if ask is None else self._evaluate(ask, capped, manner)
        if found is None:
            return None
        form, body = found
        extra = b""
        if capped != query:
            replaced, said = remark(form.name, self._rows)
            body = said + body[len(replaced) :]
            extra = b"Kg-Added: %b\r\n" % added(self._rows).encode()
        if manner.gzip and len(body) >= LEAST_COMPRESSED:
            packer = compressor()
            body, extra = packer.compress(body) + packer.flush(), extra + b"content-encoding: gzip\r\n"
        content = b"%b%bcontent-length: %d\r\n\r\n%b" % (form.head, extra, len(body), body)
        reply = Reply(content, manner.is_last)
        self._keep(request, query, reply)
        return reply

    def _way(self, query: str, *, is_quick: bool) -> Callable[[str], Answer] | None:
        """Return how a query is asked, None where it is likely to take long."""
        number = kind(query)
        way = self._ways.get(number)
        if way is None and (is_quick or is_light(query)):
            way = self._ask if is_light(query) else self._engine.query
            if len(self._ways) >= _MOST_WAYS:
                self._ways.clear()
            self._ways[number] = way
        return way

    def _evaluate(
        self, ask: Callable[[str], Answer], query: str, manner: _Manner
    ) -> tuple[_Form, bytes] | None:
        output = _Short(self._longest)
        # Nothing can stop the engine within a process; whoever lent us connections takes them back.
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        try:
            answer = ask(query)
            form = manner.triples if isinstance(answer, ox.QueryTriples) else manner.rows
            if form is None:
                return None
            write_answer(answer, output, form.name, self._prefixes)  # type: ignore[arg-type]  # it is only written to
        except (KgError, SyntaxError, ValueError, OSError, RuntimeError):
            # The application says what is wrong.
            return None
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        return form, b"".join(output)

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
            rows, triples = (self._form(wanted, formats) for formats in (RESULT_FORMATS, RDF_FORMATS))
            found = _Manner(rows, triples, wanted.gzip, wanted.is_form, wanted.is_last)
        self._manners[key] = found
        return found

    def _form(self, wanted: Wanted, formats: Sequence[Format]) -> _Form | None:
        kind = choose(wanted.accept, formats)
        if kind is None:
            return None
        last = "connection: close\r\n" if wanted.is_last else ""
        head = f"content-type: {with_charset(kind.media_type)}\r\n{self._headers}{last}"
        return _Form(kind.name, head.encode())

    def _keep(self, request: bytes, query: str, reply: Reply) -> None:
        """Keep the answer to what is asked a second time; most is asked once."""
        number = hash(request)
        if number not in self._seen:
            if len(self._seen) >= _MOST_SEEN:
                self._seen.clear()
            self._seen.add(number)
            return
        if changes(query):
            return
        size = len(request) + len(reply.content)
        self._bytes += size
        if self._bytes > _MOST_KEPT:
            self._kept.clear()
            self._bytes = size
        self._kept[request] = reply
