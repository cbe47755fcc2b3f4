"""A compiled pattern: its text, the columns it gives, and the steps to take for each solution."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from kg.engine import Term
from kg.evidence.statements import Pattern
from kg.evidence.steps import Atoms, Draft, Layout, Linked, Row, Step
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
    folds: bool = field(init=False)
    """Whether two of the triples may be one and the same statement."""

    def __post_init__(self) -> None:
        self.folds = any(one.meets(other) for one, other in combinations(self.patterns, 2))

    def _row(self, solution: Iterable[Term | None], graph: Term | None) -> Row:
        row = tuple(solution)
        # A pattern without variables gives rows of one made-up column.
        row = row if len(row) == len(self.columns) else row[: len(self.columns)]
        return (*row, graph, *self.constants)

    def atoms(self, solutions: Iterable[Row], graph: Term | None) -> list[tuple[Atom, ...]]:
        """List the statements of each solution of a simple unit, a column at a time."""
        width = len(self.columns)
        rows = [(*solution[:width], graph) for solution in solutions]
        if not self.patterns:
            return [()] * len(rows)
        # A dict's own look-up calls no Python but for a statement that is new.
        found = zip(*(map(p.__getitem__, map(p.key, rows)) for p in self.patterns), strict=True)
        return [tuple(dict.fromkeys(row)) for row in found] if self.folds else list(found)

    def draft(self, solution: Row, graph: Term | None) -> Draft:
        """Say what a solution, its columns in the unit's order, rests on in the active graph."""
        row = self._row(solution, graph)
        draft = Draft()
        for step in self.run:
            step(row, draft)
        return draft


def link(steps: Sequence[Step], columns: Sequence[str], layout: Layout, body: str) -> Unit:
    """Give numbers to columns, the active graph and constants; a row is columns, graph, constants."""
    triples = [step for step in steps if isinstance(step, Atoms)]
    simple = len(triples) == len(steps)
    patterns = [pattern for step in triples for pattern in step.patterns(layout)] if simple else ()
    linked = [step.link(layout) for step in steps]
    return Unit(body, list(columns), tuple(layout.constants.values()), linked, simple, patterns)
