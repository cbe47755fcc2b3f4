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
        self._graphs: dict[Triple, tuple[ox.NamedNode, ...]] = {}
        self._statements: dict[Atom, Statement] = {}

    def learn(self, atoms: Iterable[Atom]) -> None:
        """Look up the passages of all these statements."""
        known = self._graphs
        new = list({atom[:3] for atom in atoms} - known.keys())
        engine = self.context.engine
        if isinstance(engine, Embedded):
            _from_store(engine.store, new, known)
            return
        for at in range(0, len(new), _BATCH):
            self._ask(new[at : at + _BATCH])

    def _ask(self, triples: Sequence[Triple]) -> None:
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
        self._graphs |= {triple: tuple(graphs) for triple, graphs in found.items()}

    def statement(self, atom: Atom) -> Statement:
        """Make the record of a statement that was looked up."""
        known = self._statements.get(atom)
        if known is None:
            triple, graph = atom[:3], atom[3]
            graphs = [g for g in self._graphs[triple] if g not in _RESERVED]
            if self.allowed is not None:
                graphs = [g for g in graphs if g in self.allowed]
            sources = sorted((g for g in graphs if g not in _CURATED), key=lambda g: g.value)
            known = Statement(triple, tuple(sources), len(sources) < len(graphs), graph)
            self._statements[atom] = known
        return known


def _from_store(
    store: ox.Store, triples: Sequence[Triple], known: dict[Triple, tuple[ox.NamedNode, ...]]
) -> None:
    """Look into the store itself: an embedded engine needs no query text for this."""
    find = store.quads_for_pattern
    default = ox.DefaultGraph()
    for triple in triples:
        graphs = [quad.graph_name for quad in find(*triple, None)]  # type: ignore[arg-type]  # subjects are no literals
        known[triple] = tuple([g for g in graphs if g != default and isinstance(g, ox.NamedNode)])


def _allowed(context: Context) -> frozenset[ox.NamedNode] | None:
    """Tell which graphs the query's dataset can have statements from; None for all."""
    dataset, query = context.dataset, context.query
    if dataset.default is not None:
        return frozenset([*dataset.default, *(dataset.named or ())])
    if dataset.named is None and (query.from_default or query.from_named):
        return frozenset([*query.from_default, *query.from_named])
    return None
