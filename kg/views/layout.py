"""Seeded positions for the relationship graph: communities together, unconnected parts packed in rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kg.views.forceatlas import force_atlas

if TYPE_CHECKING:
    import networkx as nx
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

SPACING = 100
"""Pixels from one thing to its nearest, on average."""
BOOST = 10.0
"""How much more a tie inside a community pulls; it draws communities apart, and the page's legend says so."""
FEW = 1000
"""Fewer things than this are read one by one, so that their communities may lie more loosely."""
APART = 2000
"""Up to so many things none may lie on another."""
CLEAR = 62
"""Pixels that two of them keep between their middles."""

Positions = dict[str, tuple[int, int]]


def layout(graph: nx.MultiDiGraph[Any]) -> Positions:
    """Return whole pixels for every node, the same from run to run."""
    return arrange(graph)[0]


def arrange(graph: nx.MultiDiGraph[Any]) -> tuple[Positions, dict[str, int]]:
    """Return each node's position, and the number of its community, the largest community being 0."""
    import networkx as nx
    import numpy as np

    names = list(graph)
    if not names:
        return {}, {}
    index = {name: number for number, name in enumerate(names)}
    ordered = (sorted((index[source], index[target])) for source, target in graph.edges())
    pairs = sorted({(low, high) for low, high in ordered if low != high})
    ties: nx.Graph[int] = nx.Graph()
    ties.add_nodes_from(range(len(names)))
    ties.add_edges_from(pairs)
    member = _communities(ties)
    parts = sorted(nx.connected_components(ties), key=lambda part: (-len(part), min(part)))
    part_of = np.empty(len(names), np.int64)
    for number, part in enumerate(parts):
        part_of[list(part)] = number
    ends = np.array(pairs, np.int64).reshape(-1, 2).T
    order = np.argsort(part_of[ends[0]], kind="stable") if pairs else np.empty(0, np.int64)
    cuts = np.searchsorted(part_of[ends[0]][order], np.arange(len(parts) + 1)) if pairs else None
    boxes = []
    for number, part in enumerate(parts):
        things = np.array(sorted(part), np.int64)
        inside = ends[:, order[cuts[number] : cuts[number + 1]]] if cuts is not None else ends
        boxes.append((things, _part(things, inside, member)))
    at = _pack(boxes, len(names))
    positions = {name: (int(x), int(y)) for name, (x, y) in zip(names, at, strict=True)}
    return positions, dict(zip(names, member.tolist(), strict=True))


def _communities(ties: nx.Graph[int]) -> Integers:
    """Number each node's community, found by label propagation, from the largest down."""
    import networkx as nx
    import numpy as np

    found = nx.community.fast_label_propagation_communities(ties, seed=7)
    member = np.empty(len(ties), np.int64)
    for number, community in enumerate(sorted(found, key=lambda group: (-len(group), min(group)))):
        member[list(community)] = number
    return member


def _part(things: Integers, ends: Integers, member: Integers) -> Floats:
    """Lay out one connected part, wider than high, its smallest coordinates at zero."""
    import numpy as np

    count = len(things)
    if count <= 2:
        return np.array([[0.0, 0.0], [1.6 * SPACING, 0.0]])[:count]
    local = np.searchsorted(things, ends)
    groups = member[things]
    boost = BOOST if count > FEW else BOOST ** (count / FEW)
    weights = np.where(groups[local[0]] == groups[local[1]], boost, 1.0)
    at = force_atlas(count, local, weights, _spiral(groups))
    at -= at.mean(axis=0)
    _, turned = np.linalg.eigh(at.T @ at)
    at = at @ (turned[:, ::-1] * np.sign(turned[0, ::-1] + 1e-12))
    wide, high = np.quantile(at, 0.95, axis=0) - np.quantile(at, 0.05, axis=0)
    area = max(float(wide * high), float(np.ptp(at[:, 0])) ** 2 / count)
    at *= SPACING * (count / area) ** 0.5
    if count <= APART:
        at = _spread(at)
    return np.asarray(at - at.min(axis=0))


def _spiral(groups: Integers) -> Floats:
    """A start for every thing on a sunflower's spiral, members of a community side by side."""
    import numpy as np

    rank = np.empty(len(groups), np.int64)
    rank[np.argsort(groups, kind="stable")] = np.arange(len(groups))
    radius, angle = np.sqrt(rank + 0.5), rank * (np.pi * (3 - 5**0.5))
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


def _spread(at: Floats) -> Floats:
    """Push apart what lies closer than `CLEAR`, a little at a time."""
    import numpy as np
    from scipy.spatial import cKDTree

    for _ in range(120):
        pairs = cKDTree(at).query_pairs(CLEAR, output_type="ndarray")
        if not len(pairs):
            break
        pairs = pairs[np.lexsort(pairs.T)]
        gap = at[pairs[:, 0]] - at[pairs[:, 1]]
        far = np.hypot(*gap.T)
        gap = np.where(far[:, None] < 1e-6, [1.0, 0.0], gap / np.maximum(far, 1e-6)[:, None])
        move = gap * (0.52 * (CLEAR - far) + 0.1)[:, None]
        for axis in (0, 1):
            at[:, axis] += 0.5 * np.bincount(pairs[:, 0], move[:, axis], len(at))
            at[:, axis] -= 0.5 * np.bincount(pairs[:, 1], move[:, axis], len(at))
    return at


def _pack(boxes: list[tuple[Integers, Floats]], count: int) -> Integers:
    """Put the parts, largest first, into rows about 1.6 times as wide as the whole is high."""
    import numpy as np

    sizes = [at.max(axis=0) + SPACING * 1.3 for _, at in boxes]
    width = max((1.6 * sum(float(w * h) for w, h in sizes)) ** 0.5, *(float(w) for w, _ in sizes))
    placed = np.empty((count, 2))
    x = y = row = 0.0
    for (things, at), (wide, high) in zip(boxes, sizes, strict=True):
        if x and x + wide > width:
            x, y, row = 0.0, y + row, 0.0
        placed[things] = at + np.array([x, y])
        x, row = x + wide, max(row, high)
    return np.asarray(np.rint(placed), np.int64)
