"""Dictionaries that fill themselves when they are first looked at, and are ordinary ones from then on.

A graph of NetworkX is dictionaries in dictionaries. With these inside, a graph of a million relations is
there at once, and is in everything else the graph that NetworkX would have made.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kg.projection.links import Ints, Links

Record = dict[str, Any]
_FIRST = "relation"
"""The first attribute of an edge."""


class Filled(Record):
    """An ordinary dictionary; copies and pickles of it are Python's own."""

    __slots__ = ("_make", "_number")

    def __init__(self, make: Callable[[int], Record], number: int, first: str | None = None) -> None:
        super().__init__()
        self._make, self._number = make, number
        if first is not None:
            # Code in C, such as that of `json`, takes a dictionary of no length for an empty one.
            dict.__setitem__(self, first, None)

    def __reduce_ex__(self, _protocol: Any) -> tuple[Any, ...]:
        return dict, (dict(self),)


class Filling(Filled):
    """A dictionary that becomes a filled one with the first use of any of its methods.

    `first` is the first key of what it will have, None where there will be nothing in it.
    """

    __slots__ = ()

    def fill(self) -> None:
        """Ask for what is in it; where that fails it stays as it was."""
        found = self._make(self._number)
        self.__class__ = Filled  # type: ignore[assignment]  # both have the same slots
        dict.update(self, found)


def _after_filling(name: str) -> Callable[..., Any]:
    method = getattr(dict, name)

    def filled(*arguments: Any, **options: Any) -> Any:
        for one in arguments:
            if type(one) is Filling:
                one.fill()
        return method(*arguments, **options)

    return filled


_METHODS = (
    "__contains__ __delitem__ __eq__ __getitem__ __ior__ __iter__ __len__ __ne__ __or__ __repr__ "
    "__reversed__ __ror__ __setitem__ clear copy get items keys pop popitem setdefault update values"
)
for _name in _METHODS.split():
    setattr(Filling, _name, _after_filling(_name))


class Neighbours:
    """The neighbours of each thing on either side, one dictionary of relations for the two ends of a pair."""

    def __init__(self, links: Links, make: Callable[[int], Record]) -> None:
        self._links, self._make = links, make
        self._pairs: dict[tuple[str, str], dict[str, Filling]] = {}
        self._after, self._before = (
            _by_end(ends, len(links.things)) for ends in (links.source, links.target)
        )

    def firsts(self) -> tuple[list[str | None], list[str | None]]:
        """Return the first neighbour of each thing, where its relations lead to and where they come from."""
        ends = (self._after, self._links.target), (self._before, self._links.source)
        after, before = (self._first(ordered, others) for ordered, others in ends)
        return after, before

    def _first(self, ordered: tuple[Ints, Ints], others: Ints) -> list[str | None]:
        (order, bounds), things = ordered, self._links.things
        found: list[str | None] = [None] * len(things)
        some = np.flatnonzero(bounds[1:] > bounds[:-1])
        for number, other in zip(some.tolist(), others[order[bounds[some]]].tolist(), strict=True):
            found[number] = things[other]
        return found

    def after(self, number: int) -> Record:
        """Return where relations lead to from a thing, with these relations."""
        edges, things = _edges(self._after, number), self._links.things
        others = [things[other] for other in self._links.target[edges].tolist()]
        return self._gathered(others, [(things[number], other) for other in others], edges)

    def before(self, number: int) -> Record:
        """Return where relations lead to a thing from, with these relations."""
        edges, things = _edges(self._before, number), self._links.things
        others = [things[other] for other in self._links.source[edges].tolist()]
        return self._gathered(others, [(other, things[number]) for other in others], edges)

    def _gathered(self, others: list[str], pairs: list[tuple[str, str]], edges: Ints) -> Record:
        """Return the relations of each pair by its other end, made where that has not been looked at yet."""
        known, names = self._pairs, self._links.relations
        new: dict[tuple[str, str], dict[str, Filling]] = {}
        relations = self._links.relation[edges].tolist()
        for pair, edge, relation in zip(pairs, edges.tolist(), relations, strict=True):
            if pair not in known:
                new.setdefault(pair, {})[names[relation]] = Filling(self._make, edge, _FIRST)
        for pair, made in new.items():
            known.setdefault(pair, made)
        return {other: known[pair] for other, pair in zip(others, pairs, strict=True)}


def _by_end(ends: Ints, things: int) -> tuple[Ints, Ints]:
    """Return the edges in the order of one end, and where those of each thing begin."""
    counts = np.bincount(ends, minlength=things)
    return np.argsort(ends, kind="stable"), np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])


def _edges(ordered: tuple[Ints, Ints], number: int) -> Ints:
    order, bounds = ordered
    return order[bounds[number] : bounds[number + 1]]
