"""Desks: light queries are answered by workers to whom connections are lent, and nobody notices."""

import asyncio
import gc
import http.client
import json
import os
import signal
import socket
import threading
import time
import urllib.parse
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import pytest

from kg.server.kinds import Kinds
from kg.server.light import is_light
from kg.server.plain import read_fields, split
from kg.server.processes import Stem
from kg.server.settings import Limits, Place, Rights
from tests.serving import Running, running

PERSON = "<https://w3id.org/kg-footnote/moscow-trials/nikolai-bukharin>"
LOOK_UP = f"SELECT ?p ?o {{ {PERSON} ?p ?o }}"
CHANGING = ("date",)


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    """The Moscow Trials."""
    with running(Place(), Limits(workers=2)) as started:
        assert started.ask("GET", path("ASK {}"))[0] == 200
        started.wait_for(lambda: len(started.lender.desks) == 2)
        yield started


def given_by(server: Running) -> int:
    return sum(desk.given for desk in server.lender.desks)


def path(query: str) -> str:
    return "/sparql?query=" + urllib.parse.quote(query)


@pytest.mark.parametrize(
    "query",
    [
        LOOK_UP,
        f"ASK {{ {PERSON} ?p ?o . ?o a ?type }}",
        f"SELECT ?name {{ {PERSON} a kg:Person ; rdfs:label ?name ; . }}",
        "SELECT * WHERE { ?s a <urn:nothing> . } LIMIT 3 # a comment",
        "PREFIX : <urn:> SELECT ?s { ?s ?p :o }",
        "SELECT ?s { ?s a kg:Person } LIMIT 2",
        'SELECT ?s { ?s ?p "Legacy"@en }',
    ],
)
@pytest.mark.parametrize("accept", ["", "text/csv", "application/sparql-results+xml", "*/*;q=0.1"])
@pytest.mark.parametrize("coding", ["identity", "gzip", "gzip;q=0, *"])
def test_a_desk_answers_as_the_application_does(
    server: Running, query: str, accept: str, coding: str
) -> None:
    assert is_light(query)
    headers = {"Accept-Encoding": coding} | ({"Accept": accept} if accept else {})
    # What has an Origin is not for a desk.
    own = headers | {"Origin": server.address}
    given = given_by(server)
    light, plain = (server.send("GET", path(query), headers=asked) for asked in (headers, own))
    server.wait_for(lambda: given_by(server) == given + 1, 5)
    assert light[0] == plain[0] == 200
    assert light[2] == plain[2]
    assert {k.lower(): v for k, v in light[1].items()} | {"date": ""} == {
        k.lower(): v for k, v in plain[1].items()
    } | {"date": ""}


DIRECT, FORM = "application/sparql-query", "application/x-www-form-urlencoded"
FORMS = {
    DIRECT: LOOK_UP,
    f"{DIRECT}; charset=UTF-8": 'SELECT ?s { ?s ?p "1926, \u041c\u043e\u0441\u043a\u0432\u0430"@ru }',
    FORM: urllib.parse.urlencode({"query": LOOK_UP}),
    # As SPARQLWrapper asks.
    FORM + ";charset=utf-8": urllib.parse.urlencode({"query": LOOK_UP, "format": "json", "output": "json"}),
}


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize("connection", ["keep-alive", "close"])
def test_a_desk_answers_what_is_posted_as_the_application_does(
    server: Running, kind: str, connection: str
) -> None:
    server.wait_for(lambda: len(server.lender.desks) == 2)
    headers = {"Content-Type": kind, "Connection": connection}
    given = given_by(server)
    own = headers | {"Origin": server.address}
    light, plain = (server.send("POST", "/sparql", FORMS[kind].encode(), asked) for asked in (headers, own))
    server.wait_for(lambda: given_by(server) == given + 1, 5)
    assert light[0] == plain[0] == 200
    assert light[2] == plain[2]
    assert {k.lower(): v for k, v in light[1].items()} | {"date": ""} == {
        k.lower(): v for k, v in plain[1].items()
    } | {"date": ""}


