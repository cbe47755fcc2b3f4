"""The statements that evidence rests on, each with a number: small to hold and quick to compare."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import compress
from operator import itemgetter
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
        self.facts: list[Fact] = []
        self._memos: dict[Template, dict[Any, int]] = {}
        self._numbers: dict[Fact, int] | None = None

    def memo(self, template: Template) -> dict[Any, int]:
        """Return the numbers of a pattern's statements, by the terms that vary."""
        if template not in self._memos:
            if any(meet(template, other) for other in self._memos):
                self._compare()
            self._memos[template] = {}
        return self._memos[template]

    def number(self, fact: Fact) -> int:
        """Return the number of a statement; a new one gets the next."""
        self._compare()
        (number,) = self.add([fact])
        return number

    def add(self, facts: Sequence[Fact]) -> Iterable[int]:
        """Return the numbers of statements of a pattern, which are new as far as that pattern knows."""
        if self._numbers is not None:
            return list(map(self._add, facts))
        first = len(self.facts)
        self.facts += facts
        return range(first, len(self.facts))

    def _add(self, fact: Fact) -> int:
        assert self._numbers is not None  # noqa: S101 - asked for by `_compare`
        number = self._numbers.setdefault(fact, len(self.facts))
        if number == len(self.facts):
            self.facts.append(fact)
        return number

    def _compare(self) -> None:
        """Compare statements from now on; as long as no two patterns can meet there is no need to."""
        if self._numbers is None:
            self._numbers = {fact: number for number, fact in enumerate(self.facts)}


class Pattern:
    """One triple pattern, which tells the statements of rows.

    `places` are where subject, predicate, object and graph stand in a row, None for the graph that is active;
    `constants` the terms of those places that no row changes.
    """

    def __init__(
        self, statements: Statements, places: Sequence[int | None], constants: dict[int, Term | None]
    ) -> None:
        self._statements = statements
        varying = [place for place in dict.fromkeys(places) if place is not None and place not in constants]
        self._key: Callable[[Any], Any] = itemgetter(*varying) if varying else _no_term
        self._single = len(varying) == 1
        self._active = places[3] is None
        self._template: Template = tuple(
            None if place is None else constants[place] if place in constants else varying.index(place)
            for place in places
        )

    def template(self, graph: Term | None) -> Template:
        """Tell what the pattern asks for while a graph is active."""
        return (*self._template[:3], graph) if self._active else self._template

    def numbers(self, rows: Iterable[Any], graph: Term | None) -> Iterable[int]:
        """Return the number of each row's statement while a graph is active."""
        template = self.template(graph)
        memo = self._statements.memo(template)
        keys = list(map(self._key, rows))
        numbers = list(map(memo.get, keys))
        if None in numbers:
            new = list(dict.fromkeys(compress(keys, (number is None for number in numbers))))
            facts = self._facts(new, template)
            memo.update(zip(new, self._statements.add(facts), strict=True))
            return map(memo.__getitem__, keys)
        return numbers  # type: ignore[return-value]  # none of them is None

    def _facts(self, keys: list[Any], template: Template) -> list[Fact]:
        width = 1 + max((one for one in template if isinstance(one, int)), default=-1)
        constants = [one for one in template if not isinstance(one, int)]
        later = iter(range(width, width + len(constants)))
        make = itemgetter(*(one if isinstance(one, int) else next(later) for one in template))
        if self._single:
            return [make((key, *constants)) for key in keys]
        return [make((*key, *constants)) for key in keys]


def meet(one: Template, other: Template) -> bool:
    """Tell whether a statement can fit both of two patterns."""
    pairs = zip(one, other, strict=True)
    return all(isinstance(a, int) or isinstance(b, int) or a == b for a, b in pairs)


def _no_term(_row: object) -> tuple[()]:
    return ()
