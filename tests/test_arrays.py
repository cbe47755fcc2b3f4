"""A projection as arrays and tables: the same edges without a graph object."""

import copy
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

import kg
from kg.errors import InputError
from kg.projection import scalars, to_networkx
from kg.projection.filling import Filled, filling


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


def test_dictionaries_nobody_looked_at_are_written_by_json_with_all_that_is_in_them(trials: kg.Graph) -> None:
    filled = trials.to_networkx("people")
    a, b, relation = next(iter(filled.edges(keys=True)))
    looks: list[Callable[[nx.MultiDiGraph[Any]], Any]] = [
        lambda graph: graph.nodes[a],
        lambda graph: dict(graph.nodes(data=True)),
        lambda graph: [data for _, _, data in graph.edges(data=True)],
        lambda graph: dict(graph.adjacency()),
        lambda graph: graph.edges[a, b, relation],
        lambda graph: dict(graph.pred[b]),
    ]
    for look in looks:
        expected = look(filled)
        copied = json.loads(json.dumps(copy.deepcopy(expected), default=str))
        assert copied
        assert json.loads(json.dumps(look(trials.to_networkx("people")), default=str)) == copied


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


@pytest.mark.usefixtures("no_pyarrow")
def test_without_pyarrow_it_is_said_what_to_install(graph: kg.Graph) -> None:
    with pytest.raises(InputError, match=r"pip install 'kg-footnote\[arrow\]'"):
        graph.to_arrow("CONSTRUCT { ?a ex:knows ?b } { ?a ex:wroteTo ?b }")


def pickled(graph: "nx.MultiDiGraph[str]") -> Any:
    return pickle.loads(pickle.dumps(graph))  # noqa: S301 - our own pickle


def numbered(graph: Any) -> Any:
    return nx.convert_node_labels_to_integers(graph)


def changed(graph: Any, change: Callable[[], object]) -> Any:
    change()
    return graph


def plain(made: "nx.MultiDiGraph[str]") -> "nx.MultiDiGraph[str]":
    """What NetworkX itself makes of the same things and relations."""
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(**made.graph)
    graph.add_nodes_from((thing, dict(data)) for thing, data in made.nodes(data=True))
    for source, target, key, data in made.edges(keys=True, data=True):
        graph.add_edge(source, target, key, **data)
    return graph


MAKES: dict[str, Callable[["nx.MultiDiGraph[str]"], Any]] = {
    "itself": lambda graph: graph,
    "copy": lambda graph: graph.copy(),
    "deep copy": copy.deepcopy,
    "pickle": pickled,
    "another graph of it": nx.MultiDiGraph,
    "undirected": lambda graph: graph.to_undirected(),
    "reversed": lambda graph: graph.reverse(),
    "a reversed view": lambda graph: graph.reverse(copy=False),
    "a part": lambda graph: graph.subgraph(list(graph)[::2]),
    "a copied part": lambda graph: graph.subgraph(list(graph)[::2]).copy(),
    "edges of a part": lambda graph: graph.edge_subgraph(list(graph.edges(keys=True))[::3]),
    "simple": nx.Graph,
    "composed": lambda graph: nx.compose(graph, nx.MultiDiGraph([("x", "y")])),
    "relabelled": lambda graph: nx.relabel_nodes(graph, str.upper),
    "integers": numbered,
    "without a thing": lambda graph: changed(graph, lambda: graph.remove_node(list(graph)[1])),
    "without relations": lambda graph: changed(
        graph, lambda: graph.remove_edges_from(list(graph.edges(keys=True))[::2])
    ),
    "cleared of relations": lambda graph: changed(graph, graph.clear_edges),
    "added to": lambda graph: graph.add_edge(min(graph), list(graph)[-1], "new") and graph,
}
FINDS: dict[str, Callable[["nx.MultiDiGraph[str]"], Any]] = {
    "edges": lambda graph: list(graph.edges(keys=True, data=True)),
    "edges backwards": lambda graph: sorted(graph.in_edges(keys=True)),
    "nodes": lambda graph: dict(graph.nodes),
    "successors": lambda graph: {thing: list(graph[thing]) for thing in graph},
    "predecessors": lambda graph: {thing: sorted(graph.pred[thing]) for thing in graph},
    "degrees": lambda graph: dict(graph.degree),
    "selfloops": lambda graph: list(nx.selfloop_edges(graph, keys=True)),
    "pagerank": nx.pagerank,
    "components": lambda graph: sorted(map(sorted, nx.weakly_connected_components(graph))),
    "paths": lambda graph: dict(nx.all_pairs_shortest_path_length(graph)),
    "matrix": lambda graph: nx.to_numpy_array(graph).tolist(),
    "links": lambda graph: json.dumps(nx.node_link_data(graph), default=str),
    "dictionaries": nx.to_dict_of_dicts,
    "GEXF": lambda graph: "\n".join(nx.generate_gexf(scalars(graph))).partition("<nodes")[2],
    "GraphML": lambda graph: "\n".join(nx.generate_graphml(scalars(graph))),
}


