"""Under load: lanes, limits, clients that go away, processes that die, and answers of any size."""

import http.client
import json
import os
import signal
import socket
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from kg.server.settings import Limits, Place
from tests.serving import Running, running

SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n2 ?o . ?p ?q ?r }"


def path(query: str) -> str:
    return "/sparql?query=" + urllib.parse.quote(query)


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    """The Moscow Trials, with two workers and room for two slow queries that wait."""
    limits = Limits(seconds=4, workers=2, halted=2, queue_seconds=5)
    with running(Place(), limits) as started:
        # Opening the facts is not what these tests measure.
        assert started.ask("GET", path("ASK {}"))[0] == 200
        yield started


def together(work: Callable[[], int], times: int) -> list[int]:
    with ThreadPoolExecutor(times) as threads:
        return list(threads.map(lambda _: work(), range(times)))


def test_slow_queries_on_all_workers_do_not_hold_up_a_fast_one(server: Running) -> None:
    with ThreadPoolExecutor(2) as threads:
        slow = [threads.submit(server.ask, "GET", path(SLOW)) for _ in range(2)]
        time.sleep(0.6)
        started = time.monotonic()
        for _ in range(10):
            status, _, said = server.ask("GET", path("ASK {}"))
            assert status == 200, said
        assert time.monotonic() - started < 1.5
        # On a busy machine a query that had no core is told to come later.
        assert {found.result()[0] for found in slow} <= {503, 504}


def test_too_many_slow_queries_are_told_to_come_later(server: Running) -> None:
    answers: list[tuple[int, str | None]] = []

    def ask() -> int:
        status, headers, _ = server.send("GET", path(SLOW))
        answers.append((status, headers["Retry-After"]))
        return status

    found = together(ask, 8)
    # On a busy machine none may get as far as its own time limit.
    assert 503 in found
    assert set(found) <= {503, 504}
    assert all(later for status, later in answers if status == 503)
    assert server.ask("GET", path("ASK {}"))[0] == 200


def test_a_client_that_goes_away_frees_the_core(server: Running) -> None:
    client = socket.create_connection(("127.0.0.1", server.port))
    request = f"GET {path(SLOW)} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n"
    client.sendall(request.encode())
    time.sleep(0.5)
    before = set(server.pool.pids())
    client.close()
    server.wait_for(lambda: before - set(server.pool.pids()), 3)
    (pid,) = before - set(server.pool.pids())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_killed_worker_costs_only_its_own_client(server: Running) -> None:
    with ThreadPoolExecutor(5) as threads:
        slow = threads.submit(server.ask, "GET", path(SLOW))
        time.sleep(1)
        others = [threads.submit(server.ask, "GET", path("SELECT * { ?s ?p ?o }")) for _ in range(4)]
        os.kill(max(server.pool.pids(), key=cpu), signal.SIGKILL)
        assert slow.result()[0] == 503
        assert [other.result()[0] for other in others] == [200] * 4


def cpu(pid: int) -> float:
    """Seconds that a process has worked."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_a_dead_stem_is_grown_anew() -> None:
    with running(Place(), Limits(workers=1)) as server:
        assert server.ask("GET", path("ASK {}"))[0] == 200
        parent = int(Path(f"/proc/{server.pool.pids()[0]}/stat").read_text().rpartition(")")[2].split()[1])
        os.kill(parent, signal.SIGKILL)
        server.wait_for(lambda: server.ask("GET", path("ASK {}"))[0] == 200, 20)


def test_a_large_answer_is_streamed_and_not_held(server: Running) -> None:
    pairs = "SELECT ?a ?b ?c { ?a ?p ?q . ?b ?r ?s . ?c a kg:Person } LIMIT 400000"
    before = memory()
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request("GET", path(pairs), headers={"Accept": "text/csv"})
    answer = connection.getresponse()
    assert "bytes=" in answer.headers["Kg-Limits"]
    rows, most = 0, 0
    while block := answer.read(1 << 20):
        rows += block.count(b"\n")
        most = max(most, memory())
    connection.close()
    assert rows == 400_001
    assert most - before < 30_000_000


def memory() -> int:
    """Bytes that this process holds in memory; the server runs in it, its workers do not."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def test_an_answer_that_has_begun_is_not_refused_for_want_of_room() -> None:
    many = "SELECT ?a ?b ?c { ?a ?p ?q . ?b ?r ?s . ?c a kg:Person } LIMIT 1500000"
    limits = Limits(seconds=4, workers=1, halted=0, queue_seconds=3, patience=0.2)
    with running(Place(), limits) as server, ThreadPoolExecutor(1) as threads:
        assert server.ask("GET", path("ASK {}"))[0] == 200
        slow = threads.submit(server.ask, "GET", path(SLOW))
        time.sleep(1.5)
        status, _, body = server.ask("GET", path(many), headers={"Accept": "text/csv"})
        assert (status, body.count(b"\n")) == (200, 1_500_001)
        assert slow.result()[0] in {503, 504}


def test_an_answer_beyond_the_limit_breaks_off(server: Running) -> None:
    with running(Place(), Limits(answer_bytes=300_000)) as small:
        connection = http.client.HTTPConnection("127.0.0.1", small.port, timeout=60)
        connection.request("GET", path("SELECT * { ?s ?p ?o . ?a ?b ?c } LIMIT 10000"))
        answer = connection.getresponse()
        with pytest.raises(http.client.IncompleteRead):
            answer.read()
        connection.close()
    del server


def test_a_query_that_eats_memory_dies_alone() -> None:
    eats = "SELECT ?x { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i BIND(STR(RAND()) AS ?x) } ORDER BY ?x"
    with running(Place(), Limits(memory_bytes=200_000_000, workers=1)) as server:
        assert server.ask("GET", path(eats))[0] == 503
        assert server.ask("GET", path("ASK {}"))[0] == 200


