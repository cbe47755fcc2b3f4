"""Laws of evidence on random datasets and random queries.

O1 evaluating the query on a witness alone gives the row; O2 a witness has no superfluous statement; O3
without any statement of any witness the row is gone; O4 a row holds on a part of the dataset if and only if
one of its witnesses survives there; O6 a further passage changes no row; O7 absences can be checked again.
"""

import os
import re
from collections.abc import Iterable

import pyoxigraph as ox
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from kg.engine.embedded import Embedded
from kg.engine.loading import with_default_copy
from kg.evidence import Options, explain

LONG = bool(os.environ.get("KG_LONG"))
EX = "https://example.org/"
NODES = [ox.NamedNode(EX + name) for name in "abcd"]
PREDICATES = [ox.NamedNode(EX + name) for name in "pq"]
GRAPHS = [ox.NamedNode(EX + name) for name in ("g1", "g2", "g3")]
XSD_INTEGER = ox.NamedNode("http://www.w3.org/2001/XMLSchema#integer")
VALUES = [*NODES, ox.Literal("1", datatype=XSD_INTEGER), ox.Literal("2", datatype=XSD_INTEGER)]
VARIABLES = ["?x", "?y", "?z"]
ALL = Options(max_witnesses=10_000, max_seconds=600)

laws = settings(
    max_examples=3500 if LONG else 60,
    deadline=None,
    derandomize=not LONG,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)

quads = st.builds(
    ox.Quad,
    st.sampled_from(NODES),
    st.sampled_from(PREDICATES),
    st.sampled_from(VALUES),
    st.sampled_from(GRAPHS),
)
datasets = st.lists(quads, min_size=1, max_size=9, unique=True)
ends = st.sampled_from([*VARIABLES, *VARIABLES, "ex:a", "ex:b"])
targets = st.sampled_from([*VARIABLES, *VARIABLES, "ex:a", "ex:c", "1"])
triples = st.builds("{} {} {} .".format, ends, st.sampled_from(["ex:p", "ex:q", "?r"]), targets)
paths = st.recursive(
    st.sampled_from(["ex:p", "ex:q", "^ex:p", "!ex:p", "!(ex:p|^ex:q)"]),
    lambda inner: st.one_of(
        st.builds("({}/{})".format, inner, inner),
        st.builds("({}|{})".format, inner, inner),
        st.builds("({}){}".format, inner, st.sampled_from("?*+")),
        st.builds("^({})".format, inner),
    ),
    max_leaves=3,
)
walks = st.builds("{} {} {} .".format, st.sampled_from(VARIABLES), paths, ends)
filters = st.sampled_from(
    [
        "FILTER(?x != ?y)",
        "FILTER(isIRI(?x))",
        "FILTER(?y = 1 || ?x = ex:a)",
        "FILTER(!BOUND(?z) || ?z != ex:b)",
    ]
)