@pytest.mark.parametrize("query", [LOOK_UP + " # once", "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_who_asks_no_more_is_answered_and_the_connection_closed(
    server: Running, query: str, method: str
) -> None:
    found = []
    for _ in range(3):
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as link:
            head, body = f"GET {path(query)} HTTP/1.1\r\n", ""
            if method == "POST":
                head, body = f"POST /sparql HTTP/1.1\r\nContent-Length: {len(query)}\r\n", query
                head += f"Content-Type: {DIRECT}\r\n"
            link.sendall(f"{head}Host: 127.0.0.1\r\nConnection: close\r\n\r\n{body}".encode())
            answer = b""
            while block := link.recv(65_536):
                answer += block
        head, _, said = answer.decode().partition("\r\n\r\n")
        found.append(said)
        assert head.startswith("HTTP/1.1 200 OK")
        assert head.lower().count("connection: close") == 1
    assert len(set(found)) == 1
    assert json.loads(found[0])["results"]["bindings"]


@pytest.mark.parametrize("asked", [FORM, DIRECT])
def test_one_query_of_a_form_is_not_taken_for_another(server: Running, asked: str) -> None:
    headers = {"Content-Type": asked}
    for body, expected in [
        (f"query={urllib.parse.quote(LOOK_UP)}&query=ASK{{}}", 400),
        (f"query={urllib.parse.quote(LOOK_UP)}&default-graph-uri=urn:none", 200 if asked == FORM else 400),
        (f"query={urllib.parse.quote(LOOK_UP)}&update=CLEAR+ALL", 400),
        ("", 400),
        ("query=%FF", 400),
    ]:
        status, _, said = server.ask("POST", "/sparql", body.encode(), headers)
        assert status == expected, (body, said)
        if status == 200:
            assert json.loads(said)["results"]["bindings"] == []
    assert server.ask("POST", "/sparql", LOOK_UP.encode(), {"Content-Type": "text/plain"})[0] == 415


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT * { ?s ?p ?o }", True),
        ("SELECT ?o { <urn:a> <urn:b> ?o . ?o <urn:c> ?x . ?x a ?t }", True),
        ("SELECT ?t ?l { <urn:a> a ?t ; <urn:l> ?l ; . ?t <urn:l> ?m }", True),
        ("SELECT ?l { ?s a <urn:T> ; <urn:l> ?l }", False),
        ("SELECT ?l { <urn:a> a ?t , ?l }", False),
        ("SELECT * { ?s ?p ?s }", False),
        ("SELECT * { ?s ?p ?o . ?o ?q ?r }", False),
        ("SELECT * { ?x a <urn:T> . <urn:a> ?p ?x }", False),
        ("SELECT * { <urn:a> <urn:b>* ?o }", False),
        ("SELECT * { ?s ?p ?o } OFFSET 1000000", False),
        ("SELECT DISTINCT ?p { ?s ?p ?o }", False),
        ("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", False),
        ("SELECT * FROM <urn:g> { ?s ?p ?o }", False),
        ("SELECT * { SERVICE <urn:a> { ?s ?p ?o } }", False),
        ("SELECT * { ?s ?p ?o } ORDER BY ?o", False),
        ("SELECT * { ?s ?p ?o FILTER(?o > 1) }", False),
        ("SELECT (NOW() AS ?n) { ?s ?p ?o }", False),
        ("CLEAR ALL", False),
        ("#" * 4000, False),
        ("PREFIX a: <urn:a> " * 300, False),
    ],
)
def test_only_what_is_bounded_by_its_text_is_light(query: str, expected: bool) -> None:
    assert is_light(query) is expected


JOIN = (
    f"SELECT ?o ?n {{ ?s kg:rehabilitated {PERSON} ; ?p ?o . OPTIONAL {{ ?o rdfs:label ?n }} }} ORDER BY ?o"
)


