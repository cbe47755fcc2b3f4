"""Short answers kept for as long as the facts stay the same, and given again without any worker.

Whether a request may be answered depends on its bytes alone; so one that is byte for byte one answered before
may be answered so again.
"""

from __future__ import annotations

from collections import OrderedDict

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kg.server.kinds import changes
from kg.server.pool import Pool

RAW = "kg.raw"
"""Where a scope has the bytes of its request, if an answer to it may be kept."""
_MOST_BYTES = 32_000_000
_LONGEST = 65_536


class Keeper:
    """The answers of one generation of facts, by their requests, the least recently used forgotten first."""

    def __init__(self, most: int = _MOST_BYTES) -> None:
        self._kept: OrderedDict[bytes, bytes] = OrderedDict()
        self._generation = -1
        self._bytes, self._most = 0, most

    def find(self, request: bytes, generation: int) -> bytes | None:
        """Return a kept answer of this generation.

        >>> keeper = Keeper()
        >>> keeper.keep(b"GET", "ASK {}", b"yes", 1)
        >>> keeper.find(b"GET", 1), keeper.find(b"GET", 2)
        (b'yes', None)
        """
        if generation != self._generation:
            return None
        found = self._kept.get(request)
        if found is not None:
            self._kept.move_to_end(request)
        return found

    def keep(self, request: bytes, query: str, answer: bytes, generation: int) -> None:
        """Keep an answer, unless it is long or would be another one next time."""
        if generation != self._generation:
            self._kept.clear()
            self._bytes, self._generation = 0, generation
        if len(answer) > _LONGEST or request in self._kept or changes(query):
            return
        self._kept[request] = answer
        self._bytes += len(answer) + len(request)
        while self._bytes > self._most:
            old, dropped = self._kept.popitem(last=False)
            self._bytes -= len(dropped) + len(old)


class Keeping:
    """Listens to the application's answers and keeps those that will be the same again."""

    def __init__(self, app: ASGIApp, pool: Pool, keeper: Keeper) -> None:
        self.app, self.pool, self.keeper = app, pool, keeper

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and listen to its answer."""
        if RAW not in scope:
            await self.app(scope, receive, send)
            return
        generation = self.pool.generation
        started: Message = {}

        async def listening(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = message
            elif _is_whole(started, message) and generation == self.pool.generation and "kg.query" in scope:
                answer = _written(started, message["body"])
                self.keeper.keep(scope[RAW], scope["kg.query"], answer, generation)
            await send(message)

        await self.app(scope, receive, listening)


def _is_whole(start: Message, body: Message) -> bool:
    """Whether this is a good answer in one piece."""
    has_length = any(name == b"content-length" for name, _ in start["headers"])
    return start["status"] == 200 and has_length and not body.get("more_body")


def _written(start: Message, body: bytes) -> bytes:
    """Return an answer as it goes over the wire, after its status and date."""
    lines = [b"%s: %s\r\n" % (name, value) for name, value in start["headers"]]
    return b"".join([*lines, b"\r\n", body])