def grouped(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Operators under which more data gives no fewer rows."""
    return st.one_of(
        st.builds("{} {}".format, inner, inner),
        st.builds("{{ {} }} UNION {{ {} }}".format, inner, inner),
        st.builds("{} {}".format, inner, filters),
        st.builds("{} GRAPH ?g {{ {} }}".format, inner, triples),
        st.builds("{} VALUES ?x {{ ex:a ex:b }}".format, inner),
        st.builds("{{ {} BIND(STR(?x) AS ?s) }}".format, triples),
        st.builds("{{ SELECT DISTINCT ?x ?y WHERE {{ {} }} }}".format, inner),
        st.builds("{{ SELECT ?x WHERE {{ {} }} }}".format, inner),
    )


def negated(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """One level of operators that need an absence."""
    return st.one_of(
        st.builds("{} OPTIONAL {{ {} {} }}".format, inner, triples, st.just("") | filters),
        st.builds("{} MINUS {{ {} }}".format, inner, triples),
        st.builds("{} FILTER NOT EXISTS {{ {} }}".format, inner, triples),
    )


monotone = st.recursive(triples, grouped, max_leaves=4)
queries = st.builds("SELECT {}* WHERE {{ {} }}".format, st.sampled_from(["", "DISTINCT "]), monotone)
negative = st.builds("SELECT * WHERE {{ {} }}".format, negated(st.recursive(triples, grouped, max_leaves=2)))
walking = st.builds("SELECT * WHERE {{ {} {} }}".format, walks, st.just("") | triples)
existing = st.builds("SELECT * WHERE {{ {} FILTER EXISTS {{ {} }} }}".format, monotone, triples | walks)


def engine_on(data: Iterable[ox.Quad]) -> Embedded:
    """Return an engine on the quads and their default-graph copies."""
    engine = Embedded(ox.Store(), {"ex": EX})
    engine.store.extend(with_default_copy(data))
    return engine


def rows_on(data: Iterable[ox.Quad], query: str) -> set[tuple[object, ...]]:
    """Return the distinct rows of a query on some quads."""
    return {tuple(row) for row in engine_on(data).query(query)}  # type: ignore[union-attr]  # a SELECT


def carried(statements: Iterable[object], data: list[ox.Quad]) -> list[ox.Quad]:
    """Return the quads that statements stand for: in the graph asked for, else in every passage."""
    found = []
    for statement in statements:
        triple, graph = statement.triple, statement.graph  # type: ignore[attr-defined]  # of a witness
        found += [
            quad
            for quad in data
            if (quad.subject, quad.predicate, quad.object) == triple and graph in {None, quad.graph_name}
        ]
    return found


def sets_of(explanation: object, row: int, data: list[ox.Quad]) -> list[set[ox.Quad]]:
    """Return each witness of a row as a set of quads."""
    evidence = explanation.evidence(row)  # type: ignore[attr-defined]  # an Explanation
    assert evidence.status in {"supported", "constant"}, (evidence.status, evidence.reasons)
    return [set(carried(witness.statements, data)) for witness in evidence.witnesses]


@given(datasets, queries)
@laws
def test_a_witness_suffices_and_nothing_in_it_is_superfluous(data: list[ox.Quad], query: str) -> None:
    explanation = explain(engine_on(data), query, options=ALL)
    for number, row in enumerate(explanation.rows):
        for witness in explanation.evidence(number).witnesses:
            alone = carried(witness.statements, data)
            assert row in rows_on(alone, query)
            # A quad asked for by name also puts its triple into the default graph.
            for statement in witness.statements if "GRAPH" not in query else ():
                rest = [s for s in witness.statements if s is not statement]
                assert row not in rows_on(carried(rest, data), query)


@given(datasets, queries)
@laws
def test_without_any_witness_the_row_is_gone(data: list[ox.Quad], query: str) -> None:
    explanation = explain(engine_on(data), query, options=ALL)
    for number, row in enumerate(explanation.rows):
        witnesses = sets_of(explanation, number, data)
        if all(witnesses):
            gone = set().union(*witnesses)
            assert row not in rows_on([quad for quad in data if quad not in gone], query)


@given(datasets, queries, st.randoms(use_true_random=False))
@laws
def test_a_row_holds_on_a_part_exactly_where_a_witness_survives(
    data: list[ox.Quad], query: str, random: object
) -> None:
    explanation = explain(engine_on(data), query, options=ALL)
    kept = [quad for quad in data if random.random() < 0.6]  # type: ignore[attr-defined]  # a Random
    there = rows_on(kept, query)
    in_default = {(quad.subject, quad.predicate, quad.object, None) for quad in kept}
    in_graphs = {(quad.subject, quad.predicate, quad.object, quad.graph_name) for quad in kept}
    for number, row in enumerate(explanation.rows):
        survives = any(
            all((*s.triple, s.graph) in in_default | in_graphs for s in witness.statements)
            for witness in explanation.evidence(number).witnesses
        )
        assert (row in there) == survives


@given(datasets, walking | existing)
@laws
def test_a_walk_and_an_existing_match_suffice_for_the_row(data: list[ox.Quad], query: str) -> None:
    # Oxigraph 0.5 takes a walk of no step from a constant only where the data has it; SPARQL 1.1 always.
    assume(not re.search(r"\)[?*]\)* ex:|\)[?*][/|].* ex:", query))
    explanation = explain(engine_on(data), query, options=ALL)
    for number, row in enumerate(explanation.rows):
        witnesses = explanation.evidence(number).witnesses
        assert witnesses
        for witness in witnesses:
            assert row in rows_on(carried(witness.statements, data), query)


@given(datasets, negative)
@laws
def test_a_witness_and_checked_absences_suffice_for_the_row(data: list[ox.Quad], query: str) -> None:
    engine = engine_on(data)
    explanation = explain(engine, query, options=ALL)
    for number, row in enumerate(explanation.rows):
        for witness in explanation.evidence(number).witnesses:
            assert row in rows_on(carried(witness.statements, data), query)
            for absence in witness.absences:
                assert not engine.query(absence.ask_query), absence


@given(datasets, queries | negative | walking, st.sampled_from(GRAPHS))
@laws
def test_a_further_passage_changes_no_row_of_the_default_graph(
    data: list[ox.Quad], query: str, graph: ox.NamedNode
) -> None:
    if "GRAPH" in query:
        return
    more = [*data, ox.Quad(data[0].subject, data[0].predicate, data[0].object, graph)]
    before, after = explain(engine_on(data), query, options=ALL), explain(engine_on(more), query, options=ALL)
    assert sorted(map(str, before.rows)) == sorted(map(str, after.rows))
    triple = (data[0].subject, data[0].predicate, data[0].object)
    for evidence in after.for_rows(range(len(after.rows))):
        for witness in evidence.witnesses:
            for statement in witness.statements:
                assert statement.triple != triple or graph in statement.passages
