"""The price of evidence: all rows explained, and the first twenty, against the plain query on the same store.

The data are WatDiv and SP2Bench, each triple put into 1, 2 or 5 passage graphs on average, always the same.
Beside it stands the product rewriting, `GRAPH ?g` around every triple pattern, which gives a row for each
combination of passages; `inf` is one that did not end in 60 seconds.
"""

from __future__ import annotations

import argparse
import math
import multiprocessing
import random
import statistics
import sys
import time
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

import pyoxigraph as ox

from benchmarks.measure import Line, bench_data, best_times
from kg.engine.embedded import Embedded
from kg.engine.loading import with_default_copy
from kg.errors import InputError
from kg.evidence import Options, explain, tree
from kg.evidence.parse import parse
from kg.evidence.rewrite import Edits
from kg.evidence.scope import inner_groups
from kg.query import ExplainedResult, run

FOLDERS = ("watdiv", "sp2bench")
FIRST = 20
ROUNDS = 3
LIMIT = 60.0


def spread(path: Path, passages: int) -> Iterator[ox.Quad]:
    """Yield each triple of a file in one or more of 500 passages, `passages` on average, always the same."""
    chance = random.Random(passages)  # noqa: S311 - a seed, no secret
    for quad in ox.parse(path=str(path), format=ox.RdfFormat.N_TRIPLES):
        for _ in range(1 if passages == 1 else chance.randint(1, 2 * passages - 1)):
            graph = ox.NamedNode(f"urn:passage:{chance.randrange(500)}")
            yield ox.Quad(quad.subject, quad.predicate, quad.object, graph)


def plain(engine: Embedded, text: str) -> float:
    """Return the seconds that the rows of a query take."""
    start = time.perf_counter()
    _ = run(engine, text).rows
    return time.perf_counter() - start


def explained(engine: Embedded, text: str, first: int | None) -> float:
    """Return the seconds that rows and their evidence take, all of them or the first ones."""
    start = time.perf_counter()
    result = ExplainedResult(explain(engine, text, options=Options(max_seconds=LIMIT)))
    for row in islice(result, first):
        _ = row.evidence.passages
    return time.perf_counter() - start


def product(engine: Embedded, text: str) -> float:
    """Return the seconds that the rows take with `GRAPH ?g` around every triple pattern.

    A child process asks, because the engine can be stopped in no other way; `inf` is beyond the limit.
    """
    receive, send = multiprocessing.Pipe(duplex=False)
    child = multiprocessing.get_context("fork").Process(
        target=lambda: send.send(plain(engine, with_graphs(text)))
    )
    child.start()
    found: float = receive.recv() if receive.poll(LIMIT) else float("inf")
    child.kill()
    child.join()
    return found


def with_graphs(text: str) -> str:
    """Write a query so that its rows name the passage of each triple, as the literature does."""
    query = parse(text)
    edits = Edits(query.text)
    names: list[str] = []
    for block in blocks(query.select.where):
        parts = []
        for triple in block.triples:
            names.append(f"?_g{len(names)}")
            nodes = (triple.subject, triple.verb, triple.object)
            spelled = [query.text[n.start : n.end] for n in nodes if not isinstance(n, tree.Path)]
            parts.append(f"GRAPH {names[-1]} {{ {' '.join(spelled)} }}")
        edits.replace(block.start, block.end, " ".join(parts) + " ")
    if query.form == "SELECT" and query.select.columns:
        edits.insert(query.select.where_start, f" {' '.join(names)} ")
    return edits.render(0, len(query.text))


def blocks(group: tree.Group) -> Iterator[tree.Block]:
    """Yield the blocks of triples in a group and in the groups inside it."""
    for element in group.elements:
        if isinstance(element, tree.Block):
            yield element
        for inner in inner_groups(element):
            yield from blocks(inner)


@dataclass(frozen=True, slots=True)
class Price:
    """The seconds of one query: its rows, all rows with their evidence, and the first ones."""

    folder: str
    name: str
    text: str
    plain: float
    explained: float
    first: float

    @property
    def ratio(self) -> float:
        """What all evidence costs, as a multiple of the rows alone."""
        return self.explained / self.plain


