"""A load of clients on one HTTP server: each asks, reads the whole answer, and asks again."""

from __future__ import annotations

import itertools
import selectors
import socket
import statistics
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

ACCEPT = "application/sparql-results+json"


@dataclass(slots=True)
class Found:
    """What a group of clients met with: how long each answer took, and every status, 0 for one broken off."""

    latencies: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Good answers a second."""
        return self.statuses[200] / self.seconds

    def percentile(self, part: int) -> float:
        """The latency that so many percent of the answers stay below."""
        return statistics.quantiles(self.latencies, n=100)[part - 1]


class _Client:
    """One connection, kept open."""

    def __init__(self, port: int, path: str, queries: Iterator[str], found: Found, *, posts: bool) -> None:
        self.port, self.path, self.queries, self.found, self.posts = port, path, queries, found, posts
        self.buffer = bytearray()
        self.connect()

    def connect(self) -> None:
        """Open a connection."""
        self.socket = socket.create_connection(("127.0.0.1", self.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self) -> None:
        """Send the next query."""
        query = next(self.queries)
        fields = f"Host: 127.0.0.1:{self.port}\r\nAccept: {ACCEPT}\r\n"
        if self.posts:
            fields += f"Content-Type: application/sparql-query\r\nContent-Length: {len(query.encode())}\r\n"
            request = f"POST {self.path} HTTP/1.1\r\n{fields}\r\n{query}"
        else:
            request = f"GET {self.path}?query={query} HTTP/1.1\r\n{fields}\r\n"
        self.buffer.clear()
        self.started = time.perf_counter()
        self.socket.sendall(request.encode())

    def read(self) -> bool:
        """Take what has come; say whether the answer is whole. Raises `ConnectionError` at its end."""
        block = self.socket.recv(1 << 18)
        if not block:
            raise ConnectionError
        self.buffer += block
        head, found, body = self.buffer[:2000].partition(b"\r\n\r\n")
        if not found:
            return False
        fields = head.lower()
        if b"chunked" in fields:
            if not self.buffer.endswith(b"0\r\n\r\n"):
                return False
        else:
            length = int(fields.partition(b"content-length:")[2].split(b"\r\n")[0])
            if len(self.buffer) - len(head) - 4 < length:
                return False
        del body
        status = int(head[9:12])
        self.found.statuses[status] += 1
        if status == 200:  # what is refused has no latency to compare
            self.found.latencies.append(time.perf_counter() - self.started)
        return True


def _turns(queries: Sequence[str], number: int, *, is_new: bool, posts: bool) -> Iterator[str]:
    """Yield queries as they are sent, each client beginning at another; a new one is like none before."""
    written, mark = (queries, "\n#") if posts else ([quote(query) for query in queries], "%0A%23")
    for turn in itertools.count(number):
        query = written[turn % len(written)]
        yield f"{query}{mark}{number}-{turn}-{time.monotonic_ns()}" if is_new else query


def load(
    port: int,
    path: str,
    groups: Sequence[tuple[Sequence[str], int]],
    seconds: float,
    *,
    is_new: bool = True,
    posts: bool = False,
) -> list[Found]:
    """Ask for so long with groups of clients, each with its queries in turn; return what each group met."""
    selector = selectors.DefaultSelector()
    found = [Found(seconds=seconds) for _ in groups]
    clients = []
    for (queries, count), into in zip(groups, found, strict=True):
        for number in range(count):
            turns = _turns(queries, number, is_new=is_new, posts=posts)
            client = _Client(port, path, turns, into, posts=posts)
            selector.register(client.socket, selectors.EVENT_READ, client)
            clients.append(client)
    for client in clients:
        client.ask()
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        for key, _ in selector.select(0.1):
            client = key.data
            try:
                is_whole = client.read()
            except ConnectionError:
                client.found.statuses[0] += 1
                is_whole = True
                selector.unregister(client.socket)
                client.socket.close()
                client.connect()
                selector.register(client.socket, selectors.EVENT_READ, client)
            if is_whole:
                client.ask()
    for client in clients:
        selector.unregister(client.socket)
        client.socket.close()
    return found
