"""Seeded positions for the relationship graph: every connected part laid out alone, then packed in rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import networkx as nx

SPACING = 100
"""Pixels between neighbours, enough for a short label."""
EXACT = 150
"""Parts up to this size get Kamada and Kawai's layout, larger ones a spring layout."""

Positions = dict[str, tuple[int, int]]


def layout(graph: nx.MultiDiGraph[Any]) -> Positions:
    """Return whole pixels for every node, the same from run to run.

    Kamada and Kawai, "An algorithm for drawing general undirected graphs" (1989), part by part, the parts
    packed into rows, largest first.
    """
    import networkx as nx

    simple: nx.Graph[Any] = nx.Graph(graph)
    parts = sorted(nx.connected_components(simple), key=lambda part: (-len(part), min(part)))
    return _pack([_part(_ordered(simple, part)) for part in parts])


def _ordered(graph: nx.Graph[Any], part: set[str]) -> nx.Graph[Any]:
    """Copy a part with nodes and edges in order; a subgraph view has the order of a set, which varies."""
    import networkx as nx

    copy: nx.Graph[Any] = nx.Graph()
    copy.add_nodes_from(sorted(part))
    copy.add_edges_from(sorted(tuple(sorted(edge)) for edge in graph.edges(part)))
    return copy


def _part(graph: nx.Graph[Any]) -> Positions:
    """Lay out one connected part, its smallest coordinates at zero."""
    import networkx as nx

    start = nx.circular_layout(graph)
    if len(graph) <= EXACT:
        found = nx.kamada_kawai_layout(graph, pos=start)
    else:
        found = nx.spring_layout(
            graph, pos=start, seed=7, k=3.5 / len(graph) ** 0.5, iterations=80, method="force"
        )
    scale = SPACING * max(len(graph) - 1, 1) ** 0.5
    left, top = (min(float(at[axis]) for at in found.values()) for axis in (0, 1))
    return {
        n: (round((float(x) - left) * scale), round((float(y) - top) * scale)) for n, (x, y) in found.items()
    }


def _pack(boxes: list[Positions]) -> Positions:
    """Put the parts into rows about as wide as the whole is high."""
    sizes = [tuple(max(at[axis] for at in box.values()) + SPACING for axis in (0, 1)) for box in boxes]
    width = max((1.6 * sum(w * h for w, h in sizes)) ** 0.5, *(w for w, _ in sizes)) if sizes else 0
    placed: Positions = {}
    x = y = row = 0
    for box, (w, h) in zip(boxes, sizes, strict=True):
        if x and x + w > width:
            x, y, row = 0, y + row, 0
        placed |= {node: (x + at[0], y + at[1]) for node, at in box.items()}
        x, row = x + w, max(row, h)
    return placed
