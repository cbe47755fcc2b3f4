"""A projection as a NetworkX graph that fills itself: what nobody looks at is never made.

NetworkX's own views of graphs are made in the same way, from mappings in the place of dictionaries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from kg.projection.links import Ints
from kg.projection.model import Projection
from kg.projection.network import NODE, Records

if TYPE_CHECKING:
    import networkx as nx


def lazily(projection: Projection) -> nx.MultiDiGraph[Any]:
    """Return a projection as a graph to be read; `.copy()` is one that can be changed.

    Neighbours, attributes and passages are made when they are looked at, and names looked up with the first.
    """
    import networkx as nx

    graph: Any = nx.MultiDiGraph(title=projection.title, notes=list(projection.notes))
    links = projection.links
    place = {thing: number for number, thing in enumerate(links.things)}
    edges = _Edges(projection)
    graph._node = _Made(place, lambda number: dict(zip(NODE, projection.node(number)[1:], strict=True)))
    after = _Neighbours(links.source, links.target, edges, links.things)
    before = _Neighbours(links.target, links.source, edges, links.things)
    graph._adj, graph._pred = _Made(place, after.of), _Made(place, before.of)
    frozen: nx.MultiDiGraph[Any] = nx.freeze(graph)
    return frozen


class _Made(Mapping[str, dict[str, Any]]):
    """What belongs to each thing, made when it is asked for and then kept."""

    def __init__(self, place: dict[str, int], make: Callable[[int], dict[str, Any]]) -> None:
        self._place, self._make = place, make
        self._made: dict[str, dict[str, Any]] = {}

    def __getitem__(self, thing: str) -> dict[str, Any]:
        found = self._made.get(thing)
        if found is None:
            found = self._made[thing] = self._make(self._place[thing])
        return found

    def __contains__(self, thing: object) -> bool:
        return thing in self._place

    def __iter__(self) -> Iterator[str]:
        return iter(self._place)

    def __len__(self) -> int:
        return len(self._place)


class _Edges:
    """The attributes of edges by number, the same dictionary from either end."""

    def __init__(self, projection: Projection) -> None:
        self._projection, self._records = projection, Records(projection.about)
        self._made: dict[int, dict[str, Any]] = {}

    def __getitem__(self, number: int) -> dict[str, Any]:
        found = self._made.get(number)
        if found is None:
            found = self._made[number] = self._records.attributes(self._projection.edge(number))
        return found


class _Neighbours:
    """The neighbours of each thing on one side of its edges."""

    def __init__(self, here: Ints, there: Ints, edges: _Edges, things: list[str]) -> None:
        self._order = np.argsort(here, kind="stable")
        self._bounds = np.searchsorted(here[self._order], np.arange(len(things) + 1))
        self._there, self._edges, self._things = there, edges, things

    def of(self, number: int) -> dict[str, dict[str, dict[str, Any]]]:
        """Return the neighbours of a thing, each with the relations to it."""
        found: dict[str, dict[str, dict[str, Any]]] = {}
        for edge in self._order[self._bounds[number] : self._bounds[number + 1]].tolist():
            data = self._edges[edge]
            found.setdefault(self._things[self._there[edge]], {})[data["relation"]] = data
        return found
