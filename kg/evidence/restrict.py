"""The same facts as if only some sources existed, or as if some did not (`--only`, `--without`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import pyoxigraph as ox

from kg.engine import Engine, batches, select
from kg.engine.embedded import Embedded
from kg.names import source_names, unknown
from kg.terms import local_name
from kg.vocab import CURATED, DEFAULT, ONTOLOGY, PREFIXES, PROVENANCE

_KEPT = [ox.NamedNode(iri) for iri in (CURATED, ONTOLOGY, PROVENANCE)]
_BOOKKEEPING = frozenset([ox.NamedNode(PROVENANCE), ox.NamedNode(DEFAULT)])
_PASSAGES = f"""
PREFIX kg: <{PREFIXES["kg"]}>
PREFIX dcterms: <{PREFIXES["dcterms"]}>
SELECT DISTINCT ?passage WHERE {{
  {{ GRAPH kg:provenance {{ ?passage dcterms:isPartOf+ ?source . ?source kg:family? %(name)s }} }}
  UNION {{ %(itself)s }}
}}
"""
_ITSELF = "SELECT (%(name)s AS ?passage) WHERE { GRAPH %(name)s { ?s ?p ?o } } LIMIT 1"
# Virtuoso finds nothing in the other arm beside such a sub-SELECT.
_ITSELF_ELSEWHERE = "GRAPH ?passage { ?s ?p ?o } FILTER(?passage = %(name)s)"
_GRAPHS = "SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } }"


def restricted(
    engine: Engine,
    only: Sequence[ox.NamedNode] = (),
    without: Sequence[ox.NamedNode] = (),
    *,
    keep: bool = True,
) -> Engine:
    """Return an engine over the statements of `only` these sources, and `without` those.

    A source is named by its own IRI, its family's, or a passage's; labels, ontology and bookkeeping stay.
    Answers are exact for counts, negation and paths too. With `only`, no other statements are read. `without`
    takes statements out of a copy: of a store on disk one that shares its files; of one in memory a true one,
    unless it was loaded from files and need not be kept.

    Raises `UnknownNameError` for a name that is no source, with the nearest sources.
    """
    removed = {graph for name in without for graph in passages_of(engine, name)}
    if only:
        wanted = {graph for name in only for graph in passages_of(engine, name)} - removed
        return _engine(engine, _with_default(_quads(engine, [*_KEPT, *sorted(wanted, key=str)])))
    copy = engine.scratch() if isinstance(engine, Embedded) else None
    if copy is None and not keep and isinstance(engine, Embedded) and engine.is_copy:
        copy = engine
    if copy is not None:
        _take_out(copy.store, removed)
        return copy
    return _engine(engine, _without(engine, removed))


def passages_of(engine: Engine, name: ox.NamedNode) -> list[ox.NamedNode]:
    """List the passages of a source or a family, or the passage itself.

    Raises `UnknownNameError` where nothing is known by that name.
    """
    itself = _ITSELF if isinstance(engine, Embedded) else _ITSELF_ELSEWHERE
    text = _PASSAGES % {"name": name, "itself": itself % {"name": name}}
    found = [row["passage"] for row in select(engine, text)]
    if not found:
        raise unknown("source", local_name(name.value), source_names(engine))
    return found


def _engine(engine: Engine, quads: Iterable[ox.Quad]) -> Embedded:
    store = ox.Store()
    store.bulk_extend(quads)
    return Embedded(store, engine.prefixes, allow_service=getattr(engine, "allow_service", False))


def _quads(engine: Engine, graphs: Sequence[ox.NamedNode]) -> Iterator[ox.Quad]:
    """Yield the statements of these graphs."""
    if isinstance(engine, Embedded):
        for graph in graphs:
            yield from engine.store.quads_for_pattern(None, None, None, graph)
        return
    for part in batches(graphs, 100):
        text = f"SELECT ?s ?p ?o ?g WHERE {{ VALUES ?g {{ {part} }} GRAPH ?g {{ ?s ?p ?o }} }}"
        for subject, verb, target, graph in select(engine, text):
            yield ox.Quad(subject, verb, target, graph)


def _with_default(quads: Iterable[ox.Quad]) -> Iterator[ox.Quad]:
    """Yield each statement, and its copy in the default graph unless it is bookkeeping."""
    for quad in quads:
        yield quad
        if quad.graph_name not in _BOOKKEEPING:
            yield ox.Quad(quad.subject, quad.predicate, quad.object)


def _take_out(store: ox.Store, removed: set[ox.NamedNode]) -> None:
    """Remove passages from a store, and the statements that stand in no other."""
    for graph in removed:
        triples = [quad.triple for quad in store.quads_for_pattern(None, None, None, graph)]
        store.remove_graph(graph)
        for triple in triples:
            if not _stands_elsewhere(store, triple, removed):
                store.remove(ox.Quad(triple.subject, triple.predicate, triple.object))


def _without(engine: Engine, removed: set[ox.NamedNode]) -> Iterator[ox.Quad]:
    """Yield everything but the removed passages and the statements that stand in no other."""
    if isinstance(engine, Embedded):
        store = engine.store
        lost = {quad.triple for graph in removed for quad in store.quads_for_pattern(None, None, None, graph)}
        default = ox.DefaultGraph()
        lost = {triple for triple in lost if not _stands_elsewhere(store, triple, removed)}
        for quad in store:
            if quad.graph_name == default:
                if quad.triple not in lost:
                    yield quad
            elif quad.graph_name not in removed:
                yield quad
        return
    graphs = [row["g"] for row in select(engine, _GRAPHS)]
    kept = [graph for graph in graphs if graph not in removed and graph not in {ox.NamedNode(DEFAULT)}]
    yield from _with_default(_quads(engine, kept))


def _stands_elsewhere(store: ox.Store, triple: ox.Triple, removed: set[ox.NamedNode]) -> bool:
    default = ox.DefaultGraph()
    return any(
        quad.graph_name != default and quad.graph_name not in removed and quad.graph_name not in _BOOKKEEPING
        for quad in store.quads_for_pattern(triple.subject, triple.predicate, triple.object, None)
    )
