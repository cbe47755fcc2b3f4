"""Evidence, operator by operator: which statements a row rests on, and which claims of absence."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable

import pyoxigraph as ox
import pytest

from kg.engine.embedded import Embedded
from kg.errors import QuerySyntaxError
from kg.evidence import Options, explain
from kg.model import Evidence
from kg.query import ExplainedResult

DATA = """
PREFIX : <http://e/>
:a :p :b . :b :p :c . :c :p :d . :a :q :b . :a :n 1 . :b :n 2 . :c :n 3 . :a :t "A" .
"""
PREFIX = "PREFIX : <http://e/> "


@pytest.fixture
def engine() -> Embedded:
    """Eight statements; each stands in the passage :g1, those with :p also in :g2."""
    store = ox.Store()
    for quad in ox.parse(DATA, format=ox.RdfFormat.TURTLE):
        store.add(quad)
        names = ["g1", "g2"] if quad.predicate.value.endswith("/p") else ["g1"]
        for name in names:
            graph = ox.NamedNode(f"http://e/{name}")
            store.add(ox.Quad(quad.subject, quad.predicate, quad.object, graph))
    return Embedded(store)


Explain = Callable[..., list[Evidence]]


@pytest.fixture
def evidence(engine: Embedded) -> Explain:
    """Explain all rows of a query."""

    def run(text: str, **options: object) -> list[Evidence]:
        explanation = explain(engine, PREFIX + text, options=Options(**options))  # type: ignore[arg-type]  # by name
        return explanation.for_rows(range(len(explanation.rows)))

    return run


def short(evidence: Evidence) -> set[frozenset[str]]:
    """Return the witnesses as sets of words like 'a p b'."""
    return {frozenset(words(s.triple) for s in witness.statements) for witness in evidence.witnesses}


def in_order(rows: Iterable[set[frozenset[str]]]) -> list[list[list[str]]]:
    return sorted(sorted(map(sorted, row)) for row in rows)


def words(terms: Iterable[object]) -> str:
    return " ".join(str(getattr(term, "value", "")).removeprefix("http://e/") for term in terms)


def ways(*witnesses: str) -> set[frozenset[str]]:
    return {frozenset(part.strip() for part in witness.split(",")) for witness in witnesses}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT ?o { :a :p ?o }", [ways("a p b")]),
        ("SELECT ?o { :a :p/:p ?o }", [ways("a p b, b p c")]),
        ("SELECT ?s { ?s ^:p :a }", [ways("a p b")]),
        ("SELECT ?o { :a :p|:q ?o }", [ways("a p b", "a q b")]),
        ("SELECT ?o { :a !(:p|:n|:t) ?o }", [ways("a q b")]),
        ("SELECT ?s { ?s !(:n|^:p) :a }", [ways("a n 1"), ways("a q b"), ways("a t A")]),
        ("SELECT (1 AS ?x) { :a :p+ :d }", [ways("a p b, b p c, c p d")]),
        ("SELECT (1 AS ?x) { :b (:q|:p)+ :d }", [ways("b p c, c p d")]),
        ("SELECT ?s { :b :p? ?s FILTER(?s = :c) }", [ways("b p c")]),
        ("SELECT ?s { ?s :p [ :p ?x ; :n 2 ] }", [ways("a p b, b n 2, b p c")]),
        ("SELECT ?o { { :a :p ?o } UNION { :a :q ?o } }", [ways("a p b", "a q b")] * 2),
        ("SELECT DISTINCT ?o { { :a :p ?o } UNION { :a :q ?o } }", [ways("a p b", "a q b")]),
        ("SELECT ?o { :a :p ?o FILTER EXISTS { ?o :n ?n } }", [ways("a p b, b n 2")]),
        ("SELECT ?o { :a :p ?o FILTER(?o = :x || EXISTS { ?o :n ?n }) }", [ways("a p b, b n 2")]),
        ("SELECT ?o { :a :p ?o FILTER(?o = :b || EXISTS { ?o :n ?n }) }", [ways("a p b")]),
        ("SELECT ?o { :a :p ?o FILTER(!(NOT EXISTS { ?o :n ?n })) }", [ways("a p b, b n 2")]),
        ("SELECT ?o ?n { :a :p ?o OPTIONAL { ?o :n ?n FILTER(?o = :b) } }", [ways("a p b, b n 2")]),
        ("SELECT ?o { { SELECT DISTINCT ?o { ?s :p ?o . ?o :n 2 } } }", [ways("a p b, b n 2")]),
        ("SELECT ?o { { SELECT ?o { ?s :p ?o } ORDER BY ?o LIMIT 1 } }", [ways("a p b")]),
        ("SELECT ?x { { SELECT (MAX(?n) AS ?x) { ?s :n ?n } } }", [ways("a n 1, b n 2, c n 3")]),
        ("SELECT (COUNT(*) AS ?x) { ?s :q ?o }", [ways("a q b")]),
        (
            "SELECT (SUM(?n) AS ?x) { ?s :p ?o ; :n ?n } GROUP BY ?o HAVING(SUM(?n) > 2)",
            [ways("c n 3, c p d")],
        ),
        ("SELECT ?x { VALUES ?x { 1 } }", [{frozenset()}]),
        ("SELECT ?g { GRAPH ?g { :a :q :b } }", [ways("a q b")]),
        ("SELECT (EXISTS { :a :q :b } AS ?x) {}", [ways("a q b")]),
        ("ASK { :a :p ?o . ?o :n 2 }", [ways("a p b, b n 2")]),
        ("CONSTRUCT { ?o :r ?s } { ?s :q ?o }", [ways("a q b")]),
        ("CONSTRUCT WHERE { :a :q ?o }", [ways("a q b")]),
        ("DESCRIBE ?o { ?x :p ?o . ?o :n 3 }", [ways("b p c, c n 3, c p d"), ways("b p c, c n 3")]),
        ("SELECT ?s FROM :g1 { ?s :q ?o }", [ways("a q b")]),
    ],
)
def test_a_row_rests_on_these_statements(
    evidence: Explain, text: str, expected: list[set[frozenset[str]]]
) -> None:
    assert in_order(expected) == in_order(map(short, evidence(text)))


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?o { :a :p ?o FILTER NOT EXISTS { ?o :q ?x } }",
        "SELECT ?o { :a :p ?o MINUS { ?o :q ?x } }",
        "SELECT ?o { :a :p ?o OPTIONAL { ?o :q ?x } }",
        "SELECT ?o { :a :p ?o OPTIONAL { ?o :q ?x FILTER(?x = ?o) } }",
        "SELECT ?o { :a :p ?o OPTIONAL { { ?o :q ?x } UNION { ?o :r ?x } } }",
        "SELECT ?o { :a :p ?o OPTIONAL { SELECT ?o { ?o :q ?x } LIMIT 1 } }",
        "ASK { :d :p ?x }",
    ],
)
def test_what_is_absent_is_claimed_with_a_question_that_answers_no(
    engine: Embedded, evidence: Explain, text: str
) -> None:
    (found,) = evidence(text)
    assert found.status == "supported+absence"
    assert [bool(engine.query(absence.ask_query)) for absence in found.absences] == [False]


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?g { GRAPH ?g { } }",
        "SELECT ?g FROM NAMED :g2 { GRAPH ?g { BIND(1 AS ?x) } }",
        "SELECT ?g { GRAPH ?g { OPTIONAL { :a :none ?o } } }",
        "SELECT ?g { GRAPH ?g { { :a :n ?x } UNION { VALUES ?x { 2 } } } }",
        "SELECT ?g ?h { GRAPH ?g { GRAPH ?h { :a :n ?x } } }",
        "SELECT ?g { GRAPH ?g { { SELECT (COUNT(*) AS ?n) { :a :none ?o } } } }",
        "ASK { GRAPH :g2 { FILTER NOT EXISTS { :a :none ?o } } }",
    ],
)
def test_a_graph_is_there_by_any_one_of_its_statements(engine: Embedded, text: str) -> None:
    explanation = explain(engine, PREFIX + text)
    for row, found in zip(explanation.rows, explanation.for_rows(range(len(explanation.rows))), strict=True):
        for witness in found.witnesses:
            store = ox.Store()
            store.extend(ox.Quad(*one.triple, one.graph) for one in witness.statements)  # type: ignore[arg-type]  # graphs
            assert row in explain(Embedded(store), PREFIX + text).rows


def test_what_has_a_statement_in_its_graph_takes_no_other(evidence: Explain) -> None:
    found = evidence("SELECT ?g { GRAPH ?g { OPTIONAL { :a :q ?o } } } ORDER BY ?g")[0]
    assert [len(witness.statements) for witness in found.witnesses] == [1]


@pytest.mark.parametrize(
    "inside",
    [
        "GRAPH ?g { ?s ?p ?t FILTER NOT EXISTS { ?o :none ?z } }",
        "{ ?s :p ?t FILTER NOT EXISTS { ?o :q ?t } }",
        "{ ?s :p ?t FILTER NOT EXISTS { ?o :q ?t } } UNION { ?s :none ?t }",
        "GRAPH ?g { ?s :p ?t MINUS { ?o :n ?t } }",
    ],
)
def test_what_is_absent_deep_inside_exists_is_about_the_terms_of_the_row(
    engine: Embedded, evidence: Explain, inside: str
) -> None:
    found = evidence(f"SELECT ?o {{ :a :p ?o FILTER EXISTS {{ {inside} }} }}")
    claims = [absence for one in found for absence in one.absences]
    assert {("o", ox.NamedNode("http://e/b")) in claim.bindings for claim in claims} == {True}
    assert not any(engine.query(claim.ask_query) for claim in claims)


def test_a_minus_that_shares_no_variable_claims_nothing(evidence: Explain) -> None:
    assert evidence("SELECT ?o { :a :p ?o MINUS { ?x :q ?y } }")[0].absences == ()


def test_a_constant_rests_on_nothing(evidence: Explain) -> None:
    assert evidence("SELECT (1 + 1 AS ?two) {}")[0].status == "constant"


@pytest.mark.parametrize("call", ["RAND()", "NOW()", "UUID()", "STRUUID()", "BNODE()"])
def test_what_nobody_can_look_up_again_is_named(evidence: Explain, call: str) -> None:
    (found,) = evidence(f"SELECT ?o ({call} AS ?x) {{ :a :p ?o }}")
    assert (found.status, found.reasons) == ("external", (call,))


@pytest.mark.parametrize(
    "text",
    [
        "SELECT (COUNT(*) AS ?n) (RAND() AS ?x) { ?s :p ?o }",
        "SELECT (COUNT(*) AS ?n) (RAND() AS ?x) { ?s :none ?o }",
        "SELECT (COUNT(*) AS ?n) (RAND() AS ?x) { ?s :p ?o } GROUP BY ?s",
        "SELECT (SUM(RAND()) AS ?x) { ?s :p ?o }",
        "SELECT ?s { ?s :p ?o } GROUP BY ?s HAVING (COUNT(*) > RAND() - 1)",
        "SELECT ?k (COUNT(*) AS ?n) { ?s :p ?o } GROUP BY (RAND() AS ?k)",
        "SELECT ?s { ?s :p ?o FILTER NOT EXISTS { ?s :n ?n FILTER(?n < RAND()) } }",
        "SELECT ?s { ?s :p ?o MINUS { ?s :n ?n FILTER EXISTS { ?s :n ?m FILTER(?m < RAND()) } } }",
        "SELECT ?s { ?s :p ?o OPTIONAL { ?s :n ?n FILTER(?n < RAND()) } }",
        "ASK { ?s :n ?n FILTER(?n < RAND()) }",
    ],
)
def test_chance_is_named_also_in_groups_and_in_what_is_absent(evidence: Explain, text: str) -> None:
    assert {(one.status, one.reasons) for one in evidence(text)} == {("external", ("RAND()",))}


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?s { ?s ?p ?o FILTER(RAND() < 0.5) } GROUP BY ?s",
        "CONSTRUCT { ?s :of ?o } { ?s ?p ?o FILTER(RAND() < 0.5) }",
    ],
)
def test_chance_is_named_where_a_row_is_not_found_again(text: str) -> None:
    store = ox.Store()
    subjects = [ox.NamedNode(f"http://e/{number}") for number in range(300)]
    store.extend(ox.Quad(one, ox.NamedNode("http://e/p"), one) for one in subjects)
    explanation = explain(Embedded(store), PREFIX + text)
    lost = [one for one in explanation.for_rows(range(len(explanation.rows))) if not one.witnesses]
    assert {one.reasons for one in lost} == {("the row was not found again", "RAND()")}


def test_each_passage_of_a_statement_is_named(evidence: Explain) -> None:
    (found,) = evidence("SELECT ?o { :a :p ?o }")
    assert [graph.value for graph in found.passages] == ["http://e/g1", "http://e/g2"]


def test_the_graph_that_the_query_asks_for_is_kept(evidence: Explain) -> None:
    (found,) = evidence("SELECT ?o { GRAPH :g2 { :a :p ?o } }")
    assert [s.graph for s in found.witnesses[0].statements] == [ox.NamedNode("http://e/g2")]


def test_from_limits_the_passages(evidence: Explain) -> None:
    (found,) = evidence("SELECT ?o FROM :g2 { :a :p ?o }")
    assert [graph.value for graph in found.passages] == ["http://e/g2"]


def test_a_cap_that_bites_is_said(evidence: Explain) -> None:
    (found,) = evidence("SELECT DISTINCT ?x { ?s :n ?n BIND(1 AS ?x) }", max_witnesses=2)
    assert (found.status, len(found.witnesses), found.derivation_count) == ("partial", 2, 3)
    assert "2 of the witnesses" in found.reasons[0]


def test_members_of_a_group_are_told_apart(evidence: Explain) -> None:
    (found,) = evidence("SELECT (COUNT(*) AS ?n) { ?s :n ?x }")
    assert len(found.witnesses[0].members) == 3


def test_names_like_our_own_do_no_harm(evidence: Explain) -> None:
    (found,) = evidence("SELECT ?_kg_1u { { :a :q ?_kg_1u } UNION { :x :q ?_kg_2u } }")
    assert short(found) == ways("a q b")


def test_a_parameter_counts_inside_exists(engine: Embedded) -> None:
    text = PREFIX + "SELECT ?o ?x { :a :p ?o FILTER EXISTS { ?o :n ?x } }"
    found = explain(engine, text, bindings={"x": ox.Literal(2)}).evidence(0)
    assert short(found) == ways("a p b, b n 2")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT ?s { ?s :n 1 FILTER NOT EXISTS { ?s :p ?o FILTER NOT EXISTS { ?o :n 2 } } }", "b n 2"),
        ("SELECT ?s { ?s :n 1 FILTER NOT EXISTS { ?s :p ?o MINUS { ?o :n 2 } } }", "b n 2"),
        ("SELECT ?s { ?s :n 1 MINUS { ?s :p ?o OPTIONAL { ?o :n ?n } FILTER(!BOUND(?n)) } }", "b n 2"),
    ],
)
def test_what_blocks_a_blocker_counts(evidence: Explain, text: str, expected: str) -> None:
    (found,) = evidence(text)
    assert expected in {words(s.triple) for s in found.witnesses[0].statements}


@pytest.mark.parametrize(
    "text",
    [
        "SELECT (COUNT(*) AS ?n) { ?s :none ?o }",
        "SELECT ?o (COUNT(*) AS ?n) { ?s :p|:q ?o } GROUP BY ?o HAVING(COUNT(*) < 2)",
        "SELECT (COUNT(*) AS ?n) { ?s :p ?o } GROUP BY STRLEN(STR(?o)) HAVING(COUNT(*) < 9)",
    ],
)
def test_a_whole_group_is_claimed_to_be_whole(engine: Embedded, evidence: Explain, text: str) -> None:
    for found in evidence(text):
        assert [bool(engine.query(absence.ask_query)) for absence in found.absences] == [False]


NUMBERS = " ".join(map(str, range(100)))
MANY = f"SELECT * {{ ?s :q ?o VALUES ?x {{ {NUMBERS} }} VALUES ?y {{ {NUMBERS} }} }}"


def test_rows_are_read_only_as_far_as_one_looks(engine: Embedded) -> None:
    explanation = explain(engine, PREFIX + MANY)
    explanation.evidence(0)
    assert not explanation.rows.is_read


def test_many_ways_are_not_all_counted(engine: Embedded) -> None:
    rows = "VALUES ?x { " + " ".join(map(str, range(1000))) + " } VALUES ?y { 1 2 3 4 }"
    explanation = explain(
        engine, PREFIX + f"SELECT ?s {{ ?s :q :b {rows} }} LIMIT 1", options=Options(max_derivations=0)
    )
    assert any("counting stopped" in reason for reason in explanation.evidence(0).reasons)


def test_iterating_over_rows_reads_only_as_far_as_one_goes(engine: Embedded) -> None:
    result = ExplainedResult(explain(engine, PREFIX + MANY))
    assert next(iter(result)).evidence.status == "supported"
    assert not result.explanation.rows.is_read


def test_few_distinct_rows_with_very_many_solutions_come_once_each_with_all_solutions_counted(
    engine: Embedded,
) -> None:
    many = f"VALUES ?x {{ {NUMBERS} }} VALUES ?y {{ {NUMBERS} }}"
    explanation = explain(engine, PREFIX + f"SELECT DISTINCT ?s {{ ?s :n ?n {many} }}")
    rows = list(explanation.rows)
    assert sorted(words(row) for row in rows if isinstance(row, tuple)) == ["a", "b", "c"]
    found = explanation.for_rows(range(3))
    assert [one.derivation_count for one in found] == [10_000] * 3
    assert [len(one.witnesses) for one in found] == [1] * 3


@pytest.mark.parametrize("text", ["SELECT * { :a :p :b }", "SELECT * { [] :q [] }", "SELECT DISTINCT * {}"])
def test_a_row_without_columns_stays_without_columns(engine: Embedded, text: str) -> None:
    explanation = explain(engine, PREFIX + text)
    assert list(explanation.rows) == [()]
    assert explanation.evidence(0).status == ("supported" if ":" in text else "constant")


@pytest.mark.parametrize("text", ["SELECT * { ?s ?p <<( ?a :p ?b )>> }", "ASK { LATERAL { ?s ?p ?o } }"])
def test_a_query_that_only_the_engine_knows_is_said_to_be_beyond_sparql_1_1(
    engine: Embedded, text: str
) -> None:
    with pytest.raises(
        QuerySyntaxError, match=r"line 1, column \d+: .*evidence is given for SPARQL 1.1 only"
    ):
        explain(engine, PREFIX + text)


def test_a_mistake_in_a_very_long_line_is_shown_with_what_is_around_it(engine: Embedded) -> None:
    text = "SELECT * { VALUES ?x { " + "1 " * 100_000 + "WRONG " + "1 " * 100_000 + "} }"
    with pytest.raises(QuerySyntaxError) as caught:
        explain(engine, text)
    _, line, caret = str(caught.value).splitlines()
    assert len(line) < 170
    assert line[caret.index("^") :].startswith("WRONG")


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ?s :p ?o }",
        "SELECT ?s { ?s :p ?o OPTIONAL { ?o :q ?x } }",
        "SELECT DISTINCT ?o { { ?s :p ?o } UNION { ?s :q ?o } }",
        "SELECT (COUNT(*) AS ?n) { ?s :p+ ?o FILTER NOT EXISTS { ?o :q ?x } }",
        "ASK { ?s :p ?o }",
        "CONSTRUCT { ?o :of ?s } WHERE { ?s :p ?o }",
        "DESCRIBE :a",
    ],
)
def test_what_is_explained_goes_with_its_last_name_without_a_search_for_cycles(
    evidence: Explain, text: str
) -> None:
    evidence(text)  # what is made once and kept is made here
    gc.collect()
    gc.disable()
    try:
        evidence(text)
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_a_row_of_many_columns_is_explained_as_one_of_few(evidence: Explain) -> None:
    where = "{ ?a :p ?b . ?b :p ?c OPTIONAL { ?c :q ?d } BIND('long' AS ?e) }"
    few, many = evidence(f"SELECT ?a ?b {where}"), evidence(f"SELECT ?a ?b ?c ?d ?e {where}")
    assert in_order(map(short, many)) == in_order(map(short, few))
    assert {one.status for one in many} == {"supported+absence"}
