"""Projections: a SPARQL query that yields a graph whose edges carry their passages.

The query selects `?source ?relation ?target`, one row for each passage, with `?passage` and `?date` where it
can; or it constructs triples. Node ids are IRIs, edge keys are the relations' IRIs.
"""

from __future__ import annotations

from kg.engine import Engine
from kg.projection.about import About
from kg.projection.links import read
from kg.projection.model import Edge, Node, Projection, left_out
from kg.projection.network import scalars, to_networkx
from kg.projection.support import with_support

__all__ = ["Edge", "Node", "Projection", "project", "scalars", "to_networkx"]


def project(engine: Engine, text: str, language: str = "en", title: str = "") -> Projection:
    """Run a projection query and return what it yields; names, dates and passages are looked up when needed.

    Raises `InputError` for a query that yields neither triples nor `?source`, `?relation` and `?target`.
    """
    links, notes = with_support(engine, text, read(engine, text))
    notes += left_out(links.left_out)
    return Projection(links, About(engine, links, language), title, notes)
