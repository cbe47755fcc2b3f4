"""What evidence is made of: frozen records, each of which can say itself as JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol, TypeAlias

import pyoxigraph as ox

Status: TypeAlias = Literal["supported", "supported+absence", "constant", "external", "partial"]
Term: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Triple: TypeAlias = tuple[Term, Term, Term]


class Statement(NamedTuple):
    """One triple, the passages that state it, and the graph in which the query asked for it, if any.

    `curated` tells that it stands among the labels or in the ontology, for which editors answer.
    """

    triple: Triple
    passages: tuple[ox.NamedNode, ...] = ()
    curated: bool = False
    graph: ox.NamedNode | ox.BlankNode | None = None

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


class NearMiss(NamedTuple):
    """The longest beginning of a pattern that does match, and in SPARQL what is missing after it."""

    statements: tuple[Statement, ...]
    missing: str

    def to_json(self) -> dict[str, Any]:
        """Return the near miss as JSON data."""
        return {"statements": [one.to_json() for one in self.statements], "missing": self.missing}


class Certificate(Protocol):
    """What backs a claim of absence, worked out when somebody looks."""

    @property
    def ask_query(self) -> str:
        """The query that is false as long as the claim holds."""
        ...

    @property
    def snapshot(self) -> str:
        """A name of the state of the data that was searched."""
        ...

    @property
    def searched(self) -> tuple[tuple[str, int], ...]:
        """How many passages and documents were searched."""
        ...

    @property
    def near_misses(self) -> tuple[NearMiss, ...]:
        """What comes nearest to a match."""
        ...


@dataclass(frozen=True, slots=True)
class Absence:
    """A claim that nothing in the dataset matches a pattern, and the certificate by which to check it.

    `kind` is optional, minus, not exists or complete; `graph` is the graph that was looked at, None for the
    default graph.
    """

    kind: str
    pattern: str
    bindings: tuple[tuple[str, Term], ...]
    graph: Term | None
    certificate: Certificate = field(compare=False, repr=False)

    @property
    def ask_query(self) -> str:
        """The query that is false as long as the claim holds."""
        return self.certificate.ask_query

    @property
    def near_misses(self) -> tuple[NearMiss, ...]:
        """What comes nearest to a match; looked for at the first call."""
        return self.certificate.near_misses

    def to_json(self) -> dict[str, Any]:
        """Return the claim as JSON data."""
        return {
            "kind": self.kind,
            "pattern": self.pattern,
            "bindings": {name: term_to_json(term) for name, term in self.bindings},
            "ask_query": self.ask_query,
            "snapshot": self.certificate.snapshot,
            "searched": dict(self.certificate.searched),
        }


class Witness(NamedTuple):
    """One sufficient set of statements, with the claims of absence and the outside facts it also rests on.

    `members` gives, for a row made of a group, the places in `statements` of each member, and `extremal`
    which of the members have the value that MIN or MAX gave.
    """

    statements: tuple[Statement, ...] = ()
    absences: tuple[Absence, ...] = ()
    external: tuple[str, ...] = ()
    members: tuple[tuple[int, ...], ...] = ()
    extremal: tuple[int, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the witness as JSON data."""
        out: dict[str, Any] = {"statements": [statement.to_json() for statement in self.statements]}
        if self.absences:
            out["absences"] = [absence.to_json() for absence in self.absences]
        if self.external:
            out["external"] = list(self.external)
        if self.members:
            out["members"] = [list(member) for member in self.members]
        if self.extremal:
            out["extremal"] = list(self.extremal)
        return out


class Evidence:
    """Why one row of an answer is there.

    `derivation_count` counts the ways in which the row came about; `reasons` names every cap that bit and
    every fact that nobody can look up again.

    >>> Evidence("constant").to_json()
    {'status': 'constant', 'reasons': [], 'derivation_count': 0, 'witnesses': []}
    """

    __slots__ = ("_witnesses", "derivation_count", "reasons", "status")

    def __init__(
        self,
        status: Status,
        witnesses: tuple[Witness, ...] = (),
        derivation_count: int = 0,
        reasons: tuple[str, ...] = (),
    ) -> None:
        self.status = status
        self._witnesses = witnesses
        self.derivation_count = derivation_count
        self.reasons = reasons

    @property
    def witnesses(self) -> tuple[Witness, ...]:
        """The ways in which the row came about that need least, smallest first."""
        return self._witnesses

    @property
    def passages(self) -> tuple[ox.NamedNode, ...]:
        """All passages behind the row, each once, in order of appearance; not the curated graphs."""
        found = (p for w in self.witnesses for s in w.statements for p in s.passages)
        return tuple(dict.fromkeys(found))

    @property
    def absences(self) -> tuple[Absence, ...]:
        """All claims of absence behind the row, each once."""
        return tuple(dict.fromkeys(a for witness in self.witnesses for a in witness.absences))

    def _key(self) -> tuple[object, ...]:
        return self.status, self.witnesses, self.derivation_count, self.reasons

    def __eq__(self, other: object) -> bool:
        return self._key() == other._key() if isinstance(other, Evidence) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        return f"Evidence{self._key()!r}"

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
