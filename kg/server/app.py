"""The application: which address is answered by what."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from html import unescape
from typing import Any
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from kg.server.answers import respond, stated
from kg.server.api import ask_fields, check_fields, evidence_fields, read_language
from kg.server.faults import Fault
from kg.server.guard import Guard, answer, check_token, lines
from kg.server.keeping import Keeper, Keeping
from kg.server.lending import Lender
from kg.server.openapi import openapi
from kg.server.pool import Pool
from kg.server.protocol import Request11, read_request
from kg.server.settings import Limits, Place, Rights
from kg.server.updating import Change
from kg.server.watching import watch
from kg.server.workbench import STATIC, fault_page, question_head, workbench

_ENDPOINT = ("/sparql", "/sparql/")
_METHODS = ("GET", "HEAD", "POST", "OPTIONS")
_META = re.compile(r'http-equiv="Content-Security-Policy" content="([^"]*)"')


def create_app(place: Place, limits: Limits | None = None, rights: Rights | None = None) -> Starlette:
    """Return the application over the facts at a place; its workers live as long as it runs."""
    allowed = rights or Rights()
    bounds = limits or Limits()
    lender = None
    if place.endpoint is None:
        lender = Lender(min(bounds.workers, 8), allowed.hosts, lines(stated(bounds), allowed))
    pool, keeper = Pool(place, bounds, lender), Keeper()

    @asynccontextmanager
    async def running(_app: Starlette) -> AsyncIterator[dict[str, Any]]:
        pool.start()
        # Files that change would undo updates that are kept in memory only.
        is_watched = not allowed.token or place.store is not None
        watcher = asyncio.create_task(watch(pool)) if is_watched else None
        try:
            yield {
                "find": lambda request: keeper.find(request, pool.generation),
                "lender": lender,
                "kinds": pool.kinds,
            }
        finally:
            if watcher is not None:
                watcher.cancel()
            await pool.stop()

    middleware = [
        Middleware(Guard, rights=allowed),
        Middleware(_Shortcut, sparql=_Handlers(pool, allowed).sparql),
    ]
    if place.endpoint is None:
        middleware.insert(0, Middleware(Keeping, pool=pool, keeper=keeper))
    app = Starlette(
        routes=_routes(pool, allowed),
        lifespan=running,
        middleware=middleware,
        exception_handlers={
            Fault: _fault,
            404: _http_error,
            405: _http_error,
        },
    )
    app.state.pool, app.state.lender = pool, lender
    return app


async def _fault(request: Request, error: Exception) -> Response:
    assert isinstance(error, Fault)  # noqa: S101 - registered for nothing else
    # People follow links; programs get what they can read.
    return fault_page(error) if "text/html" in request.headers.get("accept", "") else answer(error)


async def _http_error(request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 404)
    said = "There is nothing at this address." if status == 404 else "This address has no such method."
    return await _fault(request, Fault(status, said, headers=dict(getattr(error, "headers", None) or {})))


class _Shortcut:
    """Takes the endpoint's requests before the router, whose work would be a third of a short answer's."""

    def __init__(self, app: ASGIApp, sparql: Callable[[Request], Awaitable[Response]]) -> None:
        self.app, self.sparql = app, sparql

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request of the endpoint; pass others on."""
        if scope["type"] != "http" or scope["path"] not in _ENDPOINT or scope["method"] not in _METHODS:
            await self.app(scope, receive, send)
            return
        try:
            response = await self.sparql(Request(scope, receive))
        except Fault as fault:
            response = answer(fault)
        await response(scope, receive, send)


