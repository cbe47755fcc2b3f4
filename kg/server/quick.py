"""Connections: uvicorn's, which answer at once where a request is byte for byte one answered before."""

from __future__ import annotations

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from kg.server.keeping import RAW

_PATH = b"GET /sparql?"
_OK = b"HTTP/1.1 200 OK\r\n"


class Quick(HttpToolsProtocol):
    """One connection. The application's state holds `find`, which knows the answers that were kept."""

    _is_within = False
    """Whether a part of a request has come, and not all of it."""

    def data_received(self, data: bytes) -> None:
        """Answer a known request here; give all others to the application."""
        known = self.cycle
        is_idle = not self._is_within and (known is None or known.response_complete)
        find = self.app_state.get("find")
        if find is None or not is_idle or not _is_one(data) or self.flow.write_paused:
            super().data_received(data)
            return
        found = find(data)
        if found is not None:
            self._answer(found)
            return
        super().data_received(data)
        now = self.cycle
        # A request with a body would be answered before the body has come.
        if now is not known and not self._is_within and now.keep_alive:
            now.scope[RAW] = data  # type: ignore[literal-required]  # ASGI allows more keys

    def on_message_begin(self) -> None:
        """Remember that a request has begun."""
        self._is_within = True
        super().on_message_begin()

    def on_message_complete(self) -> None:
        """Remember that it has come to its end."""
        self._is_within = False
        super().on_message_complete()

    def _answer(self, found: bytes) -> None:
        self._unset_keepalive_if_required()
        dated = [b"%s: %s\r\n" % header for header in self.server_state.default_headers]
        self.transport.write(b"".join([_OK, *dated, found]))
        self.server_state.total_requests += 1
        self.timeout_keep_alive_task = self.loop.call_later(
            self.timeout_keep_alive, self.timeout_keep_alive_handler
        )


def _is_one(data: bytes) -> bool:
    r"""Whether this is one plain request of the endpoint, whole and with nothing after its head.

    >>> head = b"GET /sparql?query=ASK{} HTTP/1.1\r\nHost: a\r\n\r\n"
    >>> _is_one(head), _is_one(head + head), _is_one(head[:-1])
    (True, False, False)
    """
    return data.startswith(_PATH) and data.find(b"\n\r\n") == len(data) - 3 and b"\n\n" not in data
