"""Support: which passages state a statement, looked up for many statements at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from operator import attrgetter
from typing import TypeAlias

import pyoxigraph as ox

from kg.engine import Term
from kg.engine.embedded import Embedded
from kg.evidence.context import Context, spell
from kg.evidence.statements import Fact
from kg.evidence.witness import Atom
from kg.model import Statement, Triple
from kg.vocab import CURATED, DEFAULT, ONTOLOGY, PROVENANCE

Graph: TypeAlias = ox.NamedNode | ox.BlankNode | ox.DefaultGraph | ox.Triple
_BATCH = 500
_NODE = ox.NamedNode
_graph_of = attrgetter("graph_name")
_CURATED = frozenset([ox.NamedNode(CURATED), ox.NamedNode(ONTOLOGY)])
RESERVED = _CURATED | {ox.NamedNode(PROVENANCE), ox.NamedNode(DEFAULT)}
"""Graphs that are no passages."""

_DEFAULT = ox.DefaultGraph()


class Support:
    """The passages of statements, by number, each looked up once."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self._passages: dict[Atom, tuple[ox.NamedNode, ...]] = {}
        self._curated: set[Atom] = set()
        self._graphs: dict[ox.NamedNode, ox.NamedNode] = {}
        self._allowed = _allowed(context)
        self._store = context.engine.store if isinstance(context.engine, Embedded) else None
        self.absent: set[Atom] = set()
        """Statements that are not there, although a row of the engine's rests on them."""

    def learn(self, parts: Iterable[Sequence[Atom]]) -> None:
        """Look up the passages of all statements in these parts of witnesses."""
        passages, facts, kept = self._passages, self.context.statements.facts, self._graphs.setdefault
        atoms = [atom for atom in dict.fromkeys(chain.from_iterable(parts)) if atom not in passages]
        # The last ones first: what the engine has just read for their rows is still in the processor's cache.
        atoms.reverse()
        wanted = [facts[atom] for atom in atoms]
        found = self._ask_all(wanted) if self._store is None else _look_up(self._store, wanted)
        for atom, fact, graphs in zip(atoms, wanted, found, strict=True):
            is_copied = _DEFAULT in graphs
            if is_copied:
                graphs.remove(_DEFAULT)
            # Of equal graphs one is kept: there are few beside all the places where they are named.
            named: tuple[ox.NamedNode, ...]
            if len(graphs) == 1 and type(graphs[0]) is _NODE:
                named = (kept(graphs[0], graphs[0]),)
            else:
                named = tuple(sorted([kept(graph, graph) for graph in graphs if type(graph) is _NODE]))
            if not is_copied or fact[3] is not None:
                self._check(atom, fact, graphs, named)
            passages[atom] = named
        if self._allowed is not None or not RESERVED.isdisjoint(self._graphs):
            self._narrow(atoms)

    def statements(self, atoms: Sequence[Atom]) -> tuple[Statement, ...]:
        """Return the records of statements that were looked up."""
        facts, passages, curated = self.context.statements.facts, self._passages, self._curated
        return tuple([Statement(facts[n][:3], passages[n], n in curated, facts[n][3]) for n in atoms])

    def passages(self, atoms: Iterable[Atom]) -> tuple[ox.NamedNode, ...]:
        """Return the passages of statements that were looked up, each once, in order of appearance."""
        return tuple(dict.fromkeys(chain.from_iterable(map(self._passages.__getitem__, atoms))))

    def _ask_all(self, facts: Iterable[Fact]) -> list[list[Graph]]:
        """Find all named graphs of each statement by asking an engine elsewhere."""
        asked = [fact[:3] for fact in facts]
        triples = list(dict.fromkeys(asked))
        batch: int = getattr(self.context.engine, "batch", _BATCH)
        # Virtuoso joins no text in a language with one from VALUES, so such objects are compared here.
        tagged = [triple for triple in triples if _is_tagged(triple[2])]
        others = [triple for triple in triples if not _is_tagged(triple[2])]
        found: dict[Triple, list[Graph]] = {triple: [] for triple in triples}
        for several, names in ((tagged, "?s ?p"), (others, "?s ?p ?o")):
            for at in range(0, len(several), batch):
                self._ask(several[at : at + batch], names, found)
        return [found[triple] for triple in asked]

    def _ask(self, triples: Sequence[Triple], names: str, found: dict[Triple, list[Graph]]) -> None:
        """Ask for the graphs of some triples, given by the terms that `names` stand for."""
        given = (map(spell, triple[: len(names.split())]) for triple in triples)
        rows = " ".join(f"({place} {' '.join(terms)})" for place, terms in enumerate(given))
        text = f"SELECT ?i ?g ?s ?p ?o WHERE {{ VALUES (?i {names}) {{ {rows} }} GRAPH ?g {{ ?s ?p ?o }} }}"
        for number, graph, *terms in self.context.engine.query(text):  # type: ignore[union-attr]  # rows
            triple = triples[int(number.value)]
            loose = (isinstance(term, ox.BlankNode) or _is_tagged(term) for term in triple)
            same = all(a == b for a, b, check in zip(triple, terms, loose, strict=True) if check)
            if same and isinstance(graph, ox.NamedNode):
                found[triple].append(graph)

    def _check(self, atom: Atom, fact: Fact, graphs: Sequence[Graph], named: Sequence[ox.NamedNode]) -> None:
        """Note a statement that does not stand where the query is said to have found it."""
        graph = fact[3]
        # An engine elsewhere cannot be asked again about a graph without a name, nor about its default graph.
        is_elsewhere = self._store is None and not isinstance(graph, ox.NamedNode)
        there = is_elsewhere or (bool(graphs) if graph is None else graph in graphs)
        if not there:
            self.absent.add(atom)
        elif graph is None and named and self._store is not None and self._allowed is None:
            # An engine looked for it in named graphs without telling which: in a sub-SELECT inside GRAPH ?g.
            self.context.statements.facts[atom] = (*fact[:3], named[0])

    def _narrow(self, atoms: Iterable[Atom]) -> None:
        """Keep the passages of the query's dataset, and note what stands in a curated graph instead."""
        for atom in atoms:
            named = self._passages[atom]
            if self._allowed is not None:
                named = tuple([graph for graph in named if graph in self._allowed])
            if not _CURATED.isdisjoint(named):
                self._curated.add(atom)
            self._passages[atom] = tuple([graph for graph in named if graph not in RESERVED])


def _look_up(store: ox.Store, facts: Iterable[Fact]) -> Iterator[list[Graph]]:
    """Find all graphs of each statement, the default graph among them, in a store of one's own."""
    # One by one: walks along what many statements share meet too much that nobody wants.
    look_up: Callable[..., Iterator[ox.Quad]] = store.quads_for_pattern
    return (list(map(_graph_of, look_up(s, p, o, None))) for s, p, o, _ in facts)


def _is_tagged(term: Term) -> bool:
    return isinstance(term, ox.Literal) and term.language is not None


def _allowed(context: Context) -> frozenset[ox.NamedNode] | None:
    """Tell which graphs the query's dataset can have statements from; None for all."""
    dataset, query = context.dataset, context.query
    if dataset.default is not None:
        return frozenset([*dataset.default, *(dataset.named or ())])
    if dataset.named is None and (query.from_default or query.from_named):
        return frozenset([*query.from_default, *query.from_named])
    return None
