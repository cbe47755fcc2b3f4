"""Analysis: chains, centrality and communities, as NetworkX has them."""

from itertools import pairwise

import networkx as nx
import pytest

import kg
from kg.analysis import COMMUNITIES, MEASURES, chains, communities, components, rank, simple
from kg.errors import InputError, UnknownNameError


@pytest.fixture
def diamond() -> "nx.MultiDiGraph[str]":
    """Two ways from a to d, one of them by two relations; and an island."""
    return nx.MultiDiGraph(
        [
            ("a", "b", "knew"), ("b", "a", "accused"), ("b", "d", "knew"), ("a", "c", "knew"),
            ("d", "c", "knew"), ("x", "y", "knew"), ("a", "a", "knew"),
        ]
    )  # fmt: skip


def test_chains_run_along_relations_in_either_direction(diamond: "nx.MultiDiGraph[str]") -> None:
    found = chains(diamond, "a", "d")
    walked = [[[(s.here, s.relation, s.forward) for s in link] for link in chain] for chain in found.found]
    assert walked == [
        [[("a", "knew", True), ("a", "accused", False)], [("b", "knew", True)]],
        [[("a", "knew", True)], [("c", "knew", False)]],
    ]
    assert (found.total, found.length) == (2, 2)


def test_a_cap_on_chains_is_said_by_their_total(diamond: "nx.MultiDiGraph[str]") -> None:
    found = chains(diamond, "a", "d", most=1)
    assert (len(found.found), found.total) == (1, 2)


def test_no_chain_joins_what_is_not_connected(diamond: "nx.MultiDiGraph[str]") -> None:
    assert chains(diamond, "a", "x").found == ()


def test_a_thing_is_no_step_from_itself(diamond: "nx.MultiDiGraph[str]") -> None:
    assert (chains(diamond, "a", "a").length, chains(diamond, "a", "a").total) == (0, 1)


def test_a_thing_that_is_not_there_is_named(diamond: "nx.MultiDiGraph[str]") -> None:
    with pytest.raises(InputError, match="nobody"):
        chains(diamond, "a", "nobody")


def test_all_shortest_chains_are_found_and_counted(trials: kg.Graph) -> None:
    graph = trials.to_networkx()
    plain = simple(graph)
    things = sorted(components(graph)[0])[::40]
    for start, end in pairwise(things):
        expected = list(nx.all_shortest_paths(plain, start, end))
        found = chains(graph, start, end, most=1000)
        assert found.total == len(expected)
        walked = {(start, *(link[0].there for link in chain)) for chain in found.found}
        assert walked == set(map(tuple, expected))


def test_every_link_of_a_chain_has_its_passages(trials: kg.Graph) -> None:
    graph = trials.to_networkx()
    start, end = (trials.resolve(name).value for name in ("leon-trotsky", "genrikh-yagoda"))
    for chain in chains(graph, start, end).found:
        assert all(step.data["passages"] for link in chain for step in link)


@pytest.mark.parametrize("by", MEASURES)
def test_a_measure_ranks_everything_and_leaves_the_graph_alone(
    diamond: "nx.MultiDiGraph[str]", by: str
) -> None:
    before = diamond.copy()
    scores = rank(diamond, by)
    assert {thing for thing, _ in scores} == set(diamond)
    assert [score for _, score in scores] == sorted((score for _, score in scores), reverse=True)
    assert nx.utils.graphs_equal(before, diamond)


def test_a_measure_is_what_networkx_says(diamond: "nx.MultiDiGraph[str]") -> None:
    plain = nx.Graph([("a", "b"), ("b", "d"), ("a", "c"), ("c", "d"), ("x", "y")])
    assert dict(rank(diamond, "betweenness")) == nx.betweenness_centrality(plain)
    assert dict(rank(diamond, "degree"))["a"] == 5


def test_large_graphs_are_sampled_with_a_seed() -> None:
    large: nx.MultiDiGraph[int] = nx.MultiDiGraph(nx.path_graph(2100))
    assert rank(large)[:3] == rank(large)[:3]


@pytest.mark.parametrize("by", COMMUNITIES)
def test_communities_part_all_things_the_same_way_each_time(by: str, trials: kg.Graph) -> None:
    graph = trials.to_networkx("people")
    found = communities(graph, by)
    assert sorted(thing for group in found for thing in group) == sorted(graph)
    assert found == communities(graph, by)


def test_components_are_what_nothing_connects(diamond: "nx.MultiDiGraph[str]") -> None:
    assert components(diamond) == [["a", "b", "c", "d"], ["x", "y"]]


def test_a_graph_with_nothing_has_nothing_to_rank() -> None:
    empty: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    assert (rank(empty), communities(empty), components(empty)) == ([], [], [])


def test_unknown_measures_and_backends_are_refused_in_words(diamond: "nx.MultiDiGraph[str]") -> None:
    with pytest.raises(UnknownNameError, match="betweenness, closeness"):
        rank(diamond, "fame")
    with pytest.raises(UnknownNameError, match="louvain"):
        communities(diamond, "gossip")
    for call in (
        lambda: rank(diamond, backend="nosuch"),
        lambda: communities(diamond, backend="nosuch"),
        lambda: components(diamond, backend="nosuch"),
        lambda: chains(diamond, "a", "d", backend="nosuch"),
    ):
        with pytest.raises(UnknownNameError, match="Installed: networkx"):
            call()


def test_networkx_itself_is_a_backend(diamond: "nx.MultiDiGraph[str]") -> None:
    assert rank(diamond, "pagerank", backend="networkx") == rank(diamond, "pagerank")
