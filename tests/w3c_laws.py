"""The laws of evidence on the W3C tests: on the query as it stands, and as the reference reads it."""

from __future__ import annotations

from collections import Counter

import pyoxigraph as ox

from kg.errors import KgError
from kg.evidence import explain
from tests.oracle import laws
from tests.oracle.absences import absences_answer_no
from tests.oracle.answer import Quads, engine_on, tamed_row
from tests.oracle.derive import TooMany, Undetermined
from tests.oracle.reading import read
from tests.oracle.terms import Term
from tests.oracle.trial import ALL, Trial, sets_of
from tests.w3c import QueryTest

LAWS = {
    "O1": laws.a_witness_suffices,
    "O2": laws.a_witness_is_minimal,
    "O3": laws.without_witnesses_the_row_is_gone,
    "O4": laws.a_row_holds_on_a_part_where_a_witness_survives,
    "O7": absences_answer_no,
    "O8": laws.witnesses_are_those_of_the_reference,
}


def text_of(test: QueryTest) -> str:
    """Return a test's query with its base."""
    return f"BASE <{test.query.as_uri()}>\n{test.query.read_text(encoding='utf-8')}"


def quads_of(test: QueryTest) -> Quads:
    """Return a test's statements in their graphs."""
    placed = (
        (q.triple, q.graph_name if isinstance(q.graph_name, ox.NamedNode) else None) for q in test.store()
    )
    blanks: dict[ox.BlankNode, ox.BlankNode] = {}

    def known(term: Term) -> Term:
        if not isinstance(term, ox.BlankNode):
            return term
        return blanks.setdefault(term, ox.BlankNode(f"n{len(blanks) + 1}"))

    return frozenset((known(t.subject), t.predicate, known(t.object), graph) for t, graph in placed)


def tried(test: QueryTest) -> Counter[str]:
    """Put the laws to a test; count the times that each was really tested. Raises `AssertionError`."""
    text, quads = text_of(test), quads_of(test)
    counts = Counter(alone=_rows_stand_alone(text, quads))
    try:
        trial = Trial({}, read(text), 0, quads=quads)
        same = trial.rows == Counter(map(tamed_row, explain(engine_on(quads), text, options=ALL).rows))
        known = same and trial.rows == trial.reference.counts
    except (TooMany, Undetermined, KgError):
        return counts
    counts["covered"] += 1
    counts["agreed"] += known
    for name, law in LAWS.items() if known and trial.rows else ():
        counts[name] += law(trial)
    return counts


def _rows_stand_alone(text: str, quads: Quads) -> int:
    """O1, on the text as it stands: a row is there on each of its witnesses alone."""
    explanation = explain(engine_on(quads), text, options=ALL)
    if "OFFSET" in text.upper() or "FROM <" in text.upper() or explanation.form == "DESCRIBE":
        return 0
    tested = 0
    rows = list(explanation.rows)
    for row, evidence in zip(rows, explanation.for_rows(range(len(rows))), strict=True):
        if evidence.status not in {"external", "partial"}:
            for witness in sets_of(evidence):
                there = map(tamed_row, explain(engine_on(witness), text).rows)
                assert tamed_row(row) in there, (row, witness)
                tested += 1
    return tested
