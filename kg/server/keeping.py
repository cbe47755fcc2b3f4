"""Short answers kept for as long as the facts stay the same, and given again without any worker.

What has been answered under a host's name, and to no page of another site, may be answered so again.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kg.server.pool import Pool

Key = tuple[bytes, ...]
_MOST_BYTES = 32_000_000
_LONGEST = 65_536
# What differs from call to call, and escapes, which could hide it.
_NAMED = {b"accept": 1, b"accept-encoding": 2, b"host": 3}
_CHECKED = frozenset(
    {b"origin", b"sec-fetch-site", b"authorization", b"content-length", b"transfer-encoding"}
)
_WORDS = re.compile(r"rand|uuid|now|bnode|\\u", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it went out."""

    start: Message
    body: bytes


class Keeper:
    """The answers of one generation of facts, the least recently used of them forgotten first."""

    def __init__(self, most: int = _MOST_BYTES) -> None:
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._generation = -1
        self._bytes, self._most = 0, most

    def find(self, key: Key, generation: int) -> Kept | None:
        """Return a kept answer of this generation.

        >>> keeper = Keeper()
        >>> keeper.keep((b"q", b"", b""), "ASK {}", Kept({}, b"yes"), 1)
        >>> keeper.find((b"q", b"", b""), 1).body, keeper.find((b"q", b"", b""), 2)
        (b'yes', None)
        """
        if generation != self._generation:
            return None
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def keep(self, key: Key, query: str, answer: Kept, generation: int) -> None:
        """Keep an answer, unless it is long or would be another one next time."""
        if generation != self._generation:
            self._kept.clear()
            self._bytes, self._generation = 0, generation
        if len(answer.body) > _LONGEST or _WORDS.search(query) or key in self._kept:
            return
        self._kept[key] = answer
        self._bytes += len(answer.body) + len(key[0])
        while self._bytes > self._most:
            old, dropped = self._kept.popitem(last=False)
            self._bytes -= len(dropped.body) + len(old[0])


class Keeping:
    """Gives kept answers to plain GET requests of the endpoint, and keeps what the application answers."""

    def __init__(self, app: ASGIApp, pool: Pool) -> None:
        self.app, self.pool, self.keeper = app, pool, Keeper()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass a request on and listen to its answer."""
        key = _key(scope) if scope["type"] == "http" and scope["path"] == "/sparql" else None
        if key is None:
            await self.app(scope, receive, send)
            return
        generation = self.pool.generation
        kept = self.keeper.find(key, generation)
        if kept is not None:
            await send(kept.start)
            await send({"type": "http.response.body", "body": kept.body})
            return
        started: Message = {}

        async def listening(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = message
            elif _is_whole(started, message) and generation == self.pool.generation and "kg.query" in scope:
                self.keeper.keep(key, scope["kg.query"], Kept(started, message["body"]), generation)
            await send(message)

        await self.app(scope, receive, listening)


def _is_whole(start: Message, body: Message) -> bool:
    """Whether this is a good answer in one piece."""
    has_length = any(name == b"content-length" for name, _ in start["headers"])
    return start["status"] == 200 and has_length and not body.get("more_body")


def _key(scope: Scope) -> Key | None:
    """Return what an answer depends on; nothing for a request that must be looked at more closely."""
    if scope["method"] != "GET":
        return None
    parts = [scope["query_string"], b"", b"", b""]
    for name, value in scope["headers"]:
        at = _NAMED.get(name)
        if at is not None:
            parts[at] = value
        elif name in _CHECKED:
            return None
    return tuple(parts)
