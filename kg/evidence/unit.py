"""A compiled pattern: its text, the columns it gives, and the steps to take for each solution."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kg.engine import Term
from kg.evidence.steps import Draft, Linked, Row, Slot, Step

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

    def draft(self, solution: Row, graph: Term | None) -> Draft:
        """Say what a solution, its columns in the unit's order, rests on in the active graph."""
        row = (*solution[: len(self.columns)], graph, *self.constants)
        draft = Draft()
        for step in self.run:
            step(row, draft)
        return draft


def link(
    steps: Sequence[Step], columns: Sequence[str], bindings: Mapping[str, Term]
) -> tuple[list[Linked], Row]:
    """Give numbers to columns, the active graph and constants; a row is columns, graph, constants."""
    places: dict[Slot, int] = {name: place for place, name in enumerate([*columns, GRAPH])}
    constants: list[Term | None] = []

    def index(slot: Slot) -> int:
        if slot not in places:
            places[slot] = len(places)
            # A name without a column is a parameter of the user's, or a variable that is never bound here.
            constants.append(bindings.get(slot) if isinstance(slot, str) else slot)
        return places[slot]

    return [step.link(index) for step in steps], tuple(constants)
