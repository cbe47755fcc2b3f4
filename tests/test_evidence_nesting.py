"""Evidence where operators stand inside one another."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from kg.engine.embedded import Embedded
from kg.evidence import Options, explain
from kg.evidence.counts import Counts
from kg.evidence.parse import parse
from kg.evidence.rows import LazyRows
from kg.evidence.witness import NOTHING, Ways
from kg.model import Evidence

PREFIX = "PREFIX : <urn:x:> "


def evidence(data: str, query: str, row: int = 0) -> Evidence:
    """Explain a row of a query over a few statements, all of one passage."""
    store = ox.Store()
    text = f"PREFIX : <urn:x:> INSERT DATA {{ {data} GRAPH :g {{ {data} }} }}"
    store.update(text)
    return explain(Embedded(store), PREFIX + query).evidence(row)


def statements(found: Evidence) -> set[str]:
    """Write the statements of a row's only witness."""
    (witness,) = found.witnesses
    return {
        " ".join(str(t).replace("<urn:x:", ":").rstrip(">") for t in s.triple) for s in witness.statements
    }


def test_a_row_that_does_not_follow_is_never_called_supported() -> None:
    store = ox.Store()
    store.update(
        "PREFIX : <urn:x:> INSERT DATA { GRAPH :g { :a :p :b } GRAPH :h { :d :p :b } :a :p :b . :d :p :b }"
    )
    query = "SELECT * { GRAPH ?g { ?x :p ?y { SELECT ?s { ?s :p ?o } } } }"
    explanation = explain(Embedded(store), PREFIX + query)
    for row, found in zip(explanation.rows, explanation.for_rows(range(len(explanation.rows))), strict=True):
        assert isinstance(row, tuple)
        follows = row[explanation.variables.index("s")] == row[explanation.variables.index("x")]
        assert (found.status == "supported") is follows


def test_a_cap_holds_for_a_row_of_one_solution_too() -> None:
    store = ox.Store()
    store.update("PREFIX : <urn:x:> INSERT DATA { :a :p :c . :c :p 1, 2 }")
    query = "SELECT ?x { :a :p ?x FILTER EXISTS { ?x :p ?e } }"
    found = explain(Embedded(store), PREFIX + query, options=Options(max_witnesses=1)).evidence(0)
    assert (len(found.witnesses), found.status) == (1, "partial")


def test_a_cap_does_not_leave_superfluous_statements() -> None:
    store = ox.Store()
    store.update("PREFIX : <urn:x:> INSERT DATA { :c :p 2 . :b :p :a . :a :p :d }")
    query = "SELECT ?y { ?y :p 2 FILTER EXISTS { ?e ?v ?f } }"
    found = explain(Embedded(store), PREFIX + query, options=Options(max_witnesses=1)).evidence(0)
    assert statements(found) == {':c :p "2"^^<http://www.w3.org/2001/XMLSchema#integer'}


@pytest.mark.parametrize(
    "query",
    [
        "SELECT (COUNT(*) AS ?n) { { SELECT ?x { ?x :p ?y } ORDER BY ?x LIMIT 2 } }",
        "SELECT (SUM(?c) AS ?n) { { SELECT ?x (COUNT(*) AS ?c) { ?x :p ?y } GROUP BY ?x ?y } }",
    ],
)
def test_equal_rows_of_a_sub_select_came_about_in_different_ways(query: str) -> None:
    assert statements(evidence(":a :p :b . :a :p :c .", query)) == {":a :p :b", ":a :p :c"}


def test_an_optional_may_assign_a_variable_from_before_it() -> None:
    query = "SELECT * { ?x :p ?y OPTIONAL { ?x :p ?x BIND(?x AS ?y) FILTER NOT EXISTS { ?x :p ?x } } }"
    assert evidence(":a :p :a . :a :p :b .", query).status == "supported+absence"


def test_a_minus_inside_an_optional_does_not_see_what_stands_before_it() -> None:
    query = "SELECT ?x ?y { ?x :p ?x OPTIONAL { ?y :q ?y MINUS { ?x :r ?y } } }"
    (absence,) = evidence(":b :p :b . :a :q :a .", query).absences
    assert [name for name, _ in absence.bindings] == ["y"]