def test_several_default_graphs_count_a_statement_once(tmp_path: Path) -> None:
    file = tmp_path / "data.nq"
    file.write_text(
        "<urn:a> <urn:b> <urn:c> <urn:g> .\n"
        "<urn:a> <urn:b> <urn:c> <urn:h> .\n"
        "<urn:a> <urn:b> <urn:d> <urn:h> .\n"
    )
    count = "SELECT (COUNT(*) AS ?n) %s { ?s ?p ?o }"
    with running(Place(data=(str(file),)), Limits(workers=1)) as server:
        both = "&default-graph-uri=urn:g&default-graph-uri=urn:h"
        assert b'"2"' in server.ask("GET", path(count % "") + both)[2]
        assert b'"2"' in server.ask("GET", path(count % "FROM <urn:g> FROM <urn:h>"))[2]
        assert b'"1"' in server.ask("GET", path(count % "") + "&default-graph-uri=urn:g")[2]


def test_a_thousand_open_connections_and_slow_ones_leave_room(server: Running) -> None:
    clients = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(1000)]
    try:
        for client in clients:
            client.sendall(b"POST /sparql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Le")
        assert server.ask("GET", path("ASK {}"))[0] == 200
    finally:
        for client in clients:
            client.close()


@pytest.mark.parametrize("size", [9, 90_000])
def test_a_body_that_does_not_come_is_not_waited_for(
    server: Running, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    # A short one is awaited by its connection, a long one by the application.
    monkeypatch.setattr("kg.server.quick.HEAD_SECONDS", 0.3)
    monkeypatch.setattr("kg.server.protocol.BODY_SECONDS", 0.3)
    head = f"POST /sparql HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Length: {size}\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
        client.sendall(head.encode() + b"Content-Type: application/sparql-query\r\n\r\nAS")
        assert b" 408 " in client.recv(100)


def test_a_head_that_does_not_come_is_not_waited_for(
    server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kg.server.quick.HEAD_SECONDS", 0.3)
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
        client.sendall(b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")
        # All that comes, until the server hangs up.
        assert client.makefile("rb").read().startswith(b"HTTP/1.1 408 ")


def test_too_many_connections_are_told_to_come_later(
    server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kg.server.quick.MOST_OPEN", 0)
    status, headers, body = server.send("GET", path("ASK {}"))
    assert (status, headers["Retry-After"], headers["Connection"]) == (503, "2", "close")
    assert json.loads(body)["error"]["status"] == 503


def test_what_is_no_http_is_refused_in_the_shape_of_all_failures(server: Running) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
        client.sendall(b"NON SENSE\r\n\r\n")
        head, _, body = client.makefile("rb").read().partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert json.loads(body)["error"]["status"] == 400


def test_ten_megabytes_of_query_are_refused(server: Running) -> None:
    kind = {"Content-Type": "application/sparql-query"}
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("POST", "/sparql", b"#" * 1_200_000, kind)
    assert connection.getresponse().status == 413
    connection.close()
    head = f"POST /sparql HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Length: 10000000\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
        client.sendall(head.encode() + b"Content-Type: application/sparql-query\r\n\r\n")
        assert b" 413 " in client.recv(100)


def test_facts_that_do_not_load_are_said_and_taken_when_they_do(letters: Path) -> None:
    bad = letters / "facts" / "bad.ttl"
    bad.write_text("<urn:a> <urn:b")
    with running(Place(str(letters)), Limits(workers=1)) as server:
        status, _, body = server.ask("GET", path("ASK {}"))
        assert status == 503
        assert b"bad.ttl" in body
        bad.unlink()
        server.wait_for(lambda: server.ask("GET", path("ASK {}"))[0] == 200)


def test_many_clients_at_once_get_their_own_answers(server: Running) -> None:
    wrong: list[int] = []

    def ask(number: int) -> None:
        body = server.ask("GET", path(f"SELECT ({number} AS ?n) {{}}"), headers={"Accept": "text/csv"})[2]
        if body.split() != [b"n", str(number).encode()]:
            wrong.append(number)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def _raw(port: int, *parts: bytes) -> bytes:
    """Send parts over one connection, one after the other, and return all that comes within a while."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as link:
        for part in parts:
            link.sendall(part)
            time.sleep(0.2)
        link.settimeout(1)
        found = b""
        with suppress(TimeoutError):
            while block := link.recv(65_536):
                found += block
    return found


def test_what_was_asked_before_is_answered_again_byte_for_byte_and_cut_in_any_way(server: Running) -> None:
    line = f"GET {path('ASK {} # again')} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode()
    other = line.replace(b"ASK", b"ASK%20", 1)

    def bodies(*parts: bytes) -> int:
        return _raw(server.port, *parts).count(b'{"head":{},"boolean":true}')

    assert bodies(line, line, line) == 3
    # Two at once, one in two parts, and one that follows half of another.
    assert [bodies(line + line), bodies(line[:30], line[30:]), bodies(other[:-4], other[-4:] + line)] == [
        2,
        1,
        2,
    ]
    assert bodies(line.replace(b"\r\n\r\n", b"\r\nContent-Length: 2\r\n\r\n")) <= 1


def test_a_kept_answer_is_not_given_under_another_name(server: Running) -> None:
    line = f"GET {path('ASK {} # mine')} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode()
    for _ in range(2):
        assert _raw(server.port, line).startswith(b"HTTP/1.1 200")
        foreign = line.replace(b"127.0.0.1", b"evil.example")
        assert _raw(server.port, foreign).startswith(b"HTTP/1.1 403")
