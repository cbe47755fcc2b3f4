"""A real server in a thread, for tests."""

import http.client
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn

from kg.server.app import create_app
from kg.server.lending import Lender
from kg.server.pool import Pool
from kg.server.running import config, listen
from kg.server.settings import Limits, Place, Rights


@dataclass
class Running:
    """A server that listens."""

    port: int
    pool: Pool
    lender: Lender

    @property
    def address(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def ask(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> tuple[int, str, bytes]:
        """Send one request; return status, media type and body."""
        status, found, said = self.send(method, path, body, headers)
        return status, found.get("Content-Type", ""), said

    def send(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        """Send one request; return status, headers and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, dict(headers or {}))
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def open(self, path: str, headers: Mapping[str, str]) -> tuple[http.client.HTTPMessage, bytes]:
        """Send a GET; return the headers and the body of the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("GET", path, headers=dict(headers))
            answer = connection.getresponse()
            return answer.headers, answer.read()
        finally:
            connection.close()

    def wait_for(self, holds: Callable[[], object], seconds: float = 30) -> None:
        """Wait until something holds."""
        until = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < until, "It did not come true in time."
            time.sleep(0.2)


@contextmanager
def running(place: Place, limits: Limits, rights: Rights | None = None) -> Iterator[Running]:
    """Serve while the block runs."""
    app = create_app(place, limits, rights)
    found = listen(0)
    server = uvicorn.Server(config(app))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [found]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    try:
        yield Running(found.getsockname()[1], app.state.pool, app.state.lender)
    finally:
        server.should_exit = True
        thread.join(10)
        found.close()