def test_what_such_a_minus_removed_is_part_of_the_witness() -> None:
    query = "SELECT ?x ?y { ?x :p ?x OPTIONAL { ?y :q ?y MINUS { ?x :r ?y } } }"
    assert ":c :r :a" in statements(evidence(":b :p :b . :a :q :a . :c :r :a .", query))


@pytest.mark.parametrize(
    "query",
    [
        "SELECT (SUM(IF(EXISTS { ?x :q ?z }, 1, 0)) AS ?n) { ?x :p ?y }",
        "SELECT ?k (COUNT(*) AS ?n) { ?x :p ?y } GROUP BY (EXISTS { ?x :q ?z } AS ?k) HAVING(?k)",
        "SELECT ?x { ?x :p ?y } GROUP BY ?x HAVING(EXISTS { ?x :q ?z })",
        "SELECT ?x (EXISTS { ?x :q ?z } AS ?e) { ?x :p ?y } GROUP BY ?x ORDER BY ?x",
    ],
)
def test_exists_outside_the_pattern_of_a_group_counts(query: str) -> None:
    assert ":a :q :d" in statements(evidence(":a :p :b . :c :p :b . :a :q :d .", query))


def test_a_minus_inside_a_minus_sees_only_what_stands_before_it() -> None:
    query = "SELECT ?y ?z { ?y :p ?z MINUS { ?y :r :b . MINUS { ?z :q ?y } ?z :r ?y } }"
    assert ":d :q :a" in statements(evidence(":a :p :c . :a :r :b . :d :q :a . :c :r :a .", query))


def test_each_true_side_of_or_in_having_is_a_way_of_its_own() -> None:
    query = "SELECT ?x { ?x :p ?y } GROUP BY ?x HAVING(?x = :a || EXISTS { ?x :q ?z })"
    assert statements(evidence(":a :p :b . :a :q :c .", query)) == {":a :p :b"}


def test_the_question_of_an_absence_has_the_parameters_in_it() -> None:
    store = ox.Store()
    store.update("PREFIX : <urn:x:> INSERT DATA { :a :p :b }")
    given = {"y": ox.NamedNode("urn:x:d")}
    (absence,) = explain(Embedded(store), PREFIX + "ASK { ?y :p ?z }", bindings=given).evidence(0).absences
    assert dict(absence.bindings) == given
    assert not store.query(absence.ask_query)


def test_all_sides_of_a_false_or_are_to_blame() -> None:
    query = "ASK { ?x :p ?x FILTER(NOT EXISTS { ?e :r ?e } || NOT EXISTS { ?f :p ?x }) }"
    assert statements(evidence(":b :p :b . :a :r :a .", query)) == {":b :p :b", ":a :r :a"}


def test_a_group_without_a_value_for_a_key_is_told_from_those_with_one() -> None:
    data = ":a :q :b . :a :q :c . :c :p 1 ."
    query = "SELECT ?x ?a { ?x :q ?y OPTIONAL { ?y :p ?a } } GROUP BY ?x ?a HAVING(COUNT(*) < 2) ORDER BY ?a"
    store = ox.Store()
    store.update(f"PREFIX : <urn:x:> INSERT DATA {{ {data} }}")
    complete = [a for a in evidence(data, query).absences if a.kind == "complete"]
    assert [bool(store.query(absence.ask_query)) for absence in complete] == [False]


def test_the_claim_of_an_optional_is_about_values_where_it_stands() -> None:
    query = "SELECT * { { ?z ?v 2 } UNION { ?x :q 1 } OPTIONAL { ?x :r ?y } } VALUES ?x { :a }"
    (absence,) = evidence(":b :p 2 .", query).absences
    assert absence.bindings == ()


def test_not_not_exists_blocks_nothing() -> None:
    query = "ASK { ?x :r ?x FILTER(!NOT EXISTS { :d :r ?e }) }"
    assert statements(evidence(":a :r :a .", query)) == set()


