"""The laws of evidence (O1 to O8): each takes one trial and tells how often it was really put to the test."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from kg.evidence import Options, explain
from kg.model import Evidence
from tests.oracle.absences import (
    a_certificate_holds_on_any_data,
    absences_answer_no,
    an_instance_takes_the_row_away,
)
from tests.oracle.answer import rows_of, tamed_row
from tests.oracle.derive import Atom, Ways, smallest
from tests.oracle.sources import (
    a_further_passage_changes_no_row,
    a_row_falls_with_the_last_passages_of_its_witnesses,
)
from tests.oracle.trial import ALL, Trial, sets_of

Kinds = tuple[frozenset[Atom], frozenset[str]]


def rows_stay(trial: Trial) -> int:
    """The rows are those of the engine, and those of the reference evaluator, as often as there."""
    plain = rows_of(trial.engine, trial.query, trial.names)
    assert plain.keys() == trial.rows.keys() if trial.query.form == "CONSTRUCT" else plain == trial.rows
    if trial.query.form == "CONSTRUCT" or any(path.kind == "!" for path in trial.nature.paths):
        # Oxigraph walks a negated set once between two ends that it knows, else once for each statement, and
        # gives triples with blank nodes as often as they are made.
        assert trial.rows.keys() == trial.reference.counts.keys()
    else:
        assert trial.rows == trial.reference.counts
    return 1


def every_row_is_explained(trial: Trial) -> int:
    """Every row has a witness, and none is partial."""
    for row, evidence in trial.evidence:
        assert evidence.status in {"supported", "supported+absence", "constant"}, (row, evidence.reasons)
        assert evidence.witnesses, row
        expected = "supported" if any(sets_of(evidence)) else "constant"
        claimed = any(w.absences for w in evidence.witnesses)
        assert evidence.status == ("supported+absence" if claimed else expected), row
    return bool(trial.evidence)


def a_witness_suffices(trial: Trial) -> int:
    """O1: on a witness alone the row is there, and with its statements in all their passages too."""
    tested = 0
    if trial.nature.has_offset:
        return 0
    for row, evidence in trial.evidence:
        for witness in sets_of(evidence):
            assert row in trial.rows_on(witness), (row, witness)
            placed = {quad for quad in trial.quads if any(quad[:3] == atom[:3] for atom in witness)}
            assert row in trial.rows_on(placed), (row, placed)
            tested += 1
    return tested


def a_witness_is_minimal(trial: Trial) -> int:
    """O2: without any one statement of a witness, the rest of it does not give the row."""
    nature, tested = trial.nature, 0
    if not nature.is_monotone or nature.has_walks or nature.has_choices:
        return 0
    for row, evidence in trial.evidence:
        for witness in sets_of(evidence):
            for atom in witness:
                assert row not in trial.rows_on(witness - {atom}), (row, witness, atom)
                tested += 1
    return tested


def without_witnesses_the_row_is_gone(trial: Trial) -> int:
    """O3: without the statements of all witnesses, or with one of each taken away, the row is gone."""
    nature, tested = trial.nature, 0
    if nature.is_grouped or nature.is_ranked or nature.has_walks or nature.has_choices:
        return 0
    for row, evidence in trial.evidence:
        open_ones = [{q for q in w if not nature.touches(q)} for w in sets_of(evidence)]
        if not all(open_ones):
            continue
        gone = set[Atom]().union(*open_ones)
        assert row not in trial.rows_on(trial.quads - gone), row
        hit = set[Atom]()
        for witness in open_ones:
            if not witness & hit:
                hit.add(trial.random.choice(sorted(witness, key=str)))
        assert row not in trial.rows_on(trial.quads - hit), (row, hit)
        tested += 1
    return tested


def a_row_holds_on_a_part_where_a_witness_survives(trial: Trial) -> int:
    """O4: on a part of the data that leaves what is denied as it is, a row holds iff a witness survives."""
    nature, tested = trial.nature, 0
    if nature.has_offset or (nature.is_ranked and nature.is_grouped):
        return 0
    # A group may give the same row from fewer members, a LIMIT may let others in, a longer walk may be left.
    both_ways = not (nature.is_grouped or nature.is_ranked or nature.has_walks or nature.has_choices)
    for share in (0.8, 0.5):
        part = trial.part(share)
        if part == trial.quads:
            continue
        there = trial.rows_on(part)
        for row, evidence in trial.evidence:
            survives = any(witness <= part for witness in sets_of(evidence))
            assert (row in there) or not survives, (row, "a witness survives", part)
            assert survives or not both_ways or row not in there, (row, "no witness survives", part)
            tested += both_ways or survives
    return tested


def derivations_are_counted(trial: Trial) -> int:
    """O5: a row occurs as often as it has derivations."""
    if not trial.nature.counts_rows:
        return 0
    for row, evidence in trial.evidence:
        assert evidence.derivation_count == trial.rows[row], row
    return len(trial.evidence)


def witnesses_are_those_of_the_reference(trial: Trial) -> int:
    """O8: the smallest witnesses are those that the reference evaluator finds."""
    nature = trial.nature
    some = nature.has_choices or nature.is_grouped or trial.reference.has_choices
    for row, evidence in trial.evidence:
        given = smallest(sets_of(evidence))
        expected = [derivation.atoms for derivation in trial.reference.ways[row]]
        if nature.is_nested or (nature.denied and (nature.is_grouped or nature.is_ranked)):
            # What blocks a blocker, or a further member, is added: something that a denied group looks at.
            for witness in given:
                assert any(e <= witness and all(map(nature.touches, witness - e)) for e in expected), row
        elif nature.is_grouped and nature.paths:
            # By SPARQL 1.1 both sides of | give members, of which Oxigraph counts one.
            whole = frozenset[Atom]().union(*expected)
            assert all(any(e <= witness <= whole for e in expected) for witness in given), row
        elif some:
            assert given <= set(expected), (row, given, expected)
        else:
            assert given == smallest(expected), (row, given, smallest(expected))
            assert _with_kinds(evidence) == _least_kinds(trial.reference.ways[row]), row
    return len(trial.evidence)


def _with_kinds(evidence: Evidence) -> set[Kinds]:
    pairs = zip(sets_of(evidence), evidence.witnesses, strict=True)
    return _least((atoms, frozenset(a.kind for a in witness.absences)) for atoms, witness in pairs)


def _least_kinds(ways: Ways) -> set[Kinds]:
    return _least((way.atoms, frozenset(claim.kind for claim in way.claims)) for way in ways)


def _least(pairs: Iterable[Kinds]) -> set[Kinds]:
    """Keep the statements with kinds of absences that contain no others."""
    found = set(pairs)
    return {p for p in found if not any(q != p and q[0] <= p[0] and q[1] <= p[1] for q in found)}


def the_shortest_walk_is_one_of_all(trial: Trial) -> int:
    """O8: by default a walk is explained by one of the shortest; its lineage leaves no other way."""
    nature = trial.nature
    if not nature.has_walks or nature.is_nested or nature.is_grouped:
        return 0
    shortest = Trial(trial.data, trial.query, 0, replace(ALL, paths="shortest"))
    for row, evidence in shortest.evidence:
        ways = {derivation.atoms for derivation in trial.reference.ways[row]}
        assert ways.issuperset(sets_of(evidence)), row
    lineage = Trial(trial.data, trial.query, 0, replace(ALL, paths="lineage"))
    for row, evidence in lineage.evidence if nature.is_monotone else ():
        if evidence.derivation_count == 1:
            gone = set[Atom]().union(*sets_of(evidence))
            assert not gone or row not in trial.rows_on(trial.quads - gone), row
    return 1


def a_row_alone_has_the_same_evidence(trial: Trial) -> int:
    """A row explained on its own has the evidence that it has among others."""
    row, evidence = trial.random.choice(trial.evidence)
    alone = explain(trial.engine, trial.query.text(), trial.query.bindings, options=ALL)
    place = list(map(tamed_row, alone.rows)).index(row)
    again = alone.evidence(place)
    assert (again.status, again.derivation_count) == (evidence.status, evidence.derivation_count), row
    assert set(map(frozenset, sets_of(again))) == set(map(frozenset, sets_of(evidence))), row
    assert set(again.absences) == set(evidence.absences), row
    return 1


def what_is_left_out_is_said(trial: Trial) -> int:
    """With a cap of one witness, one of all is given, and the status is partial where there are others."""
    few = Trial(trial.data, trial.query, 0, Options(max_witnesses=1, paths="all-shortest"))
    everything = dict(trial.evidence)
    for row, evidence in few.evidence:
        complete = everything.get(row)
        if complete is None:
            continue
        assert len(evidence.witnesses) == 1, row
        assert evidence.status == "partial" or len(complete.witnesses) == 1, row
        if not (trial.nature.is_grouped or trial.nature.is_nested):
            assert set(sets_of(evidence)) <= set(sets_of(complete)), row
    return len(few.evidence)


LAWS: dict[str, Callable[[Trial], int]] = {
    "rows": rows_stay,
    "explained": every_row_is_explained,
    "O1 sufficiency": a_witness_suffices,
    "O2 minimality": a_witness_is_minimal,
    "O3 removal": without_witnesses_the_row_is_gone,
    "O4 exactness": a_row_holds_on_a_part_where_a_witness_survives,
    "O5 multiplicity": derivations_are_counted,
    "O6 support": a_further_passage_changes_no_row,
    "O6 sources": a_row_falls_with_the_last_passages_of_its_witnesses,
    "O7 absence": absences_answer_no,
    "O7 certificate": a_certificate_holds_on_any_data,
    "O7 instance": an_instance_takes_the_row_away,
    "O8 reference": witnesses_are_those_of_the_reference,
    "O8 walks": the_shortest_walk_is_one_of_all,
    "alone": a_row_alone_has_the_same_evidence,
    "caps": what_is_left_out_is_said,
}
