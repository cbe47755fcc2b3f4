"""A projection as arrays and tables: the same edges without a graph object."""

import builtins
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

import kg
from kg.errors import InputError
from kg.projection import lazily, to_networkx


def test_arrays_hold_the_same_edges_as_the_graph(trials: kg.Graph) -> None:
    links = trials.to_arrays("people")
    edges = zip(links.source.tolist(), links.target.tolist(), links.relation.tolist(), strict=True)
    found = {(links.things[a], links.things[b], links.relations[r]) for a, b, r in edges}
    assert found == set(trials.to_networkx("people").edges(keys=True))


def test_the_adjacency_counts_the_relations_of_each_pair(trials: kg.Graph) -> None:
    links, graph = trials.to_arrays("trials"), trials.to_networkx("trials")
    matrix = links.adjacency()
    assert matrix.shape == (len(graph), len(graph))
    for row, thing in enumerate(links.things):
        places = range(matrix.indptr[row], matrix.indptr[row + 1])
        counts = {links.things[matrix.indices[place]]: int(matrix.data[place]) for place in places}
        assert counts == {other: len(keys) for other, keys in graph[thing].items()}


def test_arrays_can_be_cut(trials: kg.Graph) -> None:
    assert len(trials.to_arrays("people", hide="alleged")) < len(trials.to_arrays("people"))


def test_arrow_tables_have_everything_but_the_quotations(trials: kg.Graph) -> None:
    pytest.importorskip("pyarrow")
    things, relations = trials.to_arrow("trials")
    graph = trials.to_networkx("trials")
    assert things.num_rows == len(graph)
    for row in things.to_pylist():
        assert graph.nodes[row.pop("id")] == row
    for row in relations.to_pylist():
        data: dict[str, Any] = graph[row.pop("source")][row.pop("target")][row["relation"]]
        assert row.pop("passages") == [passage["id"] for passage in data["passages"]]
        assert row.items() <= data.items()


def test_parquet_is_two_files_that_open(trials: kg.Graph, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    trials.export_projection("trials", tmp_path / "trials.parquet")
    found = trials.projection("trials")
    assert parquet.read_table(tmp_path / "trials-edges.parquet").num_rows == len(found)
    assert {"x", "y", "label"} <= set(parquet.read_table(tmp_path / "trials-nodes.parquet").column_names)


def test_nothing_makes_tables_without_rows(graph: kg.Graph) -> None:
    pytest.importorskip("pyarrow")
    things, relations = graph.to_arrow("CONSTRUCT { ?a ex:knows ?b } { ?a ex:unheardOf ?b }")
    assert (things.num_rows, relations.num_rows) == (0, 0)


def test_without_pyarrow_it_is_said_what_to_install(graph: kg.Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **options: Any) -> Any:
        if name.startswith("pyarrow"):
            raise ImportError(name)
        return real(name, *args, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(InputError, match=r"pip install 'kg-footnote\[arrow\]'"):
        graph.to_arrow("CONSTRUCT { ?a ex:knows ?b } { ?a ex:wroteTo ?b }")


def test_a_graph_filled_by_hand_is_what_networkx_would_have_made(trials: kg.Graph) -> None:
    made = to_networkx(trials.projection("main"))
    plain: nx.MultiDiGraph[str] = nx.MultiDiGraph(**made.graph)
    plain.add_nodes_from(made.nodes(data=True))
    for source, target, key, data in made.edges(keys=True, data=True):
        plain.add_edge(source, target, key, **data)
    assert nx.utils.graphs_equal(made, plain)
    inner: Any = made
    assert all(inner._succ[a][b] is inner._pred[b][a] for a, b in made.edges())
    made.add_edge("x", "y")
    assert list(made.predecessors("y")) == ["x"]


@pytest.mark.parametrize("name", ["people", "trials", "sources"])
def test_a_lazy_graph_is_equal_to_the_full_one(trials: kg.Graph, name: str) -> None:
    full, lazy = trials.to_networkx(name), trials.to_networkx(name, lazy=True)
    assert nx.utils.graphs_equal(lazy, full)
    assert nx.utils.graphs_equal(lazy.copy(), full)
    assert dict(lazy.pred) == dict(full.pred)
    assert nx.betweenness_centrality(nx.Graph(lazy)) == nx.betweenness_centrality(nx.Graph(full))
    assert nx.pagerank(lazy) == nx.pagerank(full)


def test_a_lazy_graph_cannot_be_changed_but_its_copy_can(trials: kg.Graph) -> None:
    lazy = trials.to_networkx("trials", lazy=True)
    with pytest.raises(nx.NetworkXError, match="rozen"):
        lazy.add_edge("a", "b")
    copy = lazy.copy()
    copy.add_edge("a", "b")
    assert "a" not in lazy
    assert "a" in copy


def test_a_lazy_graph_looks_up_nothing_that_nobody_asks_for(trials: kg.Graph) -> None:
    projection = trials.projection("people")
    graph = lazily(projection)
    thing = projection.links.things[0]
    assert (len(graph), thing in graph) == (len(projection.links.things), True)
    assert "names" not in vars(projection.about)
    assert graph.nodes[thing]["label"]
    assert "names" in vars(projection.about)
    with pytest.raises(KeyError):
        _ = graph.nodes["nobody"]
