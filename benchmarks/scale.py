"""The speed of large work: loading to disk, exporting, WatDiv; beside raw pyoxigraph and rdflib."""

from __future__ import annotations

import io
import math
import tempfile
from itertools import count, islice
from pathlib import Path

import pyoxigraph as ox

from benchmarks.measure import Line, bench_data, best_times, compare
from benchmarks.speed import QUADS, triples, write_quads
from kg.engine.bulk import load_file
from kg.engine.embedded import Embedded
from kg.engine.loading import load_files
from kg.engine.store import writing
from kg.export import dump, write
from kg.query import run

EXPORTED = 300_000
PRETTY = 1_000_000


def load() -> list[Line]:
    """Time the bulk load to disk, and how its time for one quad grows from a tenth to the whole."""
    with tempfile.TemporaryDirectory() as folder:
        place, number = Path(folder), count()
        files = {size: (place / f"{size}.nq", place / f"{size}-both.nq") for size in (QUADS // 10, QUADS)}
        for size, (passages, both) in files.items():
            write_quads(passages, both, size)

        def ours(size: int) -> None:
            with writing(place / f"{next(number)}.kg") as writer:
                load_file(writer, files[size][0])

        def raw() -> None:
            store = ox.Store(str(place / f"{next(number)}.raw"))
            store.bulk_load(path=str(files[QUADS][1]))
            store.flush()

        found = best_times(
            {"small": lambda: ours(QUADS // 10), "kg": lambda: ours(QUADS), "raw": raw}, rounds=1
        )
    return [
        Line(
            "load 1,000,000 quads and their copies to disk", "pyoxigraph", found["kg"], found["raw"], 1 / 0.6
        ),
        Line("time for a quad at 10^6", "kg at 10^5", found["kg"] / 10, found["small"], 1.3),
    ]


def export() -> list[Line]:
    """Time N-Quads beside the engine's own dump, which neither sorts nor drops copies, and Turtle."""
    with tempfile.TemporaryDirectory() as folder:
        passages, both = Path(folder, "passages.nq"), Path(folder, "both.nq")
        write_quads(passages, both, EXPORTED)
        engine = Embedded(ox.Store())
        load_files(engine.store, [passages])
    lines = compare(
        f"export {EXPORTED:,} quads as sorted N-Quads",
        lambda: write(engine, io.BytesIO(), "nquads"),
        {"pyoxigraph dump": (lambda: engine.store.dump(format=ox.RdfFormat.N_QUADS), 1 / 0.9)},
        rounds=2,
    )
    lines += compare(
        f"export {EXPORTED:,} quads as N-Quads, --unsorted",
        lambda: dump(engine, io.BytesIO()),
        {"pyoxigraph dump": (lambda: engine.store.dump(format=ox.RdfFormat.N_QUADS), 1 / 0.9)},
    )
    return lines + turtle()


def turtle() -> list[Line]:
    """Time Turtle that sorts and groups, beside rdflib's."""
    import rdflib

    data = b"".join(islice(triples(), PRETTY))
    engine, graph = Embedded(ox.Store()), rdflib.Graph()
    engine.store.bulk_load(data, ox.RdfFormat.N_TRIPLES)
    graph.parse(data=data, format="nt")
    return compare(
        f"deterministic Turtle, {PRETTY:,} triples",
        lambda: write(engine, io.BytesIO(), "turtle"),
        {"rdflib": (lambda: graph.serialize(format="turtle"), 1 / 20)},
        rounds=2,
    )


def watdiv() -> list[Line]:
    """Time WatDiv's queries, written as JSON, beside raw pyoxigraph: the geometric mean of the ratios."""
    folder = bench_data()
    if folder is None:
        print("WatDiv is absent (KG_BENCH_DATA): its queries are skipped")
        return []
    engine = Embedded(ox.Store())
    load_files(engine.store, [folder / "watdiv" / "watdiv.nt.gz"])
    ratios = [_ratio(engine, path.read_text()) for path in sorted((folder / "watdiv/queries").glob("*.rq"))]
    mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
    return [Line("WatDiv SELECT to JSON, geometric mean", "pyoxigraph", mean, 1.0, 1 / 0.95)]


def _ratio(engine: Embedded, text: str) -> float:
    """Compare the rates of two ways to one answer: short queries are asked many times without a pause."""

    def ours(times: int) -> None:
        for _ in range(times):
            run(engine, text).write(io.BytesIO(), "json")

    def raw(times: int) -> None:
        for _ in range(times):
            answer = engine.store.query(text)
            assert isinstance(answer, ox.QuerySolutions)  # noqa: S101 - WatDiv has SELECT only
            answer.serialize(io.BytesIO(), ox.QueryResultsFormat.JSON)

    once = best_times({"raw": lambda: raw(1)}, rounds=1)["raw"]
    times = max(1, min(50, int(0.02 / once)))
    found = best_times({"kg": lambda: ours(times), "raw": lambda: raw(times)}, rounds=9 if once < 0.5 else 2)
    return found["kg"] / found["raw"]
