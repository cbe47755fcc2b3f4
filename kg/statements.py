"""Every statement of a dataset once, in order, with the graphs it stands in; memory stays bounded.

The engine writes N-Quads and the lines are sorted, so that the copy of a statement in the default graph and
its places in the passages come one after the other.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from kg.engine import Engine
from kg.engine.embedded import Embedded
from kg.turtle import sort_lines

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


def lines(engine: Engine) -> Iterator[bytes]:
    """Yield the whole dataset as lines of N-Quads in the engine's own order."""
    if isinstance(engine, Embedded):
        with tempfile.TemporaryFile() as file:
            engine.store.dump(file, ox.RdfFormat.N_QUADS)
            file.seek(0)
            yield from file
        return
    yield from _constructed(engine, "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }")
    for graph in engine.graph_names():
        place = f" <{graph}> .\n".encode()
        query = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}"
        for line in _constructed(engine, query):
            yield line[:-3] + place


def _constructed(engine: Engine, query: str) -> Iterator[bytes]:
    answer = engine.query(query)
    if isinstance(answer, ox.QueryTriples):
        output = io.BytesIO()
        answer.serialize(output, ox.RdfFormat.N_TRIPLES)
        output.seek(0)
        yield from output
