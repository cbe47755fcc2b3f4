"""From one solution to what it rests on: the steps that a compiled pattern takes for each solution."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from kg.engine import Term
from kg.evidence.statements import Places, Statements, Table
from kg.evidence.witness import Atom, Ways

Row: TypeAlias = tuple[Term | None, ...]
GRAPH = "GRAPH "
"""The slot of the active graph in which the whole pattern is evaluated; spelled as no variable can be."""

Slot: TypeAlias = str | Term | None
"""Where a value comes from: a column by name, or a constant; None is the default graph."""

Key: TypeAlias = tuple[Term | None, ...]


class Resolver(Protocol):
    """Something that finds, in a second step, the ways in which a part of the pattern holds."""

    def resolve(self, keys: Sequence[Key]) -> dict[Key, Ways]:
        """Find the ways for each key; the values of the resolver's names, then the active graph."""
        ...


@dataclass(slots=True)
class Draft:
    """What one solution rests on, before the second step."""

    atoms: list[Atom] = field(default_factory=list)
    needs: list[tuple[Resolver, Key]] = field(default_factory=list)
    external: list[str] = field(default_factory=list)


Linked: TypeAlias = Callable[[Sequence[Row], Sequence[Draft]], None]
"""Does one thing for some solutions, given their rows and what is drafted of each."""


class Layout:
    """Where each value stands in a row: columns first, then the active graph, then constants.

    A name without a column is a parameter of the user's, or a variable that is never bound.
    """

    def __init__(self, columns: Sequence[str], bindings: Mapping[str, Term], statements: Statements) -> None:
        self.places: dict[Slot, int] = {name: place for place, name in enumerate([*columns, GRAPH])}
        self.constants: dict[int, Term | None] = {}
        self.statements, self._bindings = statements, bindings

    def place(self, slot: Slot) -> int:
        """Return where a value stands; a new constant gets the next place."""
        if slot not in self.places:
            self.places[slot] = place = len(self.places)
            self.constants[place] = self._bindings.get(slot) if isinstance(slot, str) else slot
        return self.places[slot]

    def table(self, rows: Sequence[Row]) -> Table:
        """Make the table of rows, in which the active graph and the constants are the same everywhere."""
        return Table(self.statements, rows, {self.places[GRAPH], *self.constants})


class Step(Protocol):
    """One thing to do for each solution, once the columns have numbers."""

    def link(self, layout: Layout) -> Linked:
        """Make the function that does it."""
        ...


@dataclass(frozen=True, slots=True)
class Atoms:
    """Triple patterns: each gives a statement."""

    slots: tuple[tuple[Slot, Slot, Slot, Slot], ...]

    def places(self, layout: Layout) -> list[Places]:
        """Tell where the triples stand in rows."""
        return [tuple(map(layout.place, slots)) for slots in self.slots]  # type: ignore[misc]  # all four

    def link(self, layout: Layout) -> Linked:
        """Make the function that adds the statements."""
        triples = self.places(layout)

        def run(rows: Sequence[Row], drafts: Sequence[Draft]) -> None:
            table = layout.table(rows)
            for places in triples:
                for draft, number in zip(drafts, table.numbers(places), strict=True):
                    draft.atoms.append(number)

        return run


@dataclass(frozen=True, slots=True)
class Marked:
    """Steps that count where a marker is bound: an arm of a UNION, an OPTIONAL that matched; else others."""

    marker: str
    steps: tuple[Step, ...]
    otherwise: tuple[Step, ...] = ()

    def link(self, layout: Layout) -> Linked:
        """Make the function that looks at the marker."""
        place = layout.place(self.marker)
        yes = [step.link(layout) for step in self.steps]
        no = [step.link(layout) for step in self.otherwise]

        def run(rows: Sequence[Row], drafts: Sequence[Draft]) -> None:
            pairs = list(zip(rows, drafts, strict=True))
            for steps, bound in ((yes, True), (no, False)):
                chosen = [pair for pair in pairs if (pair[0][place] is not None) is bound] if steps else []
                if chosen:
                    some_rows, some_drafts = zip(*chosen, strict=True)
                    for step in steps:
                        step(some_rows, some_drafts)

        return run


@dataclass(frozen=True, slots=True)
class Need:
    """Something for the second step, with the slots of its key."""

    resolver: Resolver
    slots: tuple[Slot, ...]

    def link(self, layout: Layout) -> Linked:
        """Make the function that notes the need."""
        places = [layout.place(slot) for slot in self.slots]
        resolver = self.resolver

        def run(rows: Sequence[Row], drafts: Sequence[Draft]) -> None:
            for row, draft in zip(rows, drafts, strict=True):
                draft.needs.append((resolver, tuple([row[place] for place in places])))

        return run


@dataclass(frozen=True, slots=True)
class Present:
    """That a graph is there, for solutions that have no statement in it: its resolver finds one."""

    resolver: Resolver
    graph: Slot

    def link(self, layout: Layout) -> Linked:
        """Make the function that notes the need where there is one."""
        place, facts = layout.place(self.graph), layout.statements.facts

        def run(rows: Sequence[Row], drafts: Sequence[Draft]) -> None:
            for row, draft in zip(rows, drafts, strict=True):
                if not any(facts[atom][3] == row[place] for atom in draft.atoms):
                    draft.needs.append((self.resolver, (row[place],)))

        return run


@dataclass(frozen=True, slots=True)
class External:
    """A fact that comes from elsewhere: another endpoint, a clock, chance."""

    name: str

    def link(self, layout: Layout) -> Linked:  # noqa: ARG002 - every step links alike
        """Make the function that names it."""

        def run(_rows: Sequence[Row], drafts: Sequence[Draft]) -> None:
            for draft in drafts:
                draft.external.append(self.name)

        return run
