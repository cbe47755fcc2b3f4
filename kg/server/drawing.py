"""The graph of an answer or a projection, and more of it: the neighbours of things that were opened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import pyoxigraph as ox

from kg.errors import InputError
from kg.graph import Graph
from kg.projection.links import Links, read
from kg.query import run
from kg.questions import is_sparql
from kg.server.asking import Asked

_MOST_ROWS = 5000
_MOST_THINGS = 400
_ENDS = {"source", "relation", "target"}
_TIES = """
CONSTRUCT {{ ?s ?p ?o }} WHERE {{
  {{ VALUES ?s {{ {things} }} ?s ?p ?o }} UNION {{ VALUES ?o {{ {things} }} ?s ?p ?o }}
  FILTER(isIRI(?s) && isIRI(?o) && ?p != rdf:type)
  FILTER NOT EXISTS {{ ?x a ?o }}
}} LIMIT 20000"""

_MORE = """
SELECT ?source ?relation ?target ?passage ?date WHERE {{
  {{ VALUES (?source ?relation ?target ?passage ?date) {{ {known} }} }} UNION
  {{ VALUES ?source {{ {things} }} ?source ?relation ?target }} UNION
  {{ VALUES ?target {{ {things} }} ?source ?relation ?target }}
  FILTER(isIRI(?source) && isIRI(?target) && ?relation != rdf:type)
  FILTER(bound(?passage) || NOT EXISTS {{ ?x a ?target }})
}} LIMIT {most}"""
_MOST_KNOWN = 20_000
_MOST_OPENED = 50


def expanded(graph: Graph, projection: str | None, names: Sequence[str]) -> str:
    """Return a projection and besides all that touches some things; raises `UnknownNameError`."""
    things = [graph.resolve(name) for name in names[:_MOST_OPENED]]
    known = (
        read(graph.engine, projection)
        if projection and is_sparql(projection)
        else graph.to_arrays(projection)
    )
    return _MORE.format(
        known=" ".join(islice(_rows(known), _MOST_KNOWN)),
        things=" ".join(map(str, things)),
        most=_MOST_KNOWN + len(things) * 2000,
    )


def _rows(links: Links) -> Iterator[str]:
    """Yield what is drawn already, a row for each passage."""
    for edge in range(len(links)):
        ends = (
            links.things[links.source[edge]],
            links.relations[links.relation[edge]],
            links.things[links.target[edge]],
        )
        triple = " ".join(f"<{iri}>" for iri in ends)
        dates = [str(links.dates[n]) for n in links.when[links.since[edge] : links.since[edge + 1]]]
        passages = [f"<{links.passages[n]}>" for n in links.behind[links.first[edge] : links.first[edge + 1]]]
        for passage in passages or ["UNDEF"]:
            for date in dates or ["UNDEF"]:
                yield f"({triple} {passage} {date})"


def around(graph: Graph, fields: Mapping[str, Any]) -> str:
    """Return the projection that draws an answer; raises `InputError` where there is nothing to draw."""
    asked = Asked.read(graph, fields)
    result = run(graph.engine, asked.text, asked.bindings)
    if not asked.bindings and (result.form == "graph" or set(result.variables) >= _ENDS):
        return asked.text
    things: dict[ox.NamedNode, None] = {}
    for row in islice(result.stream(), _MOST_ROWS):
        things |= {term: None for term in row if isinstance(term, ox.NamedNode)}
        if len(things) > _MOST_THINGS:
            break
    if not things:
        raise InputError("No thing is in this answer, so nothing can be drawn; ask for things, not values.")
    return _TIES.format(things=" ".join(map(str, islice(things, _MOST_THINGS))))
