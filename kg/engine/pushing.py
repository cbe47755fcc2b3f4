"""Putting a dataset on an engine elsewhere, graph by graph, and counting what has arrived."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TypeAlias
from urllib.parse import quote

import pyoxigraph as ox

from kg.engine import select
from kg.engine.dialect import MARK, kept
from kg.engine.remote import Remote
from kg.vocab import BASE, DEFAULT

GraphName: TypeAlias = ox.NamedNode | ox.DefaultGraph
Put: TypeAlias = Callable[[Remote, ox.Store, GraphName, GraphName], int]

BATCH = 400
"""Statements in one update; Virtuoso 7 takes no text of 10,000 lines."""
_ALL = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
_PROBE = f"<{BASE}probe>"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One graph, by its name, with the statements it should have and those that the engine counts in it."""

    graph: str
    sent: int
    found: int

    @property
    def is_complete(self) -> bool:
        """Whether the engine counts what was sent."""
        return self.sent == self.found


def push(store: ox.Store, target: Remote, graph_store: str | None = None) -> Iterator[Delivery]:
    """Replace each graph on the target by ours and yield what arrived, counted by the target.

    The default graph goes to the target's own, added to what stands there; on an engine whose default
    graph is the union of all graphs, to `kg:default`. `graph_store` is the address of a SPARQL 1.1 Graph
    Store service, used instead of updates. Raises `EngineError` where the target refuses.
    """
    default = ox.NamedNode(DEFAULT) if _is_union(target) else ox.DefaultGraph()
    put = _by_update if graph_store is None else _by_graph_store(graph_store)
    if target.profile.years_are_dates:
        target.update(f"INSERT DATA {{ GRAPH <{MARK}> {{ <{MARK}> <{MARK}> <{MARK}> }} }}")
        target.forget()
    named = sorted((g for g in store.named_graphs() if isinstance(g, ox.NamedNode)), key=str)
    sent = {graph.value: put(target, store, graph, graph) for graph in named}
    sent[DEFAULT] = put(target, store, ox.DefaultGraph(), default)
    target.forget(profile=True)
    found = _counts(target)
    if isinstance(default, ox.DefaultGraph):
        found[DEFAULT] = next(int(row["n"].value) for row in select(target, _ALL))
    for graph, count in sent.items():
        yield Delivery(graph, count, found.get(graph, 0))


def _by_update(
    target: Remote,
    store: ox.Store,
    source: GraphName,
    graph: GraphName,
) -> int:
    if isinstance(graph, ox.NamedNode):
        target.update(f"DROP SILENT GRAPH {graph}")
    triples = (quad.triple for quad in store.quads_for_pattern(None, None, None, source))
    count = 0
    while batch := list(islice(triples, BATCH)):
        lines = "".join(f"{triple} .\n" for triple in batch)
        block = f"GRAPH {graph} {{\n{lines}}}" if isinstance(graph, ox.NamedNode) else lines
        target.update(f"INSERT DATA {{\n{block}}}")
        count += len(batch)
    return count


def _by_graph_store(url: str) -> Put:
    def put(
        target: Remote,
        store: ox.Store,
        source: GraphName,
        graph: GraphName,
    ) -> int:
        body = store.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=source) or b""
        if isinstance(graph, ox.NamedNode):
            where, method = f"{url}?graph={quote(graph.value, safe='')}", "PUT"
        else:
            # The default graph may hold statements of others: add to it.
            where, method = f"{url}?default", "POST"
        body = kept(body.decode()).encode() if target.keeps_aliases else body
        target.client.send(where, body, "application/n-triples", method)
        return body.count(b"\n")

    return put


def _is_union(target: Remote) -> bool:
    """Find out by a statement that is put into a graph and taken away again."""
    target.update(f"INSERT DATA {{ GRAPH {_PROBE} {{ {_PROBE} {_PROBE} {_PROBE} }} }}")
    try:
        return bool(target.query(f"ASK {{ {_PROBE} {_PROBE} {_PROBE} }}", default_graph=[], named_graphs=[]))
    finally:
        target.update(f"DROP SILENT GRAPH {_PROBE}")


def _counts(target: Remote) -> dict[str, int]:
    text = "SELECT ?g (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
    answer = target.query(text, default_graph=[], named_graphs=[])
    assert isinstance(answer, ox.QuerySolutions)  # noqa: S101 - the text is a SELECT
    return {row["g"].value: int(row["n"].value) for row in answer if row["g"] is not None}