def prices(
    root: Path, folder: str, passages: int, wanted: Container[str] = ()
) -> Iterator[tuple[Embedded, Price]]:
    """Measure the queries of a folder, or those that are wanted."""
    data = root / folder
    engine = Embedded(ox.Store())
    source = next(path for path in sorted(data.iterdir()) if ".nt" in path.name)
    engine.store.bulk_extend(with_default_copy(read(source, passages)))
    for path in sorted((data / "queries").iterdir()):
        if wanted and path.stem not in wanted:
            continue
        text = path.read_text(encoding="utf-8")
        times = best_times(
            {
                "plain": partial(plain, engine, text),
                "all": partial(explained, engine, text, None),
                "first": partial(explained, engine, text, FIRST),
            },
            ROUNDS,
        )
        yield engine, Price(folder, path.stem, text, times["plain"], times["all"], times["first"])


def evidence() -> list[Line]:
    """Compare evidence with the plain rows, at two passages a triple, over all queries."""
    root = bench_data()
    if root is None:
        raise InputError("WatDiv and SP2Bench are absent; name their folder in KG_BENCH_DATA.")
    found = [price for folder in FOLDERS for _, price in prices(root, folder, 2)]
    ratios = [price.ratio for price in found]
    more = max(price.first - price.plain for price in found)
    work = f"all rows of {len(found)} queries with their evidence"
    return [
        Line(f"{work}, median", "the rows alone", statistics.median(ratios), 1, 2),
        Line(f"{work}, 90th percentile", "the rows alone", ninetieth(ratios), 1, 3),
        Line(f"what evidence adds to the first {FIRST} rows of any of them", "100 ms", more, 0.1, 1),
    ]


def ninetieth(ratios: Iterable[float]) -> float:
    """Return what nine tenths do not exceed."""
    found = sorted(ratios)
    return found[math.ceil(0.9 * len(found)) - 1]


def read(path: Path, passages: int) -> Iterator[ox.Quad]:
    """Yield the quads of a data file, also of a compressed one."""
    import gzip
    import shutil
    import tempfile

    if path.suffix != ".gz":
        yield from spread(path, passages)
        return
    with tempfile.NamedTemporaryFile(suffix=".nt") as plain_file:
        with gzip.open(path) as packed:
            shutil.copyfileobj(packed, plain_file)
        plain_file.flush()
        yield from spread(Path(plain_file.name), passages)


def main() -> None:
    """Measure what the command line names."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.evidence", description=__doc__)
    parser.add_argument("--passages", default="1,2,5", help="passages a triple on average, such as 1,2,5")
    parser.add_argument("--folders", default=",".join(FOLDERS))
    parser.add_argument("--queries", default="", help="only these, such as C3,L1")
    options = parser.parse_args()
    wanted = {name for name in options.queries.split(",") if name}
    root = bench_data()
    if root is None:
        parser.error("WatDiv and SP2Bench are absent; name their folder in KG_BENCH_DATA")
    print("| query | passages | plain ms | all rows explained, ratio | first 20, ms more | product, ratio |")
    print("|---|---:|---:|---:|---:|---:|")
    for passages in map(int, options.passages.split(",")):
        ratios = []
        for folder in options.folders.split(","):
            for engine, price in prices(root, folder, passages, wanted):
                ratios.append(price.ratio)
                print(
                    f"| {folder} {price.name} | {passages} | {price.plain * 1000:.1f} | {price.ratio:.2f} "
                    f"| {max(0, price.first - price.plain) * 1000:.1f} "
                    f"| {product(engine, price.text) / price.plain:.1f} |",
                    flush=True,
                )
        print(
            f"passages {passages}: median {statistics.median(ratios):.2f}, 90 % {ninetieth(ratios):.2f}",
            file=sys.stderr,
        )


if __name__ == "__main__":
    main()
