"""Corroboration: how many independent families of sources state one thing.

Sources of one family depend on one another and count once. What is alleged, confessed or implied
corroborates nothing, and neither does what the editors add.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import pyoxigraph as ox

from kg.engine import Engine, Term, select

_STATEMENTS = """
SELECT ?subject ?property ?object ?family ?source WHERE {
  GRAPH kg:provenance {
    ?passage kg:standing ?standing ; dcterms:isPartOf ?source .
    FILTER(?standing IN (kg:Asserted, kg:Reported, kg:Quoted))
    OPTIONAL { ?source kg:family ?family }
  }
  GRAPH ?passage { ?subject ?property ?object }
  FILTER(?property NOT IN (rdf:type, kg:earliest, kg:latest))
}"""


Key: TypeAlias = tuple[ox.NamedNode, ox.NamedNode, Term]


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement, with the families of sources that make it and their sources."""

    subject: ox.NamedNode
    property: ox.NamedNode
    object: Term
    families: tuple[str, ...]
    sources: tuple[ox.NamedNode, ...]


def corroborate(engine: Engine, about: ox.NamedNode | None = None) -> list[Statement]:
    """Return every statement with the families behind it, the best supported first."""
    families: dict[Key, set[str]] = {}
    sources: dict[Key, set[ox.NamedNode]] = {}
    involved = _involving(engine, about) if about else None
    for row in select(engine, _STATEMENTS):
        key = (row["subject"], row["property"], row["object"])
        if involved is None or about == row["object"] or row["subject"] in involved:
            families.setdefault(key, set()).add((row["family"] or row["source"]).value)
            sources.setdefault(key, set()).add(row["source"])
    made = [
        Statement(*key, tuple(sorted(found)), tuple(sorted(sources[key], key=str)))
        for key, found in families.items()
    ]
    return sorted(made, key=lambda s: (-len(s.families), str(s.subject), s.property.value, str(s.object)))


def _involving(engine: Engine, thing: ox.NamedNode) -> set[ox.NamedNode]:
    """Return a thing and the events it has a part in."""
    rows = select(engine, "SELECT DISTINCT ?thing ?event WHERE { ?event ?role ?thing }", {"thing": thing})
    return {thing, *(row["event"] for row in rows)}
