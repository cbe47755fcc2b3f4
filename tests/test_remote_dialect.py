"""A question in other words is the same question."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

import kg
from kg.engine.dialect import ALIAS, Speller, graphs_in, kept, plain_nodes, within
from kg.engine.remote import Remote
from kg.errors import EngineError
from kg.evidence.parse import parse
from kg.project import find_project
from kg.questions import bind, read_questions
from kg.vocab import DEFAULT
from tests.test_evidence_parse import needs_w3c, w3c_queries

PROJECT = find_project()
QUESTIONS = read_questions([*PROJECT.query_files(), *PROJECT.projection_files()])
XSD = "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> "


def spelled(text: str, *, aliased: bool = False) -> str:
    return Speller(text, plain_dates=True, exact_division=True, aliased=aliased).apply()


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_question_has_the_same_rows_in_other_words(trials: kg.Graph, name: str) -> None:
    question, engine = QUESTIONS[name], trials.engine
    values = bind(question, {}, engine, trials.project)
    rows = [
        sorted(str(tuple(row)) for row in engine.query(text, bindings=values))  # type: ignore[union-attr]  # rows
        for text in (question.text, spelled(question.text))
    ]
    assert rows[0] == rows[1]


@needs_w3c
def test_every_query_of_the_w3c_parses_in_other_words() -> None:
    for file in w3c_queries(negative=False):
        text = file.read_text(encoding="utf-8")
        parse(spelled(text, aliased=True), base=file.as_uri())
        if graphs_in(text) is None:
            parse(within(text, ["urn:x"]) or text, base=file.as_uri())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('ASK { ?s ?p "1"^^xsd:date FILTER(?o <= "2"^^xsd:date) }', 'FILTER(?o <= STRDT("2", xsd:date)) }'),
        ('ASK { ?s ?p "1"^^xsd:date FILTER(?o <= "2"^^xsd:date) }', '?s ?p "1"^^xsd:date'),
        (
            "SELECT (?a/?b AS ?c) { ?a (ex:p/ex:q)+/ex:r ?b }",
            "?a * 1.0 /?b AS ?c) { ?a (ex:p/ex:q)+/ex:r",
        ),
        ("ASK { ?s ex:p (ex:a) FILTER EXISTS { ?s ex:p/ex:q ?o } }", "FILTER EXISTS { ?s ex:p/ex:q ?o }"),
        (
            "ASK { FILTER(EXISTS { ?a ex:p/ex:q ?b } || 1/2 = ?a) }",
            "?a ex:p/ex:q ?b } || 1 * 1.0 /2",
        ),
        ('ASK { VALUES (?a ?b) { ("1"^^xsd:date "/") } }', '("1"^^xsd:date "/")'),
        ("SELECT ?s { ?s ?p ?o } GROUP BY ?s HAVING (SUM(?o)/2 > 1)", "SUM(?o) * 1.0 /2"),
        ('ASK { ?s ?p "1936"^^xsd:gYear }', f'"1936"^^<{ALIAS}gYear>'),
        ("ASK { ?s ?p ?o FILTER(DATATYPE(?o) = xsd:gYear) }", f"= <{ALIAS}gYear>"),
        ("SELECT (xsd:gYear(?o) AS ?y) { ?s ?p ?o }", "xsd:gYear(?o)"),
    ],
)
def test_expressions_are_told_from_patterns(text: str, words: str) -> None:
    assert words in spelled(XSD + text, aliased=True)


def test_years_come_back_as_years() -> None:
    line = '<urn:s> <urn:p> "1936"^^<http://www.w3.org/2001/XMLSchema#gYear> .'
    assert kept(line) != line
    assert plain_nodes(kept(line).encode()).decode() == line


def test_a_default_graph_can_be_named_from_within() -> None:
    store = ox.Store()
    graph, other = ox.NamedNode(DEFAULT), ox.NamedNode("urn:other")
    term = ox.NamedNode("urn:a")
    store.extend(ox.Quad(term, term, term, name) for name in (graph, other, ox.NamedNode("urn:hidden")))
    text = within("SELECT ?g { ?s ?p ?o GRAPH ?g { ?s ?p ?o } }", [DEFAULT, "urn:hidden"])
    assert text is not None
    assert [row["g"] for row in store.query(text)] == [other]  # type: ignore[union-attr]  # rows


def test_a_query_by_from_is_refused_where_an_engine_does_not_heed_it(union: Remote) -> None:
    with pytest.raises(EngineError, match="whatever FROM says"):
        union.query("SELECT * FROM <urn:g> { ?s ?p ?o }")
