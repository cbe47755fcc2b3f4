"""Real engines elsewhere with the bundled data: an Oxigraph server and a Virtuoso."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import kg
from kg.engine.embedded import Embedded
from kg.engine.pushing import push
from kg.engine.remote import Remote
from tests.virtuoso import free_port, is_installed, virtuoso, wait_for

OXIGRAPH = Path(sys.executable).with_name("oxigraph")


@contextmanager
def oxigraph_server(*options: str) -> Iterator[str]:
    """Run an empty Oxigraph server; yield its address. Skips where it is not installed."""
    if not OXIGRAPH.exists():
        pytest.skip("the oxigraph server is not installed (pip install oxigraph)")
    port = free_port()
    command = [str(OXIGRAPH), "serve", "--bind", f"127.0.0.1:{port}", *options]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as run:
        try:
            wait_for(f"http://127.0.0.1:{port}/query?query=ASK%7B%7D", run)
            yield f"http://127.0.0.1:{port}"
        finally:
            run.kill()


@pytest.fixture(scope="session")
def oxigraph() -> Iterator[Remote]:
    """A real Oxigraph server with the bundled data."""
    with oxigraph_server() as address:
        yield filled(f"{address}/query", f"{address}/update")


@pytest.fixture(scope="session")
def union() -> Iterator[Remote]:
    """An Oxigraph server whose default graph is the union of all graphs, whatever FROM says."""
    with oxigraph_server("--union-default-graph") as address:
        yield filled(f"{address}/query", f"{address}/update")


@pytest.fixture(scope="session")
def openlink(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Remote]:
    """A real Virtuoso with the bundled data."""
    if not is_installed():
        pytest.skip("Virtuoso is not installed (Debian: virtuoso-opensource-7)")
    with virtuoso(tmp_path_factory.mktemp("virtuoso")) as url:
        yield filled(url, url)


@pytest.fixture(params=["oxigraph", "union", pytest.param("openlink", marks=pytest.mark.virtuoso)])
def elsewhere(request: pytest.FixtureRequest) -> Remote:
    """Each of them in turn."""
    remote = request.getfixturevalue(request.param)
    assert isinstance(remote, Remote)
    return remote


def filled(url: str, update_url: str) -> Remote:
    """Push the bundled data; every graph must arrive as a whole."""
    graph = kg.open()
    remote = Remote(url, graph.engine.prefixes, update_url=update_url)
    assert isinstance(graph.engine, Embedded)
    assert [delivery for delivery in push(graph.engine.store, remote) if not delivery.is_complete] == []
    return remote
