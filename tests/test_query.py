"""Results: rows, and the standard formats that the engine writes."""

import pyoxigraph as ox
import pytest

import kg
from kg.errors import QuerySyntaxError, UnknownNameError

FORMATS = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "tsv": ox.QueryResultsFormat.TSV,
}


@pytest.mark.parametrize("name", FORMATS)
def test_a_written_answer_reads_back_as_the_same_rows(graph: kg.Graph, name: str) -> None:
    result = graph.query("SELECT ?s ?label { ?s rdfs:label ?label } ORDER BY ?label")
    read = ox.parse_query_results(result.to(name), FORMATS[name])
    assert isinstance(read, ox.QuerySolutions)
    assert [tuple(row) for row in result] == [tuple(solution) for solution in read]


def test_csv_keeps_the_order_of_the_columns(graph: kg.Graph) -> None:
    assert graph.query("SELECT ?z ?a { VALUES (?z ?a) { (1 2) } }").to("csv") == "z,a\r\n1,2\r\n"


def test_an_ask_is_true_or_false_in_every_format(graph: kg.Graph) -> None:
    asked = graph.query("ASK { ex:anna ex:wroteTo ex:boris }")
    assert bool(asked)
    assert ["true" in asked.to(name) for name in ("json", "xml", "csv", "tsv")] == [True, True, True, True]


@pytest.mark.parametrize("name", ["turtle", "ntriples", "trig", "nquads", "jsonld", "rdfxml"])
def test_a_graph_answer_is_written_in_every_rdf_format(graph: kg.Graph, name: str) -> None:
    result = graph.query("CONSTRUCT { ?s ex:knows ?o } { ?s ex:wroteTo ?o }")
    assert "knows" in result.to(name)


def test_a_row_answers_by_name_and_by_position(graph: kg.Graph) -> None:
    row = graph.query("SELECT ?s ?nothing { ?s ex:wroteTo ?o }").rows[0]
    assert row["s"] == row[0]
    assert row["nothing"] is None
    assert list(row.as_dict()) == ["s"]
    with pytest.raises(KeyError):
        row["unknown"]


def test_looking_at_rows_and_writing_them_agree(graph: kg.Graph) -> None:
    result = graph.query("SELECT ?s { ?s ex:wroteTo ?o }")
    assert len(result.rows) == result.to("csv").count("\n") - 1


def test_an_unknown_format_lists_the_known_ones(graph: kg.Graph) -> None:
    with pytest.raises(UnknownNameError, match="json, xml, csv, tsv"):
        graph.query("SELECT ?s { ?s ?p ?o }").to("yaml")


def test_a_mistake_is_placed_where_it_stands(graph: kg.Graph) -> None:
    with pytest.raises(QuerySyntaxError, match="found '\\)'") as caught:
        graph.query("SELECT * {\n  ?s ?p ?o .\n  FILTER(?o > )\n}")
    assert (caught.value.line, caught.value.column) == (3, 15)
