"""The statements that evidence rests on, each with a number: small to hold and quick to compare."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import compress
from operator import eq, itemgetter
from typing import Any, TypeAlias

import pyoxigraph as ox

from kg.engine import Term

Fact: TypeAlias = tuple[Term, Term, Term, ox.NamedNode | ox.BlankNode | None]
"""A statement, and the graph where the query asked for it (None for the default graph)."""

Template: TypeAlias = tuple[Any, ...]
"""A pattern's subject, predicate, object and graph: terms, and numbers for what varies."""


class Statements:
    """A numbered list of statements.

    >>> statements = Statements()
    >>> a, b = ox.NamedNode("urn:a"), ox.NamedNode("urn:b")
    >>> statements.number((a, a, b, None)), statements.number((a, a, b, None))
    (0, 0)
    """

    def __init__(self) -> None:
        self.facts: dict[int, Fact] = {}
        self._memos: dict[Template, dict[Any, int]] = {}
        self._numbers: dict[Fact, int] | None = None
        self._next = 0

    def number(self, fact: Fact) -> int:
        """Return the number of a statement; a new one gets the next."""
        self._compare()
        self._next += 1
        return self._add(fact, self._next - 1)

    def numbers(
        self, template: Template, keys: Sequence[Any], rows: Sequence[Any], fact_of: Callable[[Any], Fact]
    ) -> list[int]:
        """Return the number of each row's statement of a pattern, given the terms by which these differ."""
        memo, places = self._memo(template), range(self._next, self._next + len(keys))
        self._next = places.stop
        # Each key is hashed once: a new one gets the number of its place.
        numbers = list(map(memo.setdefault, keys, places))
        is_new = list(map(eq, numbers, places))
        new = list(compress(numbers, is_new))
        facts = map(fact_of, compress(rows, is_new))
        if self._numbers is None:
            self.facts.update(zip(new, facts, strict=True))
        elif new:
            memo.update(zip(compress(keys, is_new), map(self._add, facts, new), strict=True))
            return list(map(memo.__getitem__, keys))
        return numbers

    def _memo(self, template: Template) -> dict[Any, int]:
        """Return the numbers of a pattern's statements, by the terms that vary."""
        if template not in self._memos:
            if any(meet(template, other) for other in self._memos):
                self._compare()
            self._memos[template] = {}
        return self._memos[template]

    def _add(self, fact: Fact, number: int) -> int:
        """Return the number of a statement, the given one if it is new."""
        assert self._numbers is not None  # noqa: S101 - asked for by `_compare`
        known = self._numbers.setdefault(fact, number)
        if known == number:
            self.facts[number] = fact
        return known

    def _compare(self) -> None:
        """Compare statements from now on; as long as no two patterns can meet there is no need to."""
        if self._numbers is None:
            self._numbers = {fact: number for number, fact in self.facts.items()}


class Pattern:
    """One triple pattern, which tells the statements of rows.

    `places` are where subject, predicate, object and graph stand in a row, `active` where the active graph
    does; `constants` the terms of those places that no row changes.
    """

    def __init__(
        self, statements: Statements, places: Sequence[int], active: int, constants: Mapping[int, Term | None]
    ) -> None:
        self._statements = statements
        fixed = {active, *constants}
        varying = [place for place in dict.fromkeys(places) if place not in fixed]
        self._key: Callable[[Any], Any] = itemgetter(*varying) if varying else _no_term
        self._fact: Callable[[Any], Fact] = itemgetter(*places)
        self._active = places[3] == active
        self._template: Template = tuple(
            constants.get(place) if place in fixed else varying.index(place) for place in places
        )

    def template(self, graph: Term | None) -> Template:
        """Tell what the pattern asks for while a graph is active."""
        return (*self._template[:3], graph) if self._active else self._template

    def numbers(self, rows: Sequence[Any], graph: Term | None) -> list[int]:
        """Return the number of each row's statement while a graph is active."""
        keys = list(map(self._key, rows))
        return self._statements.numbers(self.template(graph), keys, rows, self._fact)


def meet(one: Template, other: Template) -> bool:
    """Tell whether a statement can fit both of two patterns."""
    pairs = zip(one, other, strict=True)
    return all(isinstance(a, int) or isinstance(b, int) or a == b for a, b in pairs)


def _no_term(_row: object) -> tuple[()]:
    return ()
