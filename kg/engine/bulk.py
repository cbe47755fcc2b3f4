"""Bulk loading into a store on disk: each file whole or not at all, none of them twice."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pyoxigraph as ox

from kg.engine.compressed import Source
from kg.engine.folders import engine_errors
from kg.engine.loading import read_file, with_default_copy
from kg.engine.store import Loaded, OnDisk, Writer
from kg.engine.sums import damaged_files
from kg.errors import InputError
from kg.vocab import BASE, PROVENANCE

REPORT_EVERY = 20_000
"""Statements between two reports of progress."""
_WITHOUT_COPY = f"""SELECT ?s ?p ?o ?g {{
  GRAPH ?g {{ ?s ?p ?o }} FILTER(?g != <{PROVENANCE}>) FILTER NOT EXISTS {{ ?s ?p ?o }}
}}"""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the loading of one file has come."""

    statements: int
    fraction: float
    """How much of the file has been read; when it is all, the engine still writes what came last."""
    seconds: float

    @property
    def rate(self) -> float:
        """Statements a second."""
        return self.statements / max(self.seconds, 1e-6)

    @property
    def seconds_left(self) -> float:
        """How long the rest takes if it goes on like this."""
        return self.seconds / max(self.fraction, 1e-6) - self.seconds


Report = Callable[[Progress], None]


def load_file(
    writer: Writer,
    path: Path,
    into: ox.NamedNode | None = None,
    report: Report = lambda _: None,
    called: str | None = None,
) -> Loaded | None:
    """Load a file with its default-graph copies and return its record; None if the store holds it already.

    It is known by its name, or as it is `called`.

    Raises `InputError` with file and line of what does not parse, `EngineError` where the disk refuses; the
    store is then as it was before this file.
    """
    before, digest = _state(path), _hash(path) if path.is_file() else ""
    if writer.manifest.has(digest):
        return None
    counted = _Counted(path, report, called)

    def load(store: ox.Store) -> list[Loaded]:
        # In one call, though that takes 2 GB: what is loaded in smaller parts takes twice as long to read.
        store.bulk_extend(with_default_copy(counted, into))
        if _state(path) != before:
            raise InputError(
                f"{called or path} changed while it was read; load it again when it is whole. "
                "Nothing of it was loaded."
            )
        # A name on disk need not be text.
        name = called or os.fsencode(path.name).decode(errors="replace")
        return [Loaded(name, digest, counted.statements)]

    writer.change(load)
    return writer.manifest.files[-1]


class _Counted:
    """The quads of a file, which reports how many have been read."""

    def __init__(self, path: Path, report: Report, called: str | None) -> None:
        self.statements = 0
        self._called = called
        self._path, self._report = path, report
        self._source: Source | None = None

    def __iter__(self) -> Iterator[ox.Quad]:
        start = time.perf_counter()
        quads = read_file(self._path, self._base(), self._watch, self._called)
        while block := list(islice(quads, REPORT_EVERY)):
            yield from block
            self.statements += len(block)
            # All of it may be in a buffer before all of it is parsed.
            fraction = min(self._source.fraction, 0.99) if self._source else 0.0
            self._report(Progress(self.statements, fraction, time.perf_counter() - start))
        self._report(Progress(self.statements, 1.0, time.perf_counter() - start))

    def _base(self) -> str | None:
        """What relative IRIs are relative to: the file itself, unless it only stands in for something."""
        return f"{BASE}{self._called.replace(' ', '-')}/" if self._called else None

    def _watch(self, source: Source) -> None:
        self._source = source


def _state(path: Path) -> tuple[int, int] | None:
    """Return what changes with a file."""
    with suppress(OSError):
        found = path.stat()
        return found.st_size, found.st_mtime_ns
    return None


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def faults(engine: OnDisk) -> Iterator[str]:
    """Read a whole store and yield what is wrong with it, of missing copies not more than ten."""
    if found := list(damaged_files(engine.place)):
        yield from found
        return
    with engine_errors(engine.folder):
        for quad in islice(missing_copies(engine.store), 10):
            yield f"not in the default graph: {quad}"


def missing_copies(store: ox.Store) -> Iterable[ox.Quad]:
    """Yield the statements of passages that lack their copy in the default graph."""
    rows = store.query(_WITHOUT_COPY)
    assert isinstance(rows, ox.QuerySolutions)  # noqa: S101 - it is a SELECT
    return (ox.Quad(*row) for row in rows)
