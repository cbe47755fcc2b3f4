"""Services for tests that answer over HTTP what a test tells them to."""

from __future__ import annotations

import gc
import io
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from kg.engine import Engine
from kg.engine.http import Client
from kg.engine.probe import Profile
from kg.engine.remote import Remote
from kg.query import run

EMPTY = b'{"head":{"vars":["s"]},"results":{"bindings":[]}}'
NTRIPLES = "application/n-triples"
JSON = "application/sparql-results+json"
XML = "application/sparql-results+xml"
ALL = "SELECT * { ?s ?p ?o }"
Answer = Callable[[BaseHTTPRequestHandler, int], None]


@contextmanager
def service(answer: Callable[[BaseHTTPRequestHandler, int], None]) -> Iterator[Remote]:
    """A service that does what `answer` says at its first, second, ... request."""
    calls: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            calls.append(self.path)
            answer(self, len(calls))

        do_POST = do_GET  # noqa: N815 - the name that http.server calls

        def log_message(self, *args: object) -> None:
            """Keep quiet."""

    # pyoxigraph's answers must end in their own thread. A test that keeps an exception, as `pytest.raises`
    # and click's results do, is in a cycle with it (traceback, frames, the test's own frame), together with
    # the answers in its variables: that is collected here, before the service's threads might do it.
    gc.collect()
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        remote = Remote(
            f"http://127.0.0.1:{server.server_port}/sparql", client=Client(timeout=0.5, retries=2)
        )
        # What the probe would ask is not the matter here.
        remote.__dict__["profile"] = Profile()
        try:
            yield remote
        finally:
            server.shutdown()
            thread.join()


def reply(
    handler: BaseHTTPRequestHandler,
    body: bytes,
    kind: str = JSON,
    status: int = 200,
    length: int | None = None,
) -> None:
    handler.send_response(status)
    handler.send_header("Content-Type", kind)
    handler.send_header("Content-Length", str(len(body) if length is None else length))
    handler.end_headers()
    handler.wfile.write(body)


def answering(engine: Engine) -> Answer:
    """A service that answers queries with an engine."""

    def answer(handler: BaseHTTPRequestHandler, _: int) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0)).decode()
        text = parse_qs(body or urlsplit(handler.path).query)["query"][0]
        result, output = run(engine, text), io.BytesIO()
        result.write(output, "ntriples" if result.form == "graph" else "xml")
        reply(handler, output.getvalue(), NTRIPLES if result.form == "graph" else XML)

    return answer
