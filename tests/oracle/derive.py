"""Derivations: the statements and the claims of absence on which one solution rests, and how they combine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeAlias

import pyoxigraph as ox

from tests.oracle.terms import Term

Triple: TypeAlias = tuple[Term, Term, Term]
Atom: TypeAlias = tuple[Term, Term, Term, ox.NamedNode | None]
Binding: TypeAlias = Mapping[str, Term]

MOST_WAYS = 2_000


class TooMany(Exception):  # noqa: N818 - it asks for another example, it tells of no fault
    """There are more derivations than a test should look at."""


class Undetermined(Exception):  # noqa: N818 - likewise
    """SPARQL leaves the answer open, so nothing can be compared."""


class Claim(NamedTuple):
    """That a group, told by its text, has no match under a binding."""

    kind: str
    group: str
    binding: frozenset[tuple[str, Term]]


class Derivation(NamedTuple):
    """One way in which a solution came about."""

    atoms: frozenset[Atom] = frozenset()
    claims: frozenset[Claim] = frozenset()


Ways: TypeAlias = frozenset[Derivation]
NEVER: Ways = frozenset()
ALWAYS: Ways = frozenset([Derivation()])


class Solution(NamedTuple):
    """One occurrence of a solution in a multiset, with all its derivations."""

    binding: dict[str, Term]
    ways: Ways


def both(left: Ways, right: Ways) -> Ways:
    """Combine what must hold together."""
    if len(left) * len(right) > MOST_WAYS:
        raise TooMany
    return frozenset(Derivation(a.atoms | b.atoms, a.claims | b.claims) for a in left for b in right)


def either(ways: Iterable[Ways]) -> Ways:
    """Combine alternatives."""
    found = frozenset[Derivation]().union(*ways)
    if len(found) > MOST_WAYS:
        raise TooMany
    return found


def together(ways: Iterable[Ways]) -> Ways:
    """Combine all members of a group."""
    joined = ALWAYS
    for way in ways:
        joined = both(joined, way)
    return joined


def atom(triple: Triple, graph: ox.NamedNode | None) -> Ways:
    """Rest on one statement."""
    return frozenset([Derivation(frozenset([(*triple, graph)]))])


def absent(kind: str, group: object, binding: Binding) -> Ways:
    """Rest on the absence of a match."""
    return frozenset([Derivation(claims=frozenset([Claim(kind, str(group), frozenset(binding.items()))]))])


def smallest(sets: Iterable[frozenset[Atom]]) -> set[frozenset[Atom]]:
    """Keep the sets that contain no other one."""
    found = set(sets)
    return {one for one in found if not any(other < one for other in found)}


def merged(left: Binding, right: Binding) -> dict[str, Term] | None:
    """Join two bindings; None where they disagree."""
    if any(right[name] != term for name, term in left.items() if name in right):
        return None
    return {**left, **right}


def join(left: Iterable[Solution], right: Iterable[Solution]) -> list[Solution]:
    """Join two multisets of solutions."""
    right = list(right)
    found = []
    for one in left:
        for other in right:
            binding = merged(one.binding, other.binding)
            if binding is not None:
                found.append(Solution(binding, both(one.ways, other.ways)))
    return found