@pytest.mark.parametrize(
    ("query", "accept"),
    [
        (JOIN, "application/sparql-results+json"),
        (JOIN, "text/tab-separated-values"),
        (f"ASK {{ {PERSON} kg:role/^kg:role ?x }}", "text/csv"),
        (f"CONSTRUCT {{ ?s kg:about ?o }} WHERE {{ ?s kg:rehabilitated {PERSON} ; ?p ?o }}", "text/turtle"),
        (f"DESCRIBE {PERSON}", "application/n-triples"),
        (f"DESCRIBE {PERSON}", "application/ld+json, */*;q=0.1"),
        ("SELECT ?o FROM mt:legacy-08 { mt:nikolai-bukharin ?p ?o }", "text/csv"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_kind_that_was_quick_is_answered_at_a_desk_the_next_time(
    server: Running, query: str, accept: str, method: str
) -> None:
    assert not is_light(query)
    server.wait_for(lambda: len(server.lender.desks) == 2)
    answers = []
    for number in range(4):
        given = given_by(server)
        text = f"{query} # {method} {number}"
        if method == "GET":
            answers.append(server.send("GET", path(text), headers={"Accept": accept}))
        else:
            headers = {"Accept": accept, "Content-Type": DIRECT}
            answers.append(server.send("POST", "/sparql", text.encode(), headers))
    # The first may have been slow, as nothing was in the caches; an answer may be there before its receipt.
    server.wait_for(lambda: given_by(server) > given, 5)
    assert {answer[0] for answer in answers} == {200}
    assert len({answer[2] for answer in answers}) == 1
    assert len({answer[1]["Content-Type"] for answer in answers}) == 1


def test_what_changes_from_call_to_call_is_never_kept(server: Running) -> None:
    query = path(f"SELECT (STRUUID() AS ?id) (NOW() AS ?now) {{ {PERSON} ?p ?o }} LIMIT 1")
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)) as connection:

        def answer() -> bytes:
            connection.request("GET", query)
            return connection.getresponse().read()

        assert len({answer() for _ in range(8)}) == 8


def test_a_kind_that_was_quick_and_is_slow_now_is_answered_all_the_same(tmp_path: Path) -> None:
    file = tmp_path / "hub.nt"
    with file.open("w") as lines:
        lines.writelines(
            f"<urn:hub> <urn:to> <urn:{n}> .\n<urn:{n}> <urn:is> <urn:x> .\n" for n in range(200_000)
        )
        lines.write("<urn:small> <urn:to> <urn:1> .\n")
    query = "SELECT (COUNT(*) AS ?n) {{ <urn:{}> <urn:to> ?x . ?x <urn:is> ?y }} # {}"
    with running(Place(data=(str(file),)), Limits(workers=2)) as server:
        server.wait_for(lambda: len(server.lender.desks) == 2)
        for number in range(4):
            headers = {"Accept": "text/csv"}
            small = server.ask("GET", path(query.format("small", number)), headers=headers)
            large = server.ask("GET", path(query.format("hub", number)), headers=headers)
            assert (small[0], small[2]) == (200, b"n\r\n1\r\n")
            assert (large[0], large[2]) == (200, b"n\r\n200000\r\n")


def test_a_cap_on_bytes_holds_at_desks(letters: Path) -> None:
    with running(Place(str(letters)), Limits(workers=1, answer_bytes=300)) as server:
        server.wait_for(lambda: server.lender.desks)
        query = "SELECT ?s ?p ?o { ?s ?p ?o }"
        assert is_light(query)
        assert server.ask("GET", path(query))[0] == 413
        assert server.ask("GET", path(f"{query} LIMIT 1"))[0] == 200


def test_kinds_differ_in_constants_only_and_one_slow_answer_is_forgiven() -> None:
    kinds = Kinds()
    text = 'SELECT ?a1 {{ ?a1 ex:p "{}" ; ex:q {} , <urn:{}> , ex:item{} . FILTER(?a1 < {}) }} # {}'
    one, other = text.format(*"abcdef"), text.format(*(n * 11 for n in range(6)))
    kinds.note(text.format("x", 1, 2, 3, 4, "y"), 1.0, 10)
    assert not kinds.is_quick(other)
    kinds.note(text.format("x", 5, 6, 7, 8, "z"), 0.001, 10)
    assert kinds.is_quick(other)
    assert not kinds.is_quick(one)
    assert not kinds.is_quick(other.replace("?a1", "?a2"))
    for _ in range(2):
        kinds.note(other, 1.0, 10)
    kinds.note(other, 0.001, 10)
    assert not kinds.is_quick(other)
    kinds.note("ASK {}", 0.001, 1_000_000)
    assert not kinds.is_quick("ASK {}")


@pytest.mark.parametrize(
    "line",
    [
        b"Origin: http://evil.example",
        b"Sec-Fetch-Site: cross-site",
        b"Content-Length: 3",
        b"Content-Encoding: gzip",
        b"Transfer-Encoding: chunked",
        b"Connection: upgrade",
        b"Expect: 100-continue",
        b"Host: b",
        b"Accept: text/csv",
        b" folded",
        b"no colon",
        b"nul: \x00",
    ],
)
def test_a_request_that_is_not_plain_is_left_to_the_application(line: bytes) -> None:
    plain = b"Host: a\r\nAccept: */*\r\n"
    assert read_fields(plain + b"\r\n") is not None
    assert read_fields(plain + line + b"\r\n\r\n") is None
    posted = plain + b"Content-Type: application/sparql-query\r\n"
    assert read_fields(posted + b"\r\n", is_posted=True) is not None
    assert read_fields(posted + line + b"\r\n\r\n", is_posted=True) is None


GET = b"GET /sparql?query=ASK{} HTTP/1.1\r\nHost: a\r\n"
POST = b"POST /sparql HTTP/1.1\r\nHost: a\r\n"


@pytest.mark.parametrize(
    "request_",
    [
        GET + b"A: b\n\r\n",
        GET + b"A: b\n\r\nGET / HTTP/1.1\r\n\r\n",
        GET + b"\r\n" + GET + b"\r\n",
        GET + b"Content-Length: 3\r\n\r\nabc",
        POST + b"\r\nASK{}",
        POST + b"Content-Length: 5\r\n\r\nASK{}" + GET + b"\r\n",
        POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nASK{}",
        POST + b"Content-Length: 5\r\nExpect: 100-continue\r\n\r\nASK{}",
        POST + b"Content-Length: +5\r\n\r\nASK{}",
        POST + b"Content-Length: 5, 5\r\n\r\nASK{}",
        POST + b"Content-Length: 0\r\nContent-Length: 5\r\n\r\nASK{}",
        POST + b"Content-Length: 9999\r\n\r\nASK{}",
    ],
)
def test_what_two_parsers_could_read_in_two_ways_is_not_cut(request_: bytes) -> None:
    assert split(GET + b"\r\n") is not None
    assert split(POST + b"Content-Length: 5\r\n\r\nASK{}") is not None
    assert split(request_) is None


def test_a_second_length_is_left_to_the_application() -> None:
    parts = split(POST + b"Content-Length: 5\r\nContent-Length: 0\r\n\r\nASK{}")
    assert parts is not None
    assert read_fields(parts.fields, is_posted=True) is None


def test_a_killed_desk_costs_at_most_the_answer_that_it_is_sending(server: Running) -> None:
    done = threading.Event()
    statuses: list[int] = []
    lost: list[int] = []
    killed = 0

    def look_up() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        number = 0
        while not done.is_set():
            connection.request("GET", path(f"{LOOK_UP} # {number} {threading.get_ident()}"))
            try:
                statuses.append(connection.getresponse().read().count(b"bindings"))
            except ConnectionError:
                connection.close()
                lost.append(number)
            number += 1
        connection.close()

    threads = [threading.Thread(target=look_up) for _ in range(8)]
    for thread in threads:
        thread.start()
    for _ in range(4):
        time.sleep(0.7)
        for pid in [desk.worker.pid for desk in server.lender.desks]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                killed += 1
    done.set()
    for thread in threads:
        thread.join()
    assert set(statuses) == {1}
    assert len(lost) <= killed
    assert len(statuses) > 100


def test_a_light_query_that_takes_long_is_answered_without_its_desk(tmp_path: Path) -> None:
    file = tmp_path / "hub.nt"
    with file.open("w") as lines:
        lines.writelines(
            f"<urn:hub> <urn:to> <urn:{n}> .\n<urn:{n}> <urn:is> <urn:x> .\n" for n in range(200_000)
        )
    long = "ASK { <urn:hub> <urn:to> ?x . ?x <urn:is> <urn:never> }"
    assert is_light(long)
    with running(Place(data=(str(file),)), Limits(workers=2)) as server:
        server.wait_for(lambda: len(server.lender.desks) == 2)
        before = {desk.worker.pid for desk in server.lender.desks}
        status, _, body = server.ask("GET", path(long))
        assert (status, body) == (200, b'{"head":{},"boolean":false}')
        server.wait_for(lambda: before - {desk.worker.pid for desk in server.lender.desks})


def test_who_no_longer_wants_a_worker_leaves_nothing_open(caplog: pytest.LogCaptureFixture) -> None:
    async def begin_and_leave() -> None:
        stem = await Stem.spawn(Place(), Limits())
        asked = asyncio.ensure_future(stem.fork())
        await asyncio.sleep(0)
        asked.cancel()
        with suppress(asyncio.CancelledError):
            await asked
        stem.close()
        await asyncio.sleep(0.5)
        assert len(asyncio.all_tasks()) == 1

    # A socket that nobody closes is a warning, and a warning fails a test. A browser may be at work in this
    # thread.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(begin_and_leave())).result()
    gc.collect()
    assert not caplog.records


def test_an_answer_too_long_for_a_desk_is_whole(server: Running) -> None:
    query = "SELECT * { ?s ?p ?o }"
    assert is_light(query)
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    sizes = []
    for asked in (LOOK_UP, query, LOOK_UP, query):
        connection.request("GET", path(asked), headers={"Accept": "text/csv"})
        sizes.append(connection.getresponse().read().count(b"\n"))
    connection.close()
    assert sizes[0] == sizes[2] > 3
    assert sizes[1] == sizes[3] > 3000


def test_after_an_update_nobody_is_answered_from_what_was_before() -> None:
    token = "a-token-that-is-long-enough"  # noqa: S105 - of this test
    with running(Place(), Limits(workers=2), Rights(token=token)) as server:
        server.wait_for(lambda: len(server.lender.desks) == 2)
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/sparql-update"}
        for number in range(5):
            query = path(f"SELECT ?o {{ <urn:s{number}> <urn:p> ?o }}")
            found = []
            for _ in range(2):
                connection.request("GET", query, headers={"Accept": "text/csv"})
                found.append(connection.getresponse().read())
                update = f"INSERT DATA {{ <urn:s{number}> <urn:p> {number} }}"
                assert server.ask("POST", "/sparql", update.encode(), headers)[0] == 204
            assert found == [b"o\r\n", b"o\r\n%d\r\n" % number]
        connection.close()


def test_a_silent_connection_goes_back(server: Running) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)) as connection:

        def is_lent() -> bool:
            connection.request("GET", path(LOOK_UP + " # silent"))
            assert connection.getresponse().read()
            return any(desk.lent for desk in server.lender.desks)

        # A desk that a busy machine held up may have ended, and the next one not begun.
        server.wait_for(is_lent)
        server.wait_for(lambda: not any(desk.lent for desk in server.lender.desks), 15)


