"""Bringing things in and finding them: what was promised as a rate, held against a clock that runs beside."""

from __future__ import annotations

import csv
import random
import tempfile
from pathlib import Path

import pyoxigraph as ox

from benchmarks.measure import Line, best_times
from kg.importing.sheet import import_sheet
from kg.project import find_project
from kg.search import NameIndex

ROWS = 100_000
PROMISED_ROWS = 20_000
"""Rows a second."""
NAMES = 100_000
PROMISED_SEARCH = 0.050
"""Seconds for one search."""
_SYLLABLES = (
    "ka",
    "ri",
    "mo",
    "ta",
    "len",
    "vich",
    "pet",
    "ro",
    "bu",
    "kha",
    "rin",
    "ze",
    "lo",
    "dov",
    "stro",
)


def importing() -> list[Line]:
    """Import a sheet of 100,000 rows; the promise is 20,000 rows a second."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "facts").mkdir()
        sheet = folder / "sheet.csv"
        _write(sheet)
        project = find_project(folder)
        took = best_times({"kg": lambda: import_sheet(sheet, project, allow_new=True)}, rounds=2)["kg"]
    return [
        Line(f"import {ROWS:,} rows", f"{PROMISED_ROWS:,} rows a second", took, ROWS / PROMISED_ROWS, 1.0)
    ]


def _write(sheet: Path) -> None:
    pick = random.Random(1)  # noqa: S311 - test data, no secret
    with sheet.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["subject", "relation", "object", "source", "locator"])
        for number in range(ROWS):
            person, source = f"Person {pick.randrange(ROWS // 5)}", f"Source {pick.randrange(200)}"
            relation, value = (
                ("born_on", f"18{pick.randrange(50, 99)}-0{pick.randrange(1, 9)}-1{pick.randrange(9)}"),
                ("born_in", f"Town {pick.randrange(2000)}"),
                ("spouse", f"Person {pick.randrange(ROWS // 5)}"),
                ("arrested_on", f"193{pick.randrange(4, 9)}-0{pick.randrange(1, 9)}"),
            )[number % 4]
            writer.writerow([person, relation, value, source, ""])


def finding() -> list[Line]:
    """Search 100,000 names; the promise is 50 ms."""
    pick = random.Random(2)  # noqa: S311 - idem
    names = NameIndex(
        (ox.NamedNode(f"http://example.org/{number}"), f"{_word(pick)} {_word(pick)}")
        for number in range(NAMES)
    )
    names.search("warm")
    took = best_times({"kg": lambda: names.search("Бухарин")}, rounds=5)["kg"]
    return [Line(f"find one of {NAMES:,} names", "50 ms", took, PROMISED_SEARCH, 1.0)]


def _word(pick: random.Random) -> str:
    return "".join(pick.choice(_SYLLABLES) for _ in range(pick.randrange(2, 5)))
