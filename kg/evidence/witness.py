"""Witnesses while they are computed: sets of statements, claims of absence, and facts from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol, TypeAlias

import pyoxigraph as ox

from kg.engine import Term
from kg.evidence import tree

Atom: TypeAlias = int
"""A statement, by its number among `kg.evidence.statements.Statements`."""


class Asker(Protocol):
    """Something that can write the ASK of a claim."""

    def ask(self, claim: Claim) -> str:
        """Write the query that is false as long as the claim holds."""
        ...

    @property
    def near(self) -> tree.Group | None:
        """The pattern to whose longest matching beginning near misses are; None where that says nothing."""
        ...

    def pattern(self) -> str:
        """Return the pattern that has no match, as the query has it."""
        ...


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim that nothing matches: what kind of claim, the pattern's place in the query, and its terms."""

    kind: str
    start: int
    end: int
    bindings: tuple[tuple[str, Term], ...]
    graph: ox.NamedNode | ox.BlankNode | None
    maker: Asker = field(compare=False)


class Part(NamedTuple):
    """One way in which something holds."""

    atoms: tuple[Atom, ...] = ()
    claims: frozenset[Claim] = frozenset()
    external: frozenset[str] = frozenset()
    members: tuple[tuple[Atom, ...], ...] = ()
    extremal: tuple[int, ...] = ()

    def __or__(self, other: Part) -> Part:
        """Join two ways into the one where both hold."""
        return Part(
            tuple(dict.fromkeys(self.atoms + other.atoms)),
            self.claims | other.claims,
            self.external | other.external,
            self.members + other.members,
        )

    def covers(self, other: Part) -> bool:
        """Tell whether this way needs all that the other needs, so that it says nothing new."""
        return (
            len(self.atoms) >= len(other.atoms)
            and self.claims >= other.claims
            and self.external >= other.external
            and set(self.atoms).issuperset(other.atoms)
        )


NOTHING = Part()


@dataclass(slots=True)
class Ways:
    """The ways in which one thing holds: the smallest few, how many derivations there are, what was cut.

    `count` counts derivations, which may give the same statements; it is exact unless `reasons` says that
    counting stopped. `cut` tells that there are more ways than are kept.
    """

    parts: list[Part] = field(default_factory=list)
    count: int = 0
    reasons: frozenset[str] = frozenset()
    cut: bool = False

    @classmethod
    def one(cls, part: Part = NOTHING, *reasons: str) -> Ways:
        """Make the ways of something that holds in one way."""
        return cls([part], 1, frozenset(reasons))


def both(left: Ways, right: Ways, most: int) -> Ways:
    """Join what must hold together; keeps the `most` smallest combinations."""
    if len(left.parts) == len(right.parts) == 1:
        parts = [left.parts[0] | right.parts[0]]
        return Ways(parts, left.count * right.count, left.reasons | right.reasons, left.cut or right.cut)
    parts = [one | other for one in left.parts for other in right.parts]
    kept, cut = minimal(parts, most)
    return Ways(kept, left.count * right.count, left.reasons | right.reasons, cut or left.cut or right.cut)


def any_of(ways: Iterable[Ways], most: int, *, absorb: bool = True) -> Ways:
    """Join alternatives; keeps the `most` smallest, those that contain no other if they absorb."""
    ways = list(ways)
    if len(ways) == 1 and len(ways[0].parts) <= most:
        return ways[0]
    parts: list[Part] = []
    count, reasons, cut = 0, frozenset[str](), False
    for way in ways:
        parts += way.parts
        count += way.count
        reasons |= way.reasons
        cut = cut or way.cut
    kept, more = minimal(parts, most) if absorb else smallest(parts, most)
    return Ways(kept, count, reasons, cut or more)


def minimal(parts: Sequence[Part], most: int) -> tuple[list[Part], bool]:
    """Keep so many of the parts that contain no other one, smallest first; tell whether more were left."""
    if len(parts) == 1:
        return list(parts), False
    kept: list[Part] = []
    for part in sorted(dict.fromkeys(parts), key=_size):
        if not any(map(part.covers, kept)):
            if len(kept) == most:
                return kept, True
            kept.append(part)
    return kept, False


def smallest(parts: Sequence[Part], most: int) -> tuple[list[Part], bool]:
    """Keep so many of the parts, smallest first; tell whether more were left."""
    kept = sorted(dict.fromkeys(parts), key=_size)
    return kept[:most], len(kept) > most


def _size(part: Part) -> int:
    return len(part.atoms) + len(part.claims) + len(part.external)
