"""Connections: uvicorn's, which answer at once where they can, and are lent to a desk while all is light."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from kg.server.faults import LATER, Fault
from kg.server.keeping import RAW
from kg.server.light import PATH, is_light, split

HEAD_SECONDS = 10.0
_OK = b"HTTP/1.1 200 OK\r\n"
MOST_OPEN = 2000
_LATE = Fault(408, "The request did not arrive in time.")
_FULL = Fault(503, "Too many connections are open; ask again in a moment.", headers=LATER)


class Quick(HttpToolsProtocol):
    """One connection. The application's state has `find`, which knows kept answers, and a `lender`."""

    _is_within = False
    """Whether a part of a request has come, and not all of it."""
    _patience: asyncio.TimerHandle | None = None
    """What ends a connection whose request does not get past its head."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        """Wait for a first request as long as for a next one."""
        super().connection_made(transport)
        self._await_next()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of all that waits."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Answer a known request here; lend a light one to a desk; give all others to the application."""
        if len(self.connections) > MOST_OPEN and self._is_idle:
            self._refuse(_FULL)
            return
        find = self.app_state.get("find")
        if find is None or not self._is_idle or not _is_one(data) or self.flow.write_paused:
            super().data_received(data)
            return
        found = find(data)
        if found is not None:
            self._answer(found)
        elif not self._lend(data):
            self._pass_on(data)

    def _pass_on(self, data: bytes) -> None:
        """Give a request to the application, with its bytes, by which the answer may be kept."""
        known = self.cycle
        super().data_received(data)
        now = self.cycle
        # A request with a body would be answered before the body has come.
        if now is not known and not self._is_within and now.keep_alive:
            now.scope[RAW] = data  # type: ignore[literal-required]  # ASGI allows more keys

    @property
    def _is_idle(self) -> bool:
        return not self._is_within and (self.cycle is None or self.cycle.response_complete)

    def on_message_begin(self) -> None:
        """Remember that a request has begun."""
        self._is_within = True
        self._patience = self.loop.call_later(HEAD_SECONDS, self._refuse, _LATE)
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Remember that the head has come; a body has a limit of its own."""
        self._stop_waiting()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Remember that it has come to its end."""
        self._is_within = False
        super().on_message_complete()

    def fileno(self) -> int:
        """The number of the socket."""
        return int(self.transport.get_extra_info("socket").fileno())

    def take_back(self, unsent: bytes, request: bytes) -> None:
        """Go on with a connection that was lent."""
        if self.transport.is_closing():
            return
        if unsent:
            self.transport.write(unsent)
        self.flow.resume_reading()
        if request:
            self._pass_on(request)
        else:
            self._await_next()

    def _lend(self, request: bytes) -> bool:
        lender, parts = self.app_state.get("lender"), split(request)
        if lender is None or parts is None or not is_light(parts[0]) or not lender.lend(self, request):
            return False
        self.flow.pause_reading()
        self._unset_keepalive_if_required()
        return True

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP in the shape of all failures."""
        self._refuse(Fault(400, msg))

    def _refuse(self, fault: Fault) -> None:
        """Answer without the application, and hang up."""
        body = fault.body()
        fields = {"Content-Type": "application/json", "Content-Length": len(body), "Connection": "close"}
        lines = [f"{name}: {value}\r\n" for name, value in (fields | fault.headers).items()]
        head = f"HTTP/1.1 {fault.status} {HTTPStatus(fault.status).phrase}\r\n{''.join(lines)}\r\n"
        self.transport.write(head.encode() + body)
        self.transport.close()

    def _answer(self, found: bytes) -> None:
        self._unset_keepalive_if_required()
        dated = [b"%s: %s\r\n" % header for header in self.server_state.default_headers]
        self.transport.write(b"".join([_OK, *dated, found]))
        self.server_state.total_requests += 1
        self._await_next()

    def _await_next(self) -> None:
        self._unset_keepalive_if_required()
        self.timeout_keep_alive_task = self.loop.call_later(
            self.timeout_keep_alive, self.timeout_keep_alive_handler
        )


def _is_one(data: bytes) -> bool:
    r"""Whether this is one plain request of the endpoint, whole and with nothing after its head.

    >>> head = b"GET /sparql?query=ASK{} HTTP/1.1\r\nHost: a\r\n\r\n"
    >>> _is_one(head), _is_one(head + head), _is_one(head[:-1])
    (True, False, False)
    """
    return data.startswith(PATH) and data.find(b"\n\r\n") == len(data) - 3 and b"\n\n" not in data
