"""The dataset that a request or a query names: several default graphs are merged, each statement once.

Oxigraph answers from the union of the graphs and finds a statement as often as it stands in one of them.
RDF's merge, which SPARQL 1.1 asks for (section 13.2), has it once.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyoxigraph as ox

from kg.engine import Engine
from kg.engine.embedded import Embedded
from kg.engine.syntax import keywords
from kg.errors import InputError, LimitError, QuerySyntaxError

Dataset = tuple[Engine, list[ox.NamedNode] | None, list[ox.NamedNode] | None]


def dataset(engine: Engine, query: str, default: Sequence[str], named: Sequence[str]) -> Dataset:
    """Return what to ask and with which graphs; raises `InputError` for a name that is no IRI.

    The protocol's dataset, where one is given, stands before the one in the query.
    """
    graphs, names = _nodes(default), _nodes(named)
    is_given = bool(graphs or names)
    if not is_given and not _has_several(query):
        return engine, None, None
    if not is_given:
        graphs, names = _from(query, engine)
    distinct = list(dict.fromkeys(graphs))
    if len(distinct) < 2 or not isinstance(engine, Embedded):
        return (engine, graphs, names) if is_given else (engine, None, None)
    merged = _merged(engine.store, distinct, names)
    return Embedded(merged, engine.prefixes), [_MERGED], names


_MERGED = ox.NamedNode("urn:kg:merged-default-graph")


def _nodes(iris: Sequence[str]) -> list[ox.NamedNode]:
    try:
        return [ox.NamedNode(iri) for iri in iris]
    except ValueError as error:
        raise InputError(f"A graph is named by an absolute IRI: {error}.") from error


def _has_several(query: str) -> bool:
    """Whether a query may name several default graphs; most do not, which is quickly seen."""
    words = list(keywords(query)) if query.upper().count("FROM") > 1 else []
    return words.count("FROM") > 1


def _from(query: str, engine: Engine) -> tuple[list[ox.NamedNode], list[ox.NamedNode]]:
    from kg.evidence.parse import parse

    try:
        tree = parse(query, engine.prefixes)
    except (QuerySyntaxError, LimitError):
        return [], []
    return list(tree.from_default), list(tree.from_named)


def _merged(store: ox.Store, default: list[ox.NamedNode], named: list[ox.NamedNode]) -> ox.Store:
    merged = ox.Store()
    for graph in default:
        merged.extend(
            ox.Quad(quad.subject, quad.predicate, quad.object, _MERGED)
            for quad in store.quads_for_pattern(None, None, None, graph)
        )
    for graph in named:
        merged.extend(store.quads_for_pattern(None, None, None, graph))
    return merged
