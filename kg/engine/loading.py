"""Loading RDF files into a store so that the dataset's invariants hold.

Every statement of a named graph is copied once into the default graph, except those of the provenance
graph; blank nodes become IRIs that stay the same from run to run, so that every statement can be asked for.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any, cast

import pyoxigraph as ox

from kg.engine.compressed import Source, format_ending
from kg.errors import DataSyntaxError, InputError, LimitError, UnknownNameError
from kg.formats import RDF_FORMATS, Format, find
from kg.vocab import BASE, PROVENANCE

GENID = BASE + ".well-known/genid/"
"""Where skolem IRIs live (RDF 1.1 Concepts, section 3.5)."""

_NOT_UTF_8 = re.compile("utf-8 (byte )?sequence|Only UTF-8 is supported")
"""What parsers say of other encodings."""

OX_FORMATS = {
    "turtle": ox.RdfFormat.TURTLE,
    "trig": ox.RdfFormat.TRIG,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "nquads": ox.RdfFormat.N_QUADS,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdfxml": ox.RdfFormat.RDF_XML,
}


def load_files(store: ox.Store, paths: Iterable[Path], into: ox.NamedNode | None = None) -> None:
    """Load files into a store; what stands in no graph goes into the graph `into`, if one is given.

    Raises `InputError` with the file named; the store then holds a part of the files and is to be dropped.
    """
    for path in paths:
        store.bulk_extend(with_default_copy(read_file(path), into))


def with_default_copy(quads: Iterable[ox.Quad], into: ox.NamedNode | None = None) -> Iterator[ox.Quad]:
    """Yield each quad and, for a statement in a named graph, its copy in the default graph."""
    make, default, provenance = ox.Quad, ox.DefaultGraph(), ox.NamedNode(PROVENANCE)
    for quad in quads:
        graph = quad.graph_name
        if graph == default:
            yield quad
            if into is not None:
                yield make(quad.subject, quad.predicate, quad.object, into)
        else:
            yield quad
            if graph != provenance:
                yield make(quad.subject, quad.predicate, quad.object)


def read_file(
    path: Path,
    base: str | None = None,
    watch: Callable[[Source], None] | None = None,
    called: str | None = None,
) -> Iterator[ox.Quad]:
    """Yield the quads of a file, which may be compressed, in order, its blank nodes made IRIs.

    `watch` is given the open file, whose `fraction` says how far the reading has come; errors name the file
    by its path, or as it is `called`.

    Raises `DataSyntaxError` with file, line and what was expected, `InputError` for a file that cannot be
    read, is empty or is not text, `UnknownNameError` for an ending that means no RDF format, `LimitError` for
    a text that is too long.
    """
    kind = check_file(path, called)
    try:
        # The base makes relative IRIs legal; files of ours have none.
        with Source(path, called) as source:
            if watch is not None:
                watch(source)
            quads = ox.parse(
                cast(IO[bytes], source),
                format=OX_FORMATS[kind.name],
                base_iri=base or path.resolve().as_uri(),
            )
            yield from _skolemised(quads, path)
    except SyntaxError as error:
        line = error.lineno or _line_of_error(path, OX_FORMATS[kind.name])
        raise DataSyntaxError(called or str(path), line, _reason(error, path)) from error
    except MemoryError as error:
        # The parser's buffer is full, not the memory.
        raise LimitError(
            f"{called or path} has a word or a text of more than 16 MB, which is more than the parser takes; "
            "keep such texts in files of their own. Nothing of it was loaded."
        ) from error
    except (OSError, ValueError) as error:
        raise InputError(f"{called or path} cannot be read: {error}") from error


def check_file(path: Path, called: str | None = None) -> Format:
    """Return the format of a file; raises like `read_file` for what is seen without reading it."""
    if not path.is_file():
        raise InputError(f"{path} is not a file; name an RDF file such as facts.trig.")
    try:
        kind = find(format_ending(path), RDF_FORMATS, "RDF file ending")
    except UnknownNameError as error:
        raise InputError(f"{called or path}: {error}") from error
    if path.stat().st_size == 0:
        raise InputError(f"{called or path} is empty; a file of facts holds at least one statement.")
    return kind


class _ByLine:
    """Gives a parser one line at a time, so that the last line it has seen is the one it stumbled at."""

    def __init__(self, source: Source) -> None:
        self._source, self._rest, self.line = source, b"", 0

    def read(self, size: int = -1) -> bytes:
        """Return the next line, or as much of it as is wanted."""
        while b"\n" not in self._rest and (more := self._source.read(1 << 16)):
            self._rest += more
        line, newline, _ = self._rest.partition(b"\n")
        given = (line + newline)[: size if size >= 0 else None]
        self._rest = self._rest[len(given) :]
        self.line += given.endswith(b"\n") or bool(given and not self._rest)
        return given


def _line_of_error(path: Path, kind: ox.RdfFormat) -> int | None:
    """Parse a broken file again to find the line, which the parser of RDF/XML does not tell."""
    with Source(path) as source:
        lines = _ByLine(source)
        try:
            for _ in ox.parse(cast(IO[bytes], lines), format=kind, base_iri=path.resolve().as_uri()):
                continue
        except SyntaxError:
            return lines.line
    return None


def _reason(error: SyntaxError, path: Path) -> str:
    """Say what the parser wanted without repeating the place, which the error carries itself."""
    with Source(path) as file:
        if _NOT_UTF_8.search(str(error)) or b"\0" in file.read(4096):
            return "this is not UTF-8 text"
    if "LoadDocumentCallback" in str(error):
        return "its @context is on another machine, which is not asked; write the context into the file"
    return str(error.args[0]).split(": ", 1)[-1].rstrip(".")


def _skolemised(quads: Iterable[ox.Quad], path: Path) -> Iterator[ox.Quad]:
    """Replace blank nodes by IRIs made of the file's content hash and their order of appearance."""
    known: _Names | None = None
    blank, triple = ox.BlankNode, ox.Triple
    for quad in quads:
        subject, target, graph = quad.subject, quad.object, quad.graph_name
        kind = type(target)
        if (
            type(subject) is not blank
            and kind is not blank
            and kind is not triple
            and type(graph) is not blank
        ):
            yield quad
            continue
        if known is None:
            with path.open("rb") as file:
                known = _Names(GENID + hashlib.file_digest(file, "sha256").hexdigest()[:16] + "-")
        yield ox.Quad(known.of(subject), quad.predicate, known.of(target), known.of(graph))


class _Names(dict[ox.BlankNode, ox.NamedNode]):
    """Gives each blank node of a file the next IRI."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix

    def __missing__(self, node: ox.BlankNode) -> ox.NamedNode:
        name = self[node] = ox.NamedNode(f"{self._prefix}{len(self)}")
        return name

    def of(self, term: Any) -> Any:
        """Return a term without blank nodes, also where it is a statement itself."""
        if isinstance(term, ox.Triple):
            return ox.Triple(self.of(term.subject), term.predicate, self.of(term.object))
        return self[term] if isinstance(term, ox.BlankNode) else term
