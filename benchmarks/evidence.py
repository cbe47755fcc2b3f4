"""The price of evidence: all rows explained, and the first twenty, against the plain query on the same store.

The data are WatDiv and SP2Bench, each triple put into 1, 2 or 5 passage graphs on average, always the same.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox

from benchmarks.measure import bench_data
from kg.engine.embedded import Embedded
from kg.engine.loading import with_default_copy
from kg.evidence import Options, explain

FIRST = 20
ROUNDS = 3


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
    answer = engine.query(text)
    if not isinstance(answer, ox.QueryBoolean):
        for row in answer:
            tuple(row)
    return time.perf_counter() - start


def explained(engine: Embedded, text: str, first: int | None) -> float:
    """Return the seconds that rows and their evidence take, all of them or the first ones."""
    start = time.perf_counter()
    explanation = explain(engine, text, options=Options(max_seconds=60))
    count = len(explanation.rows)
    explanation.for_rows(range(count if first is None else min(first, count)))
    return time.perf_counter() - start


def measure(root: Path, folder: str, passages: int, wanted: set[str]) -> list[float]:
    """Print a line for each query of a folder and return the ratios."""
    data = root / folder
    engine = Embedded(ox.Store())
    source = next(path for path in sorted(data.iterdir()) if ".nt" in path.name)
    engine.store.bulk_extend(with_default_copy(read(source, passages)))
    ratios = []
    for path in sorted((data / "queries").iterdir()):
        if wanted and path.stem not in wanted:
            continue
        text = path.read_text(encoding="utf-8")
        base = statistics.median(plain(engine, text) for _ in range(ROUNDS))
        whole = statistics.median(explained(engine, text, None) for _ in range(ROUNDS))
        some = statistics.median(explained(engine, text, FIRST) for _ in range(ROUNDS))
        ratios.append(whole / base)
        print(
            f"| {folder} {path.stem} | {passages} | {base * 1000:.1f} | {whole / base:.2f} "
            f"| {(some - base) * 1000:.1f} |",
            flush=True,
        )
    return ratios


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
    parser.add_argument("--folders", default="watdiv,sp2bench")
    parser.add_argument("--queries", default="", help="only these, such as C3,L1")
    options = parser.parse_args()
    wanted = {name for name in options.queries.split(",") if name}
    root = bench_data()
    if root is None:
        parser.error("WatDiv and SP2Bench are absent; name their folder in KG_BENCH_DATA")
    print("| query | passages | plain ms | all rows explained, ratio | first 20, ms more |")
    print("|---|---:|---:|---:|---:|")
    for passages in map(int, options.passages.split(",")):
        folders = options.folders.split(",")
        ratios = sorted(ratio for folder in folders for ratio in measure(root, folder, passages, wanted))
        ninth = ratios[int(0.9 * (len(ratios) - 1))] if ratios else 0
        print(
            f"passages {passages}: median {statistics.median(ratios):.2f}, 90 % {ninth:.2f}", file=sys.stderr
        )


if __name__ == "__main__":
    main()
