"""The statements that evidence rests on, each with a number: small to hold and quick to compare."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import compress
from operator import eq
from typing import TypeAlias, cast

import pyoxigraph as ox

from kg.engine import Term

Fact: TypeAlias = tuple[Term, Term, Term, ox.NamedNode | ox.BlankNode | None]
"""A statement, and the graph where the query asked for it (None for the default graph)."""

Places: TypeAlias = tuple[int, int, int, int]
"""Where subject, predicate, object and graph of a triple pattern stand in a row."""


class Statements:
    """A numbered list of statements.

    >>> statements = Statements()
    >>> a, b = ox.NamedNode("urn:a"), ox.NamedNode("urn:b")
    >>> statements.number((a, a, b, None)), statements.number((a, a, b, None))
    (0, 0)
    """

    def __init__(self) -> None:
        self.facts: dict[int, Fact] = {}
        self._numbers: dict[tuple[int, ...], int] = {}
        self._terms: dict[Term | None, int] = {}
        self._next_fact = self._next_term = 0

    def number(self, fact: Fact) -> int:
        """Return the number of a statement."""
        (number,) = self.numbers([tuple(self.terms(fact))], [fact])
        return number

    # Whatever is new gets the number of its place, so that numbers have gaps.

    def terms(self, terms: Sequence[Term | None]) -> list[int]:
        """Return the numbers of terms."""
        places = range(self._next_term, self._next_term + len(terms))
        self._next_term = places.stop
        return list(map(self._terms.setdefault, terms, places))

    def numbers(self, keys: Sequence[tuple[int, ...]], facts: Iterable[Fact]) -> list[int]:
        """Return the numbers of statements, given also by the numbers of their terms."""
        places, known = range(self._next_fact, self._next_fact + len(keys)), len(self._numbers)
        self._next_fact = places.stop
        numbers = list(map(self._numbers.setdefault, keys, places))
        if len(self._numbers) > known:
            is_new = list(map(eq, numbers, places))
            self.facts.update(zip(compress(numbers, is_new), compress(facts, is_new), strict=True))
        return numbers


class Table:
    """Rows by column, with a number for each term, so that a term is compared once and not in each triple.

    In the columns of `fixed` all terms are the same.
    """

    def __init__(
        self, statements: Statements, rows: Iterable[Sequence[Term | None]], fixed: Collection[int]
    ) -> None:
        self._statements, self._fixed = statements, fixed
        self._terms = list(zip(*rows, strict=True))
        self._numbers: dict[int, list[int]] = {}

    def numbers(self, places: Places, chosen: Iterable[object] | None = None) -> list[int]:
        """Return the number of the statement of each row, or of each that is chosen."""
        keys: Iterable[tuple[int, ...]] = zip(*map(self._column, places), strict=True)
        facts = cast("Iterable[Fact]", zip(*map(self._terms.__getitem__, places), strict=True))
        if chosen is not None:
            keys, facts = compress(keys, chosen), compress(facts, chosen)
        return self._statements.numbers(list(keys), facts)

    def _column(self, place: int) -> list[int]:
        if place not in self._numbers:
            terms = self._terms[place]
            is_fixed = place in self._fixed
            found = self._statements.terms(terms[:1] if is_fixed else terms)
            self._numbers[place] = found * len(terms) if is_fixed else found
        return self._numbers[place]
