"""`kg serve` under load: 64 clients, fast queries beside slow ones, and two peers on the same data.

The data and the queries are SP2Bench's and WatDiv's own. Of SP2Bench's, the fast ones take 0.1 to 140 ms; Q4,
Q5a and Q6 seconds. A new query differs from all before it by a comment, so that no answer to it was kept.
`KG_BENCH_SECONDS` says how long the mix lasts.

Compared is the CPU time that a server and all its processes take for an answer, the best of several rounds
in turn, and the time by the clock, the median; where the machine has other work, a server of many threads is
given a larger share of it.
"""

from __future__ import annotations

import gzip
import http.client
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.load import Found, load
from benchmarks.measure import Line, bench_data
from benchmarks.peers import PEERS_PYTHON
from kg.errors import InputError

CLIENTS = 64
SECONDS = float(os.environ.get("KG_BENCH_SECONDS", "16"))
ROUND, ROUNDS = 2.0, 3
FAST = ("Q1", "Q2", "Q3a", "Q3b", "Q3c", "Q5b", "Q7", "Q8", "Q9", "Q10", "Q11")
SLOW = ("Q4", "Q5a", "Q6")
NAMES = {"/query": "oxigraph serve", "/": "rdflib-endpoint"}
Server = tuple[int, str, int]
"""A port, the path of the endpoint, and the number of the process."""
_PEER = """
import sys
import rdflib, uvicorn
from rdflib_endpoint import SparqlEndpoint
dataset = rdflib.Dataset(default_union=True)
dataset.parse(sys.argv[1])
uvicorn.run(SparqlEndpoint(graph=dataset), port=int(sys.argv[2]), log_level="error")
"""


def serving() -> list[Line]:
    """Measure throughput against the peers, and the fast queries while slow ones run."""
    folder = bench_data()
    if folder is None:
        raise InputError("SP2Bench is not here; name the folder of benchmark data in KG_BENCH_DATA.")
    return _sp2bench(folder / "sp2bench") + _watdiv(folder / "watdiv")


def _sp2bench(folder: Path) -> list[Line]:
    queries = _queries(folder)
    fast, slow = [queries[name] for name in FAST], [queries[name] for name in SLOW]
    with _unpacked(folder) as data:
        look = _lookups(data)
        with _kg(data) as ours, _oxigraph(data) as theirs, _rdflib(data) as other:
            mixed = load(*ours[:2], [(fast, CLIENTS - 8), (slow, 8)], SECONDS)
            peers = {theirs: 0.8} | ({other: 10} if other else {})
            return [
                *_costs(f"{CLIENTS} clients, SP2Bench's quick queries", ours, {theirs: 0.8}, fast),
                *_costs(f"{CLIENTS} clients, look-ups", ours, peers, look),
                *_costs(f"{CLIENTS} clients, posted look-ups", ours, {theirs: 0.8}, look, posts=True),
                *_costs(f"{CLIENTS} clients, look-ups again", ours, {theirs: 0.8}, look, is_new=False),
                *_beside_slow_ones(*mixed),
            ]


def _watdiv(folder: Path) -> list[Line]:
    # C3 takes seconds, and 64 clients would soon all wait for it.
    queries = [text for name, text in _queries(folder).items() if name != "C3"]
    with _unpacked(folder) as data, _kg(data) as ours, _oxigraph(data) as theirs:
        return _costs(f"{CLIENTS} clients, WatDiv's queries but C3", ours, {theirs: 0.8}, queries)


def _queries(folder: Path) -> dict[str, str]:
    return {file.stem: file.read_text() for file in sorted((folder / "queries").glob("*.rq"))}


@contextmanager
def _unpacked(folder: Path) -> Iterator[Path]:
    """Yield a set's data as a plain file."""
    with tempfile.TemporaryDirectory() as made:
        data = Path(made, f"{folder.name}.nt")
        with gzip.open(folder / f"{folder.name}.nt.gz") as packed, data.open("wb") as file:
            shutil.copyfileobj(packed, file)
        yield data


def _beside_slow_ones(quick: Found, slow: Found) -> list[Line]:
    p50, p99 = quick.percentile(50), quick.percentile(99)
    statuses = quick.statuses + slow.statuses
    errors = sum(count for status, count in statuses.items() if status not in {200, 503})
    return [
        Line("p99 of quick queries beside 8 slow clients", "their p50", p99, p50, 5),
        Line("1 + errors in that mix, 503 not counted", "1", 1 + errors, 1, 1),
    ]


