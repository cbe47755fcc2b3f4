"""Dictionaries that fill themselves when they are first looked at, and are ordinary ones from then on.

A graph of NetworkX is dictionaries in dictionaries. With these inside, a graph of a million relations is
there at once, and is in everything else the graph that NetworkX would have made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from threading import RLock
from typing import Any, NamedTuple

import numpy as np

from kg.projection.links import Links, bounds, is_new
from kg.projection.model import Edge
from kg.projection.numbering import Ints

Record = dict[str, Any]
EDGE = Edge._fields[2:]
"""The attributes of an edge."""
_ONE_AT_A_TIME = RLock()
"""Held while a dictionary is filled: ordinary ones may be read by several threads at once."""


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
        dict.update(self, self.make(number))
        self.__class__ = Filled  # type: ignore[assignment]  # both have the same layout


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
                with _ONE_AT_A_TIME:
                    # Another thread may have been first.
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
        self._relation, size = links.relation, len(links.things)
        # Edges are in the order of their pairs, so those of a pair, and of a source, stand together.
        new = is_new(links.source * size + links.target)
        self._pair = np.cumsum(new) - 1
        self._made: list[Record | None] = [None] * int(new.sum())
        backwards = (links.target * size + links.source) * max(len(links.relations), 1) + links.relation
        self._after = _Side.of(links.source, links.target, np.arange(len(links)), size)
        self._before = _Side.of(links.target, links.source, np.argsort(backwards), size)

    def firsts(self) -> tuple[list[str | None], list[str | None]]:
        """Return the first neighbour of each thing, where its relations lead to and where they come from."""
        return self._after.firsts(self._things), self._before.firsts(self._things)

    def after(self, number: int) -> Record:
        """Return where relations lead to from a thing, with these relations."""
        return self._gathered(self._after, number)

    def before(self, number: int) -> Record:
        """Return where relations lead to a thing from, with these relations."""
        return self._gathered(self._before, number)

    def _gathered(self, side: _Side, number: int) -> Record:
        """Return the relations of a thing by the other end, made if they have not been looked at."""
        made, things, names, edge = self._made, self._things, self._names, self._edge
        mine = slice(*side.begin[number : number + 2].tolist())
        edges = side.edges[mine]
        found: Record = {}
        columns = (edges, side.others[mine], self._pair[edges], self._relation[edges])
        new = -1
        for one, other, pair, relation in zip(*(column.tolist() for column in columns), strict=True):
            keys = made[pair]
            if keys is None:
                keys, new = {}, pair
                made[pair] = keys
            if pair == new:
                keys[names[relation]] = edge({EDGE[0]: one})
            found[things[other]] = keys
        return found


class _Side(NamedTuple):
    """The edges of each thing on one side: where those of each begin, then edges and other ends in order."""

    begin: Ints
    edges: Ints
    others: Ints

    @classmethod
    def of(cls, ends: Ints, others: Ints, order: Ints, size: int) -> _Side:
        """Lay the edges of each thing end to end, in this order of all edges."""
        return cls(bounds(np.bincount(ends, minlength=size)), order, others[order])

    def firsts(self, things: list[str]) -> list[str | None]:
        """Return the first other end of each thing, None where it has none."""
        starts, has = self.begin[:-1], np.diff(self.begin) > 0
        found = np.full(len(starts), -1)
        found[has] = self.others[starts[has]]
        return [things[other] if other >= 0 else None for other in found.tolist()]
