"""The graph of an answer: the answer itself where it is one, else what ties the things in its rows."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any

import pyoxigraph as ox

from kg.errors import InputError
from kg.graph import Graph
from kg.query import run
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