def test_requests_on_a_lent_connection_may_be_cut_and_queued_in_any_way(server: Running) -> None:
    target = path(LOOK_UP + " # cut")
    line = f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode()
    new = line.replace(b"cut", b"new")

    def count(*parts: bytes) -> int:
        with socket.create_connection(("127.0.0.1", server.port), timeout=5) as link:
            for part in parts:
                link.sendall(part)
                time.sleep(0.2)
            link.settimeout(1)
            found = b""
            with suppress(TimeoutError):
                while block := link.recv(65_536):
                    found += block
        return found.count(b"HTTP/1.1 200 OK")

    other = b"GET /api/status HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    assert count(line, line + line, new) == 4
    assert count(line, line[:40], line[40:] + new[:9], new[9:]) == 3
    assert count(line, other, line, other + line) == 5


def test_what_is_posted_may_be_cut_and_queued_in_any_way(server: Running) -> None:
    query = LOOK_UP + " # cut"
    head = f"POST /sparql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {DIRECT}\r\n"
    head += f"Content-Length: {len(query)}\r\n\r\n"
    line, at = (head + query).encode(), len(head)

    def count(*parts: bytes) -> int:
        with socket.create_connection(("127.0.0.1", server.port), timeout=5) as link:
            for part in parts:
                link.sendall(part)
                time.sleep(0.2)
            link.settimeout(1)
            found = b""
            with suppress(TimeoutError):
                while block := link.recv(65_536):
                    found += block
        return found.count(b"HTTP/1.1 200 OK")

    assert count(line, line + line, line) == 4
    assert count(line[:at], line[at:], line[:at], line[at : at + 5], line[at + 5 :], line) == 3
    assert count(line[:30], line[30:], line, line[:30], line[30 : at + 1], line[at + 1 :] + line) == 4


