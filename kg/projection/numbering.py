"""Numbering: a projection's rows as columns of numbers, and the terms that the numbers stand for.

Where Arrow is installed it reads long answers, in a fifth of the time; for short ones it is not worth a load.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import IO, TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from kg.engine import Engine
from kg.projection.rows import BLOCK, TRIPLE, columns, header, written

if TYPE_CHECKING:
    import pyarrow as pa

Ints: TypeAlias = npt.NDArray[np.int64]
Column: TypeAlias = npt.NDArray[np.int32]
Numbered: TypeAlias = tuple[dict[str, Column], dict[str, list[bytes]]]
"""For each of the columns its numbers, -1 where the answer lacks it, and the terms by number."""
COLUMNS = (*TRIPLE, "passage", "date")
_ENDS = ("source", "target")
"""The columns that have their numbers in common."""
_LONG = 4 * BLOCK
_FEW = 1_000_000
"""How many terms the parts of a column may have before those that are the same are put together."""


def numbered(engine: Engine, text: str) -> Numbered:
    """Ask a projection query and number its terms, while the engine still writes the answer.

    Raises `InputError` for a query that yields neither triples nor `?source`, `?relation` and `?target`.
    """
    with written(engine, text) as opened:
        start = opened().read(_LONG)
        names = header(start)
        # Arrow reads ahead in a thread, which must not disturb who reads after it has failed.
        if names and len(start) == _LONG and (found := _by_arrow(opened(), names)):
            return found
        return _by_dictionary(iter(partial(opened().read, BLOCK), b""))


class _Numbers(dict[bytes, int]):
    """Gives each new term the next number."""

    def __missing__(self, term: bytes) -> int:
        number = self[term] = len(self)
        return number


def _by_dictionary(parts: Iterable[bytes]) -> Numbered:
    numbers = {name: _Numbers() for name in COLUMNS}
    numbers["target"] = numbers["source"]
    found: dict[str, list[Column]] = {name: [np.empty(0, np.int32)] for name in COLUMNS}
    for block in columns(parts):
        size = len(block["source"])
        for name in COLUMNS:
            terms, known = block.get(name), numbers[name]
            found[name].append(
                np.full(size, -1, np.int32)
                if terms is None
                else np.fromiter(map(known.__getitem__, terms), np.int32, size)
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
    # In TSV a tab or a line break inside a term is escaped, and quotation marks mean nothing to its columns.
    options = (
        csv.ReadOptions(column_names=names, skip_rows=1, block_size=BLOCK),
        csv.ParseOptions(delimiter="\t", quote_char=False),
        csv.ConvertOptions(check_utf8=False, column_types=kinds, include_columns=wanted),
    )
    read = {name: _Column() for name in wanted}
    try:
        for batch in csv.open_csv(file, *options):
            for name, column in read.items():
                column.add(batch.column(name))
    except pa.ArrowInvalid:
        return None
    rows, terms = {}, {}
    size = sum(map(len, read["source"].parts))
    for several in (_ENDS, *((name,) for name in COLUMNS if name not in _ENDS)):
        present = [name for name in several if name in wanted]
        whole = _united([part for name in present for part in read.pop(name).parts])
        numbers = np.full(size, -1, np.int32) if whole is None else whole.indices.to_numpy()
        known = [] if whole is None else whole.dictionary.to_pylist()
        for name, part in zip(several, np.split(numbers, len(several)), strict=True):
            rows[name], terms[name] = part, known
    return rows, terms


class _Column:
    """The parts of a column, each with the terms that its numbers stand for, put together now and then."""

    def __init__(self) -> None:
        self.parts: list[pa.DictionaryArray] = []
        self._most = _FEW

    def add(self, part: pa.DictionaryArray) -> None:
        """Add a part; put all together where they have more than twice as many terms as differ."""
        self.parts.append(part)
        if sum(len(one.dictionary) for one in self.parts) > self._most:
            self.parts = [_united(self.parts)]
            self._most = _FEW + 2 * len(self.parts[0].dictionary)


def _united(parts: list[pa.DictionaryArray]) -> pa.DictionaryArray | None:
    """Return one array of several, with one dictionary; None where there are none."""
    import pyarrow as pa

    return pa.chunked_array(parts).unify_dictionaries().combine_chunks() if parts else None
