"""A compiled pattern: its text, the columns it gives, and the steps to take for each solution."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, compress, groupby
from operator import eq, itemgetter

from kg.engine import Term
from kg.evidence.statements import Places, Table
from kg.evidence.steps import Atoms, Draft, Key, Layout, Linked, Marked, Row, Step
from kg.evidence.witness import Atom


@dataclass(slots=True)
class Unit:
    """A compiled pattern: the text between its braces, the columns it gives, and what its solutions rest on.

    A simple one is nothing but triples, also in arms of UNION, so that `atoms` tells all that a solution
    rests on: `triples` are where they stand, each with the place of the marker that is bound where it counts.
    """

    body: str
    columns: list[str]
    layout: Layout
    simple: bool
    triples: Sequence[tuple[Places, int | None]] = ()
    run: Sequence[Linked] = ()
    """The steps for a solution of one that is not simple."""

    @property
    def _folds(self) -> Iterator[tuple[int, int]]:
        """Which two of the triples may be one and the same statement."""
        triples = enumerate(places for places, _ in self.triples)
        return ((m, n) for (m, one), (n, other) in combinations(triples, 2) if self._meet(one, other))

    def _meet(self, one: Places, other: Places) -> bool:
        """Tell whether a statement can fit both of two triples."""
        known = self.layout.constants
        return all(
            a not in known or b not in known or known[a] == known[b] for a, b in zip(one, other, strict=True)
        )

    def atoms(self, solutions: Sequence[Row], graph: Term | None) -> list[tuple[Atom, ...]]:
        """List the statements of each solution of a simple unit, a column at a time."""
        if not (self.triples and solutions):
            return [()] * len(solutions)
        full = self._rows(solutions, graph)
        table = self.layout.table(full)
        if any(marker is not None for _, marker in self.triples):
            return self._marked(full, table)
        columns = [table.numbers(places) for places, _ in self.triples]
        rows = list(zip(*columns, strict=True))
        same = (map(eq, columns[one], columns[other]) for one, other in self._folds)
        for place in {place for found in same for place in compress(range(len(rows)), found)}:
            rows[place] = tuple(dict.fromkeys(rows[place]))
        return rows

    def _marked(self, rows: Sequence[Row], table: Table) -> list[tuple[Atom, ...]]:
        """List the statements of each row, of the arms of UNION that fired."""
        found: list[tuple[Atom, ...]] = [()] * len(rows)
        for marker, several in groupby(self.triples, key=itemgetter(1)):
            chosen = [True if marker is None else row[marker] is not None for row in rows]
            columns = [table.numbers(places, chosen) for places, _ in several]
            for place, atoms in zip(
                compress(range(len(rows)), chosen), zip(*columns, strict=True), strict=True
            ):
                found[place] += atoms
        return [tuple(dict.fromkeys(atoms)) for atoms in found]

    def drafts(self, solutions: Sequence[Row], graph: Term | None) -> list[Draft]:
        """Say what solutions, their columns in the unit's order, rest on in the active graph."""
        if self.simple:
            return [Draft(list(atoms)) for atoms in self.atoms(solutions, graph)]
        rows = self._rows(solutions, graph)
        drafts = [Draft() for _ in rows]
        if rows:
            for step in self.run:
                step(rows, drafts)
        return drafts

    def _rows(self, solutions: Sequence[Row], graph: Term | None) -> list[Row]:
        """Put the active graph and the constants behind the columns of each solution."""
        rest = (graph, *self.layout.constants.values())
        # A pattern without variables gives rows of one made-up column.
        return [solution + rest for solution in solutions] if self.columns else [rest] * len(solutions)


def drafts_of(solutions: Iterable[tuple[Key, Unit, Row]]) -> list[Draft]:
    """Draft solutions of several units, each under a key whose last is the active graph."""
    out: list[Draft] = []
    for _, several in groupby(solutions, key=lambda one: (id(one[1]), one[0][-1])):
        same = list(several)
        out += same[0][1].drafts([row for _, _, row in same], same[0][0][-1])
    return out


def link(steps: Sequence[Step], columns: Sequence[str], layout: Layout, body: str) -> Unit:
    """Give numbers to columns, the active graph and constants; a row is columns, graph, constants."""
    simple = all(map(_is_simple, steps))
    triples = list(_triples(steps, layout)) if simple else []
    linked = [] if simple else [step.link(layout) for step in steps]
    return Unit(body, list(columns), layout, simple, triples, linked)


def _is_simple(step: Step) -> bool:
    """Tell whether a step only adds statements."""
    if isinstance(step, Marked):
        return not step.otherwise and all(map(_is_simple, step.steps))
    return isinstance(step, Atoms)


def _triples(
    steps: Iterable[Step], layout: Layout, marker: int | None = None
) -> Iterator[tuple[Places, int | None]]:
    for step in steps:
        if isinstance(step, Atoms):
            yield from ((places, marker) for places in step.places(layout))
        elif isinstance(step, Marked):
            # A marker inside another one's arm is bound only where that is.
            yield from _triples(step.steps, layout, layout.place(step.marker))