def _costs(
    work: str,
    ours: Server,
    peers: dict[Server, float],
    queries: list[str],
    *,
    is_new: bool = True,
    posts: bool = False,
) -> list[Line]:
    """Compare the CPU time of an answer, and the time between two answers, with the peers'.

    Of each peer it is said how many times its rate ours is to be.
    """
    costs: dict[Server, list[float]] = {}
    times: dict[Server, list[float]] = {}
    for _ in range(ROUNDS):
        for server in (ours, *peers):
            before = _cpu_seconds(server[2])
            found = load(*server[:2], [(queries, CLIENTS)], ROUND, is_new=is_new, posts=posts)[0]
            answers = max(found.statuses[200], 1)
            costs.setdefault(server, []).append((_cpu_seconds(server[2]) - before) / answers)
            times.setdefault(server, []).append(found.seconds / answers)
    best = {server: min(several) for server, several in costs.items()}
    middle = {server: statistics.median(several) for server, several in times.items()}
    return [
        Line(f"{work}{what}", NAMES[server[1]], found[ours], found[server], 1 / least)
        for what, found in (("", best), (", by the clock", middle))
        for server, least in peers.items()
    ]


def _cpu_seconds(pid: int) -> float:
    """How long a process and all that it started have worked, those that have ended included."""
    # What is just ending belongs for a moment neither to the living nor to the dead.
    time.sleep(0.2)
    return _summed(pid)


def _summed(pid: int) -> float:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
        # A process belongs to the thread that started it.
        listed = [task.read_text(encoding="ascii") for task in Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:
        return 0.0
    ticks = sum(map(int, stat.rpartition(")")[2].split()[11:15])) / os.sysconf("SC_CLK_TCK")
    return ticks + sum(_summed(int(child)) for child in " ".join(listed).split())


def _lookups(data: Path) -> list[str]:
    """Ask for all of one thing, for a thousand things."""
    found = re.findall(r"^(<[^>]*>) ", data.read_text(), re.MULTILINE)
    subjects = list(dict.fromkeys(found))
    step = max(1, len(subjects) // 1000)
    return [f"SELECT ?p ?o {{ {subject} ?p ?o }}" for subject in subjects[::step]]


@contextmanager
def _kg(data: Path) -> Iterator[Server]:
    port = _free_port()
    command = [sys.executable, "-m", "kg", "serve", "--no-browse", "--port", str(port), "--data", str(data)]
    with _process(command, port, "/sparql") as pid:
        yield port, "/sparql", pid


@contextmanager
def _oxigraph(data: Path) -> Iterator[Server]:
    port, program = (
        _free_port(),
        shutil.which("oxigraph", path=Path(sys.executable).parent) or shutil.which("oxigraph"),
    )
    if program is None:
        raise InputError("The program oxigraph is not installed; pip install oxigraph.")
    with _process([program, "serve", "--bind", f"127.0.0.1:{port}"], port, "/query") as pid:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        kind = {"Content-Type": "application/n-triples"}
        connection.request("PUT", "/store?default", data.read_bytes(), kind)
        if connection.getresponse().status >= 300:
            raise InputError("The oxigraph server does not take the data.")
        connection.close()
        yield port, "/query", pid


@contextmanager
def _rdflib(data: Path) -> Iterator[Server | None]:
    port, python = _free_port(), PEERS_PYTHON or sys.executable
    if subprocess.run([python, "-c", "import rdflib_endpoint"], capture_output=True, check=False).returncode:
        print("rdflib-endpoint is absent (KG_PEERS_PYTHON names no Python that has it)", file=sys.stderr)
        yield None
        return
    with _process([python, "-c", _PEER, str(data), str(port)], port, "/") as pid:
        yield port, "/", pid


@contextmanager
def _process(command: list[str], port: int, path: str) -> Iterator[int]:
    """Run a server until the block is done; wait until it answers."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _await(process, port, path)
            yield process.pid
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def _await(process: subprocess.Popen[bytes], port: int, path: str) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        if process.poll() is not None:
            raise InputError(f"{process.args!r:.200} did not start.")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.request("GET", f"{path}?query=ASK%20%7B%7D")
            if connection.getresponse().status == 200:
                return
        except ConnectionError:
            pass
        finally:
            connection.close()
        time.sleep(0.2)
    raise InputError(f"{process.args!r:.200} does not answer.")


def _free_port() -> int:
    import socket

    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
