"""`python -m benchmarks [NAME...]`: run the measurements and print a table of ratios."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from benchmarks import bringing, checking, evidence, growth, networks, peers, scale, serve, speed, views
from benchmarks.measure import Line, table
from benchmarks.record import PAGE, record
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
    "evidence": evidence.evidence,
    "serve": serve.serving,
    "networks": networks.networks,
    "views": views.views,
    "peers": peers.peers,
    "growth": growth.growth,
    "large": growth.large,
}
LONG = {"large"}
"""What is only run when it is named."""


def main() -> int:
    """Run the named measurements, all without a name; exit code 1 where a promise is not kept."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help=f"of {', '.join(MEASUREMENTS)}; default all but {', '.join(LONG)}",
    )
    parser.add_argument("--write", action="store_true", help=f"also write docs/{PAGE.name}")
    options = parser.parse_args()
    unknown = set(options.names) - set(MEASUREMENTS)
    if unknown:
        parser.error(f"no measurement is called {', '.join(sorted(unknown))}")
    found: dict[str, list[Line]] = {}
    for name in options.names or [name for name in MEASUREMENTS if name not in LONG]:
        print(f"measuring {name} ...", file=sys.stderr)
        try:
            found[name] = MEASUREMENTS[name]()
        except InputError as error:
            print(f"{name} skipped: {error}", file=sys.stderr)
    lines = [line for several in found.values() for line in several]
    print(table(lines))
    if options.write:
        record(found)
    return 0 if all(line.holds for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
