"""The laws of absences (O7): their questions can be asked again, and the row rests on the answers."""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph as ox

from kg.evidence import explain
from kg.model import Absence
from tests.oracle import syntax as sx
from tests.oracle.answer import engine_on, tamed_row
from tests.oracle.derive import Atom
from tests.oracle.nature import triples_in
from tests.oracle.scope import walk
from tests.oracle.syntax import Group
from tests.oracle.terms import Term, Var, iri
from tests.oracle.trial import ALL, Trial, sets_of


def absences_answer_no(trial: Trial) -> int:
    """O7: the question of every absence is false on the data."""
    absences = {a for _, evidence in trial.evidence for a in evidence.absences if can_be_asked(a)}
    for absence in absences:
        assert not trial.engine.query(absence.ask_query), absence
    return len(absences)


def can_be_asked(absence: Absence) -> bool:
    """Tell whether a text can ask about an absence: it cannot name a blank node."""
    return not any(isinstance(term, ox.BlankNode) for _, term in absence.bindings)


def a_certificate_holds_on_any_data(trial: Trial) -> int:
    """O7: on any data with a witness where the questions of its absences are false, the row is there."""
    nature, tested = trial.nature, 0
    if nature.has_from or nature.is_ranked or (nature.is_grouped and not nature.all_groups_claim):
        return 0
    for row, evidence in trial.evidence:
        for witness, statements in zip(evidence.witnesses, sets_of(evidence), strict=True):
            if not witness.absences:
                continue
            for _ in range(2):
                quads = trial.varied() | statements
                engine = engine_on(quads)
                if all(map(can_be_asked, witness.absences)) and not any(
                    engine.query(absence.ask_query) for absence in witness.absences
                ):
                    assert row in trial.rows_on(quads), (row, quads)
                    tested += 1
    return tested


def an_instance_takes_the_row_away(trial: Trial) -> int:
    """O7: with one instance of an absent pattern, the row is gone, or rests on the new statements."""
    nature, tested = trial.nature, 0
    if nature.has_graphs or nature.is_nested or nature.is_grouped or nature.is_ranked:
        return 0
    patterns = {str(group): group for group in walk(trial.query) if isinstance(group, Group)}
    for row, evidence in trial.evidence:
        for absence in set(evidence.absences):
            if not can_be_asked(absence) or not all(
                absence in witness.absences for witness in evidence.witnesses
            ):
                continue  # the row has ways without it
            added = frozenset(_instance(patterns[absence.pattern], absence))
            engine = engine_on(trial.quads | added)
            if not engine.query(absence.ask_query):
                continue  # a FILTER refuses the instance
            tested += 1
            after = explain(engine, trial.query.text(), trial.query.bindings, options=ALL)
            rows = list(map(tamed_row, after.rows))
            if row in rows:
                assert all(witness & added for witness in sets_of(after.evidence(rows.index(row)))), (
                    row,
                    added,
                )
    return tested


def _instance(group: Group, absence: Absence) -> Iterator[Atom]:
    """Yield statements that match a pattern of triples; none where it is more than that."""
    if not all(isinstance(element, sx.Block | sx.Filter) for element in group.elements):
        return
    terms: dict[str, Term] = dict(absence.bindings)  # type: ignore[arg-type]  # no blank nodes
    for triple in triples_in(tuple(e for e in group.elements if isinstance(e, sx.Block))):
        nodes = (triple.subject, triple.verb, triple.object)
        found = [terms.setdefault(n.name, iri("new-" + n.name)) if isinstance(n, Var) else n for n in nodes]
        if isinstance(found[0], ox.NamedNode) and isinstance(found[1], ox.NamedNode):
            yield (found[0], found[1], found[2], None)  # type: ignore[misc]  # paths are no names
