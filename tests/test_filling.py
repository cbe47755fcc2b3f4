"""A graph that fills itself is, whatever is done to it in whatever order, the one NetworkX would make."""

from __future__ import annotations

import copy
import pickle
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from typing import Any, TypeAlias

import networkx as nx
import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.engine.embedded import Embedded
from kg.projection import project, to_networkx
from kg.vocab import PREFIXES

EX = "https://example.org/"
ENGINE = Embedded(ox.Store(), {**PREFIXES, "ex": EX})
THINGS, RELATIONS = ([EX + name for name in names] for names in ("abcde", "rst"))
Triple: TypeAlias = tuple[str, str, str]
Look: TypeAlias = Callable[[Any, str, str, str], Any]

LOOKS: dict[str, Look] = {
    "out of a thing": lambda g, a, _b, _r: [(b, list(keys)) for b, keys in g[a].items()],
    "into a thing": lambda g, a, _b, _r: [(b, list(keys)) for b, keys in g.pred[a].items()],
    "between two": lambda g, a, b, _r: {key: dict(data) for key, data in g[a][b].items()},
    "data or none": lambda g, a, b, r: g.get_edge_data(a, b, r),
    "all data or none": lambda g, a, b, _r: g.get_edge_data(a, b),
    "has an edge": lambda g, a, b, r: (g.has_edge(a, b), g.has_edge(a, b, r), g.has_predecessor(a, b)),
    "one edge": lambda g, a, b, r: g.edges[a, b, r],
    "one attribute": lambda g, a, b, r: g.edges[a, b, r]["label"],
    "a thing": lambda g, a, _b, _r: (a in g, g.nodes[a]),
    "degrees of a thing": lambda g, a, _b, _r: (g.degree[a], g.out_degree[a], g.in_degree[a]),
    "degrees": lambda g, _a, _b, _r: (list(g.in_degree), list(g.out_degree(weight="families"))),
    "number between two": lambda g, a, b, _r: (g.number_of_edges(a, b), g.size()),
    "edges": lambda g, _a, _b, _r: list(g.edges(keys=True)),
    "edges into a thing": lambda g, a, _b, _r: list(g.in_edges(a, keys=True, data=True)),
    "an attribute of edges": lambda g, a, b, _r: list(g.edges([a, b], data="label", default=0)),
    "loops": lambda g, _a, _b, _r: list(nx.selfloop_edges(g, keys=True, data=True)),
    "paths": lambda g, a, _b, _r: nx.single_source_shortest_path(g, a),
    "a view of a part": lambda g, a, b, _r: list(g.subgraph([a, b]).edges(keys=True, data=True)),
    "a view backwards": lambda g, _a, _b, _r: list(g.reverse(copy=False).edges(keys=True)),
}
CHANGES: dict[str, Look] = {
    "add an edge": lambda g, a, b, r: g.add_edge(a, b, r, label="new"),
    "add an edge of the next number": lambda g, a, b, _r: g.add_edge(a, b, weight=2),
    "add edges": lambda g, a, b, r: g.add_edges_from([(a, b, r, {"x": 1}), (b, EX + "new", r)]),
    "add a thing": lambda g, a, _b, _r: g.add_node(a, label="new"),
    "remove an edge": lambda g, a, b, r: g.remove_edge(a, b, r),
    "remove the last edge": lambda g, a, b, _r: g.remove_edge(a, b),
    "remove edges": lambda g, a, b, r: g.remove_edges_from([(a, b, r), (b, a), (a, a)]),
    "remove a thing": lambda g, a, _b, _r: g.remove_node(a),
    "remove things": lambda g, a, b, _r: g.remove_nodes_from([a, b]),
    "clear of edges": lambda g, _a, _b, _r: g.clear_edges(),
    "clear": lambda g, _a, _b, _r: g.clear(),
    "change an edge": lambda g, a, b, r: g.edges[a, b, r].update(label="changed", weight=1),
    "take an attribute away": lambda g, a, b, r: g.edges[a, b, r].pop("date"),
    "change a thing": lambda g, a, _b, _r: g.nodes[a].setdefault("x", []).append(1),
    "change all edges": lambda g, _a, _b, _r: g.update(
        edges=[(a, b, key, {"weight": 1}) for a, b, key in g.edges(keys=True)]
    ),
    "rename in place": lambda g, a, b, _r: nx.relabel_nodes(g, {a: b}, copy=False) and None,
    "update": lambda g, a, b, r: g.update(edges=[(a, b, r, {"y": 1})], nodes=[a]),
}
MAKES: dict[str, Look] = {
    "copy": lambda g, _a, _b, _r: g.copy(),
    "shallow copy": lambda g, _a, _b, _r: copy.copy(g),
    "deep copy": lambda g, _a, _b, _r: copy.deepcopy(g),
    "pickle": lambda g, _a, _b, _r: pickle.loads(pickle.dumps(g)),  # noqa: S301 - our own pickle
    "reverse": lambda g, _a, _b, _r: g.reverse(),
    "undirected": lambda g, _a, _b, _r: g.to_undirected(),
    "directed": lambda g, _a, _b, _r: g.to_directed(),
    "of a graph": lambda g, _a, _b, _r: type(g)(g),
    "a part": lambda g, a, b, _r: g.subgraph([a, b]).copy(),
    "without a thing": lambda g, a, _b, _r: nx.restricted_view(g, [a], []).copy(),
    "renamed": lambda g, a, b, _r: nx.relabel_nodes(g, {a: b}),
    "contracted": lambda g, a, b, _r: nx.contracted_nodes(g, a, b),
    "composed": lambda g, a, b, r: nx.compose(g, type(g)([(a, b, r)])),
}
STEPS = {**LOOKS, **CHANGES, **MAKES}

