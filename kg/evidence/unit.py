"""A compiled pattern: its text, the columns it gives, and the steps to take for each solution."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations, compress, groupby
from operator import eq

from kg.engine import Term
from kg.evidence.statements import Pattern, meet
from kg.evidence.steps import Atoms, Draft, Key, Layout, Linked, Row, Step
from kg.evidence.witness import Atom


@dataclass(slots=True)
class Unit:
    """A compiled pattern: the text between its braces, the columns it gives, and the steps for a solution."""

    body: str
    columns: list[str]
    constants: Row
    run: Sequence[Linked]
    simple: bool
    """Whether the pattern is nothing but triples, so that `atoms` tells all of what a solution rests on."""
    patterns: Sequence[Pattern] = ()
    folds: Sequence[tuple[int, int]] = field(init=False)
    """Which two of the triples may be one and the same statement."""

    def __post_init__(self) -> None:
        templates = enumerate(pattern.template(None) for pattern in self.patterns)
        self.folds = [(m, n) for (m, one), (n, other) in combinations(templates, 2) if meet(one, other)]

    def atoms(self, solutions: Sequence[Row], graph: Term | None) -> list[tuple[Atom, ...]]:
        """List the statements of each solution of a simple unit, a column at a time."""
        if not self.patterns:
            return [()] * len(solutions)
        full = self._rows(solutions, graph)
        columns = [pattern.numbers(full, graph) for pattern in self.patterns]
        rows = list(zip(*columns, strict=True))
        same = (map(eq, columns[one], columns[other]) for one, other in self.folds)
        for place in {place for found in same for place in compress(range(len(rows)), found)}:
            rows[place] = tuple(dict.fromkeys(rows[place]))
        return rows

    def drafts(self, solutions: Sequence[Row], graph: Term | None) -> list[Draft]:
        """Say what solutions, their columns in the unit's order, rest on in the active graph."""
        rows = self._rows(solutions, graph)
        drafts = [Draft() for _ in rows]
        if rows:
            for step in self.run:
                step(rows, drafts)
        return drafts

    def _rows(self, solutions: Sequence[Row], graph: Term | None) -> list[Row]:
        """Put the active graph and the constants behind the columns of each solution."""
        rest = (graph, *self.constants)
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
    triples = [step for step in steps if isinstance(step, Atoms)]
    simple = len(triples) == len(steps)
    patterns = [pattern for step in triples for pattern in step.patterns(layout)] if simple else ()
    linked = [step.link(layout) for step in steps]
    return Unit(body, list(columns), tuple(layout.constants.values()), linked, simple, patterns)