@pytest.mark.parametrize("make", MAKES)
@pytest.mark.parametrize("name", ["people", "trials"])
def test_a_graph_that_fills_itself_becomes_what_networkx_would_have_made(
    trials: kg.Graph, name: str, make: str
) -> None:
    expected = MAKES[make](plain(trials.to_networkx(name)))
    found = MAKES[make](trials.to_networkx(name))
    assert nx.utils.graphs_equal(found, expected)
    if not isinstance(found, nx.MultiDiGraph):
        return
    assert {thing: dict(near) for thing, near in found.pred.items()} == {
        thing: dict(near) for thing, near in expected.pred.items()
    }
    assert all(found.succ[a][b][key] is found.pred[b][a][key] for a, b, key in found.edges(keys=True))


@pytest.mark.parametrize("find", FINDS)
def test_a_graph_that_fills_itself_answers_as_a_plain_one(trials: kg.Graph, find: str) -> None:
    assert FINDS[find](trials.to_networkx("trials")) == FINDS[find](plain(trials.to_networkx("trials")))


def test_what_is_removed_at_one_end_is_gone_at_the_other_which_is_looked_at_later(trials: kg.Graph) -> None:
    looked_at = trials.to_networkx("people")
    a, b = next((a, b) for a, near in looked_at.adjacency() for b, keys in near.items() if len(keys) > 1)
    graph = trials.to_networkx("people")
    key = next(iter(graph[a][b]))
    graph.remove_edge(a, b, key)
    assert dict(graph.pred[b][a]) == dict(graph[a][b])
    assert key not in graph.pred[b][a]


def test_pickles_and_copies_hold_ordinary_dictionaries(trials: kg.Graph) -> None:
    for make in (copy.deepcopy, pickled):
        found: Any = make(trials.to_networkx("trials"))
        inner = [found._adj, found._pred, found._node, *found._adj.values(), *found._node.values()]
        inner += [data for _, _, data in found.edges(data=True)]
        assert {type(one) for one in inner} == {dict}


def test_a_dictionary_that_cannot_be_filled_yet_is_asked_again() -> None:
    answers: list[dict[str, Any]] = []
    kind = filling(lambda number: answers[number])
    one, other = kind(a=0), kind(a=0)
    with pytest.raises(IndexError):
        len(one)
    answers.append({"a": 1})
    assert one == other
    assert ({**one}, dict(other), one | other, type(one), len(one)) == (
        {"a": 1},
        {"a": 1},
        {"a": 1},
        Filled,
        1,
    )


def test_a_weight_that_no_relation_has_is_missing_without_a_look_at_what_there_is(trials: kg.Graph) -> None:
    projection = trials.projection("trials")
    graph = to_networkx(projection)
    assert nx.pagerank(graph) == nx.pagerank(plain(trials.to_networkx("trials")))
    assert nx.single_source_dijkstra_path_length(graph, projection.links.things[0])
    data = next(data for _, _, data in graph.edges(data=True))
    assert ("weight" in data, data.get("weight"), data.get("weight", 1)) == (False, None, 1)
    assert "names" not in vars(projection.about)
    with pytest.raises(KeyError):
        _ = data["weight"]
    assert ("label" in data, bool(data.get("label")), "weight" in data) == (True, True, False)


def test_a_graph_looks_up_nothing_that_nobody_asks_for(trials: kg.Graph) -> None:
    projection = trials.projection("people")
    graph = to_networkx(projection)
    thing = projection.links.things[0]
    assert (len(graph), thing in graph) == (len(projection.links.things), True)
    assert nx.number_weakly_connected_components(graph)
    assert "names" not in vars(projection.about)
    assert graph.nodes[thing]["label"]
    assert "names" in vars(projection.about)
    with pytest.raises(KeyError):
        _ = graph.nodes["nobody"]
