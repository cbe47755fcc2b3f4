"""Analysis: chains, centrality and communities on a projection's NetworkX graph, by NetworkX itself.

Every function takes a graph as `kg.projection` makes it, or any other multigraph, and leaves it as it is. A
`backend` is the name of a NetworkX backend, such as `parallel` or `cugraph`, that does the work instead.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

from kg.errors import InputError, UnknownNameError

if TYPE_CHECKING:
    import networkx as nx

    Network: TypeAlias = nx.MultiDiGraph[Any]

_EXACT = 2_000
"""Up to so many things betweenness is exact; beyond, it is estimated from so many of them."""


@dataclass(frozen=True, slots=True)
class Step:
    """One relation along a chain, walked from `here` to `there`, whichever way it points."""

    here: str
    there: str
    relation: str
    forward: bool
    data: dict[str, Any]


Link: TypeAlias = tuple[Step, ...]
"""All relations between two neighbours of a chain."""


@dataclass(frozen=True, slots=True)
class Chains:
    """The shortest chains between two things: those found up to a cap, and how many there are."""

    found: tuple[tuple[Link, ...], ...]
    total: int

    @property
    def length(self) -> int:
        """How many steps each chain has."""
        return len(self.found[0]) if self.found else 0


def chains(graph: Network, start: str, end: str, most: int = 10, *, backend: str | None = None) -> Chains:
    """Return the shortest chains of relations between two things, in either direction of each relation.

    Raises `InputError` for a thing that is not in the graph.

    >>> import networkx as nx
    >>> graph = nx.MultiDiGraph([("anna", "boris", "wrote to"), ("clara", "boris", "knew")])
    >>> [[step.relation for step in link] for link in chains(graph, "anna", "clara").found[0]]
    [['wrote to'], ['knew']]
    """
    import networkx as nx

    for thing in (start, end):
        if thing not in graph:
            raise InputError(f"{thing} is not in this graph.")
    plain = simple(graph)
    try:
        steps = _run(nx.shortest_path_length, backend, plain, start)
    except nx.NetworkXNoPath:
        return Chains((), 0)
    if end not in steps:
        return Chains((), 0)
    paths = sorted(islice(nx.all_shortest_paths(plain, start, end), most))
    links = tuple(tuple(_link(graph, a, b) for a, b in pairwise(path)) for path in paths)
    return Chains(links, _count(plain, steps, start, end))


def _link(graph: Network, here: str, there: str) -> Link:
    """All relations between two neighbours: those that point along the chain first."""
    return tuple(
        Step(here, there, str(data.get("relation", key)), forward, data)
        for forward, (a, b) in ((True, (here, there)), (False, (there, here)))
        if graph.has_edge(a, b)
        for key, data in sorted(graph[a][b].items(), key=lambda item: str(item[0]))
    )


def _count(plain: nx.Graph[Any], steps: dict[str, int], start: str, end: str) -> int:
    """Count the shortest paths, level by level from the start."""
    counts = {start: 1}
    for thing in sorted((thing for thing in steps if steps[thing] <= steps[end]), key=steps.__getitem__):
        before = (other for other in plain[thing] if steps[other] == steps[thing] - 1)
        counts.setdefault(thing, sum(counts[other] for other in before))
    return counts[end]


def simple(graph: Network) -> nx.Graph[Any]:
    """Return who is tied to whom at all: one undirected line for all relations of a pair."""
    import networkx as nx

    plain: nx.Graph[Any] = nx.Graph()
    plain.add_nodes_from(graph)
    plain.add_edges_from((a, b) for a, b in graph.edges() if a != b)
    return plain


def rank(graph: Network, by: str = "betweenness", *, backend: str | None = None) -> list[tuple[str, float]]:
    """Return the things with their centrality, the most central first; `MEASURES` says by what.

    Raises `UnknownNameError` for a measure that nobody knows and for a backend that is not installed, and
    `InputError` where the backend does not offer it or it cannot be computed.

    >>> import networkx as nx
    >>> graph = nx.MultiDiGraph([("anna", "boris"), ("boris", "clara")])
    >>> rank(graph, "betweenness")[0]
    ('boris', 1.0)
    """
    if by not in MEASURES:
        raise UnknownNameError("measure", by, hint=f"Known: {', '.join(MEASURES)}.")
    scores = MEASURES[by].compute(graph, backend) if len(graph) else {}
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))


@dataclass(frozen=True, slots=True)
class Measure:
    """A way to say how central a thing is: in words, and how NetworkX computes it."""

    meaning: str
    compute: Callable[[Network, str | None], dict[str, float]]


def _undirected(name: str, **options: Any) -> Callable[[Network, str | None], dict[str, float]]:
    """A measure of NetworkX on who is tied to whom at all."""

    def compute(graph: Network, backend: str | None) -> dict[str, float]:
        import networkx as nx

        return dict(_run(getattr(nx, name), backend, simple(graph), **options))

    return compute


def _betweenness(graph: Network, backend: str | None) -> dict[str, float]:
    import networkx as nx

    sampled = {"k": _EXACT, "seed": 0} if len(graph) > _EXACT else {}
    return dict(_run(nx.betweenness_centrality, backend, simple(graph), **sampled))


def _pagerank(graph: Network, backend: str | None) -> dict[str, float]:
    import networkx as nx

    return dict(_run(nx.pagerank, backend, nx.DiGraph(graph)))


def _degree(which: str) -> Callable[[Network, str | None], dict[str, float]]:
    def compute(graph: Network, backend: str | None) -> dict[str, float]:
        if backend is not None:
            raise InputError("Counting relations needs no backend; leave --backend out.")
        return dict(getattr(graph, which)())

    return compute


MEASURES: dict[str, Measure] = {
    "betweenness": Measure("how many shortest chains between others pass through it", _betweenness),
    "closeness": Measure("how few steps it is from all others", _undirected("closeness_centrality")),
    "degree": Measure("how many relations it has", _degree("degree")),
    "eigenvector": Measure(
        "how central those are that it is tied to", _undirected("eigenvector_centrality", max_iter=1000)
    ),
    "harmonic": Measure(
        "how few steps it is from others, connected or not", _undirected("harmonic_centrality")
    ),
    "in-degree": Measure("how many relations point to it", _degree("in_degree")),
    "out-degree": Measure("how many relations start at it", _degree("out_degree")),
    "pagerank": Measure("how often one comes by, following relations in their direction", _pagerank),
}
"""The measures by name."""
COMMUNITIES: dict[str, tuple[str, dict[str, Any]]] = {
    "louvain": ("louvain_communities", {"seed": 0}),
    "label-propagation": ("fast_label_propagation_communities", {"seed": 0}),
    "greedy": ("greedy_modularity_communities", {}),
}
"""The ways to find communities by name, with the function of NetworkX and its options."""


def communities(graph: Network, by: str = "louvain", *, backend: str | None = None) -> list[list[str]]:
    """Return groups of things that are tied among themselves more than to others, the largest first.

    Within a group the things with most relations come first. Raises like `rank`.

    >>> import networkx as nx
    >>> pairs = [("a", "b"), ("b", "c"), ("a", "c"), ("x", "y"), ("y", "z"), ("x", "z"), ("c", "x")]
    >>> communities(nx.MultiDiGraph(pairs))
    [['c', 'a', 'b'], ['x', 'y', 'z']]
    """
    import networkx as nx

    if by not in COMMUNITIES:
        raise UnknownNameError("way to find communities", by, hint=f"Known: {', '.join(COMMUNITIES)}.")
    name, options = COMMUNITIES[by]
    plain = simple(graph)
    if not plain.number_of_edges():
        return _ordered(plain, ([thing] for thing in plain))
    return _ordered(plain, _run(getattr(nx.community, name), backend, plain, **options))


def components(graph: Network, *, backend: str | None = None) -> list[list[str]]:
    """Return the parts of a graph that nothing connects, the largest first; raises like `rank`.

    >>> import networkx as nx
    >>> components(nx.MultiDiGraph([("anna", "boris"), ("clara", "dora"), ("dora", "emil")]))
    [['dora', 'clara', 'emil'], ['anna', 'boris']]
    """
    import networkx as nx

    plain = simple(graph)
    return _ordered(plain, _run(nx.connected_components, backend, plain))


def _ordered(plain: nx.Graph[Any], groups: Any) -> list[list[str]]:
    """Order groups by size, and the things in each by how many they are tied to."""
    made = [sorted(group, key=lambda thing: (-plain.degree(thing), thing)) for group in groups]
    return sorted(made, key=lambda group: (-len(group), group[0]))


def backends() -> list[str]:
    """The NetworkX backends that are installed, NetworkX itself first."""
    import networkx as nx

    # NetworkX has no public list of what is installed; the entries of its settings are one.
    others = sorted(name for name in nx.config.backends if name != "networkx")
    return ["networkx", *others]


def _run(function: Callable[..., Any], backend: str | None, *args: Any, **options: Any) -> Any:
    """Call a function of NetworkX, by a backend if one is named, and put its failures into words."""
    import networkx as nx

    name = getattr(function, "__name__", str(function))
    if backend is None:
        chosen = {}
    elif backend in backends():
        chosen = {"backend": backend}
    else:
        hint = f"Installed: {', '.join(backends())}. Install it with pip, such as nx-parallel for parallel."
        raise UnknownNameError("NetworkX backend", backend, hint=hint)
    try:
        return function(*args, **chosen, **options)
    except nx.PowerIterationFailedConvergence as error:
        raise InputError(f"{name} finds no stable answer on this graph; choose another measure.") from error
    except ImportError as error:
        raise InputError(
            f"The backend {backend} does not start: {error}. "
            f"Install what it needs, and a version of it that is made for NetworkX {nx.__version__}."
        ) from error
    except NotImplementedError as error:
        raise InputError(f"The backend {backend} does not offer {name}: {error}.") from error
