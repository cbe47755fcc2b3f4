"""Long answers are parsed as they come: memory stays, and an end that is missing is still seen."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from http.server import BaseHTTPRequestHandler
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.engine.dialect import plain_xml
from kg.engine.remote import Remote
from kg.engine.streaming import Rewrite, rewritten
from kg.errors import EngineError
from kg.query import run
from tests.services import ALL, XML, service

HEAD = b'<sparql xmlns="http://www.w3.org/2005/sparql-results#"><head><variable name="s"/></head><results>'
ROW = b'<result><binding name="s"><uri>http://example.org/%07d</uri></binding></result>\n'
TAIL = b"</results></sparql>"
LONG = 30_000
"""Rows that are more than the block which is read at once."""


def rows(count: int) -> Iterator[bytes]:
    yield HEAD
    for start in range(0, count, 1000):
        yield b"".join(ROW % number for number in range(start, min(count, start + 1000)))


def stream(
    handler: BaseHTTPRequestHandler,
    parts: Iterable[bytes],
    *,
    length: int | None = None,
    chunked: bool = False,
) -> None:
    """Answer in parts; without a length or chunks, the end is where the connection ends."""
    handler.send_response(200)
    handler.send_header("Content-Type", XML)
    if length is not None:
        handler.send_header("Content-Length", str(length))
    if chunked:
        handler.protocol_version = "HTTP/1.1"
        handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.close_connection = True
    for part in parts:
        handler.wfile.write(b"%x\r\n%b\r\n" % (len(part), part) if chunked else part)


def answering(
    parts: Callable[[], Iterable[bytes]], **how: int
) -> Callable[[BaseHTTPRequestHandler, int], None]:
    return lambda handler, _: stream(handler, parts(), **how)  # type: ignore[arg-type]  # length or chunked


def count(remote: Remote) -> int:
    return sum(1 for _ in run(remote, ALL).stream())


def test_the_rows_of_a_long_answer_are_there_before_its_end() -> None:
    seen = threading.Event()

    def parts() -> Iterator[bytes]:
        yield from rows(LONG)
        assert seen.wait(5)
        yield TAIL

    with service(answering(parts)) as remote:
        remote.client.timeout = 10
        found = run(remote, ALL).stream()
        assert str(next(found)[0]) == "<http://example.org/0000000>"
        seen.set()
        assert sum(1 for _ in found) == LONG - 1


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({}, "ends in the middle"),
        ({"length": 10_000_000}, "broke off"),
        ({"chunked": True}, "broke off"),
    ],
    ids=["no end", "too short", "no last chunk"],
)
def test_a_long_answer_that_breaks_off_is_refused_where_it_does(how: dict[str, int], words: str) -> None:
    with (
        service(answering(lambda: rows(LONG), **how)) as remote,
        pytest.raises(EngineError, match=words),
    ):
        count(remote)


def test_a_long_answer_that_stops_coming_is_given_up() -> None:
    done = threading.Event()

    def parts() -> Iterator[bytes]:
        yield from rows(LONG)
        done.wait(5)

    with service(answering(parts)) as remote:
        with pytest.raises(EngineError, match=r"within 0\.5 seconds"):
            count(remote)
        done.set()


def test_a_mistake_far_into_an_answer_becomes_a_sentence() -> None:
    def parts() -> Iterator[bytes]:
        yield from rows(LONG)
        yield b"<oops" + TAIL

    with service(answering(parts)) as remote, pytest.raises(EngineError, match="does not parse"):
        count(remote)


@given(st.lists(st.integers(0, 200), max_size=4))
def test_words_are_rewritten_wherever_an_answer_is_cut(cuts: list[int]) -> None:
    text = (
        b"<binding><bnode>nodeID://b1</bnode></binding><binding><bnode>nodeID://b22</bnode></binding>"
        b"<binding><literal> \n a b </literal></binding>"
    )
    places = [0, *sorted(cuts), len(text)]
    parts = [text[a:b] for a, b in pairwise(places)]
    assert b"".join(rewritten(parts, Rewrite(plain_xml, b"<binding"))) == (
        b"<binding><bnode>b1</bnode></binding><binding><bnode>b22</bnode></binding>"
        b"<binding><literal>&#32;&#10;&#32;a b&#32;</literal></binding>"
    )


_CLIENT = """
import resource, sys
from kg.engine.probe import Profile
from kg.engine.remote import Remote
remote = Remote(sys.argv[1])
remote.__dict__["profile"] = Profile()
print(sum(1 for _ in remote.query("SELECT * { ?s ?p ?o }")))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def peak(rows_: int) -> int:
    """The memory of a process that reads so many rows."""
    with service(answering(lambda: [*rows(rows_), TAIL])) as remote:
        run_ = subprocess.run(
            [sys.executable, "-c", _CLIENT, remote.url], capture_output=True, text=True, check=True
        )
    found, memory = map(int, run_.stdout.split())
    assert found == rows_
    return memory


def test_twenty_times_the_rows_take_no_more_memory() -> None:
    assert peak(400_000) < 1.2 * peak(20_000)
