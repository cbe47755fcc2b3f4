"""Footnotes: the passages behind an answer, each with one number in the whole of it, in words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import pyoxigraph as ox

from kg.engine import Engine, Term
from kg.evidence.explanation import Explanation
from kg.evidence.tokens import on_one_line
from kg.model import Absence, Evidence, NearMiss, Statement, Witness, term_to_json
from kg.names import labels
from kg.passages import Passage, lookup
from kg.terms import local_name
from kg.views.citation import citation
from kg.views.table import Labeller
from kg.words import counted

_STATUS = {"constant": "constant of the query", "partial": "partly explained"}
_MOST_REASONS = 5
_LOOKED_AT = 200
"""So many witnesses of a row are looked at before it is called only alleged."""
UNMATCHED = "∅"
"""The mark of a row for which an OPTIONAL found nothing: too common to deserve words."""


class Footnotes:
    """The passages behind some rows, numbered in order of appearance."""

    def __init__(self, engine: Engine, evidence: Iterable[Evidence], language: str = "en") -> None:
        found = dict.fromkeys(graph for one in evidence for graph in one.passages)
        self.numbers = {graph: number for number, graph in enumerate(found, 1)}
        self.passages = lookup(engine, self.numbers)
        people = (ox.NamedNode(iri) for p in self.passages.values() for iri in (p.voice, p.standing) if iri)
        self._labels = labels(engine, people, language)
        self._labeller = Labeller(engine, language)

    def marks(self, evidence: Evidence) -> str:
        """Return what stands at a row: numbers of footnotes, and words where numbers would mislead."""
        statements = [statement for witness in evidence.witnesses for statement in witness.statements]
        words = [f"[{self.numbers[graph]}]" for graph in evidence.passages]
        words += [word for word in (self.standing(evidence),) if word]
        remarks = ["no source stated"] if any(not (s.passages or s.curated) for s in statements) else []
        remarks += ["curated"] if any(statement.curated for statement in statements) else []
        named = _external(evidence)
        remarks += [f"from elsewhere: {', '.join(named)}"] if named else []
        remarks += [_STATUS[evidence.status]] if evidence.status in _STATUS else []
        words += ["; ".join(remarks)] if remarks else []
        words += [UNMATCHED] if _only_unmatched(evidence) else [_absent(words)] if evidence.absences else []
        return " ".join(words)

    def below(self, evidence: Iterable[Evidence], note: str = "") -> list[str]:
        """Return what stands below a table: what its marks mean, which caps bit, what is not explained."""
        several = list(evidence)
        found = (reason for one in several for reason in one.reasons if reason not in _external(one))
        reasons = [f"{_STATUS['partial']}: {reason}" for reason in dict.fromkeys(found)]
        more = len(reasons) - _MOST_REASONS
        lines = [f"{UNMATCHED} an optional part was not found"] if any(map(_only_unmatched, several)) else []
        lines += reasons[:_MOST_REASONS] + ([f"... and {more} more reasons"] if more > 0 else [])
        return [*lines, note] if note else lines

    def standing(self, evidence: Evidence) -> str:
        """Say of a row that no witness makes it a plain fact: 'only alleged', 'partly reported'."""
        weak = [self._weak(witness) for witness in evidence.witnesses]
        if not weak or not all(weak):
            return ""
        names = sorted({name for several in weak for name in several})
        passages = [self.passages[graph] for graph in evidence.passages]
        how = "partly" if any(passage.is_asserted for passage in passages) else "only"
        return f"({how} {' or '.join(names)})"

    def is_weak(self, witness: Witness) -> bool:
        """Tell whether a witness has a statement that no passage asserts."""
        return bool(self._weak(witness))

    def _weak(self, witness: Witness) -> set[str]:
        """Collect the standings of statements that no passage asserts."""
        names: set[str] = set()
        for statement in witness.statements:
            found = [self.passages[graph] for graph in statement.passages]
            if found and not statement.curated and not any(passage.is_asserted for passage in found):
                names |= {local_name(passage.standing).lower() for passage in found}
        return names

    def lines(self) -> list[str]:
        """Return the footnotes in words."""
        return [f"[{number}] {self.text(graph)}" for graph, number in self.numbers.items()]

    def text(self, graph: ox.NamedNode) -> str:
        """Return one passage in words."""
        return citation(self.passages[graph], self._labels)

    def why(self, evidence: Evidence) -> list[str]:
        """Return the evidence of one row in full: each witness, its statements, what is absent."""
        self._labeller.learn(s.triple for w in evidence.witnesses for s in w.statements)
        self._labeller.learn([term for _, term in absence.bindings] for absence in evidence.absences)
        count = evidence.derivation_count
        out = [f"{evidence.status}; {counted(count, 'derivation')}"]
        out += [f"  {reason}" for reason in evidence.reasons]
        for number, witness in enumerate(evidence.witnesses, 1):
            of = f", of {len(witness.members)} members" if witness.members else ""
            extremal = ", ".join(str(place + 1) for place in witness.extremal)
            out.append(
                f"witness {number}{of}" + (f", the extreme value from member {extremal}" if extremal else "")
            )
            out += [f"  {self._statement(statement)}" for statement in witness.statements]
            for absence in witness.absences:
                out += [f"  {line}" for line in self._absence(absence)]
        return [*out, *self.lines()]

    def _statement(self, statement: Statement) -> str:
        words = " ".join(self._labeller.cell(term) for term in statement.triple)
        marks = [f"[{self.numbers[graph]}]" for graph in statement.passages]
        marks += ["(curated)"] if statement.curated else []
        return f"{words} {' '.join(marks) or '(no source stated)'}"

    def _absence(self, absence: Absence) -> list[str]:
        given = ", ".join(f"?{name} = {self._labeller.cell(term)}" for name, term in absence.bindings)
        counts = " of ".join(f"{number:,} {what}" for what, number in absence.certificate.searched if number)
        return [
            f"no passage in this corpus states {on_one_line(absence.pattern)}"
            f"{' with ' + given if given else ''} ({counts} searched)",
            *(f"  {line}" for miss in absence.near_misses for line in self._miss(miss)),
            f"  to check: {absence.ask_query}",
        ]

    def _miss(self, miss: NearMiss) -> list[str]:
        """Say what comes nearest: what was found of the pattern, and what was not."""
        return [
            *(f"found: {self._statement(statement)}" for statement in miss.statements),
            f"not found: {miss.missing}",
        ]


def strongest(engine: Engine, explanation: Explanation, evidence: Sequence[Evidence]) -> Sequence[Evidence]:
    """Return the evidence of the first rows with asserted witnesses where the few that are given are none.

    Else a row would be called only alleged because the witness that asserts it was left out.
    """
    cut = [number for number, one in enumerate(evidence) if one.status == "partial"]
    notes = Footnotes(engine, [evidence[number] for number in cut])
    doubtful = [number for number in cut if notes.standing(evidence[number])]
    if not doubtful:
        return evidence
    wider = explanation.wider(_LOOKED_AT).for_rows(doubtful)
    notes, out = Footnotes(engine, wider), list(evidence)
    for number, more in zip(doubtful, wider, strict=True):
        given, best = out[number], sorted(more.witnesses, key=notes.is_weak)
        kept = tuple(best[: len(given.witnesses)])
        out[number] = Evidence(given.status, kept, given.derivation_count, given.reasons)
    return out


def _only_unmatched(evidence: Evidence) -> bool:
    """Tell whether OPTIONAL parts are all that was not found."""
    return {absence.kind for absence in evidence.absences} == {"optional"}


def _external(evidence: Evidence) -> list[str]:
    """Name what the row rests on that nobody can look up again."""
    return sorted({name for witness in evidence.witnesses for name in witness.external})


def _absent(before: Sequence[str]) -> str:
    return "and something absent" if before else "something absent"


def to_json(
    explanation: Explanation,
    evidence: Sequence[Evidence],
    notes: Footnotes,
    fallen: Iterable[Sequence[Term | None]] = (),
) -> str:
    """Return standard SPARQL JSON results with an `evidence` member (docs/evidence.md)."""
    rows, names = explanation.rows, explanation.variables
    body: dict[str, Any]
    if explanation.form == "ASK":
        body = {"head": {}, "boolean": rows[0]}
    else:
        bindings = [_binding(names, row) for row in rows if not isinstance(row, bool)]
        body = {"head": {"vars": list(names)}, "results": {"bindings": bindings}}
    body["evidence"] = {
        "rows": [{**one.to_json(), "standing": notes.standing(one).strip("()")} for one in evidence],
        "passages": {
            graph.value: {"number": number, **_passage(notes.passages[graph]), "text": notes.text(graph)}
            for graph, number in notes.numbers.items()
        },
    }
    if explanation.note:
        body["evidence"]["note"] = explanation.note
    if lost := [_binding(names or ("answer",), row) for row in fallen]:
        body["evidence"]["fallen"] = lost
    return json.dumps(body, ensure_ascii=False, indent=1) + "\n"


def _binding(names: Sequence[str], row: Sequence[Term | None]) -> dict[str, Any]:
    return {name: term_to_json(term) for name, term in zip(names, row, strict=True) if term is not None}


def _passage(passage: Passage) -> dict[str, Any]:
    names = ("source", "title", "quote", "before", "after", "start", "end", "locator", "standing", "voice")
    values = {name: getattr(passage, name) for name in (*names, "family", "url", "note")}
    return {name: value for name, value in values.items() if value not in {"", -1}}
