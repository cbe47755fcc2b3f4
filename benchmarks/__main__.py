"""`python -m benchmarks [NAME...]`: run the measurements and print a table of ratios."""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from benchmarks import bringing, checking, networks, peers, scale, serve, speed, views
from benchmarks.measure import REPOSITORY, Line, table
from kg.errors import InputError

MEASUREMENTS: dict[str, Callable[[], list[Line]]] = {
    "start": speed.main_command,
    "million": speed.million,
    "disk": scale.load,
    "export": scale.export,
    "import": bringing.importing,
    "find": bringing.finding,
    "check": checking.shapes,
    "watdiv": scale.watdiv,
    "serve": serve.serving,
    "networks": networks.networks,
    "views": views.views,
    "peers": peers.peers,
}
PAGE = REPOSITORY / "docs" / "benchmarks.md"


def main() -> int:
    """Run the named measurements, all without a name; exit code 1 where a promise is not kept."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(MEASUREMENTS)}; default all")
    parser.add_argument("--write", action="store_true", help=f"also write {PAGE.relative_to(REPOSITORY)}")
    options = parser.parse_args()
    unknown = set(options.names) - set(MEASUREMENTS)
    if unknown:
        parser.error(f"no measurement is called {', '.join(sorted(unknown))}")
    lines: list[Line] = []
    for name in options.names or MEASUREMENTS:
        print(f"measuring {name} ...", file=sys.stderr)
        try:
            lines += MEASUREMENTS[name]()
        except InputError as error:
            print(f"{name} skipped: {error}", file=sys.stderr)
    print(table(lines))
    if options.write:
        write_page(PAGE, lines)
    return 0 if all(line.holds for line in lines) else 1


def write_page(page: Path, lines: list[Line]) -> None:
    """Write the table with the machine and versions it was measured on, and how to repeat it."""
    versions = ", ".join(f"{name} {version(name)}" for name in ("pyoxigraph", "rdflib", "networkx"))
    page.write_text(
        "# Benchmarks\n\n"
        "Ratios of times measured side by side in one run; below 1 kg is faster. Losses are printed too.\n\n"
        f"{table(lines)}\n\n"
        f"Measured with Python {platform.python_version()} on {platform.system()} {platform.machine()}, "
        f"{versions}.\n\n"
        "Repeat with `python -m benchmarks --write`. WatDiv and SP2Bench are read from the folder that\n"
        "`KG_BENCH_DATA` names; where it is absent, generated triples stand in. `KG_PEERS_PYTHON` names a\n"
        "Python that has oxrdflib, kglab and maplib, which are no dependency. Of servers the CPU time of\n"
        "an answer is compared: a look-up costs ours seven times Oxigraph's, most of it in Python.\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    sys.exit(main())
