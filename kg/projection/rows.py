"""Rows: an engine's answer as columns of text, without a Python object a term.

The engine writes its answer as SPARQL's TSV into a pipe, in a thread of its own and outside of Python's lock,
while the reader takes it apart.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import IO, TypeAlias

import pyoxigraph as ox

from kg.engine import Engine
from kg.errors import InputError

Columns: TypeAlias = dict[str, list[bytes]]
TRIPLE = ("source", "relation", "target")
"""What the columns of triples are called."""
_BLOCK = 1 << 22
_LITERAL = re.compile(rb'"((?:[^"\\]|\\.)*)"(?:@([A-Za-z0-9-]+))?.*', re.DOTALL)


def blocks(engine: Engine, text: str) -> Iterator[Columns]:
    """Yield the answer to a SELECT or CONSTRUCT in blocks, column by column; the first block is empty.

    Raises `InputError` for a query that yields neither rows nor triples, and what the engine raises.
    """
    ours, theirs = os.pipe()
    with ThreadPoolExecutor(1) as pool:
        with os.fdopen(ours, "rb") as file:
            writing = pool.submit(_write, engine, text, theirs)
            head = file.readline()
            names = [name[1:] for name in head.decode().split()]
            if head:
                yield {name: [] for name in names or TRIPLE}
            for block in _whole_lines(file):
                yield _by_column(block, names) if names else _of_triples(block)
        writing.result()


def _write(engine: Engine, text: str, place: int) -> None:
    """Write an answer into a pipe: rows with a line of names in front, triples with an empty one."""
    with os.fdopen(place, "wb", buffering=0) as output:
        answer = engine.query(text)
        try:
            if isinstance(answer, ox.QuerySolutions):
                answer.serialize(output, ox.QueryResultsFormat.TSV)
            elif isinstance(answer, ox.QueryTriples):
                output.write(b"\n")
                answer.serialize(output, ox.RdfFormat.N_TRIPLES)
            else:
                raise InputError("An ASK has no rows; a projection selects ?source ?relation ?target.")
        finally:
            # An answer belongs to its thread, but the traceback of a failure would carry it into the other.
            del answer


def _whole_lines(file: IO[bytes]) -> Iterator[bytes]:
    """Yield what a file holds in blocks that end with a line."""
    rest = b""
    while block := file.read(_BLOCK):
        end = block.rfind(b"\n") + 1
        if end:
            yield rest + block[:end]
            rest = block[end:]
        else:
            rest += block


def _by_column(block: bytes, names: list[str]) -> Columns:
    # In TSV a tab or a line break inside a literal is escaped, so these split nothing else.
    cells = block.replace(b"\n", b"\t").split(b"\t")
    return {name: cells[at : -1 : len(names)] for at, name in enumerate(names)}


def _of_triples(block: bytes) -> Columns:
    parts = [line[:-2].split(b" ", 2) for line in block.split(b"\n") if line]
    return {name: list(column) for name, column in zip(TRIPLE, zip(*parts, strict=True), strict=True)}


def words(term: bytes) -> tuple[str, str]:
    r"""Return the text and the language of a literal as TSV writes it; the text of any other term as it is.

    >>> words(b'"say \\"no\\""@en'), words(b"12")
    (('say "no"', 'en'), ('12', ''))
    """
    match = _LITERAL.fullmatch(term)
    if match is None:
        return term.decode(), ""
    literal = read_literal(term) if b"\\" in match[1] else None
    return literal.value if literal else match[1].decode(), (match[2] or b"").decode()


def read_literal(term: bytes) -> ox.Literal | None:
    """Read a literal as SPARQL's TSV writes it, which is as Turtle does; None for another term."""
    if not term or term[:1] in b"<_":
        return None
    (quad,) = ox.parse(b"<a:a> <a:a> %s ." % term, format=ox.RdfFormat.TURTLE)
    return quad.object if isinstance(quad.object, ox.Literal) else None
