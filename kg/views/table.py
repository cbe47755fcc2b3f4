"""Tables: an answer with labels instead of IRIs, for a terminal or as plain tab-separated text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import IO, TYPE_CHECKING

import pyoxigraph as ox

from kg.engine import Engine, Term
from kg.names import labels
from kg.terms import curie, plain, printable, readable

if TYPE_CHECKING:
    from rich.console import Console


class Labeller:
    """Turns terms into the words of a table: labels where there are any, else CURIEs.

    `iris` keeps IRIs, shortened by prefixes.
    """

    def __init__(self, engine: Engine, language: str = "en", *, iris: bool = False) -> None:
        self._engine, self._language, self._iris = engine, language, iris
        self._known: dict[ox.NamedNode, str] = {}

    def learn(self, rows: Iterable[Iterable[Term | None]]) -> None:
        """Look up the labels of all IRIs in the rows at once."""
        if not self._iris:
            named = {term for row in rows for term in row if isinstance(term, ox.NamedNode)}
            self._known |= labels(self._engine, named - self._known.keys(), self._language)

    def cell(self, term: Term | None) -> str:
        """Return one term in words, empty for an unbound variable."""
        return in_words(self._known, self._engine.prefixes, term)


def cells(
    engine: Engine, rows: Sequence[Iterable[Term | None]], language: str = "en", *, iris: bool = False
) -> list[list[str]]:
    """Return rows of terms as rows of words."""
    labeller = Labeller(engine, language, iris=iris)
    labeller.learn(rows)
    return [[labeller.cell(term) for term in row] for row in rows]


def write_tsv(output: IO[str], header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    r"""Write rows of words, tab-separated; a tab or a line break inside a cell becomes a space.

    >>> import sys
    >>> write_tsv(sys.stdout, ["who"], [["Nikolai\nBukharin"]])
    who
    Nikolai Bukharin
    """
    for row in (header, *rows):
        output.write("\t".join(_one_line(cell) for cell in row) + "\n")


def _one_line(cell: str) -> str:
    return " ".join(cell.split()) if any(c in cell for c in "\t\r\n") else cell


def print_table(console: Console, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows of words as a wrapped table."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    lines = list(rows)
    widths = _widths([header, *lines], console.width - 3 * len(header) + 1)
    for name, width in zip(header, widths, strict=True):
        table.add_column(Text(name), overflow="fold", width=width)
    for row in lines:
        # Text, not str: the data may look like console markup.
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)


def _widths(rows: Sequence[Sequence[str]], room: int) -> list[int]:
    """Share out the room among columns: first to their longest words, then to those that lack least.

    >>> _widths([["a word", "of", "few"], ["some more words", "b c", "x"]], 13)
    [7, 3, 3]
    >>> _widths([["incomprehensibilities", "b"]], 13)
    [12, 1]
    """
    from rich.cells import cell_len

    columns = list(zip(*rows, strict=True))
    widths = [max(max(map(cell_len, cell.split()), default=0) for cell in column) for column in columns]
    while sum(widths) > room and max(widths) > 1:
        widths[widths.index(max(widths))] -= 1
    lacks = [max(map(cell_len, column)) - width for column, width in zip(columns, widths, strict=True)]
    spare = max(room - sum(widths), 0)
    for done, place in enumerate(sorted(range(len(widths)), key=lacks.__getitem__)):
        more = min(lacks[place], spare // (len(widths) - done))
        widths[place] += more
        spare -= more
    return widths


def headings(variables: Iterable[str]) -> list[str]:
    """Return variable names as headings.

    >>> headings(["personName", "born_in"])
    ['person name', 'born in']
    """
    return ["".join(_spaced(name)).strip() for name in variables]


def _spaced(name: str) -> Iterable[str]:
    for before, letter in zip(" " + name, name, strict=False):
        yield f" {letter.lower()}" if letter.isupper() and before.islower() else letter.replace("_", " ")


def in_words(known: Mapping[ox.NamedNode, str], prefixes: Mapping[str, str], term: Term | None) -> str:
    """Return one term in words, from labels that are known already; empty for None."""
    if isinstance(term, ox.NamedNode):
        return printable(known.get(term) or curie(term.value, prefixes))
    if isinstance(term, ox.Triple):
        parts = (term.subject, term.predicate, term.object)
        return f"<<( {' '.join(in_words(known, prefixes, part) for part in parts)} )>>"
    return printable(readable(term) if isinstance(term, ox.Literal) else plain(term))
