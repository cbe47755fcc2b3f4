"""What goes wrong between us and a service becomes one sentence, and never half an answer."""

from __future__ import annotations

import gzip
import threading
import time
from codecs import BOM_UTF8
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler
from importlib.metadata import version

import pyoxigraph as ox
import pytest
from click.testing import CliRunner

from kg.cli import cli
from kg.engine.http import Client
from kg.engine.remote import Remote
from kg.errors import EngineError, InputError, NotAllowedError, ParameterError
from tests.services import ALL, EMPTY, JSON, XML, reply, service
from tests.virtuoso import free_port


def test_a_busy_service_is_asked_again() -> None:
    def busy(handler: BaseHTTPRequestHandler, call: int) -> None:
        reply(handler, EMPTY, status=200 if call == 3 else 503)

    with service(busy) as remote:
        assert list(remote.query(ALL)) == []  # type: ignore[arg-type]  # a SELECT gives rows


def test_an_update_is_never_sent_twice() -> None:
    calls: list[int] = []

    def down(handler: BaseHTTPRequestHandler, call: int) -> None:
        calls.append(call)
        reply(handler, b"", status=503)

    with service(down) as remote, pytest.raises(EngineError, match="busy or down"):
        remote.update("CLEAR DEFAULT")
    assert calls == [1]


@pytest.mark.parametrize(
    ("body", "kind", "length", "words"),
    [
        (b"<html>Welcome</html>", "text/html", None, "not SPARQL results"),
        (EMPTY[:-1], JSON, None, "ends in the middle"),
        (b"<!DOCTYPE html>\n<html>Log in</html>", JSON, None, "answered text/html"),
        (b"", JSON, None, "nothing at all"),
        (b'<?xml version="1.0" encoding="ISO-8859-1"?><sparql></sparql>', XML, None, "in ISO-8859-1"),
        (b"<sparql><head/>", "application/sparql-results+xml", None, "ends in the middle"),
        (EMPTY, JSON, 1000, "broke off"),
        (b"{]}}", JSON, None, "does not parse"),
    ],
)
def test_a_wrong_answer_becomes_a_sentence(body: bytes, kind: str, length: int | None, words: str) -> None:
    with (
        service(lambda handler, _: reply(handler, body, kind, length=length)) as remote,
        pytest.raises(EngineError, match=words),
    ):
        remote.query(ALL)


ROW = b'{"s":{"type":"uri","value":"urn:a"}}'
BEHIND = (
    b'{"head":{"vars":["s"]},"results":{"bindings":[%s],"ordered":true},"meta":{"query-time-ms":3}}' % ROW
)
IN_XML = (
    b'<sparql xmlns="http://www.w3.org/2005/sparql-results#"><head><variable name="s"/></head><results>'
    b'<result><binding name="s"><uri>urn:a</uri></binding></result></results></sparql>'
)


@pytest.mark.parametrize(("body", "kind"), [(BEHIND, JSON), (IN_XML, "text/xml; charset=utf-8")])
def test_answers_are_read_however_services_write_and_call_them(body: bytes, kind: str) -> None:
    with service(lambda handler, _: reply(handler, body, kind)) as remote:
        assert [row["s"].value for row in remote.query(ALL)] == ["urn:a"]  # type: ignore[union-attr]  # rows


@pytest.mark.parametrize("kind", ["application/n-triples", "text/turtle"])
def test_a_mark_before_an_answer_is_passed_over(kind: str) -> None:
    body = BOM_UTF8 + b"<urn:a> <urn:p> <urn:b> ."
    with service(lambda handler, _: reply(handler, body, kind)) as remote:
        assert len(list(remote.query("CONSTRUCT WHERE { ?s ?p ?o }"))) == 1  # type: ignore[arg-type]  # triples


def test_an_answer_that_is_packed_unasked_is_read_whole_or_refused() -> None:
    packed = gzip.compress(IN_XML)

    def packing(handler: BaseHTTPRequestHandler, call: int) -> None:
        body = packed if call == 1 else packed[:-12]
        handler.send_response(200)
        handler.send_header("Content-Type", "application/sparql-results+xml")
        handler.send_header("Content-Encoding", "gzip")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    with service(packing) as remote:
        assert len(list(remote.query(ALL))) == 1  # type: ignore[arg-type]  # rows
        with pytest.raises(EngineError, match="the end is missing"):
            remote.query(ALL)


