"""Support: which passages state a statement, looked up for many statements at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pyoxigraph as ox

from kg.engine.embedded import Embedded
from kg.evidence.context import Context, spell
from kg.evidence.witness import Atom
from kg.model import Statement, Triple
from kg.vocab import CURATED, DEFAULT, ONTOLOGY, PROVENANCE

_BATCH = 1000
_RESERVED = frozenset([ox.NamedNode(PROVENANCE), ox.NamedNode(DEFAULT)])
_CURATED = frozenset([ox.NamedNode(CURATED), ox.NamedNode(ONTOLOGY)])


class Support:
    """The passages of statements, each looked up once."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.allowed = _allowed(context)
        self._statements: dict[Atom, Statement] = {}

    def learn(self, parts: Iterable[Sequence[Atom]]) -> None:
        """Look up the passages of all statements in these parts of witnesses."""
        known = self._statements
        new = list(dict.fromkeys(atom for atoms in parts for atom in atoms if atom not in known))
        engine = self.context.engine
        if isinstance(engine, Embedded):
            self._look(engine.store, new)
            return
        triples = list(dict.fromkeys(atom[:3] for atom in new))
        found: dict[Triple, list[ox.NamedNode]] = {}
        for at in range(0, len(triples), _BATCH):
            found |= self._ask(triples[at : at + _BATCH])
        for atom in new:
            known[atom] = self._record(atom, found[atom[:3]])

    def _ask(self, triples: Sequence[Triple]) -> dict[Triple, list[ox.NamedNode]]:
        rows = " ".join(f"({place} {' '.join(map(spell, triple))})" for place, triple in enumerate(triples))
        text = f"SELECT ?i ?g ?s ?p ?o WHERE {{ VALUES (?i ?s ?p ?o) {{ {rows} }} GRAPH ?g {{ ?s ?p ?o }} }}"
        found: dict[Triple, list[ox.NamedNode]] = {triple: [] for triple in triples}
        answer = self.context.engine.query(text)
        assert isinstance(answer, ox.QuerySolutions)  # noqa: S101 - the text above is a SELECT
        for number, graph, *terms in answer:
            triple = triples[int(number.value)]
            named = all(not isinstance(a, ox.BlankNode) or a == b for a, b in zip(triple, terms, strict=True))
            if named and isinstance(graph, ox.NamedNode):
                found[triple].append(graph)
        return found

    def _look(self, store: ox.Store, atoms: Iterable[Atom]) -> None:
        """Look into the store itself: an embedded engine needs no query text for this."""
        find, default, known = store.quads_for_pattern, ox.DefaultGraph(), self._statements
        for atom in atoms:
            graphs = [quad.graph_name for quad in find(atom[0], atom[1], atom[2], None)]  # type: ignore[arg-type]  # no literal subjects
            known[atom] = self._record(atom, [graph for graph in graphs if graph != default])  # type: ignore[misc]  # named ones

    def _record(self, atom: Atom, graphs: Sequence[ox.NamedNode]) -> Statement:
        """Make the record of a statement that stands in these graphs."""
        allowed = self.allowed
        seen = [g for g in graphs if g not in _RESERVED and (allowed is None or g in allowed)]
        sources = [g for g in seen if g not in _CURATED]
        if len(sources) > 1:
            sources.sort(key=str)
        return Statement(atom[:3], tuple(sources), len(sources) < len(seen), atom[3])

    def statement(self, atom: Atom) -> Statement:
        """Return the record of a statement that was looked up."""
        return self._statements[atom]


def _allowed(context: Context) -> frozenset[ox.NamedNode] | None:
    """Tell which graphs the query's dataset can have statements from; None for all."""
    dataset, query = context.dataset, context.query
    if dataset.default is not None:
        return frozenset([*dataset.default, *(dataset.named or ())])
    if dataset.named is None and (query.from_default or query.from_named):
        return frozenset([*query.from_default, *query.from_named])
    return None