triples = st.tuples(*map(st.sampled_from, (THINGS, RELATIONS, THINGS)))
steps = st.tuples(*map(st.sampled_from, (sorted(STEPS), THINGS, THINGS, RELATIONS)))


def filling(triples: set[Triple]) -> nx.MultiDiGraph[str]:
    """The graph that fills itself."""
    rows = " ".join("(<{}> <{}> <{}>)".format(*triple) for triple in triples)
    found = project(ENGINE, f"SELECT * {{ VALUES (?source ?relation ?target) {{ {rows} }} }}", title="drawn")
    return to_networkx(found)


def plain(triples: set[Triple]) -> nx.MultiDiGraph[str]:
    """What NetworkX itself makes of the same relations, in the order that is promised."""
    nothing: dict[str, Any] = {"earliest": "", "latest": "", "conflict": False}
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(title="drawn", notes=[])
    for thing in sorted({end for a, _, b in triples for end in (a, b)}):
        degree = sum((a == thing) + (b == thing) for a, _, b in triples)
        words: dict[str, Any] = {"type": "", "type_label": "", "dates": "", "degree": degree}
        graph.add_node(thing, label=thing.replace(EX, "ex:"), **words, **nothing)
    for a, b, relation in sorted((a, b, relation) for a, relation, b in triples):
        said: dict[str, Any] = {"date": "", "standing": "", "families": 0, "passages": []}
        graph.add_edge(
            a, b, relation, relation=relation, label=relation.replace(EX, "ex:"), **said, **nothing
        )
    return graph


def done(step: Look, graph: Any, *names: str) -> Any:
    """What a step comes to, or how it fails."""
    try:
        return step(graph, *names)
    except Exception as error:
        return type(error), str(error)


def everything(graph: Any) -> Any:
    """All that is in a graph, in its order."""
    sides = (graph._adj, graph._pred) if graph.is_directed() else (graph._adj,)
    return (
        graph.graph,
        [(thing, dict(data)) for thing, data in graph._node.items()],
        [
            [(thing, other, key, dict(data)) for other, keys in near.items() for key, data in keys.items()]
            for side in sides
            for thing, near in side.items()
        ],
    )


@settings(max_examples=300, deadline=None)
@given(st.sets(triples, max_size=25), st.lists(steps, max_size=12))
def test_whatever_is_done_to_a_graph_that_fills_itself_comes_out_as_with_a_plain_one(
    triples: set[Triple], steps: list[tuple[str, str, str, str]]
) -> None:
    found: Any = filling(triples)
    expected: Any = plain(triples)
    for name, *names in steps:
        results = done(STEPS[name], found, *names), done(STEPS[name], expected, *names)
        if isinstance(results[1], nx.Graph):
            found, expected = results
        else:
            assert results[0] == results[1], name
    assert everything(found) == everything(expected)
    if found.is_directed():
        assert all(found._pred[b][a] is keys for a, near in found._adj.items() for b, keys in near.items())


@pytest.fixture
def hurried() -> Iterator[None]:
    """Let threads take turns as often as they can."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("hurried")
def test_threads_that_look_at_one_graph_at_once_see_the_same() -> None:
    triples = set(product(THINGS, RELATIONS, THINGS))
    for _ in range(100):
        found = filling(triples)
        with ThreadPoolExecutor(4) as threads:
            seen = list(threads.map(everything, [found] * 4))
        assert seen == [everything(plain(triples))] * 4
