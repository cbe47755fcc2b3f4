"""Connections: uvicorn's, which answer at once where they can, and are lent to a desk while all is light."""

from __future__ import annotations

import asyncio
import socket
from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from kg.server.faults import LATER, Fault
from kg.server.keeping import RAW
from kg.server.plain import is_last, length, read_fields, read_query, split

HEAD_SECONDS = 10.0
_OK = b"HTTP/1.1 200 OK\r\n"
_CLOSE = b"connection: close\r\n"
MOST_OPEN = 2000
_LATE = Fault(408, "The request did not arrive in time.")
_FULL = Fault(503, "Too many connections are open; ask again in a moment.", headers=LATER)


class Quick(HttpToolsProtocol):
    """One connection. The application's state has `find`, which knows kept answers, and a `lender`."""

    _is_within = False
    """Whether a part of a request has come, and not all of it."""
    _patience: asyncio.TimerHandle | None = None
    """What ends a connection whose request does not get past its head."""
    _held = b""
    """A short request of which a part has come."""

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
        if self._held:
            data, self._held = self._held + data, b""
            self._stop_waiting()
        if len(self.connections) > MOST_OPEN and self._is_idle:
            self._refuse(_FULL)
            return
        find = self.app_state.get("find")
        may_answer = find is not None and self._is_idle and not self.flow.write_paused
        whole = length(data) if may_answer else None
        if find is None or whole is None or whole < len(data):
            super().data_received(data)
        elif whole > len(data):
            self._hold(data)
        elif (found := find(data)) is not None:
            self._answer(found, is_last=is_last(data))
        elif not self._lend(data):
            self._pass_on(data)

    def _hold(self, data: bytes) -> None:
        """Wait for the body of a request."""
        self._held = data
        self._unset_keepalive_if_required()
        self._patience = self.loop.call_later(HEAD_SECONDS, self._refuse, _LATE)

    def _pass_on(self, data: bytes) -> None:
        """Give a request to the application, with its bytes, by which the answer may be kept."""
        known = self.cycle
        super().data_received(data)
        now = self.cycle
        # A request with a body would be answered before the body has come.
        if now is not known and not self._is_within and (now.keep_alive or is_last(data)):
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

    def take_back(self, unsent: bytes, request: bytes, *, is_last: bool) -> None:
        """Go on with a connection that was lent."""
        if self.transport.is_closing():
            return
        if unsent:
            self.transport.write(unsent)
        if is_last:
            self.transport.close()
            return
        # A desk that ended may have awaited more than a byte.
        self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 1)
        self.flow.resume_reading()
        if request:
            self._pass_on(request)
        else:
            self._await_next()

    def _lend(self, request: bytes) -> bool:
        lender, query = self.app_state.get("lender"), _query(request)
        if lender is None or query is None or not self.app_state["kinds"].is_quick(query):
            return False
        if not lender.lend(self, request):
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

    def _answer(self, found: bytes, *, is_last: bool) -> None:
        self._unset_keepalive_if_required()
        dated = [b"%s: %s\r\n" % header for header in self.server_state.default_headers]
        self.transport.write(b"".join([_OK, *dated, _CLOSE if is_last else b"", found]))
        self.server_state.total_requests += 1
        if is_last:
            self.transport.close()
        else:
            self._await_next()

    def _await_next(self) -> None:
        self._unset_keepalive_if_required()
        self.timeout_keep_alive_task = self.loop.call_later(
            self.timeout_keep_alive, self.timeout_keep_alive_handler
        )


def _query(request: bytes) -> str | None:
    """Return what a whole request asks, if it is plain."""
    parts = split(request)
    wanted = read_fields(parts.fields, is_posted=parts.is_posted) if parts else None
    return read_query(parts.asked, is_form=wanted.is_form) if parts and wanted else None
