"""A compiled pattern: its text, the columns it gives, and the steps to take for each solution."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from kg.engine import Term
from kg.evidence.steps import Atoms, Draft, Linked, Row, Slot, Step
from kg.evidence.witness import Atom

GRAPH = "GRAPH "
"""The slot of the active graph in which the whole pattern is evaluated; spelled as no variable can be."""


@dataclass(slots=True)
class Unit:
    """A compiled pattern: the text between its braces, the columns it gives, and the steps for a solution."""

    body: str
    columns: list[str]
    constants: Row
    run: Sequence[Linked]
    simple: bool
    """Whether the pattern is nothing but triples, which `getters` read off a row."""
    getters: Sequence[Callable[[Row], Atom]] = ()

    def _row(self, solution: Iterable[Term | None], graph: Term | None) -> Row:
        row = tuple(solution)
        # A pattern without variables gives rows of one made-up column.
        row = row if len(row) == len(self.columns) else row[: len(self.columns)]
        return (*row, graph, *self.constants)

    def atoms(self, solution: Iterable[Term | None], graph: Term | None) -> tuple[Atom, ...]:
        """List the statements of a solution of a simple unit."""
        row = self._row(solution, graph)
        atoms: list[Atom] = [get(row) for get in self.getters]
        return tuple(atoms if len(atoms) == 1 else dict.fromkeys(atoms))

    def draft(self, solution: Row, graph: Term | None) -> Draft:
        """Say what a solution, its columns in the unit's order, rests on in the active graph."""
        row = self._row(solution, graph)
        draft = Draft()
        for step in self.run:
            step(row, draft)
        return draft


def link(
    steps: Sequence[Step],
    columns: Sequence[str],
    bindings: Mapping[str, Term],
    body: str,
    *,
    simple: bool = False,
) -> Unit:
    """Give numbers to columns, the active graph and constants; a row is columns, graph, constants."""
    places: dict[Slot, int] = {name: place for place, name in enumerate([*columns, GRAPH])}
    constants: list[Term | None] = []

    def index(slot: Slot) -> int:
        if slot not in places:
            places[slot] = len(places)
            # A name without a column is a parameter of the user's, or a variable that is never bound here.
            constants.append(bindings.get(slot) if isinstance(slot, str) else slot)
        return places[slot]

    linked = [step.link(index) for step in steps]
    getters = [get for step in steps if isinstance(step, Atoms) for get in step.getters(index)]
    return Unit(body, list(columns), tuple(constants), linked, simple, getters)
