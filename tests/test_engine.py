"""The embedded engine: what it answers, and what it refuses in words."""

from contextlib import suppress

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kg
from kg.engine.embedded import Embedded
from kg.engine.syntax import calls_elsewhere, is_update
from kg.errors import EngineError, KgError, LimitError, NotAllowedError, ParameterError, QuerySyntaxError


@pytest.fixture
def engine() -> Embedded:
    return Embedded(ox.Store(), {"ex": "https://example.org/"})


def test_prefixes_of_the_project_need_no_declaration(engine: Embedded) -> None:
    assert not engine.query("ASK { ex:a ex:b ex:c }")


@pytest.mark.parametrize(
    ("query", "line", "column"),
    [
        ("SELECT * WHERE {\n  ?s ?p ?o .\n  ?s nowhere:p 1\n}", 3, 15),
        ("SELECT * WHERE { ?s nowhere:p ?o }", 1, 30),
        ("", 1, 1),
        ("SELECT * { ?s ?p 'unfinished }", 1, 31),
    ],
)
def test_broken_sparql_names_line_and_column(engine: Embedded, query: str, line: int, column: int) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        engine.query(query)
    assert (line, column) == (caught.value.line, caught.value.column)


@pytest.mark.parametrize("update", ["DROP GRAPH ex:none", "CREATE GRAPH ex:g; CREATE GRAPH ex:g"])
def test_an_update_of_a_graph_that_is_not_as_it_says_is_told_so(engine: Embedded, update: str) -> None:
    with pytest.raises(EngineError, match="exist"):
        engine.update(update)


def test_the_caret_stands_under_the_place(engine: Embedded) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        engine.query("ASK {\n\t?s nowhere:p 1 }")
    lines = str(caught.value).splitlines()
    assert lines[-2].index(" 1") == lines[-1].index("^")


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }",
        "SELECT * { service silent <http://127.0.0.1:1/> { ?s ?p ?o } }",
        "SELECT * { \\u0053ERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }",
        "SELECT * { { SELECT * { SERVICE ?x { ?s ?p ?o } } } }",
        'SELECT * { ?s ?p "#" . SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }',
        "SELECT * { ?s ?p <http://example.org/#a> . SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }",
        "SELECT * { ?s ?p 'it\\'s' . SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }",
        "SELECT * { FILTER(?a<?b) SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } FILTER(?c>?d) }",
        "SELECT * { FILTER(1<2)SERVICE<http://127.0.0.1:1/>{ ?s ?p ?o } }",
        "SELECT * { ?s ?p 1SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }",
        "SELECT * { ?s ?p ex:a.SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }",
    ],
)
def test_service_is_refused_however_it_is_written(engine: Embedded, query: str) -> None:
    with pytest.raises((NotAllowedError, QuerySyntaxError)):
        engine.query(query)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?service { ?service ex:service 'SERVICE' } # SERVICE",
        "SELECT * { ?s ex:SERVICE <http://example.org/SERVICE> }",
        'SELECT * { ?s ?p """a "SERVICE" b""" }',
    ],
)
def test_the_word_service_alone_is_no_call(engine: Embedded, query: str) -> None:
    engine.query(query)


@pytest.mark.parametrize("verb", ["INSERT DATA { ex:a ex:b ex:c }", "CLEAR ALL", "DROP GRAPH ex:a"])
def test_updates_are_refused_with_the_way_to_allow_them(engine: Embedded, verb: str) -> None:
    with pytest.raises(NotAllowedError, match="--allow-update"):
        engine.query(verb)


def test_load_is_refused_as_a_call_elsewhere(engine: Embedded) -> None:
    with pytest.raises(NotAllowedError, match="--allow-service"):
        engine.update("LOAD <http://127.0.0.1:1/>")


