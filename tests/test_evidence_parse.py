"""The SPARQL parser: what it accepts, what it refuses, and where it says a mistake is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.engine.embedded import Embedded
from kg.errors import LimitError, QuerySyntaxError
from kg.evidence import explain, tree
from kg.evidence.parse import parse

W3C = Path(os.environ.get("KG_W3C_TESTS", Path(__file__).parents[2] / "shared/w3c/sparql11"))
MANIFEST = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
QUERY = "http://www.w3.org/2001/sw/DataAccess/tests/test-query#query"
needs_w3c = pytest.mark.skipif(not W3C.is_dir(), reason="the W3C tests are not beside the checkout")


def w3c_queries(*, negative: bool) -> Iterator[Path]:
    for manifest in sorted(W3C.glob("*/manifest.ttl")):
        store = ox.Store()
        store.load(path=str(manifest), format=ox.RdfFormat.TURTLE, base_iri=manifest.as_uri())
        found = store.query(
            f"SELECT ?type ?file WHERE {{ ?t a ?type ; <{MANIFEST}action> ?a OPTIONAL {{ ?a <{QUERY}> ?q }}"
            " BIND(COALESCE(?q, ?a) AS ?file) FILTER(isIRI(?file)) }"
        )
        assert isinstance(found, ox.QuerySolutions)
        for kind, file in found:
            query = file.value.endswith(".rq") and "Update" not in kind.value
            if query and ("NegativeSyntax" in kind.value) is negative:
                yield Path(file.value.removeprefix("file://"))


@needs_w3c
def test_every_positive_query_of_the_w3c_parses() -> None:
    files = list(w3c_queries(negative=False))
    for file in files:
        parse(file.read_text(encoding="utf-8"), base="http://example.org/")
    assert len(files) > 300


@needs_w3c
def test_every_negative_query_of_the_w3c_is_refused() -> None:
    files = list(w3c_queries(negative=True))
    for file in files:
        with pytest.raises(QuerySyntaxError):
            parse(file.read_text(encoding="utf-8"), base="http://example.org/")
    assert len(files) >= 40


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("SELECT * {\n  ?s ?p }", 2, 9),
        ("SELECT * { ?s ex:p ?o }", 1, 15),
        ("ASK { FILTER(1 < 2 < 3) }", 1, 20),
        ("SELECT ?x { BIND(1 AS ?y) BIND(2 AS ?y) }", 1, 37),
        ("SELECT ?s { ?s ?p ?o } GROUP BY ?p", 1, 8),
        ("ASK { _:b ?p ?o { _:b ?p ?o } }", 1, 19),
        ("ASK { VALUES (?a ?b) { (1) } }", 1, 26),
        (r"ASK { ?s ?p '\uD800' }", 1, 14),
        ("ASK {} ASK {}", 1, 8),
    ],
)
def test_a_mistake_is_shown_where_it_stands(text: str, line: int, column: int) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse(text)
    assert (caught.value.line, caught.value.column) == (line, column)


def test_a_less_than_sign_is_told_from_an_iri() -> None:
    element = parse("ASK { FILTER(?a<?b&&?c>?d) }").select.where.elements[0]
    assert isinstance(element, tree.Filter)
    assert [arg.name for arg in element.expression.args] == ["<", ">"]


def test_codepoint_escapes_are_read_before_anything_else() -> None:
    assert parse(r"ASK { ?\u0073 ?p \u003Curn:x> }") == parse("ASK { ?s ?p <urn:x> }")


def test_offsets_give_back_the_text() -> None:
    text = "SELECT ?s { ?s ?p ?o . OPTIONAL { ?s ?q 'é' FILTER(?p = ?q) } } LIMIT 3"
    optional = parse(text).select.where.elements[1]
    assert text[optional.start : optional.end] == "OPTIONAL { ?s ?q 'é' FILTER(?p = ?q) }"


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * " + "{" * 10_000 + "}" * 10_000,
        "ASK { FILTER(" + "(" * 10_000 + "1" + ")" * 10_000 + ") }",
        "ASK { FILTER(" + "!" * 10_000 + "true) }",
        "ASK { ?s " + "(" * 10_000 + "<p:p>" + ")" * 10_000 + " ?o }",
        "ASK { " + "[ <p:p> " * 10_000 + "1" + " ]" * 10_000 + " }",
        "SELECT * { ?s ?p ?o " + "FILTER EXISTS { ?s ?p ?o " * 10_000 + "}" * 10_000 + "}",
    ],
)
def test_a_depth_bomb_meets_a_limit(text: str) -> None:
    with pytest.raises(LimitError, match="levels deep"):
        parse(text)


def test_a_megabyte_parses() -> None:
    triples = " ".join(f"?a <http://example.org/p{number}> ?b{number} ." for number in range(25_000))
    assert len(parse(f"SELECT * {{ {triples} }}").variables) == 50_000


def test_ten_thousand_values_parse() -> None:
    rows = " ".join(f"(<urn:x{number}> {number})" for number in range(10_000))
    values = parse(f"SELECT * {{ VALUES (?a ?b) {{ {rows} }} }}").select.where.elements[0]
    assert isinstance(values, tree.Values)
    assert len(values.rows) == 10_000


def test_a_name_like_our_own_of_any_length_is_told_apart_at_once() -> None:
    text = f"SELECT * {{ ?_kg_{'_' * 300_000} <p:p> ?_kg_1c . OPTIONAL {{ ?_kg_1c <p:p> ?_kg__2o }} }}"
    assert explain(Embedded(ox.Store()), text).context.fresh == "_kg_" + "_" * 300_001


@pytest.mark.parametrize(
    "pattern",
    ["?s ?p ?o . " * 90_000, "?s ?p ?o ; " + "?p ?o ; " * 1000, "?s " + "<p:p>/" * 2000 + "<p:p> ?o"],
)
def test_joins_that_the_planner_would_not_survive_are_refused(pattern: str) -> None:
    with pytest.raises(LimitError, match="250 patterns"):
        Embedded(ox.Store()).query(f"SELECT * {{ {pattern} }}")


def test_many_statements_of_a_template_or_an_update_are_not_joins() -> None:
    engine = Embedded(ox.Store())
    engine.update(f"INSERT DATA {{ {' '.join(f'<p:s{number}> <p:p> 1 .' for number in range(1000))} }}")
    template = "?s <p:q> 1.5 . " * 1000
    assert len(list(engine.query(f"CONSTRUCT {{ {template} }} WHERE {{ ?s <p:p> 1 }}"))) >= 1000  # type: ignore[arg-type]  # triples


def test_the_line_of_a_mistake_is_shown_whatever_else_ends_lines_elsewhere() -> None:
    with pytest.raises(QuerySyntaxError) as raised:
        parse("SELECT * {\r\n  # a\u2028b\x0bc\r\n  ?s ?p }")
    assert str(raised.value).splitlines()[1:] == ["    ?s ?p }", "          ^"]