def test_a_place_among_the_first_rows_is_claimed() -> None:
    query = "SELECT ?y { { SELECT ?x { ?x :p ?z } ORDER BY ?x LIMIT 1 } ?x :p ?y }"
    (absence,) = evidence(":a :p :b . :c :p :b .", query).absences
    assert absence.kind == "rank"
    store = ox.Store()
    store.update("PREFIX : <urn:x:> INSERT DATA { :a :p :b . :c :p :b }")
    assert not store.query(absence.ask_query)
    store.update("PREFIX : <urn:x:> INSERT DATA { :A :p :b }")
    assert store.query(absence.ask_query)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { { ?z :v 2 } UNION { ?x :q 1 } MINUS { ?x :r ?y } } VALUES ?x { :a }",
        "SELECT * { { ?z :v 2 OPTIONAL { ?z :w ?x } FILTER NOT EXISTS { ?x :s ?y } } ?x :p :c }",
        "SELECT * { { ?z :v 2 OPTIONAL { ?z :w ?x } BIND(EXISTS { ?x :s ?y } AS ?e) } ?x :p :c }",
        "SELECT * { ?z :v 2 OPTIONAL { ?z :w ?x } OPTIONAL { ?z :w ?w FILTER(NOT EXISTS { ?x :s ?y }) }"
        " ?x :p :c }",
        "SELECT * { ?z :v 2 OPTIONAL { ?z :v 2 OPTIONAL { ?z :w ?x } FILTER(NOT EXISTS { ?x :s ?y }) }"
        " ?x :p :c }",
    ],
)
def test_no_claim_is_about_a_value_that_was_bound_later(query: str) -> None:
    data = ":b :v 2 . :a :r :b . :a :p :c ."
    found = evidence(data, query)
    store = ox.Store()
    store.update(f"PREFIX : <urn:x:> INSERT DATA {{ {data} }}")
    assert found.status != "partial"
    assert all(not absence.bindings or dict(absence.bindings).keys() == {"z"} for absence in found.absences)
    assert not any(store.query(absence.ask_query) for absence in found.absences)


@pytest.mark.parametrize(
    ("data", "query", "expected"),
    [
        (
            ":c :q :c . :d :q :c . :a :p :a .",
            "SELECT ?z (COUNT(*) AS ?n) { ?z :q ?y { ?y :q ?y { SELECT (AVG(STR(?s)) AS ?a) { ?s ?v ?s }"
            " GROUP BY ?v } } UNION { ?y :p 2 } } GROUP BY ?z ORDER BY DESC(?z)",
            {":c :q :c", ":d :q :c", ":a :p :a"},
        ),
        (
            ":a :q :b . :b :p :c . :b :p :d .",
            "SELECT (COUNT(?x) AS ?n) { :a :q ?x { SELECT ?x { ?x ?v ?y . :a :q ?x } LIMIT 9 } }",
            {":a :q :b", ":b :p :c", ":b :p :d"},
        ),
    ],
)
def test_a_member_may_need_more_than_an_equal_one(data: str, query: str, expected: set[str]) -> None:
    assert statements(evidence(data, query)) == expected


def test_members_from_a_sub_select_are_all_there() -> None:
    data = " ".join(f":a :p {number} ." for number in range(100))
    query = "SELECT (COUNT(?x) AS ?n) { { SELECT ?x { ?x :p ?y } LIMIT 90 } }"
    assert len(statements(evidence(data, query))) >= 90


def test_lineages_are_whole() -> None:
    store = ox.Store()
    store.update("PREFIX : <urn:x:> INSERT DATA { :a :q :b . :b :q :c }")
    query = "SELECT DISTINCT ?x { ?x :q+ ?y } ORDER BY ?x"
    found = explain(Embedded(store), PREFIX + query, options=Options(paths="lineage")).evidence(0)
    assert sorted(len(witness.statements) for witness in found.witnesses) == [1, 2]


def test_a_group_without_a_value_for_a_computed_key_is_told_from_those_with_one() -> None:
    data = ":a :q 1 . :a :q :c . :b :q 1 ."
    query = "SELECT ?k (COUNT(*) AS ?n) { ?x :q ?y } GROUP BY (?y + 1 AS ?k) HAVING(COUNT(*) < 3) ORDER BY ?k"
    store = ox.Store()
    store.update(f"PREFIX : <urn:x:> INSERT DATA {{ {data} }}")
    (absence,) = evidence(data, query).absences
    assert not store.query(absence.ask_query)


