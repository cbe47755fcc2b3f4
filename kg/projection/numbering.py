"""Numbering: a projection's rows as columns of numbers, and the terms that the numbers stand for.

Where Arrow is installed it reads long answers, in a fifth of the time; for short ones it is not worth a load.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import IO, TypeAlias

import numpy as np
import numpy.typing as npt

from kg.engine import Engine
from kg.projection.rows import BLOCK, TRIPLE, columns, header, written

Ints: TypeAlias = npt.NDArray[np.int64]
Numbered: TypeAlias = tuple[dict[str, Ints], dict[str, list[bytes]]]
"""For each of the columns its numbers, -1 where the answer lacks it, and the terms by number."""
COLUMNS = (*TRIPLE, "passage", "date")
_ENDS = ("source", "target")
"""The columns that have their numbers in common."""
_LONG = 4 * BLOCK


def numbered(engine: Engine, text: str) -> Numbered:
    """Ask a projection query and number its terms, while the engine still writes the answer.

    Raises `InputError` for a query that yields neither triples nor `?source`, `?relation` and `?target`.
    """
    with written(engine, text) as file:
        start = file.read(_LONG)
        names = header(start)
        if names and len(start) == _LONG and (found := _by_arrow(file, names)):
            return found
        file.seek(0)
        return _by_dictionary(iter(partial(file.read, BLOCK), b""))


class _Numbers(dict[bytes, int]):
    """Gives each new term the next number."""

    def __missing__(self, term: bytes) -> int:
        number = self[term] = len(self)
        return number


def _by_dictionary(parts: Iterable[bytes]) -> Numbered:
    numbers = {name: _Numbers() for name in COLUMNS}
    numbers["target"] = numbers["source"]
    found: dict[str, list[Ints]] = {name: [np.empty(0, np.int64)] for name in COLUMNS}
    for block in columns(parts):
        size = len(block["source"])
        for name in COLUMNS:
            terms, known = block.get(name), numbers[name]
            found[name].append(
                np.full(size, -1)
                if terms is None
                else np.fromiter(map(known.__getitem__, terms), np.int64, size)
            )
    return (
        {name: np.concatenate(several) for name, several in found.items()},
        {name: list(known) for name, known in numbers.items()},
    )


def _by_arrow(file: IO[bytes], names: list[str]) -> Numbered | None:
    """Number what a file has in columns of these names; None without Arrow, or for rows beyond its blocks."""
    try:
        import pyarrow as pa
        from pyarrow import csv
    except ImportError:
        return None
    wanted = [name for name in COLUMNS if name in names]
    kind = pa.dictionary(pa.int32(), pa.binary())
    kinds = dict.fromkeys(wanted, kind)
    file.seek(0)
    # In TSV a tab or a line break inside a term is escaped, and quotation marks mean nothing to its columns.
    options = (
        csv.ReadOptions(column_names=names, skip_rows=1, block_size=BLOCK),
        csv.ParseOptions(delimiter="\t", quote_char=False),
        csv.ConvertOptions(check_utf8=False, column_types=kinds, include_columns=wanted),
    )
    try:
        table = csv.open_csv(file, *options).read_all()
    except pa.ArrowInvalid:
        return None
    rows, terms = {}, {}
    for several in (_ENDS, *((name,) for name in COLUMNS if name not in _ENDS)):
        present = [name for name in several if name in wanted]
        chunks = [chunk for name in present for chunk in table.column(name).chunks]
        known = pa.chunked_array(chunks, kind).unify_dictionaries()
        found = [chunk.indices.to_numpy().astype(np.int64) for chunk in known.chunks]
        whole = np.concatenate(found) if found else np.full(table.num_rows, -1)
        for name, part in zip(several, np.split(whole, len(several)), strict=True):
            rows[name], terms[name] = part, known.chunk(0).dictionary.to_pylist() if found else []
    return rows, terms
