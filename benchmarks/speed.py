"""The speed of the main job: one command on the bundled data, and a million quads in memory.

The million quads are WatDiv triples, each in one passage graph of seven, and their copies in the default
graph; where WatDiv is absent, generated triples of the same number.
"""

from __future__ import annotations

import gzip
import io
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pyoxigraph as ox

from benchmarks.measure import Line, bench_data, compare
from kg.engine.embedded import Embedded
from kg.engine.loading import load_files
from kg.project import find_project
from kg.query import run

QUADS = 1_000_000
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
QUESTION = f"SELECT ?thing ?label WHERE {{ ?thing <{LABEL}> ?label }} ORDER BY ?label"
SELECT = "SELECT ?s ?p ?o WHERE { ?s ?p ?o } LIMIT 200000"
_RDFLIB = """
import sys
import rdflib
dataset = rdflib.Dataset(default_union=True)
for path in sys.argv[2:]:
    dataset.parse(path)
sys.stdout.buffer.write(dataset.query(sys.argv[1]).serialize(format="json"))
"""


def main_command() -> list[Line]:
    """Time the whole process: start, load the bundled facts, answer."""
    project = find_project()
    files = [*project.fact_files(), *project.ontology_files()]

    def ours() -> None:
        _process("-m", "kg", "query", QUESTION, "-f", "json")

    def rdflib() -> None:
        _process("-c", _RDFLIB, QUESTION, *map(str, files))

    return compare("`kg query`, whole process", ours, {"rdflib, whole process": (rdflib, 1 / 3)}, rounds=5)


def million() -> list[Line]:
    """Time loading a million quads with the default-graph copy, and a large SELECT written as JSON."""
    with tempfile.TemporaryDirectory() as folder:
        passages, both = Path(folder, "passages.nq"), Path(folder, "both.nq")
        write_quads(passages, both)
        engine = Embedded(ox.Store())

        def load_ours() -> None:
            engine.store = ox.Store()
            load_files(engine.store, [passages])

        def load_raw() -> None:
            ox.Store().bulk_load(path=str(both))

        lines = compare("load 1,000,000 quads and their copies", load_ours, {"pyoxigraph": (load_raw, 1.15)})

        def ask_ours() -> None:
            run(engine, SELECT).write(io.BytesIO(), "json")

        def ask_raw() -> None:
            answer = engine.store.query(SELECT)
            assert isinstance(answer, ox.QuerySolutions)  # noqa: S101 - the query is a SELECT
            answer.serialize(io.BytesIO(), ox.QueryResultsFormat.JSON)

        return lines + compare("SELECT to JSON", ask_ours, {"pyoxigraph": (ask_raw, 1.1)}, rounds=9)


def write_quads(passages: Path, both: Path, count: int = QUADS) -> None:
    """Write the quads in passages as one file, and with their default-graph copies as another."""
    with passages.open("wb") as one, both.open("wb") as other:
        for number, line in enumerate(islice(triples(), count)):
            quad = line[:-2] + f"<http://example.org/passage/{number // 7}> .\n".encode()
            one.write(quad)
            other.write(quad)
            other.write(line)


def triples() -> Iterator[bytes]:
    """Yield N-Triples lines: WatDiv, or generated ones that go on for ever."""
    folder = bench_data()
    if folder is not None:
        with gzip.open(folder / "watdiv" / "watdiv.nt.gz") as file:
            yield from file
        return
    print("benchmark data are absent (KG_BENCH_DATA): generated triples instead", file=sys.stderr)
    for number in range(sys.maxsize):
        names = f"s{number // 10}", f"p{number % 10}", f"o{number * 7919 % 100_003}"
        yield (" ".join(f"<http://example.org/{name}>" for name in names) + " .\n").encode()


def _process(*arguments: str) -> None:
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
