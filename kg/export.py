"""Taking a graph away: all facts in a standard RDF format, the same bytes for the same facts.

The ontology is not written with the facts: it has files of its own. TriG, N-Quads and JSON-LD keep the
passages as named graphs; the other formats have one graph, and can carry the passages as reification.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import IO, TYPE_CHECKING

import pyoxigraph as ox

from kg.engine import Engine
from kg.engine.embedded import Embedded
from kg.engine.loading import OX_FORMATS
from kg.errors import InputError
from kg.files import replacing
from kg.formats import RDF_FORMATS, Format, find
from kg.turtle import Writer, sort_lines
from kg.vocab import BASE, ONTOLOGY, PREFIXES, PROVENANCE

if TYPE_CHECKING:
    import rdflib

STATEMENT = BASE + "statement/"
"""Where the IRIs of reified statements live."""

_HOMELESS = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o FILTER NOT EXISTS { GRAPH ?g { ?s ?p ?o } } }"


def export(engine: Engine, path: Path, format: str | None = None, *, evidence: bool = False) -> list[str]:  # noqa: A002 - the word that users know
    """Write all facts to a file in the format of its ending, or in `format`; return warnings in words.

    `evidence` adds the passages as `rdf:Statement` reification where the format has no named graphs.
    Raises `UnknownNameError` for a format nobody knows, `InputError` where the file cannot be written.
    """
    kind = find(format or path.suffix, RDF_FORMATS, "RDF format")
    with replacing(path) as file:
        return write(engine, file, kind.name, evidence=evidence)


def write(engine: Engine, output: IO[bytes], format: str, *, evidence: bool = False) -> list[str]:  # noqa: A002 - idem
    """Write all facts to an open file; see `export`."""
    kind = find(format, RDF_FORMATS, "RDF format")
    graphs = _graphs(engine)
    if kind.graphs:
        _write_dataset(engine, output, kind, graphs)
        return []
    lines = _facts(engine, graphs)
    if evidence:
        lines = chain(lines, _reified(engine, graphs), _lines(engine, _graph_query(PROVENANCE)))
    _write_lines(sort_lines(lines), output, kind, Writer(engine.prefixes))
    if evidence:
        return []
    return [
        f"{kind.label} has one graph, so it does not say which passages a fact stands in; "
        "write TriG to keep them, or add --evidence."
    ]


def _write_lines(lines: Iterable[bytes], output: IO[bytes], kind: Format, writer: Writer) -> None:
    """Write sorted lines of one graph."""
    if kind.name == "turtle":
        output.write(writer.header().encode())
        for number, block in enumerate(writer.blocks(lines)):
            output.write((("\n" if number else "") + block).encode())
    elif kind.name == "ntriples":
        output.writelines(lines)
    else:
        triples = (quad for line in lines for quad in ox.parse(line, format=ox.RdfFormat.N_TRIPLES))
        _serialize(triples, output, kind, writer)


def _write_dataset(engine: Engine, output: IO[bytes], kind: Format, graphs: list[str]) -> None:
    """Write the passages as named graphs, and what stands in none of them outside of all graphs."""
    parts = chain([("", _lines(engine, _HOMELESS))], ((g, _lines(engine, _graph_query(g))) for g in graphs))
    if kind.name == "trig":
        _write_trig(parts, output, Writer(engine.prefixes))
        return
    lines = (
        line[:-2] + f"<{graph}> .\n".encode() if graph else line
        for graph, found in parts
        for line in sort_lines(found)
    )
    if kind.name == "nquads":
        output.writelines(lines)
    else:
        quads = (quad for line in lines for quad in ox.parse(line, format=ox.RdfFormat.N_QUADS))
        _serialize(quads, output, kind, Writer(engine.prefixes))


def _write_trig(parts: Iterable[tuple[str, Iterable[bytes]]], output: IO[bytes], writer: Writer) -> None:
    output.write(writer.header().encode())
    for graph, found in parts:
        lines = sort_lines(found)
        blocks = writer.graph(graph, lines) if graph else (block + "\n" for block in writer.blocks(lines))
        output.writelines(block.encode() for block in blocks)


def _serialize(quads: Iterable[ox.Quad], output: IO[bytes], kind: Format, writer: Writer) -> None:
    try:
        ox.serialize(quads, output, OX_FORMATS[kind.name], prefixes=writer.prefixes)
    except ValueError as error:
        raise InputError(f"These facts cannot be written as {kind.label}: {error}.") from error


def _graphs(engine: Engine) -> list[str]:
    """The named graphs that hold facts or their bookkeeping, sorted."""
    return [name for name in engine.graph_names() if name != ONTOLOGY]


def _graph_query(graph: str) -> str:
    return f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}"


def _facts(engine: Engine, graphs: Iterable[str]) -> Iterator[bytes]:
    """Every fact as a line of N-Triples: those of the passages, and those that stand in none."""
    yield from _lines(engine, _HOMELESS)
    for graph in graphs:
        if graph != PROVENANCE:
            yield from _lines(engine, _graph_query(graph))


def _lines(engine: Engine, construct: str) -> Iterator[bytes]:
    """Yield the triples of a CONSTRUCT query as lines of N-Triples, written by the engine."""
    answer = engine.query(construct)
    if isinstance(answer, ox.QueryTriples):
        output = io.BytesIO()
        answer.serialize(output, ox.RdfFormat.N_TRIPLES)
        output.seek(0)
        yield from output


def _reified(engine: Engine, graphs: Iterable[str]) -> Iterator[bytes]:
    """Yield each statement's reification (RDF 1.1 Semantics, appendix D.1) with the passages it stands in."""
    rdf = PREFIXES["rdf"]
    for graph in graphs:
        if graph == PROVENANCE:
            continue
        for line in _lines(engine, _graph_query(graph)):
            subject, predicate, target = line[:-3].split(b" ", 2)
            node = b"<" + (STATEMENT + hashlib.sha256(line).hexdigest()[:16]).encode() + b"> "
            yield node + f"<{rdf}type> <{rdf}Statement> .\n".encode()
            for name, term in ((b"subject", subject), (b"predicate", predicate), (b"object", target)):
                yield node + b"<" + rdf.encode() + name + b"> " + term + b" .\n"
            yield node + f"<{PREFIXES['prov']}wasQuotedFrom> <{graph}> .\n".encode()


def to_rdflib(engine: Engine) -> rdflib.Dataset:
    """Return a live rdflib Dataset over the store of an embedded engine; raises `InputError` for others."""
    import rdflib
    from oxrdflib import OxigraphStore

    if not isinstance(engine, Embedded):
        raise InputError(
            "Only a graph in this process can be an rdflib Dataset; export it and parse the file."
        )
    dataset = rdflib.Dataset(store=OxigraphStore(store=engine.store))
    for name, base in engine.prefixes.items():
        dataset.bind(name, base)
    return dataset
