"""Rows: an engine's answer as columns of text, without a Python object a term."""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, TypeAlias

import pyoxigraph as ox

from kg.engine import Engine
from kg.errors import InputError

Columns: TypeAlias = dict[str, list[bytes]]
TRIPLE = ("source", "relation", "target")
"""What the columns of triples are called."""
BLOCK = 1 << 22
"""How many bytes are read at once."""
_LITERAL = re.compile(rb'"((?:[^"\\]|\\.)*)"(?:@([A-Za-z0-9-]+))?.*', re.DOTALL)


def rows(engine: Engine, text: str, *names: str) -> Iterator[tuple[bytes, ...]]:
    """Yield the rows of a SELECT, these columns of it, terms as SPARQL's TSV writes them."""
    output = io.BytesIO()
    _write(engine, text, output, names)
    for block in columns([output.getvalue()]):
        yield from zip(*(block[name] for name in names), strict=True)


@contextmanager
def written(engine: Engine, text: str) -> Iterator[Callable[[], IO[bytes]]]:
    """Yield what opens the answer to a projection as a file that is read while the engine still writes it.

    The engine writes in a thread of its own and outside of Python's lock. Reading raises `InputError` for a
    query that yields neither triples nor `?source`, `?relation` and `?target`, and what engines raise.
    """
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(1) as pool:
        place = Path(folder, "rows")
        place.touch()
        writing = pool.submit(_write, engine, text, str(place), TRIPLE)
        with ExitStack() as files:
            yield lambda: files.enter_context(io.BufferedReader(_Growing(place, writing), BLOCK))


def _write(engine: Engine, text: str, output: IO[bytes] | str, names: Iterable[str]) -> None:
    """Write an answer that has these columns, or triples."""
    answer = engine.query(text)
    try:
        if isinstance(answer, ox.QueryTriples):
            answer.serialize(output, ox.RdfFormat.N_TRIPLES)
        elif isinstance(answer, ox.QuerySolutions) and {v.value for v in answer.variables}.issuperset(names):
            answer.serialize(output, ox.QueryResultsFormat.TSV)
        else:
            raise InputError(
                "A projection selects ?source ?relation ?target, or constructs triples; this does not."
            )
    finally:
        # An answer belongs to its thread, but the traceback of a failure would carry it into the other.
        del answer


class _Growing(io.FileIO):
    """A file that ends where its writer ends, and fails as its writer fails."""

    def __init__(self, place: Path, writing: Future[None]) -> None:
        super().__init__(place)
        self._writing = writing

    def readinto(self, buffer: Any) -> int:
        """Read what there is, and wait as long as there is nothing."""
        while True:
            is_whole = self._writing.done()
            if size := super().readinto(buffer):
                return size
            if is_whole:
                self._writing.result()
                return 0
            wait([self._writing], timeout=0.01)


def columns(parts: Iterable[bytes]) -> Iterator[Columns]:
    """Take text apart: TSV, whose first line has the names of variables, or N-Triples."""
    names: list[str] | None = None
    for block in _whole_lines(parts):
        if names is None:
            names = header(block)
            rest = block.partition(b"\n")[2] if names else block
        else:
            rest = block
        yield _by_column(rest, names) if names else _of_triples(rest)


def header(text: bytes) -> list[str]:
    """Return the names of the columns that text begins with; none where it is N-Triples."""
    if text[:1] not in b"?\n":
        return []
    return [name[1:] for name in text.partition(b"\n")[0].decode().split("\t")]


def _whole_lines(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Join and cut text so that each block ends with a line."""
    rest = b""
    for block in parts:
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
    return {name: [part[at] for part in parts] for at, name in enumerate(TRIPLE)}


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
