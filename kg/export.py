"""Taking a graph away: all facts in a standard RDF format, the same bytes for the same facts.

The ontology is not written with the facts: it has files of its own. TriG, N-Quads and JSON-LD keep the
passages as named graphs; the other formats have one graph, and can carry the passages as reification.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import IO, TYPE_CHECKING

import pyoxigraph as ox

from kg.engine import Engine
from kg.engine.embedded import Embedded
from kg.engine.loading import OX_FORMATS
from kg.errors import InputError
from kg.files import replacing
from kg.formats import RDF_FORMATS, Format, find
from kg.ordering import can_order, ordered
from kg.sorting import gather, sort_lines
from kg.statements import Statement, facts, lines, ontology_alone, statements
from kg.turtle import Writer
from kg.vocab import BASE, ONTOLOGY, PREFIXES, PROVENANCE

if TYPE_CHECKING:
    import rdflib

STATEMENT = BASE + "statement/"
"""Where the IRIs of reified statements live."""

_ONTOLOGY, _PROVENANCE = f"<{ONTOLOGY}>".encode(), f"<{PROVENANCE}>".encode()


def export(
    engine: Engine,
    path: Path,
    format: str | None = None,  # noqa: A002 - the word that users know
    *,
    evidence: bool = False,
    is_sorted: bool | None = None,
) -> list[str]:
    """Write all facts to a file in the format of its ending, or in `format`; return warnings in words.

    N-Quads are sorted, each fact once with its passages. Of a store on disk, whose own order is the same each
    time, they are its dump unless `is_sorted`: all that queries see, as fast as the engine writes it.
    `evidence` adds the passages as `rdf:Statement` reification where the format has no named graphs.
    Raises `UnknownNameError` for a format nobody knows, `InputError` where the file cannot be written.
    """
    kind = find(format or path.suffix, RDF_FORMATS, "RDF format")
    with replacing(path) as file:
        return write(engine, file, kind.name, evidence=evidence, is_sorted=is_sorted)


def write(
    engine: Engine,
    output: IO[bytes],
    format: str,  # noqa: A002 - idem
    *,
    evidence: bool = False,
    is_sorted: bool | None = None,
) -> list[str]:
    """Write all facts to an open file; see `export`."""
    kind = find(format, RDF_FORMATS, "RDF format")
    if kind.name == "nquads" and is_sorted is None and isinstance(engine, Embedded) and engine.has_order:
        dump(engine, output)
        return []
    if kind.graphs:
        _write_dataset(engine, output, kind)
        return []
    if kind.name == "turtle" and not evidence and isinstance(engine, Embedded) and can_order(engine.prefixes):
        writer = Writer(engine.prefixes)
        _write_blocks(ordered(engine.store, writer, ontology_alone(engine)), output, writer)
    else:
        _write_lines(_with_evidence(statements(engine)) if evidence else facts(engine), output, kind, engine)
    if evidence:
        return []
    return [
        f"{kind.label} has one graph, so it does not say which passages a fact stands in; "
        "write TriG to keep them, or add --evidence."
    ]


def dump(engine: Engine, output: IO[bytes]) -> None:
    """Write the whole dataset as N-Quads in the engine's own order, as fast as the engine can.

    It is the dataset that queries see: with the copies in the default graph, and with the ontology, so that
    another engine answers alike when it loads the file.
    """
    if isinstance(engine, Embedded):
        engine.store.dump(output, ox.RdfFormat.N_QUADS)
    else:
        output.writelines(lines(engine))


def _write_lines(lines: Iterable[bytes], output: IO[bytes], kind: Format, engine: Engine) -> None:
    """Write the lines of one graph in order."""
    writer = Writer(engine.prefixes)
    if kind.name == "turtle":
        _write_blocks(writer.gathered(gather(lines)), output, writer)
    elif kind.name == "ntriples":
        output.writelines(sort_lines(lines))
    else:
        _serialize(_parsed(sort_lines(lines)), output, kind, writer)


def _write_blocks(blocks: Iterable[str], output: IO[bytes], writer: Writer) -> None:
    """Write Turtle with an empty line between two subjects."""
    output.write(writer.header().encode())
    source, gap = iter(blocks), b""
    while some := "\n".join(islice(source, 1000)):
        output.write(gap + some.encode())
        gap = b"\n"


def _write_dataset(engine: Engine, output: IO[bytes], kind: Format) -> None:
    """Write the passages as named graphs, and what stands in none of them outside of all graphs."""
    writer = Writer(engine.prefixes)
    if kind.name == "trig":
        _write_trig(statements(engine), output, writer)
        return
    lines = (
        b"%s %s .\n" % (triple, graph) if graph else triple + b" .\n"
        for triple, graphs in statements(engine)
        for graph in _places(graphs)
    )
    if kind.name == "nquads":
        output.writelines(lines)
    else:
        _serialize(_parsed(lines), output, kind, writer)


def _places(graphs: list[bytes]) -> list[bytes]:
    """Where a statement is written: in its graphs, or outside of all; the ontology has files of its own."""
    return [graph for graph in graphs if graph != _ONTOLOGY] if graphs else [b""]


def _write_trig(found: Iterable[Statement], output: IO[bytes], writer: Writer) -> None:
    """Write graph by graph: the statements are sorted again, with their graph in front."""
    output.write(writer.header().encode())
    lines = (b"%s %s .\n" % (graph or b"<>", triple) for triple, graphs in found for graph in _places(graphs))
    parted = (line.partition(b" ") for line in sort_lines(lines, terms=3))
    for graph, group in groupby(parted, key=itemgetter(0)):
        inside = (line for _, _, line in group)
        blocks = _loose(writer, inside) if graph == b"<>" else writer.graph(graph[1:-1].decode(), inside)
        output.writelines(block.encode() for block in blocks)


def _loose(writer: Writer, lines: Iterable[bytes]) -> Iterator[str]:
    """Yield what stands in no graph, each subject with an empty line after it."""
    return (block + "\n" for block in writer.blocks(lines))


def _parsed(lines: Iterable[bytes]) -> Iterator[ox.Quad]:
    source = iter(lines)
    while block := b"".join(islice(source, 10_000)):
        yield from ox.parse(block, format=ox.RdfFormat.N_QUADS)


def _serialize(quads: Iterable[ox.Quad], output: IO[bytes], kind: Format, writer: Writer) -> None:
    try:
        ox.serialize(quads, output, OX_FORMATS[kind.name], prefixes=writer.prefixes)
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno:
            # The disk refuses, not the format.
            raise
        raise InputError(f"These facts cannot be written as {kind.label}: {error}.") from error


def _with_evidence(found: Iterable[Statement]) -> Iterator[bytes]:
    """Yield the facts, their reification (RDF 1.1 Semantics, appendix D.1) with passages, and the sources."""
    rdf = PREFIXES["rdf"]
    for triple, graphs in found:
        passages = [graph for graph in graphs if graph not in {_ONTOLOGY, _PROVENANCE}]
        if passages or not graphs or _PROVENANCE in graphs:
            yield triple + b" .\n"
        if not passages:
            continue
        subject, predicate, target = triple.split(b" ", 2)
        digest = hashlib.sha256(triple + b" .\n").hexdigest()[:16]
        node = f"<{STATEMENT}{digest}> ".encode()
        yield node + f"<{rdf}type> <{rdf}Statement> .\n".encode()
        for name, term in ((b"subject", subject), (b"predicate", predicate), (b"object", target)):
            yield node + b"<" + rdf.encode() + name + b"> " + term + b" .\n"
        for passage in passages:
            yield node + f"<{PREFIXES['prov']}wasQuotedFrom> ".encode() + passage + b" .\n"


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