def test_a_binding_is_a_term_and_never_text(graph: kg.Graph) -> None:
    hostile = ox.Literal('x" } ; DROP ALL #')
    answer = graph.engine.query("SELECT ?v { VALUES ?v { 'a' } }", bindings={"v": hostile})
    assert isinstance(answer, ox.QuerySolutions)
    assert list(answer) == []


def test_a_binding_that_no_variable_takes_is_an_error(engine: Embedded) -> None:
    with pytest.raises(ParameterError):
        engine.query("SELECT ?s { ?s ?p ?o }", bindings={"p": ox.NamedNode("https://example.org/")})


def test_an_unknown_function_is_told_by_its_name(engine: Embedded) -> None:
    with pytest.raises(EngineError, match=r"does not take this query.*<urn:f>"):
        engine.query("SELECT ?s { ?s ?p ?o FILTER(<urn:f>(?s)) }")


@given(st.text(max_size=60))
def test_no_foreign_error_leaks_for_any_text(text: str) -> None:
    engine = Embedded(ox.Store())
    for call in (engine.query, engine.update):
        with suppress(KgError):
            call(text)


@given(st.text(alphabet="SERVICE sservic \"'<>#?:{}\\\n", max_size=40))
def test_telling_calls_from_words_never_fails(text: str) -> None:
    assert {type(calls_elsewhere(text)), type(is_update(text))} == {bool}


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * " + "{" * 10_000 + "?s ?p ?o" + "}" * 10_000,
        "SELECT (" + "(" * 10_000 + "1" + ")" * 10_000 + " AS ?x) {}",
        "SELECT * { " + "FILTER EXISTS { ?s a ?x " * 1_000 + "}" * 1_001,
        "SELECT * { " + " UNION ".join(["{ ?s a ?x }"] * 20_000) + " }",
        "SELECT * { ?s a ?x FILTER(" + " || ".join(["?s = ?x"] * 20_000) + ") }",
        "INSERT DATA {} ; DELETE { } WHERE " + "{" * 10_000 + "}" * 10_000,
    ],
)
def test_a_text_that_would_end_the_process_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(LimitError, match="This query"):
        (Embedded(ox.Store()).update if text.startswith("INSERT") else Embedded(ox.Store()).query)(text)


def test_long_lists_are_no_bomb() -> None:
    rows = " ".join(f'-{number} "{number}"^^<urn:x> "{number}"@en-GB' for number in range(10_000))
    answer = Embedded(ox.Store()).query(f'SELECT * {{ VALUES ?x {{ {rows} "{"(" * 500}" }} }}')
    assert isinstance(answer, ox.QuerySolutions)
    assert len(list(answer)) == 30_001


@pytest.mark.parametrize(
    "head",
    [
        "SELECT (COUNT(*) AS ?n) FROM <urn:x:g> FROM <urn:x:h>",
        "# FROM :none\nPREFIX : <urn:x:> SELECT (COUNT(*) AS ?n) FROM :g from\n<urn:x:h> FROM NAMED :g",
    ],
)
def test_a_statement_of_several_default_graphs_counts_once(head: str) -> None:
    store = ox.Store()
    store.update("PREFIX : <urn:x:> INSERT DATA { GRAPH :g { :a :p :b } GRAPH :h { :a :p :b . :a :p :c } }")
    answer = Embedded(store).query(head + " { ?x ?p ?y }")
    assert [row["n"] for row in answer] == [ox.Literal(2)]  # type: ignore[union-attr]  # rows


def test_several_default_graphs_of_the_protocol_are_merged_too() -> None:
    store = ox.Store()
    store.update("PREFIX : <urn:x:> INSERT DATA { GRAPH :g { :a :p :b } GRAPH :h { :a :p :b } }")
    graphs = [ox.NamedNode("urn:x:g"), ox.NamedNode("urn:x:h")]
    answer = Embedded(store).query("SELECT * { ?x ?p ?y }", default_graph=graphs)
    assert isinstance(answer, ox.QuerySolutions)
    assert len(list(answer)) == 1
