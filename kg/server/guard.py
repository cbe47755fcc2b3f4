"""The guard before every request: which hosts and pages may ask, and what browsers may do with answers."""

from __future__ import annotations

import hmac

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kg.server.faults import Fault
from kg.server.plain import host_name
from kg.server.settings import Rights

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
ALWAYS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", POLICY.encode()),
]


_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS",
    # Not Authorization: pages of other sites may ask, and never change anything.
    "Access-Control-Allow-Headers": "Accept, Content-Type",
    "Access-Control-Max-Age": "600",
}


class Guard:
    """Refuses foreign hosts (DNS rebinding) and foreign pages, and sets the headers that every answer has."""

    def __init__(self, app: ASGIApp, rights: Rights) -> None:
        self.app, self.rights = app, rights

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it with 403."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        asked = Headers(scope=scope)
        origin = asked.get("origin", "")
        is_listed = origin in self.rights.origins

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                known = {name for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(h for h in ALWAYS if h[0] not in known)]
                headers = MutableHeaders(scope=message)
                if self.rights.origins:
                    headers.add_vary_header("Origin")
                if is_listed:
                    headers["Access-Control-Allow-Origin"] = origin
                    headers["Access-Control-Expose-Headers"] = "Kg-Limits, Kg-Added, Retry-After"
                    headers["Cross-Origin-Resource-Policy"] = "cross-origin"
            await send(message)

        refusal = self._refusal(asked)
        if refusal:
            await answer(Fault(403, refusal))(scope, receive, guarded)
        elif is_listed and scope["method"] == "OPTIONS" and "access-control-request-method" in asked:
            await Response(status_code=204, headers=_PREFLIGHT)(scope, receive, guarded)
        else:
            await self.app(scope, receive, guarded)

    def _refusal(self, headers: Headers) -> str:
        hosts = headers.getlist("host")
        host = hosts[0] if len(hosts) == 1 else ""
        if host_name(host) not in self.rights.hosts:
            return "This server answers only under its own name."
        origin = headers.get("origin")
        if origin is not None:
            is_known = origin == f"http://{host}" or origin in self.rights.origins
            return "" if is_known else "This server does not answer pages of other sites."
        if headers.get("sec-fetch-site") == "cross-site":
            if headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document":
                return ""
            return "This server does not answer pages of other sites."
        return ""


def lines(headers: dict[str, str], rights: Rights) -> str:
    """Return header fields as they are sent, with those that every answer has, but none for other sites."""
    said = headers | {name.decode(): value.decode() for name, value in ALWAYS}
    if rights.origins:
        said["Vary"] += ", Origin"
    return "".join(f"{name}: {value}\r\n" for name, value in said.items())


def answer(fault: Fault) -> Response:
    """Return a failure as a response."""
    return Response(fault.body(), fault.status, fault.headers, "application/json")


def check_token(authorization: str, token: str) -> None:
    """Let pass who presents the token; raises `Fault` for everybody else, and for all where there is none."""
    if not token:
        raise Fault(403, "This server is read-only: updates are off (kg serve --allow-update).")
    scheme, _, given = authorization.partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), token.encode()):
        said = "An update needs the token: Authorization: Bearer TOKEN."
        raise Fault(401, said, headers={"WWW-Authenticate": 'Bearer realm="kg"'})
