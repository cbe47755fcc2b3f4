"""The SPARQL 1.1 Protocol: what a request asks, or why it is refused."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request

from kg.server.faults import Fault
from kg.server.plain import DIRECT, FORM

UPDATE = "application/sparql-update"
BODY_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Request11:
    """A query or an update as the protocol carries it; with neither, a client asks for the description."""

    query: str | None
    update: str | None
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
    if request.method != "POST":
        if any(name == "update" for name, _ in pairs):
            raise Fault(405, "An update is posted.", headers={"Allow": "POST"})
        return _request(pairs, is_post=False)
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Fault(415, "A request is sent as it is, not packed.", headers={"Accept-Encoding": "identity"})
    kind, _, rest = request.headers.get("content-type", "").partition(";")
    kind = kind.strip().lower()
    if kind not in {FORM, DIRECT, UPDATE}:
        raise Fault(415, f"A query is posted as {DIRECT} or {FORM}.")
    charset = rest.lower().partition("charset=")[2].strip(' "')
    if charset not in {"", "utf-8", "utf8"}:
        raise Fault(415, "A query is written in UTF-8.")
    body = await read_body(request, limit)
    if kind == FORM:
        return _request(pairs + _pairs(body), is_post=True)
    if any(name in {"query", "update"} for name, _ in pairs):
        raise Fault(400, "The query stands both in the address and in the body.")
    return _request([*pairs, ("query" if kind == DIRECT else "update", _decode(body))], is_post=True)


def _request(pairs: list[tuple[str, str]], *, is_post: bool) -> Request11:
    def values(name: str) -> list[str]:
        return [value for found, value in pairs if found == name]

    queries, updates = values("query"), values("update")
    if len(queries) + len(updates) > 1:
        raise Fault(400, "A request has one query or one update.")
    if not queries and not updates and is_post:
        raise Fault(400, "The request has no query.")
    if updates:
        return Request11(None, updates[0], values("using-graph-uri"), values("using-named-graph-uri"))
    query = queries[0] if queries else None
    return Request11(query, None, values("default-graph-uri"), values("named-graph-uri"))


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