class _Handlers:
    """What answers at the addresses that need a worker."""

    def __init__(self, pool: Pool, rights: Rights) -> None:
        self.pool, self.rights = pool, rights

    async def sparql(self, request: Request) -> Response:
        """The SPARQL 1.1 Protocol."""
        if request.method == "OPTIONS":
            return Response(status_code=204, headers={"Allow": "GET, HEAD, OPTIONS, POST"})
        asked = await read_request(request, self.pool.limits.body_bytes)
        if asked.update is not None:
            return await self._update(request, asked)
        if asked.query is None:
            return await self.void(request)
        fields = {
            "query": asked.query,
            "default_graph": asked.default_graph,
            "named_graphs": asked.named_graphs,
            "accept": request.headers.get("accept"),
        }
        request.scope["kg.query"] = asked.query
        return await respond(self.pool, request, "sparql", fields)

    async def _update(self, request: Request, asked: Request11) -> Response:
        """Change the facts, for who knows the token."""
        check_token(request.headers.get("authorization", ""), self.rights.token)
        base = f"http://{request.headers['host']}/sparql"
        change = Change(str(asked.update), base, tuple(asked.default_graph), tuple(asked.named_graphs))
        await self.pool.update(change)
        return Response(status_code=204)

    async def void(self, request: Request) -> Response:
        """The service description."""
        fields = {"base": f"http://{request.headers['host']}", "updates": bool(self.rights.token)}
        return await respond(self.pool, request, "void", fields)

    async def status(self, _request: Request) -> Response:
        """Which state of the files is served, and what is wrong with a newer one."""
        return JSONResponse({"generation": self.pool.generation, "problem": self.pool.problem})

    async def questions(self, request: Request) -> Response:
        """The saved questions."""
        return await respond(self.pool, request, "questions", {})

    async def search(self, request: Request) -> Response:
        """Things, questions and quoted words by name."""
        return await self._get(request, "search", text=request.query_params.get("q", "")[:200])

    async def vocabulary(self, request: Request) -> Response:
        """Words to complete."""
        return await self._get(request, "vocabulary")

    async def languages(self, request: Request) -> Response:
        """Languages of labels."""
        return await self._get(request, "languages")

    async def conflicts(self, request: Request) -> Response:
        """What is disputed."""
        return await self._get(request, "conflicts")

    async def citation(self, request: Request) -> Response:
        """A passage cited."""
        name = request.query_params.get("passage")
        if not name:
            raise Fault(400, "passage is the name of a passage.")
        return await self._get(request, "cite", name=name)

    async def _get(self, request: Request, job: str, **fields: Any) -> Response:
        fields["language"] = read_language(request.query_params.get("language"))
        return await respond(self.pool, request, job, fields)

    async def check(self, request: Request) -> Response:
        """A text's first mistake."""
        return await respond(self.pool, request, "check", await check_fields(request, self.pool.limits))

    async def ask(self, request: Request) -> Response:
        """Rows for the page."""
        return await respond(self.pool, request, "ask", await ask_fields(request, self.pool.limits))

    async def evidence(self, request: Request) -> Response:
        """The evidence of a row."""
        fields = await evidence_fields(request, self.pool.limits)
        return await respond(self.pool, request, "evidence", fields)

    async def thing(self, request: Request) -> Response:
        """One thing, or one of its twins."""
        wanted = request.headers.get("accept-language", "").partition(",")[0].partition(";")[0].strip()
        chosen = read_language(request.query_params.get("language"))
        asked = chosen or read_language(wanted)
        fields = _thing(request.path_params["name"]) | {"language": asked, "is_chosen": bool(chosen)}
        return _linked(request, fields, await respond(self.pool, request, "thing", fields))

    async def question(self, request: Request) -> Response:
        """One saved question: the page with it chosen, or one of its twins."""
        fields = _thing(request.path_params["name"])
        if fields["format"] != "html":
            return _linked(request, fields, await respond(self.pool, request, "question", fields))
        blocks = self.pool.run("question", fields | {"format": "json"}, request.is_disconnected)
        saved = json.loads(b"".join([block async for block in blocks if isinstance(block, bytes)]))
        return workbench(question_head(saved))

    async def answer(self, request: Request) -> Response:
        """The answer to a saved question, in the format that is wanted."""
        name, accept = request.path_params["name"], request.headers.get("accept")
        fields = {"question": name, "values": _values(request), "accept": accept}
        return await respond(self.pool, request, "answer", fields)

    async def view(self, request: Request) -> Response:
        """A projection drawn, or an answer."""
        asked = {"question": request.query_params.get("q", ""), "values": _values(request)}
        asked["expand"] = request.query_params.getlist("expand")
        return await _page(self.pool, request, {"projection": request.path_params.get("name"), **asked})


def _routes(pool: Pool, rights: Rights) -> list[Route | Mount]:
    """The addresses."""
    of = _Handlers(pool, rights)
    return [
        *(Route(path, of.sparql, methods=_METHODS) for path in _ENDPOINT),
        Route("/", _index),
        Route("/question/{name}", of.question),
        Route("/answer/{name}", of.answer),
        Route("/.well-known/void", of.void),
        Route("/openapi.json", _openapi),
        Route("/api/status", of.status),
        Route("/api/questions", of.questions),
        Route("/api/search", of.search),
        Route("/api/vocabulary", of.vocabulary),
        Route("/api/languages", of.languages),
        Route("/api/conflicts", of.conflicts),
        Route("/api/citation", of.citation),
        Route("/api/check", of.check, methods=["POST"]),
        Route("/api/ask", of.ask, methods=["POST"]),
        Route("/api/evidence", of.evidence, methods=["POST"]),
        Route("/thing/{name:path}", of.thing),
        Route("/view", of.view),
        Route("/view/{name}", of.view),
        Mount("/static", StaticFiles(directory=STATIC)),
    ]


async def _index(_request: Request) -> Response:
    return workbench()


async def _openapi(_request: Request) -> Response:
    return JSONResponse(openapi())


def _values(request: Request) -> dict[str, str]:
    """The parameters of a question, which stand in the address as p.NAME."""
    return {name[2:]: text for name, text in request.query_params.items() if name.startswith("p.")}


def _thing(address: str) -> dict[str, Any]:
    name, _, ending = address.rpartition(".")
    if name and ending in {"json", "ttl"}:
        return {"name": name, "format": ending}
    return {"name": address, "format": "html"}


def _linked(request: Request, fields: dict[str, Any], response: Response) -> Response:
    """Lead from a twin to the page that it says in other words, as the page leads to its twins."""
    if fields["format"] != "html":
        page = request.url.path.removesuffix("." + fields["format"])
        response.headers["Link"] = f'<{quote(page, safe="/:")}>; rel="alternate"; type="text/html"'
    return response


async def _page(pool: Pool, request: Request, fields: dict[str, Any]) -> Response:
    """Send a drawn page under the policy that it states, in a frame of ours and in no other."""
    blocks = [block async for block in pool.run("view", fields, request.is_disconnected)]
    html = b"".join(block for block in blocks if isinstance(block, bytes))
    stated = _META.search(html[:4000].decode("utf-8", "replace"))
    policy = (unescape(stated[1]) + "; " if stated else "default-src 'none'; ") + "frame-ancestors 'self'"
    return Response(
        html, headers={"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy}
    )