@pytest.mark.parametrize(
    ("data", "query", "expected"),
    [
        (
            ":c :q :d . :c :p :c .",
            "SELECT * { ?z :q ?x OPTIONAL { ?z ?v ?y OPTIONAL { ?x :p ?z } } }",
            {":c :q :d", ":c :p :c"},
        ),
        (
            ":a :p :b . :a :p :c . :b :q :b . :c :q :c . :b :r :c .",
            "SELECT (COUNT(*) AS ?n) { :a :p ?x . :a :p ?y FILTER NOT EXISTS { ?x :r ?y } }",
            {":a :p :b", ":a :p :c", ":b :r :c"},
        ),
    ],
)
def test_what_keeps_others_from_matching_is_part_of_the_witness(
    data: str, query: str, expected: set[str]
) -> None:
    assert statements(evidence(data, query)) == expected


def test_a_description_that_goes_on_from_a_blank_node_names_the_way_there() -> None:
    store = ox.Store()
    store.update("PREFIX : <urn:x:> INSERT DATA { :a :p _:b . _:b :q _:c . _:c :r 1 . :z :r :a }")
    explanation = explain(Embedded(store), PREFIX + "DESCRIBE ?x { ?z :r ?x FILTER(isIRI(?x)) }")
    sizes = {
        str(row[1]): len(found.witnesses[0].statements)  # type: ignore[index]  # triples
        for row, found in zip(explanation.rows, explanation.for_rows(range(3)), strict=True)
    }
    assert sizes == {"<urn:x:p>": 2, "<urn:x:q>": 3, "<urn:x:r>": 4}


def test_the_members_with_the_extreme_value_are_marked() -> None:
    query = "SELECT ?x (MAX(?n) AS ?most) (COUNT(*) AS ?c) { ?x :n ?n } GROUP BY ?x"
    (witness,) = evidence(":a :n 1 . :a :n 3 . :a :n 2 .", query).witnesses
    (place,) = witness.extremal
    (statement,) = witness.members[place]
    assert str(witness.statements[statement].triple[2].value) == "3"  # type: ignore[union-attr]  # a number


def test_a_row_that_counts_what_is_not_there_is_partial() -> None:
    store = ox.Store()
    store.update("PREFIX : <urn:x:> INSERT DATA { GRAPH :g { :a :p :b } GRAPH :h { :a :p :b } }")
    query = "SELECT ?g ?c { GRAPH ?g { SELECT (COUNT(*) AS ?c) { ?s :p ?x } } }"
    explanation = explain(Embedded(store), PREFIX + query)
    assert [found.status for found in explanation.for_rows(range(len(explanation.rows)))] == ["partial"]


def test_a_claim_far_inside_has_the_parameters_in_it() -> None:
    store = ox.Store()
    store.update("PREFIX : <urn:x:> INSERT DATA { :a :p :a . :b :r :b }")
    query = "ASK { ?z :p ?x OPTIONAL { ?z :p ?z OPTIONAL { ?x :r ?x } } }"
    given = {"x": ox.NamedNode("urn:x:a")}
    (absence,) = explain(Embedded(store), PREFIX + query, bindings=given).evidence(0).absences
    assert dict(absence.bindings) == given
    assert not store.query(absence.ask_query)


def test_a_row_with_more_derivations_than_it_occurs_is_doubted() -> None:
    counts = Counts(parse("SELECT ?x { { SELECT ?x { ?x <p:p> ?y } } }"))
    rows = LazyRows(iter([("a",), ("a",), ("b",)]))
    assert counts.needed
    assert len(rows) == 3
    twice = Ways([NOTHING], 2)
    assert counts.checked(("a",), twice, rows) is twice
    assert "1 times, but 2 derivations" in " ".join(counts.checked(("b",), twice, rows).reasons)
    assert not Counts(parse("SELECT DISTINCT ?x { ?x <p:p> ?y }")).needed


def test_a_limit_is_noted_for_the_whole_answer() -> None:
    engine = Embedded(ox.Store())
    assert "LIMIT 2 OFFSET 1" in explain(engine, "SELECT * { ?s ?p ?o } LIMIT 2 OFFSET 1").note
    assert not explain(engine, "SELECT * { ?s ?p ?o }").note
