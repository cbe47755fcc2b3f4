"""Every statement of a dataset once, in order, with the graphs it stands in; memory stays bounded.

The engine writes N-Quads and the lines are sorted, so that the copy of a statement in the default graph and
its places in the passages come one after the other.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from kg.engine import Engine, select
from kg.engine.embedded import Embedded
from kg.sorting import sort_lines
from kg.vocab import ONTOLOGY, PROVENANCE

# By SELECT, which comes in pages where an engine gives no more than so many rows at once.
_DEFAULT = "SELECT DISTINCT ?s ?p ?o WHERE { ?s ?p ?o }"
_ONTOLOGY_ALONE = f"""SELECT ?s ?p ?o WHERE {{
  GRAPH <{ONTOLOGY}> {{ ?s ?p ?o }}
  FILTER NOT EXISTS {{ GRAPH ?g {{ ?s ?p ?o }} FILTER(?g != <{ONTOLOGY}> && ?g != <{PROVENANCE}>) }}
}}"""

Statement = tuple[bytes, list[bytes]]
"""A triple as N-Triples without its final dot, and the IRIs of its graphs in angle brackets, sorted."""


def statements(engine: Engine) -> Iterator[Statement]:
    """Yield every statement with its graphs; none for one that stands in the default graph alone."""
    return grouped(sort_lines(lines(engine)))


def grouped(ordered: Iterable[bytes]) -> Iterator[Statement]:
    r"""Gather sorted lines of N-Quads by their triple; the line of the default graph comes first.

    >>> list(grouped([b'<a> <b> "c" .\n', b'<a> <b> "c" <g> .\n', b'<a> <b> "d" <g> .\n']))
    [(b'<a> <b> "c"', [b'<g>']), (b'<a> <b> "d"', [b'<g>'])]
    """
    triple, graphs, start = b"", list[bytes](), b"\0"
    for line in ordered:
        if line.startswith(start):
            graphs.append(line[len(start) - 1 : -3])
            continue
        if triple:
            yield triple, graphs
        triple, graph = split(line)
        graphs, start = ([graph] if graph else []), triple + b" <"
    if triple:
        yield triple, graphs


def split(line: bytes) -> tuple[bytes, bytes]:
    r"""Part a line of N-Quads into its triple and its graph, which is empty for the default graph.

    >>> split(b'<a> <b> "c <d" .\n')
    (b'<a> <b> "c <d"', b'')
    >>> split(b'<a> <b> <c> <g> .\n')
    (b'<a> <b> <c>', b'<g>')
    """
    triple, _, graph = line[:-3].rpartition(b" ")
    if not graph.startswith(b"<") or not graph.endswith(b">") or b'"' in graph:
        return line[:-3], b""
    target = triple.split(b" ", 2)[2:]
    return (triple, graph) if target else (line[:-3], b"")


def facts(engine: Engine) -> Iterator[bytes]:
    """Yield every fact once as a line of N-Triples, in the engine's own order; the ontology is none."""
    hidden = ontology_alone(engine)
    if isinstance(engine, Embedded):
        found = _dumped(engine.store, ox.RdfFormat.N_TRIPLES, ox.DefaultGraph())
    else:
        found = _selected(engine, _DEFAULT)
    return (line for line in found if line not in hidden) if hidden else found


def ontology_alone(engine: Engine) -> set[bytes]:
    """Return the lines of the default graph that only the ontology states."""
    return set(_selected(engine, _ONTOLOGY_ALONE))


def lines(engine: Engine) -> Iterator[bytes]:
    """Yield the whole dataset as lines of N-Quads in the engine's own order."""
    if isinstance(engine, Embedded):
        yield from _dumped(engine.store, ox.RdfFormat.N_QUADS)
        return
    yield from _selected(engine, _DEFAULT)
    for graph in engine.graph_names():
        place = f" <{graph}> .\n".encode()
        query = f"SELECT ?s ?p ?o WHERE {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}"
        for line in _selected(engine, query):
            yield line[:-3] + place


def _dumped(
    store: ox.Store,
    kind: ox.RdfFormat,
    graph: ox.DefaultGraph | None = None,
) -> Iterator[bytes]:
    with tempfile.TemporaryFile() as file:
        store.dump(file, kind, from_graph=graph)
        file.seek(0)
        yield from file


def _selected(engine: Engine, query: str) -> Iterator[bytes]:
    for subject, verb, target in select(engine, query):
        yield f"{subject} {verb} {target} .\n".encode()
