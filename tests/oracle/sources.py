"""The laws of passages (O6): they never change rows, and a row falls with the last of them."""

from __future__ import annotations

from kg.evidence.restrict import restricted
from tests.oracle.answer import engine_of, rows_of
from tests.oracle.generate import GRAPHS
from tests.oracle.scope import walk
from tests.oracle.syntax import Aggregate
from tests.oracle.trial import Trial, sets_of


def a_further_passage_changes_no_row(trial: Trial) -> int:
    """O6: one more passage of a statement, or one less where there are several, changes only its support."""
    if trial.nature.has_graphs or not trial.data:
        return 0
    triple = trial.random.choice(sorted(trial.data, key=str))
    graph = trial.random.choice(GRAPHS)
    for graphs in (trial.data[triple] | {graph}, trial.data[triple] - {graph}):
        if not graphs or graphs == trial.data[triple]:
            continue
        other = Trial({**trial.data, triple: graphs}, trial.query, 0)
        assert other.rows == trial.rows
        expected = dict(trial.evidence)
        for row, evidence in other.evidence:
            assert row not in expected or set(sets_of(evidence)) == set(sets_of(expected[row])), row
            for statement in (s for w in evidence.witnesses for s in w.statements):
                assert set(statement.passages) == other.data[statement.triple], statement  # type: ignore[index]  # no blank nodes
    return len(trial.evidence)


def a_row_falls_with_the_last_passages_of_its_witnesses(trial: Trial) -> int:
    """O6: without a source the rows are those of the data without it; they stay where a witness does."""
    nature, data = trial.nature, trial.data
    if any(isinstance(part, Aggregate) and part.op == "GROUP_CONCAT" for part in walk(trial.query)):
        return 0  # the order of its texts may be any
    gone = trial.random.choice(sorted({g for graphs in data.values() for g in graphs}, key=str))
    for only in (False, True):
        chosen = [gone]
        engine = restricted(trial.engine, *((chosen, []) if only else ([], chosen)))
        kept = {t: {g for g in graphs if (g == gone) == only} for t, graphs in data.items()}
        rest = {triple: graphs for triple, graphs in kept.items() if graphs}
        rows = rows_of(engine, trial.query, trial.names)
        assert rows == rows_of(engine_of(rest), trial.query, trial.names), (gone, only)
        if not nature.is_monotone or nature.has_walks or nature.has_graphs:
            continue
        for row, evidence in trial.evidence:
            stays = any(all(s.triple in rest for s in w.statements) for w in evidence.witnesses)
            assert (row in rows) == stays, (row, gone, only)
    return 1
