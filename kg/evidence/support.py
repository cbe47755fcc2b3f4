"""Support: which passages state a statement, looked up for many statements at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import chain
from operator import attrgetter, itemgetter
from typing import Any, TypeAlias

import pyoxigraph as ox

from kg.engine import Term
from kg.engine.embedded import Embedded
from kg.evidence.context import Context, spell
from kg.evidence.statements import Shape
from kg.evidence.witness import Atom
from kg.model import Statement, Triple
from kg.vocab import CURATED, DEFAULT, ONTOLOGY, PROVENANCE

_BATCH = 500
_CROWD, _GROUP = 12, 3
_CHECK, _WORTH = 128, 0.4
_by_name = itemgetter(0)
_PARTS = ("subject", "predicate", "object")
Graph: TypeAlias = ox.NamedNode | ox.BlankNode | ox.DefaultGraph | ox.Triple
_HIDDEN = frozenset([ox.NamedNode(PROVENANCE), ox.NamedNode(DEFAULT)])
_CURATED = frozenset([ox.NamedNode(CURATED), ox.NamedNode(ONTOLOGY)])
RESERVED = _HIDDEN | _CURATED
"""Graphs that are no passages."""


Kind: TypeAlias = tuple[str, ox.NamedNode]


class _Kinds(dict[Graph, Kind | None]):
    """What each graph is to a reader, worked out once: None for one that is not to be shown.

    A passage has its IRI, by which passages are sorted; a graph that editors answer for sorts before all.
    """

    def __init__(self, allowed: frozenset[ox.NamedNode] | None) -> None:
        super().__init__()
        self._allowed = allowed

    def __missing__(self, graph: Graph) -> Kind | None:
        self[graph] = kind = self._kind(graph)
        return kind

    def _kind(self, graph: Graph) -> Kind | None:
        if not isinstance(graph, ox.NamedNode) or graph in _HIDDEN:
            return None
        if self._allowed is not None and graph not in self._allowed:
            return None
        return ("" if graph in _CURATED else graph.value, graph)


class Support:
    """The passages of statements, by number, each looked up once."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self._known: dict[Atom, Statement] = {}
        self._kinds = _Kinds(_allowed(context))
        self._complete = isinstance(context.engine, Embedded)
        self.absent: set[Atom] = set()
        """Statements that are not there, although a row of the engine's rests on them."""

    def learn(self, parts: Iterable[Sequence[Atom]]) -> None:
        """Look up the passages of all statements in these parts of witnesses."""
        new = dict.fromkeys(chain.from_iterable(parts))
        for known in new.keys() & self._known.keys():
            del new[known]
        engine = self.context.engine
        if isinstance(engine, Embedded):
            self._look(engine.store, list(new))
        else:
            self._ask_all(list(new))

    def statement(self, atom: Atom) -> Statement:
        """Return the record of a statement that was looked up."""
        return self._known[atom]

    def statements(self, atoms: Sequence[Atom]) -> tuple[Statement, ...]:
        """Return the records of statements that were looked up."""
        return tuple(map(self._known.__getitem__, atoms))

    def _ask_all(self, atoms: Sequence[Atom]) -> None:
        facts = self.context.statements.facts
        triples = list(dict.fromkeys(facts[atom][:3] for atom in atoms))
        batch: int = getattr(self.context.engine, "batch", _BATCH)
        # Virtuoso joins no text in a language with one from VALUES, so such objects are compared here.
        tagged = [triple for triple in triples if _is_tagged(triple[2])]
        others = [triple for triple in triples if not _is_tagged(triple[2])]
        found: dict[Triple, list[ox.NamedNode]] = {triple: [] for triple in triples}
        for several, names in ((tagged, "?s ?p"), (others, "?s ?p ?o")):
            for at in range(0, len(several), batch):
                self._ask(several[at : at + batch], names, found)
        for atom in atoms:
            self._known[atom] = self._record(atom, found[facts[atom][:3]])

    def _ask(self, triples: Sequence[Triple], names: str, found: dict[Triple, list[ox.NamedNode]]) -> None:
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

    def _look(self, store: ox.Store, atoms: Sequence[Atom]) -> None:
        """Look into the store itself: an embedded engine needs no query text for this."""
        crowds: dict[int, list[Atom]] = defaultdict(list)
        shapes = self.context.statements.shapes
        for atom in atoms:
            # All statements of a pattern share one shape, so its identity is enough to group by.
            crowds[id(shapes[atom])].append(atom)
        for crowd in crowds.values():
            if len(crowd) < _CROWD or not self._walk(store, crowd, self._shared(crowd)):
                self._look_by_subject(store, crowd)

    def _look_by_subject(self, store: ox.Store, atoms: Sequence[Atom]) -> None:
        """Look up several statements of one subject in one walk, others one by one."""
        facts, shape = self.context.statements.facts, self.context.statements.shapes[atoms[0]]
        groups: dict[Term, list[Atom]] = defaultdict(list)
        for atom in atoms:
            groups[facts[atom][0]].append(atom)
        for subject, group in groups.items():
            if len(group) < _GROUP or not self._walk(store, group, (subject, *shape[1:])):
                self._look_singly(store, group)

    def _shared(self, crowd: Sequence[Atom]) -> Shape:
        """Tell what all these statements share, by their pattern or by chance."""
        facts = self.context.statements.facts
        shared = list(self.context.statements.shapes[crowd[0]])
        first, last = facts[crowd[0]], facts[crowd[-1]]
        for place, term in enumerate(shared):
            if term is None and first[place] == last[place] and len({facts[n][place] for n in crowd}) == 1:
                shared[place] = first[place]
        subject, verb, target = shared
        return subject, verb, target

    def _look_singly(self, store: ox.Store, atoms: Sequence[Atom]) -> None:
        find, known, record = store.quads_for_pattern, self._known, self._record
        facts = self.context.statements.facts
        for atom in atoms:
            subject, verb, target, _ = facts[atom]
            known[atom] = record(atom, [quad.graph_name for quad in find(subject, verb, target, None)])  # type: ignore[arg-type]  # no literal subjects

    def _walk(self, store: ox.Store, atoms: Sequence[Atom], shape: Shape) -> bool:
        """Look up statements of one shape in one walk along what they share.

        A thousand look-ups at a hub are a thousand walks along its chain, where one walk does. Return False,
        with nothing learnt, where there is nothing to share or most of what the walk meets is not wanted.
        """
        varying = [place for place, term in enumerate(shape) if term is None]
        if not 0 < len(varying) < len(shape):
            return False
        facts = self.context.statements.facts
        key = itemgetter(*varying)
        found: dict[Any, list[Graph]] = {key(facts[atom]): [] for atom in atoms}
        read = attrgetter(*(_PARTS[place] for place in varying))
        wanted = 0
        for number, quad in enumerate(store.quads_for_pattern(*shape, None)):  # type: ignore[arg-type]  # a verb is an IRI
            graphs = found.get(read(quad))
            if graphs is not None:
                graphs.append(quad.graph_name)
                wanted += 1
            if number % _CHECK == _CHECK - 1 and wanted < _WORTH * number:
                return False
        for atom in atoms:
            self._known[atom] = self._record(atom, found[key(facts[atom])])
        return True

    def _holds(self, graph: Graph | None, graphs: Sequence[Graph]) -> bool:
        """Tell whether a statement stands where the query is said to have found it."""
        return graph in graphs if graph is not None else bool(graphs) or not self._complete

    def _record(self, atom: Atom, graphs: Sequence[Graph]) -> Statement:
        """Make the record of a statement that stands in these graphs."""
        if not self._holds(self.context.statements.facts[atom][3], graphs):
            self.absent.add(atom)
        found = [kind for kind in map(self._kinds.__getitem__, graphs) if kind is not None]
        if len(found) > 1:
            found.sort(key=_by_name)
        curated = bool(found) and not found[0][0]
        passages = tuple([graph for name, graph in found if name])
        subject, verb, target, graph = self.context.statements.facts[atom]
        return Statement((subject, verb, target), passages, curated, graph)


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
