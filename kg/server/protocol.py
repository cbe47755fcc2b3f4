"""The SPARQL 1.1 Protocol, queries only: what a request asks, or why it is refused."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request

from kg.server.faults import Fault

FORM, DIRECT, UPDATE = (
    "application/x-www-form-urlencoded",
    "application/sparql-query",
    "application/sparql-update",
)
_NO_UPDATES = Fault(403, "This server is read-only: updates are off.")
BODY_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Request11:
    """A query as the protocol carries it; the query is None where a client asks for the description."""

    query: str | None
    default_graph: list[str]
    named_graphs: list[str]


async def read_body(request: Request, limit: int) -> bytes:
    """Read a body; raises `Fault` for one that is too large or does not come."""
    length = request.headers.get("content-length", "0")
    if length.isdigit() and int(length) > limit:
        raise Fault(413, f"A request may have {limit:,} bytes.")
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for block in request.stream():
                body += block
                if len(body) > limit:
                    raise Fault(413, f"A request may have {limit:,} bytes.")
    except TimeoutError as error:
        raise Fault(408, "The request did not arrive in time.", headers={"Connection": "close"}) from error
    except ClientDisconnect as error:
        raise Fault(499, "The client has gone.") from error
    return bytes(body)


async def read_request(request: Request, limit: int) -> Request11:
    """Read a request of the protocol; raises `Fault` for all that is none."""
    pairs = _pairs(request.scope["query_string"])
    if request.method == "POST":
        kind, _, rest = request.headers.get("content-type", "").partition(";")
        kind = kind.strip().lower()
        if kind == UPDATE:
            raise _NO_UPDATES
        if kind not in {FORM, DIRECT}:
            raise Fault(415, f"A query is posted as {DIRECT} or {FORM}.")
        charset = rest.lower().partition("charset=")[2].strip(' "')
        if charset not in {"", "utf-8", "utf8"}:
            raise Fault(415, "A query is written in UTF-8.")
        body = await read_body(request, limit)
        if kind == DIRECT:
            if any(name == "query" for name, _ in pairs):
                raise Fault(400, "The query stands both in the address and in the body.")
            pairs.append(("query", _decode(body)))
        else:
            pairs += _pairs(body)
    return _request(pairs, is_post=request.method == "POST")


def _request(pairs: list[tuple[str, str]], *, is_post: bool) -> Request11:
    if any(name == "update" for name, _ in pairs):
        raise _NO_UPDATES
    queries = [value for name, value in pairs if name == "query"]
    if len(queries) > 1:
        raise Fault(400, "A request has one query.")
    if not queries and is_post:
        raise Fault(400, "The request has no query.")
    return Request11(
        queries[0] if queries else None,
        [value for name, value in pairs if name == "default-graph-uri"],
        [value for name, value in pairs if name == "named-graph-uri"],
    )


def _pairs(text: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=100)
    except ValueError as error:
        raise Fault(400, "The parameters are not written as a form in UTF-8.") from error


def _decode(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Fault(400, f"The query is not UTF-8: byte {error.start} is none.") from error
