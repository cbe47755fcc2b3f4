"""Answers on their way from a worker to a client: whole where they are short, streamed where they are not."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from kg.server.capping import added
from kg.server.faults import Fault
from kg.server.negotiate import takes_gzip
from kg.server.pool import Head, Pool
from kg.server.settings import Limits

_LOG = logging.getLogger("kg.server")


async def respond(pool: Pool, request: Request, name: str, fields: dict[str, Any]) -> Response:
    """Answer with what a worker says; a failure before the first byte has a status of its own."""
    fields["gzip"] = takes_gzip(request.headers.get("accept-encoding", ""))
    messages = pool.run(name, fields, request.is_disconnected)
    head = await anext(messages)
    assert isinstance(head, Head)  # noqa: S101 - a worker's first word, if it is no fault
    limits = pool.limits
    headers = {"Content-Type": head.media_type, **stated(limits)}
    if head.is_limited:
        headers["Kg-Added"] = added(limits.rows)
    if head.encoding:
        headers["Content-Encoding"] = head.encoding
    if request.method == "HEAD":
        await messages.aclose()  # type: ignore[attr-defined]  # an async generator
        short = Response(b"", headers=headers)
        # A length would be that of what GET answers.
        del short.headers["content-length"]
        return short
    first = await anext(messages, b"")
    second = await anext(messages, None) if first else None
    if second is None:
        return Response(first, headers=headers)
    return _Streamed([first, second], messages, headers, limits.send_seconds)


def stated(limits: Limits) -> dict[str, str]:
    """Return the header fields that say what an answer depends on, and what it may cost."""
    rows = f"rows={limits.rows}, " if limits.rows else ""
    said = f"seconds={limits.seconds:g}, {rows}bytes={limits.answer_bytes}"
    return {"Vary": "Accept, Accept-Encoding", "Kg-Limits": said}


class _Streamed(Response):
    """An answer of many blocks, of which only the one on its way is held."""

    def __init__(
        self, begun: list[Any], rest: AsyncIterator[Any], headers: dict[str, str], seconds: float
    ) -> None:
        super().__init__(headers=headers)
        del self.headers["content-length"]
        self._begun, self._rest, self._seconds = begun, rest, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        """Send block after block; where one fails, break off, so that a part never passes for the whole."""
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        try:
            for block in self._begun:
                await self._send(send, block)
            async for block in self._rest:
                await self._send(send, block)
        except (Fault, TimeoutError) as error:
            # Returning without a last block makes uvicorn close the connection.
            _LOG.info("An answer broke off: %s", error.message if isinstance(error, Fault) else "slow client")
            return
        finally:
            await self._rest.aclose()  # type: ignore[attr-defined]  # an async generator
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _send(self, send: Send, block: bytes) -> None:
        async with asyncio.timeout(self._seconds):
            await send({"type": "http.response.body", "body": block, "more_body": True})
