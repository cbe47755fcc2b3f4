"""Dictionaries that fill themselves when they are first looked at, and are ordinary ones from then on.

A graph of NetworkX is dictionaries in dictionaries. With these inside, a graph of a million relations is
there at once, and is in everything else the graph that NetworkX would have made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any

import numpy as np

from kg.projection.links import Links, bounds, is_new
from kg.projection.model import Edge

Record = dict[str, Any]
EDGE = Edge._fields[2:]
"""The attributes of an edge."""


class Filled(Record):
    """An ordinary dictionary; copies and pickles of it are Python's own."""

    __slots__ = ()

    def __reduce_ex__(self, _protocol: Any) -> tuple[Any, ...]:
        return dict, (dict(self),)


class Filling(Filled):
    """A dictionary that becomes a filled one with the first use of any of its methods.

    Until then it holds its number, under the first key of what it will have: code in C, such as that of
    `json`, takes a dictionary of no length for an empty one.
    """

    __slots__ = ()
    names: frozenset[str] | None = None
    """The keys that it will have, where that is known before."""

    @staticmethod
    def make(number: int) -> Record:
        """Return what is in the dictionary of this number; see `filling`."""
        raise NotImplementedError(number)

    def fill(self) -> None:
        """Ask for what is in it; where that fails it stays as it was."""
        (number,) = dict.values(self)
        found = self.make(number)
        self.__class__ = Filled  # type: ignore[assignment]  # both have the same layout
        dict.update(self, found)


def filling(make: Callable[[int], Record], names: Iterable[str] | None = None) -> type[Filling]:
    """Return the class of dictionaries that are filled by asking for what belongs to their number.

    Where they are known to have just these names, another one, such as a weight, is missing at once.
    """
    known = None if names is None else frozenset(names)
    return type("Filling", (Filling,), {"__slots__": (), "make": staticmethod(make), "names": known})


def _after_filling(name: str) -> Callable[..., Any]:
    method = getattr(dict, name)

    def filled(*arguments: Any, **options: Any) -> Any:
        for one in arguments:
            if isinstance(one, Filling):
                one.fill()
        return method(*arguments, **options)

    return filled


_METHODS = (
    "__delitem__ __eq__ __getitem__ __ior__ __iter__ __len__ __ne__ __or__ __repr__ "
    "__reversed__ __ror__ __setitem__ clear copy items keys pop popitem setdefault update values"
)
for _name in _METHODS.split():
    setattr(Filling, _name, _after_filling(_name))


def _unless_missing(name: str, answer: Callable[..., Any]) -> Callable[..., Any]:
    filled = _after_filling(name)

    def found(self: Filling, key: Any, *default: Any) -> Any:
        is_missing = self.names is not None and key not in self.names
        return answer(*default) if is_missing else filled(self, key, *default)

    return found


for _name, _answer in (("__contains__", lambda: False), ("get", lambda default=None: default)):
    setattr(Filling, _name, _unless_missing(_name, _answer))


class Neighbours:
    """The neighbours of each thing on either side, one dictionary of relations for the two ends of a pair."""

    def __init__(self, links: Links, make: Callable[[int], Record]) -> None:
        self._things, self._names, self._edge = links.things, links.relations, filling(make, EDGE)
        self._relation = links.relation.tolist()
        # Edges are in the order of their pairs, so those of a pair, and of a source, stand together.
        new = is_new(links.source * len(links.things) + links.target)
        starts = np.flatnonzero(new)
        self._starts = [*starts.tolist(), len(links)]
        self._made: list[Record | None] = [None] * len(starts)
        self._sources, self._targets = links.source[starts], links.target[starts]
        self._others = self._targets.tolist(), self._sources.tolist()
        counts = (np.bincount(ends, minlength=len(links.things)) for ends in (self._sources, self._targets))
        self._after, self._before = (bounds(count).tolist() for count in counts)
        self._order = np.argsort(self._targets, kind="stable").tolist()

    def firsts(self) -> tuple[list[str | None], list[str | None]]:
        """Return the first neighbour of each thing, where its relations lead to and where they come from."""
        ordered = (self._after, range(len(self._made))), (self._before, self._order)
        after, before = (
            [self._things[others[order[start]]] if start < end else None for start, end in pairwise(ends)]
            for (ends, order), others in zip(ordered, self._others, strict=True)
        )
        return after, before

    def after(self, number: int) -> Record:
        """Return where relations lead to from a thing, with these relations."""
        return self._gathered(range(*self._after[number : number + 2]), self._others[0])

    def before(self, number: int) -> Record:
        """Return where relations lead to a thing from, with these relations."""
        start, end = self._before[number : number + 2]
        return self._gathered(self._order[start:end], self._others[1])

    def _gathered(self, pairs: Iterable[int], others: list[int]) -> Record:
        """Return the relations of some pairs by the other end, made if they have not been looked at."""
        made, things, starts = self._made, self._things, self._starts
        names, relation, edge = self._names, self._relation, self._edge
        found: Record = {}
        for pair in pairs:
            keys = made[pair]
            if keys is None:
                keys = made[pair] = {}
                for number in range(starts[pair], starts[pair + 1]):
                    keys[names[relation[number]]] = edge({EDGE[0]: number})
            found[things[others[pair]]] = keys
        return found
