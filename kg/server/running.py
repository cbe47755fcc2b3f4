"""Listening: the socket, and uvicorn on it."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from kg.errors import InputError
from kg.server.settings import Limits, Place, Rights

if TYPE_CHECKING:
    import uvicorn
    from starlette.applications import Starlette


_FILES = 8192


def listen(port: int, host: str = "127.0.0.1") -> socket.socket:
    """Return a listening socket; port 0 takes any. Raises `InputError` for a port in use."""
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
    except (OSError, OverflowError) as error:
        found.close()
        raise InputError(f"Port {port} cannot be used ({error}); name another with --port.") from error
    return found


def serve(place: Place, limits: Limits, rights: Rights, found: socket.socket) -> None:
    """Serve until interrupted."""
    # Windows has no such module, and the command says that it cannot serve there.
    import resource

    import uvicorn

    from kg.server.app import create_app

    # Many systems let a program open 1,024 files unless it asks for more.
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < _FILES:
        most = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))
    uvicorn.Server(config(create_app(place, limits, rights))).run(sockets=[found])


def config(app: Starlette) -> uvicorn.Config:
    """Return how uvicorn is to run the application."""
    import uvicorn

    from kg.server.quick import Quick

    return uvicorn.Config(
        app, log_level="warning", access_log=False, server_header=False, http=Quick,
        backlog=2048, timeout_keep_alive=10, timeout_graceful_shutdown=3,
    )  # fmt: skip
