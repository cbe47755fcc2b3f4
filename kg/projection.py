"""Projections: a SPARQL query that yields a NetworkX graph whose edges carry their passages.

The query selects `?source ?relation ?target`, one row for each passage, with `?passage` and `?date` where it
can; or it constructs triples. Node ids are IRIs, edge keys are the relations' IRIs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from kg.engine import Engine, Term, batches, select
from kg.errors import InputError
from kg.names import labels
from kg.passages import Passage, lookup
from kg.terms import curie, plain, readable

if TYPE_CHECKING:
    import networkx as nx

_TYPES = """
SELECT ?thing ?type ?earliest ?latest WHERE {
  VALUES ?thing { %s }
  ?thing a ?type .
  OPTIONAL { ?thing kg:earliest ?earliest }
  OPTIONAL { ?thing kg:latest ?latest }
} ORDER BY ?thing ?type
"""
_SUPPORT = """
SELECT DISTINCT ?passage WHERE {
  GRAPH ?passage { %s } FILTER(?passage != kg:provenance)
} ORDER BY ?passage
"""


@dataclass(slots=True)
class _Edge:
    """One relation between two things, as its rows come in."""

    passages: dict[ox.NamedNode, None] = field(default_factory=dict)
    dates: dict[str, None] = field(default_factory=dict)


Key = tuple[ox.NamedNode, ox.NamedNode, ox.NamedNode]


def project(engine: Engine, text: str, language: str = "en") -> nx.MultiDiGraph[Any]:
    """Run a projection query and return its graph.

    Raises `InputError` for a query that yields neither triples nor `?source`, `?relation` and `?target`.
    """
    import networkx as nx

    edges = _edges(engine, text)
    things = dict.fromkeys(term for source, _, target in edges for term in (source, target))
    relations = {relation for _, relation, _ in edges}
    passages = lookup(engine, (passage for edge in edges.values() for passage in edge.passages))
    types = _types(engine, list(things))
    spoken = {ox.NamedNode(i) for p in passages.values() for i in (p.standing, p.voice) if i}
    named = labels(engine, {*things, *relations, *spoken, *(t["type"] for t in types.values())}, language)
    words = _Words(named, engine.prefixes)

    graph: nx.MultiDiGraph[Any] = nx.MultiDiGraph()
    for thing in things:
        graph.add_node(thing.value, label=words(thing), **_node(types.get(thing, {}), words))
    for (source, relation, target), edge in edges.items():
        behind = [passages[passage] for passage in edge.passages]
        graph.add_edge(source.value, target.value, key=relation.value, **_edge(relation, edge, behind, words))
    return graph


@dataclass(frozen=True, slots=True)
class _Words:
    """Names of things: their label, or their CURIE."""

    named: Mapping[ox.NamedNode, str]
    prefixes: Mapping[str, str]

    def __call__(self, thing: ox.NamedNode) -> str:
        return self.named.get(thing) or curie(thing.value, self.prefixes)

    def of(self, iri: str) -> str:
        """Name an IRI given as text, empty for none."""
        return self(ox.NamedNode(iri)) if iri else ""


def _edges(engine: Engine, text: str) -> dict[Key, _Edge]:
    """Collect the rows of a projection, one edge for each source, relation and target."""
    edges: dict[Key, _Edge] = {}
    for row in _rows(engine, text):
        source, relation, target = row.get("source"), row.get("relation"), row.get("target")
        if not (
            isinstance(source, ox.NamedNode)
            and isinstance(relation, ox.NamedNode)
            and isinstance(target, ox.NamedNode)
        ):
            continue  # a literal is no node of a graph
        edge = edges.setdefault((source, relation, target), _Edge())
        if isinstance(passage := row.get("passage"), ox.NamedNode):
            edge.passages[passage] = None
        if isinstance(date := row.get("date"), ox.Literal):
            edge.dates[readable(date)] = None
    for key, edge in edges.items():
        if not edge.passages:
            found = select(engine, _SUPPORT % " ".join(map(str, key)))
            edge.passages.update((row["passage"], None) for row in found)
    return edges


def _rows(engine: Engine, text: str) -> Iterator[dict[str, Term | None]]:
    answer = engine.query(text)
    if isinstance(answer, ox.QueryTriples):
        for triple in answer:
            yield {"source": triple.subject, "relation": triple.predicate, "target": triple.object}
        return
    if isinstance(answer, ox.QueryBoolean) or not {"source", "relation", "target"} <= {
        variable.value for variable in answer.variables
    }:
        raise InputError(
            "A projection selects ?source ?relation ?target, or constructs triples; this does not."
        )
    names = [variable.value for variable in answer.variables]
    for solution in answer:
        yield dict(zip(names, solution, strict=True))


def _types(engine: Engine, things: list[ox.NamedNode]) -> dict[ox.NamedNode, dict[str, Any]]:
    """Return the first class of each thing, and its earliest and latest day."""
    found: dict[ox.NamedNode, dict[str, Any]] = {}
    for part in batches(things):
        for row in select(engine, _TYPES % part):
            about = {"type": row["type"], "earliest": plain(row["earliest"]), "latest": plain(row["latest"])}
            found.setdefault(row["thing"], about)
    return found


def _node(about: Mapping[str, Any], words: _Words) -> dict[str, str]:
    kind = about.get("type")
    return {
        "type": kind.value if kind else "",
        "type_label": words(kind) if kind else "",
        "earliest": about.get("earliest", ""),
        "latest": about.get("latest", ""),
    }


def _edge(relation: ox.NamedNode, edge: _Edge, behind: Iterable[Passage], words: _Words) -> dict[str, Any]:
    said = [passage for passage in behind if not passage.curated]
    standings = dict.fromkeys(words.of(passage.standing) for passage in said if passage.standing)
    return {
        "relation": relation.value,
        "label": words(relation),
        "date": ", ".join(edge.dates),
        "standing": ", ".join(standings),
        "families": len({passage.family or passage.source for passage in said}),
        "passages": [
            {**asdict(passage), "standing": words.of(passage.standing), "voice": words.of(passage.voice)}
            for passage in said
        ],
    }


def scalars(graph: nx.MultiDiGraph[Any]) -> nx.MultiDiGraph[Any]:
    """Return a copy whose attributes are text and numbers only, as GEXF and GraphML want them.

    Passages become their quotations and their IRIs, joined.
    """
    copy = graph.copy()
    for _, _, data in copy.edges(data=True):
        passages = data.pop("passages", [])
        data["passages"] = " ".join(passage["id"] for passage in passages)
        data["quotes"] = " | ".join(passage["quote"] for passage in passages if passage["quote"])
    return copy
