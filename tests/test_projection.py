"""Projections: queries become NetworkX graphs whose edges carry their passages."""

from pathlib import Path

import networkx as nx
import pytest

import kg
from kg.errors import InputError, UnknownNameError
from kg.projection import project, scalars

EX = "https://example.org/letters/"
WROTE = "SELECT ?source ?relation ?target { ?source ?relation ?target FILTER(?relation = ex:wroteTo) }"


def test_nodes_are_iris_with_labels_and_edges_carry_every_passage(graph: kg.Graph) -> None:
    found = project(graph.engine, WROTE)
    assert found.nodes[EX + "anna"]["label"] == "Anna"
    edge = found.edges[EX + "anna", EX + "boris", EX + "wroteTo"]
    assert [passage["quote"] for passage in edge["passages"]] == [
        "Анна wrote to Борис in May 1901.",
        "Boris never answered 🙂",
    ]


def test_a_construct_query_is_a_projection(graph: kg.Graph) -> None:
    found = project(graph.engine, "CONSTRUCT { ?a ex:knows ?b } { ?a ex:wroteTo ?b }")
    assert list(found.edges(keys=True)) == [(EX + "anna", EX + "boris", EX + "knows")]


def test_literals_are_no_nodes(graph: kg.Graph) -> None:
    found = project(graph.engine, "SELECT ?source ?relation ?target { ?source ?relation ?target }")
    assert all(node.startswith("http") for node in found)


def test_a_query_that_is_no_projection_says_what_one_is(graph: kg.Graph) -> None:
    with pytest.raises(InputError, match=r"\?source \?relation \?target"):
        project(graph.engine, "SELECT ?a { ?a ?b ?c }")


def test_an_unknown_projection_gets_the_nearest_names(trials: kg.Graph) -> None:
    with pytest.raises(UnknownNameError, match="main"):
        trials.to_networkx("mian")


@pytest.mark.parametrize("ending", ["gexf", "graphml"])
def test_a_scalar_copy_is_written_and_read_back(trials: kg.Graph, tmp_path: Path, ending: str) -> None:
    found = trials.to_networkx()
    file = tmp_path / f"out.{ending}"
    getattr(nx, f"write_{ending}")(scalars(found), file)
    again = getattr(nx, f"read_{ending}")(file)
    assert set(found) == set(again)
    assert found.number_of_edges() == again.number_of_edges()
    assert isinstance(next(iter(found.edges(data=True)))[2]["passages"], list)


def test_every_shipped_projection_has_edges_with_words_behind_them(trials: kg.Graph) -> None:
    for path in trials.project.projection_files():
        found = trials.to_networkx(path.stem)
        quoted = [data for *_, data in found.edges(data=True) if data["passages"]]
        assert quoted, path.stem
