"""What evidence is made of: frozen records, each of which can say itself as JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import pyoxigraph as ox

Status: TypeAlias = Literal["supported", "supported+absence", "constant", "external", "partial"]
Term: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Triple: TypeAlias = tuple[Term, Term, Term]


@dataclass(frozen=True, slots=True)
class Statement:
    """One triple, the passages that state it, and the graph in which the query asked for it, if any.

    `curated` tells that it stands among the labels or in the ontology, for which editors answer.
    """

    triple: Triple
    passages: tuple[ox.NamedNode, ...] = ()
    curated: bool = False
    graph: ox.NamedNode | ox.BlankNode | None = None

    @property
    def is_sourced(self) -> bool:
        """Whether any passage states it."""
        return bool(self.passages)

    def to_json(self) -> dict[str, Any]:
        """Return the statement as JSON data."""
        out: dict[str, Any] = dict(
            zip(("subject", "predicate", "object"), map(term_to_json, self.triple), strict=True)
        )
        out["passages"] = [graph.value for graph in self.passages]
        if self.curated:
            out["curated"] = True
        if self.graph is not None:
            out["graph"] = term_to_json(self.graph)
        return out


@dataclass(frozen=True, slots=True)
class Absence:
    """A claim that nothing in the dataset matches a pattern, and the question by which anyone can check it.

    `kind` is optional, minus, not exists or complete; `ask_query` is false as long as the claim holds;
    `searched` counts the passages and documents looked at, where that is known.
    """

    kind: str
    pattern: str
    bindings: tuple[tuple[str, Term], ...]
    ask_query: str
    snapshot: str = ""
    searched: tuple[tuple[str, int], ...] = ()
    near_misses: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the claim as JSON data."""
        return {
            "kind": self.kind,
            "pattern": self.pattern,
            "bindings": {name: term_to_json(term) for name, term in self.bindings},
            "ask_query": self.ask_query,
            "snapshot": self.snapshot,
            "searched": dict(self.searched),
            "near_misses": list(self.near_misses),
        }


@dataclass(frozen=True, slots=True)
class Witness:
    """One sufficient set of statements, with the claims of absence and the outside facts it also rests on.

    `members` gives, for a row made of a group, the places in `statements` of each member.
    """

    statements: tuple[Statement, ...] = ()
    absences: tuple[Absence, ...] = ()
    external: tuple[str, ...] = ()
    members: tuple[tuple[int, ...], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the witness as JSON data."""
        out: dict[str, Any] = {"statements": [statement.to_json() for statement in self.statements]}
        if self.absences:
            out["absences"] = [absence.to_json() for absence in self.absences]
        if self.external:
            out["external"] = list(self.external)
        if self.members:
            out["members"] = [list(member) for member in self.members]
        return out


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why one row of an answer is there.

    `derivation_count` counts the ways in which the row came about; `reasons` names every cap that bit and
    every fact that nobody can look up again.
    """

    status: Status
    witnesses: tuple[Witness, ...] = ()
    derivation_count: int = 0
    reasons: tuple[str, ...] = field(default=())

    @property
    def passages(self) -> tuple[ox.NamedNode, ...]:
        """All passages behind the row, each once, in order of appearance; not the curated graphs."""
        found = (p for w in self.witnesses for s in w.statements for p in s.passages)
        return tuple(dict.fromkeys(found))

    @property
    def absences(self) -> tuple[Absence, ...]:
        """All claims of absence behind the row, each once."""
        return tuple(dict.fromkeys(a for witness in self.witnesses for a in witness.absences))

    def to_json(self) -> dict[str, Any]:
        """Return the evidence as JSON data."""
        return {
            "status": self.status,
            "reasons": list(self.reasons),
            "derivation_count": self.derivation_count,
            "witnesses": [witness.to_json() for witness in self.witnesses],
        }


def term_to_json(term: Term) -> dict[str, Any]:
    """Return a term as the SPARQL 1.1 Query Results JSON Format writes it.

    >>> term_to_json(ox.Literal("Legacy", language="en"))
    {'type': 'literal', 'value': 'Legacy', 'xml:lang': 'en'}
    """
    if isinstance(term, ox.NamedNode):
        return {"type": "uri", "value": term.value}
    if isinstance(term, ox.BlankNode):
        return {"type": "bnode", "value": term.value}
    if isinstance(term, ox.Literal):
        out = {"type": "literal", "value": term.value}
        if term.language:
            out["xml:lang"] = term.language
        elif term.datatype.value != "http://www.w3.org/2001/XMLSchema#string":
            out["datatype"] = term.datatype.value
        return out
    parts = zip(("subject", "predicate", "object"), (term.subject, term.predicate, term.object), strict=True)
    return {"type": "triple", "value": {name: term_to_json(part) for name, part in parts}}