def test_what_cannot_be_unpacked_is_named_and_a_packed_refusal_is_read() -> None:
    def packing(handler: BaseHTTPRequestHandler, call: int) -> None:
        body = gzip.compress(b"Out of memory") if call == 1 else b"?"
        handler.send_response(400 if call == 1 else 200)
        handler.send_header("Content-Type", XML)
        handler.send_header("Content-Encoding", "gzip" if call == 1 else "br")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    with service(packing) as remote:
        with pytest.raises(EngineError, match="Out of memory"):
            remote.query(ALL)
        with pytest.raises(EngineError, match="as br, which kg cannot unpack"):
            remote.query(ALL)


@pytest.mark.parametrize("to", ["/sparql", "/a", "", None])
def test_a_service_that_sends_one_in_circles_is_told_so(to: str | None) -> None:
    def circling(handler: BaseHTTPRequestHandler, call: int) -> None:
        handler.send_response(302)
        if to is not None:
            handler.send_header("Location", to if call % 2 else "/sparql")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    with service(circling) as remote, pytest.raises(EngineError, match="sends one in circles"):
        remote.query(ALL)


@pytest.mark.parametrize("words", [b"SSH-2.0-OpenSSH_9\r\n", b"HTTP/1.0 302 x\r\nLocation: http://[\r\n\r\n"])
def test_what_speaks_something_else_than_http_is_no_service(words: bytes) -> None:
    def speak(handler: BaseHTTPRequestHandler, _: int) -> None:
        handler.wfile.write(words)

    with service(speak) as remote, pytest.raises(EngineError, match="does not speak HTTP as it should"):
        remote.query(ALL)


def test_an_answer_that_the_engine_cut_is_refused() -> None:
    def cut(handler: BaseHTTPRequestHandler, _: int) -> None:
        handler.send_response(200)
        handler.send_header("X-SPARQL-MaxRows", "10000")
        handler.send_header("Content-Type", JSON)
        handler.end_headers()
        handler.wfile.write(EMPTY)

    with service(cut) as remote, pytest.raises(EngineError, match="no more than 10000 rows"):
        remote.query(ALL + " ORDER BY ?s")


def test_a_hanging_service_is_given_up() -> None:
    done = threading.Event()

    def hang(_: BaseHTTPRequestHandler, __: int) -> None:
        done.wait(5)

    with service(hang) as remote:
        with pytest.raises(EngineError, match=r"within 0\.5 seconds"):
            remote.query(ALL)
        done.set()


def test_a_dead_service_is_named() -> None:
    url = f"http://127.0.0.1:{free_port()}/sparql"
    with pytest.raises(EngineError, match="cannot be reached"):
        Remote(url, client=Client(retries=0)).query(ALL)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "sparql", "http://", "http://[::1/", "http://a:port/"])
def test_only_web_addresses_are_endpoints(url: str) -> None:
    with pytest.raises(InputError, match="no address"):
        Remote(url)


def test_an_address_is_sent_without_a_fragment_and_with_codes_for_letters_beyond_ascii() -> None:
    paths: list[str] = []

    def look(handler: BaseHTTPRequestHandler, _: int) -> None:
        paths.append(handler.path)
        reply(handler, EMPTY)

    with service(look) as remote:
        asked = Remote(f"{remote.url}/Zürich%20?key=1#top", client=remote.client)
        asked.__dict__["profile"] = remote.profile
        asked.query(ALL)
    assert paths[0].startswith("/sparql/Z%C3%BCrich%20?key=1&query=SELECT")


@pytest.mark.parametrize("seconds", ["0", "-1"])
def test_no_time_at_all_is_no_timeout(seconds: str) -> None:
    command = ["query", ALL, "--endpoint", "http://127.0.0.1:9/", "--timeout", seconds]
    assert "'--timeout'" in CliRunner().invoke(cli, command).output


@pytest.mark.parametrize("ago", [7, None])
def test_a_service_says_how_long_to_wait(ago: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)

    def busy(handler: BaseHTTPRequestHandler, call: int) -> None:
        handler.send_response(503 if call == 1 else 200)
        when = formatdate(time.time() + 7, usegmt=True) if ago is None else str(ago)
        handler.send_header("Retry-After", when)
        handler.send_header("Content-Type", JSON)
        handler.end_headers()
        handler.wfile.write(EMPTY)

    with service(busy) as remote:
        remote.query(ALL)
    assert [round(pause) for pause in pauses] in ([7], [6])


