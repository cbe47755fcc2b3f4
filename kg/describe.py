"""Describing one thing: every statement about it, each with the passages that make it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyoxigraph as ox

from kg.engine import Engine, Term, select
from kg.names import labels
from kg.passages import Passage, lookup

_STATEMENTS = """
PREFIX kg: <https://w3id.org/kg-footnote/ontology#>
SELECT ?subject ?predicate ?object ?graph WHERE {
  { BIND(%(thing)s AS ?subject) ?subject ?predicate ?object }
  UNION
  { BIND(%(thing)s AS ?object) ?subject ?predicate ?object }
  OPTIONAL { GRAPH ?graph { ?subject ?predicate ?object } FILTER(?graph != kg:provenance) }
}
ORDER BY DESC(?subject = %(thing)s) ?predicate ?object ?subject ?graph
"""
_BOOKKEEPING = """
PREFIX kg: <https://w3id.org/kg-footnote/ontology#>
SELECT ?subject ?predicate ?object WHERE {
  GRAPH kg:provenance {
    { BIND(%(thing)s AS ?subject) ?subject ?predicate ?object }
    UNION
    { BIND(%(thing)s AS ?object) ?subject ?predicate ?object }
  }
}
ORDER BY DESC(?subject = %(thing)s) ?predicate ?object ?subject
"""
_CARRIED = """
SELECT ?subject ?predicate ?object WHERE { GRAPH %s { ?subject ?predicate ?object } }
ORDER BY ?subject ?predicate ?object
"""


@dataclass(frozen=True, slots=True)
class Described:
    """One statement about the thing, and the passages it stands in; none where no source is stated."""

    subject: Term
    predicate: ox.NamedNode
    object: Term
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Description:
    """All that is stated of one thing; `labels` names everything that the statements mention."""

    thing: ox.NamedNode
    statements: tuple[Described, ...]
    labels: Mapping[ox.NamedNode, str]
    carried: tuple[ox.Triple, ...] = ()
    """What the thing itself states, if it is a passage."""
    passage: Passage | None = None
    is_cut: bool = False
    """Whether there are more statements than were asked for."""

    @property
    def label(self) -> str:
        """What the thing is called, its IRI if it has no name."""
        return self.labels.get(self.thing, self.thing.value)


def describe(
    engine: Engine, thing: ox.NamedNode, language: str = "en", most: int | None = None
) -> Description:
    """Collect every statement in which a thing is subject or object, and the bookkeeping about it.

    `most` bounds both; the thing's own statements come first.
    """
    graphs: dict[tuple[Term, ox.NamedNode, Term], list[ox.NamedNode]] = {}
    cut = "" if most is None else f"LIMIT {most}"
    stated = list(select(engine, _STATEMENTS % {"thing": thing} + cut))
    kept = list(select(engine, _BOOKKEEPING % {"thing": thing} + cut))
    for row in stated:
        found = graphs.setdefault((row["subject"], row["predicate"], row["object"]), [])
        if row["graph"] is not None:
            found.append(row["graph"])
    for row in kept:
        graphs.setdefault((row["subject"], row["predicate"], row["object"]), [])
    passages = lookup(engine, (graph for found in graphs.values() for graph in found))
    statements = tuple(
        Described(*triple, tuple(passages[graph] for graph in found)) for triple, found in graphs.items()
    )
    carried = tuple(
        ox.Triple(row["subject"], row["predicate"], row["object"]) for row in select(engine, _CARRIED % thing)
    )
    own = lookup(engine, [thing])[thing]
    passages[thing] = own
    mentioned = {
        term
        for triple in (*graphs, *map(tuple, carried))
        for term in triple
        if isinstance(term, ox.NamedNode)
    }
    voices = {ox.NamedNode(iri) for p in passages.values() for iri in (p.voice, p.standing) if iri}
    names = labels(engine, {thing, *mentioned, *voices}, language)
    is_cut = most is not None and most in {len(stated), len(kept)}
    return Description(thing, statements, names, carried, own if carried or own.quote else None, is_cut)
