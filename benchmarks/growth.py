"""How time and memory grow with the facts: a load to disk and every export, each a process of its own.

Ten times the facts may take 1.3 times as long a statement, and what streams may not need much more memory.
Beside them stand a load and a dump by pyoxigraph alone, of the same quads with their copies.
"""

from __future__ import annotations

import math
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import Line
from kg.vocab import PREFIXES

SMALL, LARGE = (100_000, 1_000_000), (1_000_000, 10_000_000)
_PER_THING, _PER_PASSAGE = 10, 7
_GIGABYTE = 1 << 30
_MOST = {"load": 2.5}
"""How many gigabytes something may take; others may take one."""
_PROJECTION = """SELECT ?source ?relation ?target ?passage {
  GRAPH ?passage { ?source ?relation ?target } FILTER(ISIRI(?target))
}"""
_WAYS: dict[str, tuple[str, ...]] = {
    "N-Quads": ("export", "-o", "all.nq"),
    "sorted N-Quads": ("export", "--sorted", "-o", "sorted.nq"),
    "Turtle": ("export", "-o", "all.ttl"),
    "TriG": ("export", "-o", "all.trig"),
}
_RAW = {
    "pyoxigraph's own load": """
import sys, pyoxigraph as ox
from kg.engine.loading import read_file, with_default_copy
from pathlib import Path
ox.Store(sys.argv[2]).bulk_extend(with_default_copy(read_file(Path(sys.argv[1]))))
""",
    "pyoxigraph's own dump": """
import sys, pyoxigraph as ox
ox.Store.read_only(sys.argv[2]).dump(sys.argv[1] + ".dump", ox.RdfFormat.N_QUADS)
""",
}
_NETWORKS: dict[str, tuple[str, ...]] = {
    ending: ("export", _PROJECTION, "-o", f"network.{ending}") for ending in ("csv", "graphml", "gexf")
}


@dataclass(frozen=True, slots=True)
class Cost:
    """The CPU time of a process, in seconds, and the most memory it held, in bytes."""

    seconds: float
    memory: int


def growth() -> list[Line]:
    """Measure at 10^5 and 10^6 quads."""
    return _compared({size: measured(size, {**_WAYS, **_NETWORKS}) for size in SMALL}, *SMALL)


def large() -> list[Line]:
    """Measure at 10^6 and 10^7 quads; this takes many minutes and 10 GB of disk."""
    ways = {**_WAYS, "csv": _NETWORKS["csv"]}
    return _compared({size: measured(size, ways) for size in LARGE}, *LARGE)


def measured(size: int, ways: dict[str, tuple[str, ...]]) -> dict[str, Cost]:
    """Load so many quads into a store on disk and write them in several ways."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write_facts(folder / "facts.nq", size)
        found = {
            way: _process("-c", script, str(folder / "facts.nq"), str(folder / "raw"))
            for way, script in _RAW.items()
        }
        shutil.rmtree(folder / "raw")
        found["load"] = _command("load", str(folder / "facts.nq"), "--store", str(folder / "a.kg"))
        (folder / "facts.nq").unlink()
        (folder / "out").mkdir()
        for way, (*arguments, name) in ways.items():
            found[way] = _command(*arguments, str(folder / "out" / name), "--store", str(folder / "a.kg"))
            for made in (folder / "out").iterdir():
                made.unlink()
            print(f"{size:,} quads, {way}: {found[way]}", file=sys.stderr)
    return found


def write_facts(path: Path, count: int) -> None:
    """Write quads about things with classes, labels and relations to each other, in small passages."""
    rdf, rdfs, site = PREFIXES["rdf"], PREFIXES["rdfs"], "http://example.org"
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            thing, at = divmod(number, _PER_THING)
            other = thing * 7919 * (at + 1) % max(count // _PER_THING, 1)
            said = {
                0: f"<{rdf}type> <{site}/Kind{thing % 50}>",
                1: f'<{rdfs}label> "Thing number {thing}"@en',
            }
            rest = said.get(at) or f"<{site}/relation/{at}> <{site}/thing/{other}>"
            file.write(f"<{site}/thing/{thing}> {rest} <{site}/passage/{number // _PER_PASSAGE}> .\n")


def _command(*arguments: str) -> Cost:
    return _process("-m", "kg", *arguments)


def _process(*arguments: str) -> Cost:
    """Run Python to its end and tell what it cost."""
    started = subprocess.Popen([sys.executable, *arguments], stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(started.pid, 0)
    started.returncode = os.waitstatus_to_exitcode(status)
    if started.returncode:
        raise RuntimeError(f"{' '.join(arguments)} ended with {started.returncode}")
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)


def _compared(found: dict[int, dict[str, Cost]], small: int, size: int) -> list[Line]:
    """Compare each way at two sizes: its time a quad, and its memory."""
    lines = []
    for way, cost in found[size].items():
        before, name = found[small][way], f"{way} of {size:,} quads"
        per_quad, is_ours = cost.seconds * small / size, way not in _RAW
        limit = 1.3 if is_ours else math.inf
        lines.append(Line(f"{name}, time a quad", f"at {small:,}", per_quad, before.seconds, limit))
        if is_ours:
            lines.append(Line(f"{name}, memory", "1 GB", cost.memory, _GIGABYTE, _MOST.get(way, 1.0)))
    return lines