def test_a_service_that_asks_for_more_patience_than_anybody_has_is_not_waited_for() -> None:
    def busy(handler: BaseHTTPRequestHandler, _: int) -> None:
        handler.send_response(429)
        handler.send_header("Retry-After", "3600")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    with service(busy) as remote, pytest.raises(EngineError, match="try again in 3600 seconds"):
        remote.query(ALL)


@pytest.mark.parametrize(("refused", "status"), [("GET", 405), ("GET", 414), ("POST", 405)])
def test_a_service_that_takes_no_get_is_asked_by_post_and_the_other_way(refused: str, status: int) -> None:
    def picky(handler: BaseHTTPRequestHandler, _: int) -> None:
        handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        reply(handler, EMPTY, status=status if handler.command == refused else 200)

    text = ALL + (" # " + "long " * 500 if refused == "POST" else "")
    with service(picky) as remote:
        assert list(remote.query(text)) == []  # type: ignore[arg-type]  # a SELECT gives rows


@pytest.mark.parametrize(
    "body",
    [
        b'{\n  "exception": "No \\"path\\" like this",\n  "query": "SELECT',
        b'{"requestId": "1", "code": "Malformed", "detailedMessage": "No \\"path\\" like this"}',
        b"<!DOCTYPE html>\n<html><head><title>x</title></head><body><p>No &quot;path&quot;\nlike this</p>",
        b'\nNo "path" like this\nat org.example.Query(Query.java:12)\n',
    ],
)
def test_what_a_service_says_is_shown_however_it_is_wrapped(body: bytes) -> None:
    with (
        service(lambda handler, _: reply(handler, body, status=422)) as remote,
        pytest.raises(EngineError, match=r'sparql answered 422: No "path" like this$'),
    ):
        remote.query(ALL)


def test_pauses_grow_and_end(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    with (
        service(lambda handler, _: reply(handler, b"", status=503)) as remote,
        pytest.raises(EngineError, match="busy or down"),
    ):
        remote.query(ALL)
    assert pauses == [0.25, 0.5]


def test_a_service_that_hangs_up_is_asked_again() -> None:
    def die(handler: BaseHTTPRequestHandler, call: int) -> None:
        if call == 2:
            reply(handler, EMPTY)

    with service(die) as remote:
        assert list(remote.query(ALL)) == []  # type: ignore[arg-type]  # a SELECT gives rows


def test_an_update_that_meets_a_dying_service_is_not_sent_again() -> None:
    calls: list[int] = []
    with (
        service(lambda _, call: calls.append(call)) as remote,
        pytest.raises(EngineError, match="did not say whether it did what it was sent"),
    ):
        remote.update("CLEAR DEFAULT")
    assert calls == [1]


def test_credentials_come_from_the_named_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARCHIVE", "clio:secret")
    seen: list[str | None] = []

    def look(handler: BaseHTTPRequestHandler, _: int) -> None:
        seen.append(handler.headers["Authorization"])
        reply(handler, EMPTY)

    with service(look) as remote:
        remote.client = Client(auth_env="ARCHIVE")
        remote.query(ALL)
    assert seen == ["Basic Y2xpbzpzZWNyZXQ="]


def test_a_service_is_told_what_asks() -> None:
    seen: list[str] = []

    def look(handler: BaseHTTPRequestHandler, _: int) -> None:
        seen.append(handler.headers["User-Agent"])
        reply(handler, EMPTY)

    with service(look) as remote:
        remote.query(ALL)
    assert seen == [f"kg-footnote/{version('kg-footnote')}"]


def test_long_queries_go_by_post() -> None:
    methods: list[str] = []

    def look(handler: BaseHTTPRequestHandler, _: int) -> None:
        methods.append(handler.command)
        handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        reply(handler, EMPTY)

    with service(look) as remote:
        remote.query(ALL)
        remote.query(ALL + "#" * 3000)
    assert methods == ["GET", "POST"]


def test_updates_and_calls_elsewhere_are_refused_before_anything_is_sent() -> None:
    remote = Remote("http://127.0.0.1:9/sparql")
    with pytest.raises(NotAllowedError):
        remote.query("DROP ALL")
    with pytest.raises(NotAllowedError):
        remote.query("SELECT * { SERVICE <http://example.org/> { ?s ?p ?o } }")


def test_a_blank_node_is_no_parameter() -> None:
    with pytest.raises(ParameterError, match="blank node"):
        Remote("http://127.0.0.1:9/sparql").query(ALL, named_graphs=[], bindings={"s": ox.BlankNode()})
