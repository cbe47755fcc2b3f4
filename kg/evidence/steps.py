"""From one solution to what it rests on: the steps that a compiled pattern takes for each solution."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Protocol, TypeAlias

from kg.engine import Term
from kg.evidence.witness import Atom, Ways

Row: TypeAlias = tuple[Term | None, ...]
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


Linked: TypeAlias = Callable[[Row, Draft], None]
Index: TypeAlias = Callable[[Slot], int]


class Step(Protocol):
    """One thing to do for each solution, once the columns have numbers."""

    def link(self, index: Index) -> Linked:
        """Make the function that does it."""
        ...


@dataclass(frozen=True, slots=True)
class Atoms:
    """Triple patterns: each gives a statement."""

    slots: tuple[tuple[Slot, Slot, Slot, Slot], ...]

    def getters(self, index: Index) -> list[Callable[[Row], Atom]]:
        """Make the functions that read a statement off a row."""
        return [itemgetter(*map(index, slots)) for slots in self.slots]

    def link(self, index: Index) -> Linked:
        """Make the function that adds the statements."""
        getters = self.getters(index)

        def run(row: Row, draft: Draft) -> None:
            draft.atoms += [get(row) for get in getters]

        return run


@dataclass(frozen=True, slots=True)
class Marked:
    """Steps that count where a marker is bound: an arm of a UNION, an OPTIONAL that matched; else others."""

    marker: str
    steps: tuple[Step, ...]
    otherwise: tuple[Step, ...] = ()

    def link(self, index: Index) -> Linked:
        """Make the function that looks at the marker."""
        place = index(self.marker)
        yes = [step.link(index) for step in self.steps]
        no = [step.link(index) for step in self.otherwise]

        def run(row: Row, draft: Draft) -> None:
            for step in no if row[place] is None else yes:
                step(row, draft)

        return run


@dataclass(frozen=True, slots=True)
class Need:
    """Something for the second step, with the slots of its key."""

    resolver: Resolver
    slots: tuple[Slot, ...]

    def link(self, index: Index) -> Linked:
        """Make the function that notes the need."""
        places = [index(slot) for slot in self.slots]
        resolver = self.resolver

        def run(row: Row, draft: Draft) -> None:
            draft.needs.append((resolver, tuple([row[place] for place in places])))

        return run


@dataclass(frozen=True, slots=True)
class External:
    """A fact that comes from elsewhere: another endpoint, a clock, chance."""

    name: str

    def link(self, index: Index) -> Linked:  # noqa: ARG002 - every step links alike
        """Make the function that names it."""

        def run(_row: Row, draft: Draft) -> None:
            draft.external.append(self.name)

        return run
