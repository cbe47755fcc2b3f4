"""Putting a dataset on an engine elsewhere, graph by graph, and counting what has arrived."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, TypeAlias
from urllib.parse import quote

import pyoxigraph as ox

from kg.engine import select
from kg.engine.dialect import MARK, kept
from kg.engine.http import check_url
from kg.engine.remote import Remote
from kg.errors import EngineError
from kg.vocab import BASE, DEFAULT

GraphName: TypeAlias = ox.NamedNode | ox.DefaultGraph

_UPDATE, _REQUEST = (400, 1_000_000), (50_000, 4_000_000)
"""Statements and characters sent at once; Virtuoso 7 takes no text of 10,000 lines or of 10 MB."""
_ALL = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
_PROBE = ox.NamedNode(BASE + "probe")


@dataclass(frozen=True, slots=True)
class Delivery:
    """One graph, by its name, with the statements it should have and those that the engine counts in it."""

    graph: str
    sent: int
    found: int
    is_shared: bool = False
    """Whether others may have statements in it, as in an engine's own default graph: it is only added to."""

    @property
    def is_complete(self) -> bool:
        """Whether the engine counts what was sent."""
        return self.found >= self.sent if self.is_shared else self.found == self.sent


def push(store: ox.Store, target: Remote, graph_store: str | None = None) -> Iterator[Delivery]:
    """Replace each graph on the target by ours and yield what arrived, counted by the target.

    The default graph goes to the target's own, added to what stands there; on an engine whose default
    graph is the union of all graphs, to `kg:default`. `graph_store` is the address of a SPARQL 1.1 Graph
    Store service, used instead of updates. Raises `EngineError` where the target refuses.
    """
    way = _Updates(target) if graph_store is None else _GraphStore(target, graph_store)
    is_union = _is_union(target, way)
    if target.profile.years_are_dates:
        mark = ox.NamedNode(MARK)
        way.put(_one(mark), mark, mark)
        target.forget()
    sent = _sent(store, way, ox.NamedNode(DEFAULT) if is_union else ox.DefaultGraph())
    target.forget(profile=True)
    found = _counts(target)
    if not is_union:
        found[DEFAULT] = next(int(row["n"].value) for row in select(target, _ALL))
    for graph, count in sent.items():
        yield Delivery(graph, count, found.get(graph, 0), is_shared=graph == DEFAULT and not is_union)


def _sent(store: ox.Store, way: _Way, default: GraphName) -> dict[str, int]:
    """Send every graph and return how many statements each has."""
    named = sorted((g for g in store.named_graphs() if isinstance(g, ox.NamedNode)), key=str)
    sent: dict[str, int] = {}
    try:
        for graph in named:
            sent[graph.value] = way.put(store, graph, graph)
        sent[DEFAULT] = way.put(store, ox.DefaultGraph(), default)
    except EngineError as error:
        raise EngineError(
            f"{str(error).removesuffix('.')}. Only {len(sent)} of {len(named) + 1} graphs are there; "
            "kg push sends them all again."
        ) from error
    return sent


class _Way(Protocol):
    """A way to change graphs on an engine."""

    def put(self, store: ox.Store, source: GraphName, graph: GraphName) -> int:
        """Replace a graph by another, or add to the default graph; return how many statements were sent."""
        ...

    def drop(self, graph: ox.NamedNode) -> None:
        """Remove a graph."""
        ...


class _Updates:
    """By SPARQL updates."""

    def __init__(self, target: Remote) -> None:
        self._target = target

    def put(self, store: ox.Store, source: GraphName, graph: GraphName) -> int:
        if isinstance(graph, ox.NamedNode):
            self.drop(graph)
        count = 0
        for part in _parts(store, source, *_UPDATE):
            lines = "".join(part)
            block = f"GRAPH {graph} {{\n{lines}}}" if isinstance(graph, ox.NamedNode) else lines
            self._target.update(f"INSERT DATA {{\n{block}}}")
            count += len(part)
        return count

    def drop(self, graph: ox.NamedNode) -> None:
        self._target.update(f"DROP SILENT GRAPH {graph}")


class _GraphStore:
    """By a SPARQL 1.1 Graph Store service."""

    def __init__(self, target: Remote, url: str) -> None:
        self._target, self._url = target, check_url(url)

    def put(self, store: ox.Store, source: GraphName, graph: GraphName) -> int:
        # The default graph may hold statements of others: add to it.
        method, count = "PUT" if isinstance(graph, ox.NamedNode) else "POST", 0
        for part in _parts(store, source, *_REQUEST):
            # Virtuoso 7 guesses what it is sent, and does not where the first line is long.
            text = "# N-Triples\n" + "".join(part)
            self._send((kept(text) if self._target.keeps_aliases else text).encode(), graph, method)
            method, count = "POST", count + len(part)
        return count

    def drop(self, graph: ox.NamedNode) -> None:
        self._send(b"", graph, "DELETE")

    def _send(self, body: bytes, graph: GraphName, method: str) -> None:
        which = f"graph={quote(graph.value, safe='')}" if isinstance(graph, ox.NamedNode) else "default"
        where = f"{self._url}{'&' if '?' in self._url else '?'}{which}"
        self._target.client.send(where, body, "application/n-triples", method)


def _parts(store: ox.Store, source: GraphName, most: int, size: int) -> Iterator[list[str]]:
    """Yield the statements of a graph, so many and so many characters at a time; a longer one comes alone."""
    part, length = list[str](), 0
    for quad in store.quads_for_pattern(None, None, None, source):
        line = f"{quad.triple} .\n"
        if part and (len(part) == most or length + len(line) > size):
            yield part
            part, length = [], 0
        part.append(line)
        length += len(line)
    if part:
        yield part


def _is_union(target: Remote, way: _Way) -> bool:
    """Find out by a statement that is put into a graph and taken away again."""
    way.put(_one(_PROBE), _PROBE, _PROBE)
    try:
        return bool(target.query(f"ASK {{ {_PROBE} ?p ?o }}", default_graph=[], named_graphs=[]))
    finally:
        way.drop(_PROBE)


def _one(node: ox.NamedNode) -> ox.Store:
    """A store whose only statement says nothing."""
    store = ox.Store()
    store.add(ox.Quad(node, node, node, node))
    return store


def _counts(target: Remote) -> dict[str, int]:
    text = "SELECT ?g (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
    answer = target.query(text, default_graph=[], named_graphs=[])
    assert isinstance(answer, ox.QuerySolutions)  # noqa: S101 - the text is a SELECT
    return {row["g"].value: int(row["n"].value) for row in answer if row["g"] is not None}
