"""Beside other engines: WatDiv and SP2Bench, loaded and answered as JSON, in CPU time.

Each contender has a process of its own. Peers that are no dependency of ours (oxrdflib, kglab, maplib) are
looked for in the Python that `KG_PEERS_PYTHON` names; servers are measured with their own process. What is
absent or fails is printed; a query that is not done in its time counts as what it had taken by then.
"""

from __future__ import annotations

import gzip
import json
import math
import os
import select
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from benchmarks.measure import Line, bench_data
from benchmarks.peer import cpu_of

SETS, BOTH = ("sp2bench", "watdiv"), "sp2bench and watdiv"
LIMITS = {"rdflib": 1 / 30, "oxrdflib": 1 / 5, "pyoxigraph": 1 / 0.95}
"""What was promised: our time as a multiple of a peer's."""
ELSEWHERE = ("oxrdflib", "kglab", "maplib")
SECONDS = 120
"""How long one query may take, and what it then counts as; a load may take ten times as long."""
PEERS_PYTHON = os.environ.get("KG_PEERS_PYTHON", "")


@dataclass(slots=True)
class Outcome:
    """What one contender did with one set of queries."""

    load: float = math.nan
    seconds: dict[str, float] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    least: dict[str, float] = field(default_factory=dict)
    """What those queries had taken whose time was over."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where a server answers, its process, and the CPU seconds it took to load."""

    address: str
    pid: int
    load: float


def peers() -> list[Line]:
    """Measure every contender on each set of queries."""
    folder = bench_data()
    if folder is None:
        print("WatDiv and SP2Bench are absent (KG_BENCH_DATA): peers are skipped")
        return []
    lines: list[Line] = []
    ratios: dict[str, list[float]] = {}
    for name in SETS:
        with tempfile.TemporaryDirectory() as place:
            for peer, ours, theirs in _one_set(name, folder / name, Path(place)):
                found = _ratios(name, peer, ours, theirs)
                ratios.setdefault(peer, []).extend(found)
                lines += _told(name, peer, found, len(ours.seconds))
                if not math.isnan(theirs.load):
                    lines.append(Line(f"load {name}, CPU", peer, ours.load, theirs.load, math.inf))
    total = sum(1 for name in SETS for _ in (folder / name / "queries").glob("*.rq"))
    return [line for peer, found in ratios.items() for line in _told(BOTH, peer, found, total)] + lines


def _one_set(name: str, folder: Path, place: Path) -> Iterator[tuple[str, Outcome, Outcome]]:
    """Yield each peer with our outcome and its own."""
    data = place / f"{name}.nt"
    with gzip.open(folder / f"{name}.nt.gz") as packed, data.open("wb") as file:
        shutil.copyfileobj(packed, file)
    queries = sorted((folder / "queries").glob("*.rq"))
    # The two that are nearest to each other are measured twice, in turn.
    nearest = ("kg", "pyoxigraph") * 2
    first, second, third, fourth = (_run(peer, sys.executable, data, queries) for peer in nearest)
    ours = _best(first, third)
    yield "pyoxigraph", ours, _best(second, fourth)
    for peer in ("rdflib", *ELSEWHERE):
        python = PEERS_PYTHON if peer in ELSEWHERE else sys.executable
        if not python:
            print(f"{name}: {peer} is absent (KG_PEERS_PYTHON names no Python that has it)", file=sys.stderr)
            continue
        yield peer, ours, _run(peer, python, data, queries)
    for peer, starting in (("oxigraph server", _oxigraph), ("Virtuoso", _virtuoso)):
        with starting(data, place) as server:
            if server is None:
                print(f"{name}: {peer} is absent", file=sys.stderr)
                continue
            theirs = _run(peer, sys.executable, data, queries, server)
            theirs.load = server.load
        yield peer, ours, theirs


def _best(one: Outcome, other: Outcome) -> Outcome:
    """Take the better of two runs, as other work on the machine only adds."""
    seconds = {query: min(time, other.seconds.get(query, time)) for query, time in one.seconds.items()}
    return replace(one, load=min(one.load, other.load), seconds=seconds)


