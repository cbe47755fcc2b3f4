"""What was measured last, part by part, and the page that is written from it.

A part that was not run keeps the lines of its last run.
"""

from __future__ import annotations

import json
import math
import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from benchmarks.measure import REPOSITORY, Line, table

RESULTS = REPOSITORY / "benchmarks" / "results.json"
PAGE = REPOSITORY / "docs" / "benchmarks.md"
_PACKAGES = ("pyoxigraph", "rdflib", "networkx", "numpy")
_HEAD = """# Benchmarks

Ratios of CPU times, user and system, of what was run in turn; below 1 kg is faster. Losses are printed too.
Lines about memory give the largest resident size as a part of what it is compared with.
"""
_TAIL = """
## How to repeat

`python -m benchmarks --write` runs all parts but `large`, which loads and writes 10^7 quads;
`python -m benchmarks large --write` runs that alone, as `python -m benchmarks NAME...` does any part.
A part that is not run keeps its lines (`benchmarks/results.json`).

WatDiv and SP2Bench are read from the folder that `KG_BENCH_DATA` names; where it is absent, generated
triples stand in. Peers that are no dependency of ours are looked for in the Python that `KG_PEERS_PYTHON`
names; a query that a peer does not answer in two minutes counts as what it had taken by then. A graph of
NetworkX fills itself when it is looked at, so there are lines for reading it, for walking through it, and for
looking at everything.

## What stands in the way where a promise is not kept

- oxrdflib hands its queries to the engine that we use, so most answers, of a few rows, cost the same on both;
  only where there are many rows does its conversion of terms tell.
- Of a million edges to NetworkX, writing the rows of the query as text in the engine takes two thirds of our
  CPU time, and a sixth of rdflib's whole conversion, before any of them is read. By the clock, with two
  cores, the rows are read meanwhile.
- A load ends when RocksDB has put in order what came in parts, which is an eighth of its time at 10^7 quads.
  pyoxigraph's own load, measured here without that, leaves it to whoever next opens the store for writing,
  and everybody who reads it until then takes three times as long, as its dump shows.
- A projection of 10^7 rows is held as numbers, with the names of all its things, to be written as CSV.
- Look-ups over HTTP cost as much CPU time as in the oxigraph server or a quarter more, and by the clock as
  much or less, for their work is spread over both cores.
- Evidence costs one look-up of 3 to 6 µs a statement, where the rows of some queries (SP2Bench Q3a and Q10)
  cost 1 to 2 µs each.
- sigma.js draws a frame in the same time, that of the screen.
"""


def record(found: Mapping[str, Sequence[Line]], results: Path = RESULTS, page: Path = PAGE) -> None:
    """Keep what some parts of the measurements gave, and write the page anew from all of them."""
    kept = json.loads(results.read_text(encoding="utf-8")) if results.exists() else {}
    for part, lines in found.items():
        kept[part] = {"with": _machine(), "lines": [_plain(line) for line in lines]}
    results.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    page.write_text(_HEAD + "".join(_sections(kept)) + _TAIL, encoding="utf-8")


def _sections(kept: Mapping[str, Mapping[str, object]]) -> Iterator[str]:
    """Yield a table of the parts that were measured with the same machine and versions."""
    several: dict[str, list[Line]] = {}
    for part in kept.values():
        lines = part["lines"]
        if isinstance(lines, list):
            several.setdefault(str(part["with"]), []).extend(_line(line) for line in lines)
    for machine, lines in several.items():
        yield f"\n{table(lines)}\n\nMeasured with {machine}.\n"


def _plain(line: Line) -> dict[str, object]:
    """Return a line for JSON, which knows no infinity."""
    fields = asdict(line)
    return {**fields, "limit": None if math.isinf(line.limit) else line.limit}


def _line(fields: dict[str, object]) -> Line:
    return Line(**{**fields, "limit": math.inf if fields["limit"] is None else fields["limit"]})  # type: ignore[arg-type]  # JSON has no types


def _machine() -> str:
    """Say what machine and versions this is."""
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return (
        f"Python {platform.python_version()} on {platform.system()} {platform.machine()}, "
        f"{os.cpu_count()} cores, {packages}"
    )
