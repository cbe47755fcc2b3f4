"""Support: which passages state a statement, looked up for many statements at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TypeAlias

import pyoxigraph as ox

from kg.engine import Term
from kg.engine.embedded import Embedded
from kg.evidence.context import Context, spell
from kg.evidence.witness import Atom
from kg.model import Statement, Triple
from kg.vocab import CURATED, DEFAULT, ONTOLOGY, PROVENANCE

_BATCH = 1000
_CROWD = 12
_SOURCE, _EDITED = "source", "edited"
Graph: TypeAlias = ox.NamedNode | ox.BlankNode | ox.DefaultGraph | ox.Triple
_RESERVED = frozenset([ox.NamedNode(PROVENANCE), ox.NamedNode(DEFAULT)])
_CURATED = frozenset([ox.NamedNode(CURATED), ox.NamedNode(ONTOLOGY)])


class _Kinds(dict[Graph, str]):
    """What each graph is to a reader, worked out once: a source, edited, or not to be shown."""

    def __init__(self, allowed: frozenset[ox.NamedNode] | None) -> None:
        super().__init__()
        self._allowed = allowed

    def __missing__(self, graph: Graph) -> str:
        hidden = not isinstance(graph, ox.NamedNode) or graph in _RESERVED
        if hidden or (self._allowed is not None and graph not in self._allowed):
            kind = ""
        else:
            kind = _EDITED if graph in _CURATED else _SOURCE
        self[graph] = kind
        return kind


class Support:
    """The passages of statements, each looked up once."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.allowed = _allowed(context)
        self._statements: dict[Atom, Statement] = {}
        self._kinds = _Kinds(self.allowed)

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

    def _look(self, store: ox.Store, atoms: Sequence[Atom]) -> None:
        """Look into the store itself: an embedded engine needs no query text for this."""
        find, known, record = store.quads_for_pattern, self._statements, self._record
        for atom in self._crowds(store, atoms):
            graphs = [quad.graph_name for quad in find(atom[0], atom[1], atom[2], None)]  # type: ignore[arg-type]  # no literal subjects
            known[atom] = record(atom, graphs)

    def _crowds(self, store: ox.Store, atoms: Sequence[Atom]) -> list[Atom]:
        """Look up statements that share an object with many, all at once; return those left over.

        The store follows the shorter chain of a subject's or an object's statements, so a thousand
        look-ups at a hub are a thousand walks along its chain, where one walk does.
        """
        # A constant of the query is one object in all statements, so its identity is enough to group by.
        crowds: dict[tuple[int, int], list[Atom]] = defaultdict(list)
        for atom in atoms:
            crowds[id(atom[1]), id(atom[2])].append(atom)
        left: list[Atom] = []
        for crowd in crowds.values():
            _, verb, target, _ = crowd[0]
            found = self._crowd(store, verb, target, len(crowd)) if len(crowd) >= _CROWD else None
            if found is None:
                left += crowd
                continue
            for atom in crowd:
                self._statements[atom] = self._record(atom, found.get(atom[0], []))
        return left

    def _crowd(self, store: ox.Store, verb: Term, target: Term, size: int) -> dict[Term, list[Graph]] | None:
        """Collect the graphs of all statements with a verb and an object; None where far more than wanted."""
        found: dict[Term, list[Graph]] = defaultdict(list)
        quads = store.quads_for_pattern(None, verb, target, None)  # type: ignore[arg-type]  # a verb is an IRI
        for number, quad in enumerate(quads):
            if number > size * _CROWD:
                return None
            found[quad.subject].append(quad.graph_name)
        return found

    def _record(self, atom: Atom, graphs: Sequence[Graph]) -> Statement:
        """Make the record of a statement that stands in these graphs."""
        kinds = self._kinds
        sources = [graph for graph in graphs if kinds[graph] == _SOURCE]
        curated = _EDITED in map(kinds.__getitem__, graphs)
        if len(sources) > 1:
            sources.sort(key=str)
        return Statement(atom[:3], tuple(sources), curated, atom[3])  # type: ignore[arg-type]  # sources are IRIs

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