def test_a_body_that_does_not_come_ends_the_connection_and_no_other(server: Running) -> None:
    head = f"POST /sparql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {DIRECT}\r\nContent-Length: "
    whole = f"{head}{len(LOOK_UP)}\r\n\r\n{LOOK_UP}".encode()
    with ExitStack() as stack:
        links = [
            stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=30))
            for _ in range(3)
        ]
        for link in links[1:]:
            link.sendall(whole)
            assert link.recv(65_536).startswith(b"HTTP/1.1 200 OK")
        for link in links:
            link.sendall(f"{head}20\r\n\r\nSELECT".encode())
        # Who hangs up in the midst of a request leaves no work behind.
        links[2].shutdown(socket.SHUT_WR)
        assert server.ask("POST", "/sparql", LOOK_UP.encode(), {"Content-Type": DIRECT})[0] == 200
        for link in links[:2]:
            answer = b""
            while block := link.recv(65_536):
                answer += block
            assert answer.startswith(b"HTTP/1.1 408 ")
    server.wait_for(lambda: not any(desk.lent for desk in server.lender.desks), 15)


def test_a_client_that_does_not_read_gets_its_answer_when_it_does(server: Running) -> None:
    query = path("SELECT * { ?s ?p ?o } LIMIT 150")
    line = f"GET {query} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode()
    with socket.socket() as link:
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        link.connect(("127.0.0.1", server.port))
        sizes = []
        for _ in range(3):
            link.sendall(line)
            time.sleep(0.3)
            answer = http.client.HTTPResponse(link)
            answer.begin()
            sizes.append(len(answer.read()))
    assert len(set(sizes)) == 1
    assert sizes[0] > 20_000


def test_a_lent_connection_sees_the_facts_that_changed_on_disk(letters: Path) -> None:
    query = path("SELECT ?o { <urn:new> <urn:is> ?o }")
    with running(Place(str(letters)), Limits(workers=1)) as server:
        server.wait_for(lambda: server.lender.desks)
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)

        def answer() -> bytes:
            connection.request("GET", query, headers={"Accept": "text/csv"})
            return connection.getresponse().read()

        assert answer() == b"o\r\n"
        time.sleep(1.5)
        (letters / "facts" / "more.ttl").write_text("<urn:new> <urn:is> <urn:here> .")
        server.wait_for(lambda: answer() == b"o\r\nurn:here\r\n")
        connection.close()
