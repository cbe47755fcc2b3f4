"""The statements that evidence rests on, each with a number: small to hold and quick to compare."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any, TypeAlias

import pyoxigraph as ox

from kg.engine import Term

Fact: TypeAlias = tuple[Term, Term, Term, ox.NamedNode | ox.BlankNode | None]
"""A statement, and the graph where the query asked for it (None for the default graph)."""

Shape: TypeAlias = tuple[Term | None, Term | None, Term | None]
"""What all statements of one triple pattern share; None where they differ."""

_ANY: Shape = (None, None, None)
_VARYING = object()


class Statements:
    """A numbered list of statements; `shapes` tells which pattern first asked for each.

    >>> statements = Statements()
    >>> a, b = ox.NamedNode("urn:a"), ox.NamedNode("urn:b")
    >>> statements.number((a, a, b, None)), statements.number((a, a, b, None))
    (0, 0)
    """

    def __init__(self) -> None:
        self.facts: list[Fact] = []
        self.shapes: list[Shape] = []
        self._numbers: dict[Fact, int] = {}

    def number(self, fact: Fact, shape: Shape = _ANY) -> int:
        """Return the number of a statement; a new one gets the next."""
        number = self._numbers.setdefault(fact, len(self.facts))
        if number == len(self.facts):
            self.facts.append(fact)
            self.shapes.append(shape)
        return number


class Pattern(dict[Any, int]):
    """One triple pattern: the numbers of its statements by the terms that vary.

    `places` are where subject, predicate, object and graph stand in a row; `constants` the terms of those
    places that no row changes.
    """

    def __init__(
        self, statements: Statements, places: Sequence[int], constants: dict[int, Term | None]
    ) -> None:
        super().__init__()
        self._statements = statements
        varying = list(dict.fromkeys(place for place in places if place not in constants))
        self.key: Callable[[Any], Any] = itemgetter(*varying) if varying else _no_term
        self._single = len(varying) == 1
        self.template: tuple[Any, ...] = tuple(constants.get(place, _VARYING) for place in places)
        self._holes = [varying.index(p) if p not in constants else -1 for p in places]
        subject, verb, target = (None if term is _VARYING else term for term in self.template[:3])
        self._shape: Shape = (subject, verb, target)

    def __missing__(self, key: Any) -> int:
        values = (key,) if self._single else key
        fact = [
            term if hole < 0 else values[hole] for term, hole in zip(self.template, self._holes, strict=True)
        ]
        number = self._statements.number(tuple(fact), self._shape)
        self[key] = number
        return number

    def of(self, row: Any) -> int:
        """Return the number of the statement that a row makes."""
        return self[self.key(row)]

    def meets(self, other: Pattern) -> bool:
        """Tell whether a statement can fit both patterns."""
        pairs = zip(self.template, other.template, strict=True)
        return all(a is _VARYING or b is _VARYING or a == b for a, b in pairs)


def _no_term(_row: object) -> tuple[()]:
    return ()