def _ratios(name: str, peer: str, ours: Outcome, theirs: Outcome) -> list[float]:
    """Compare what both answered alike, and what a peer did not get done at least; print its failures."""
    for query, rows in theirs.rows.items():
        if query in ours.rows and rows != ours.rows[query]:
            theirs.failures[query] = f"{rows} rows instead of {ours.rows[query]}"
    for query, why in theirs.failures.items():
        print(f"{name}: {peer} fails on {query}: {why}", file=sys.stderr)
    spent = {query: time for query, time in theirs.seconds.items() if query not in theirs.failures}
    spent |= theirs.least
    return [time / spent[query] for query, time in ours.seconds.items() if query in spent]


def _told(name: str, peer: str, ratios: Sequence[float], of: int) -> list[Line]:
    """Say what the ratios are in the mean; it was promised of both sets together."""
    if not ratios:
        return []
    work = f"{name}, {len(ratios)} of {of} queries to JSON, geometric mean, CPU"
    limit = LIMITS.get(peer, math.inf) if name == BOTH else math.inf
    return [Line(work, peer, statistics.geometric_mean(ratios), 1.0, limit)]


def _run(
    peer: str, python: str, data: Path, queries: Sequence[Path], server: Server | None = None
) -> Outcome:
    """Let a contender answer, and begin anew behind a query in which it has to be ended."""
    outcome, left = Outcome(), list(queries)
    while left:
        where = [server.address, str(server.pid)] if server else ["-", "-"]
        script = str(Path(__file__).with_name("peer.py"))
        command = [python, script, peer, *where, str(data), str(SECONDS), *map(str, left)]
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent) if peer == "kg" else ""}
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
        ) as process:
            done = sum(_read(process, outcome))
            process.kill()
        if math.isnan(outcome.load):
            outcome.failures["every query"] = "it did not load"
            return outcome
        left = left[done:]
        if left:
            outcome.failures[left[0].stem] = f"ended after {2 * SECONDS} s or by itself"
            left = left[1:]
    return outcome


def _read(process: subprocess.Popen[bytes], outcome: Outcome) -> Iterator[int]:
    """Read a contender's lines as long as they come in time; yield 1 for each query that is done."""
    assert process.stdout is not None  # noqa: S101 - it is a pipe
    patience = 10 * SECONDS
    while select.select([process.stdout], [], [], patience)[0] and (line := process.stdout.readline()):
        found = json.loads(line)
        patience = 2 * SECONDS
        if "load" in found:
            outcome.load = found["load"] if math.isnan(outcome.load) else outcome.load
            continue
        query = found["query"]
        if "failure" in found:
            outcome.failures[query] = found["failure"]
            if "least" in found:
                outcome.least[query] = found["least"]
        else:
            outcome.seconds[query], outcome.rows[query] = found["seconds"], found["rows"]
        yield 1


@contextmanager
def _oxigraph(data: Path, place: Path) -> Iterator[Server | None]:
    """Run an Oxigraph server over the file."""
    from tests.virtuoso import free_port, wait_for

    command = Path(sys.executable).with_name("oxigraph")
    if not command.exists():
        yield None
        return
    store, start = place / "oxigraph", os.times()
    subprocess.run([command, "load", "-l", store, "-f", data], check=True, capture_output=True)
    end, port = os.times(), free_port()
    load = end.children_user + end.children_system - start.children_user - start.children_system
    with subprocess.Popen(
        [command, "serve-read-only", "-l", store, "--bind", f"127.0.0.1:{port}"], stderr=subprocess.DEVNULL
    ) as process:
        try:
            wait_for(f"http://127.0.0.1:{port}/query?query=ASK%7B%7D", process)
            yield Server(f"http://127.0.0.1:{port}/query", process.pid, load)
        finally:
            process.kill()


@contextmanager
def _virtuoso(data: Path, place: Path) -> Iterator[Server | None]:
    """Run a Virtuoso into which the file is loaded; it may give as many rows as there are."""
    from tests.virtuoso import is_installed, running

    if not is_installed():
        yield None
        return
    folder = place / "virtuoso"
    folder.mkdir()
    settings: Mapping[tuple[str, str], str] = {
        ("Parameters", "DirsAllowed"): str(place),
        ("SPARQL", "ResultSetMaxRows"): "10000000",
    }
    with running(folder, settings) as server:
        idle = cpu_of(server.pid)
        server.tell(f"ld_dir('{place}', '{data.name}', 'urn:bench');")
        server.tell("rdf_loader_run();")
        server.tell("checkpoint;")
        load = cpu_of(server.pid) - idle
        yield Server(f"{server.endpoint}?default-graph-uri=urn%3Abench", server.pid, load)
