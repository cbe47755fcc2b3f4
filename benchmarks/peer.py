"""One contender in a process of its own: loads a file, answers queries as JSON, prints CPU seconds.

`python peer.py NAME ADDRESS PID FILE SECONDS QUERY...`; it imports nothing of kg but for kg itself, so that
it runs where the peers are installed. ADDRESS and PID are those of a server, or `-`.
"""

from __future__ import annotations

import io
import json
import os
import signal
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, TypeAlias

Ask: TypeAlias = Callable[[str], bytes]
ENOUGH, MOST = 0.3, 20
"""CPU seconds and times after which a query is known well enough."""


def kg(path: str) -> Ask:
    """Load into memory as `kg query` does, without its evidence."""
    import pyoxigraph as ox

    from kg.engine.embedded import Embedded
    from kg.engine.loading import load_files
    from kg.query import run

    engine = Embedded(ox.Store())
    load_files(engine.store, [Path(path)])

    def ask(text: str) -> bytes:
        output = io.BytesIO()
        run(engine, text).write(output, "json")
        return output.getvalue()

    return ask


def pyoxigraph(path: str) -> Ask:
    """Load and ask without us."""
    import pyoxigraph as ox

    store = ox.Store()
    store.bulk_load(path=path)

    def ask(text: str) -> bytes:
        # Into a file, as we do: a program does not want the answer as a whole in memory.
        answer: Any = store.query(text)
        output = io.BytesIO()
        answer.serialize(output, ox.QueryResultsFormat.JSON)
        return output.getvalue()

    return ask


def rdflib(path: str, store: str = "default") -> Ask:
    """Load into rdflib, over a store of that name."""
    import rdflib as library

    graph = library.Graph(store=store)
    graph.parse(path, format="ox-nt" if store == "Oxigraph" else "nt")
    return lambda text: graph.query(text).serialize(format="json") or b""


def oxrdflib(path: str) -> Ask:
    """Load into rdflib over Oxigraph."""
    return rdflib(path, "Oxigraph")


def kglab(path: str) -> Ask:
    """Load into kglab."""
    library: Any = import_module("kglab")
    graph = library.KnowledgeGraph()
    graph.load_rdf(path, format="ntriples")
    # Its own answers are data frames or rdflib's rows; these it can write as JSON.
    return lambda text: graph.rdf_graph().query(text).serialize(format="json") or b""


def maplib(path: str) -> Ask:
    """Load into maplib."""
    library: Any = import_module("maplib")
    model = library.Model()
    model.read(path)
    return lambda text: str(model.query(text, return_json=True)).encode()


def server(address: str) -> Ask:
    """Ask what is loaded already."""

    def ask(text: str) -> bytes:
        request = urllib.request.Request(address, urllib.parse.urlencode({"query": text}).encode())  # noqa: S310 - our own
        request.add_header("Accept", "application/sparql-results+json")
        with urllib.request.urlopen(request) as reply:  # noqa: S310 - idem
            if most := reply.headers.get("X-SPARQL-MaxRows"):
                raise RuntimeError(f"gives no more than {most} rows")
            return bytes(reply.read())

    return ask


def cpu(pid: str) -> float:
    """The CPU seconds of this process, and of a server's."""
    return time.process_time() + (cpu_of(int(pid)) if pid != "-" else 0.0)


def cpu_of(pid: int) -> float:
    """The CPU seconds of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(ask: Ask, text: str, pid: str) -> dict[str, object]:
    """Answer once to warm up and to count rows, then as often as is needed to know the time.

    In this process the least counts, as other work on the machine only adds; a server's clock is too coarse.
    """
    start = cpu(pid)
    answer = ask(text)
    first = cpu(pid) - start
    rows = len(json.loads(answer)["results"]["bindings"])
    # What takes long is not changed much by being warm, and may not be done twice in its time.
    spent = [first] if first > ENOUGH else []
    while sum(spent) < ENOUGH and len(spent) < MOST:
        start = cpu(pid)
        ask(text)
        spent.append(cpu(pid) - start)
    return {"seconds": max(min(spent) if pid == "-" else sum(spent) / len(spent), 1e-6), "rows": rows}


def _too_late(*_: object) -> None:
    raise TimeoutError("too late")


def main() -> None:
    """Load, then answer query by query."""
    name, address, pid, path, seconds, *queries = sys.argv[1:]
    signal.signal(signal.SIGALRM, _too_late)
    start = cpu("-")
    ask = server(address) if address != "-" else CONTENDERS[name](path)
    print(json.dumps({"load": cpu("-") - start}), flush=True)
    for query in queries:
        signal.alarm(int(seconds))
        start = cpu(pid)
        try:
            found = measure(ask, Path(query).read_text(encoding="utf-8"), pid)
        except BaseException as error:
            found = {"failure": f"{type(error).__name__}: {' '.join(str(error).split())[:80]}"}
            if isinstance(error, TimeoutError):
                found["least"] = cpu(pid) - start
        signal.alarm(0)
        print(json.dumps({"query": Path(query).stem, **found}), flush=True)


CONTENDERS: dict[str, Callable[[str], Ask]] = {
    "kg": kg,
    "pyoxigraph": pyoxigraph,
    "rdflib": rdflib,
    "oxrdflib": oxrdflib,
    "kglab": kglab,
    "maplib": maplib,
}

if __name__ == "__main__":
    main()
