"""The one run of the user's SELECT, with more columns, that gives its rows and tells how they came about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from kg.engine import Term
from kg.evidence.scope import has_values
from kg.evidence.steps import Key, Row
from kg.evidence.witness import Atom

if TYPE_CHECKING:
    from kg.evidence.selects import SelectWays

MOST_KEPT = 200_000
"""So many solutions are kept while rows are read; of more, those that are wanted are asked for again."""
_EQUAL = ((250, 1_000), (3, 30_000))
"""So many solutions a row, and so many besides, are read before the engine leaves out equal rows."""
_FEW = 32
_WIDE = 4
"""Rows of more terms are hashed once; the hash of fewer costs less than to remember it."""


class _Wide(tuple[Term | None, ...]):
    """A row that remembers its hash, which takes as long as its texts are: it is a key many times over."""

    def __hash__(self) -> int:
        found: int | None = self.__dict__.get("hash")
        if found is None:
            found = self.__dict__["hash"] = super().__hash__()
        return found


def can_widen(ways: SelectWays) -> bool:
    """Tell whether the SELECT with more columns gives the very rows of the SELECT itself.

    It does where its pattern stays as written but for markers, and no row is left out by a LIMIT, whose
    other rows would be ways of the same row.
    """
    modifiers = ways.select.modifiers
    limited = modifiers.limit is not None or modifiers.offset is not None
    return not limited and ways.select.distinct != "REDUCED" and ways.compiler.untouched


class Widened:
    """Reads the rows, and keeps the solutions behind them as far as that is not too much."""

    def __init__(self, ways: SelectWays) -> None:
        self._ways, self._width = ways, len(ways.names)
        self._row: type[tuple[Term | None, ...]] = _Wide if self._width > _WIDE else tuple
        self._in_order: list[Row] | None = None
        self._behind: list[list[Row]] = []
        self._by_row: Mapping[Key, list[Row]] | None = None
        self._first: Mapping[Key, list[Row]] | None = None
        self._counts: dict[Key, int] | None = None

    def rows(self) -> Iterator[Row]:
        """Run the query and yield its rows."""
        ways = self._ways
        solutions = ways.context.select(ways.text("", None, tail=True), bound=True)
        if self._shows_all():
            return self._reading(solutions)
        return (self._distinct if ways.select.distinct else self._keeping)(solutions)

    def _shows_all(self) -> bool:
        """Tell whether a row shows all of its solution, so that no two rows are equal.

        A row without columns never does: the engine has to be asked for some column.
        """
        ways = self._ways
        query, where = ways.context.query, ways.select.where
        merged = query.from_default or ways.context.dataset.default is not None
        given = ways.select.values is not None or has_values(where)
        whole = ways.unit.simple and set(ways.unit.columns) <= set(ways.columns)
        return self._width > 0 and whole and not merged and not given

    def _reading(self, solutions: Iterator[Row]) -> Iterator[Row]:
        kept = self._in_order = []
        for solution in solutions:
            if len(kept) < MOST_KEPT:
                kept.append(solution)
            yield solution

    # What was read in part, or is too much to keep, is asked for again, for the rows that are wanted.

    def _keeping(self, solutions: Iterator[Row]) -> Iterator[Row]:
        make, width, kept = self._row, self._width, defaultdict[Key, list[Row]](list)
        number = 0
        for number, solution in enumerate(solutions):
            row = make(solution[:width])
            if number < MOST_KEPT:
                behind = kept[row]
                behind.append(solution)
                self._behind.append(behind)
            elif number == MOST_KEPT:
                kept.clear()
                self._behind.clear()
            yield row
        self._by_row = kept if number < MOST_KEPT else None

    def _distinct(self, solutions: Iterator[Row]) -> Iterator[Row]:
        """Leave out equal rows as the engine would; where nearly all are equal, let it do so."""
        make, width, kept, most = self._row, self._width, dict[Key, list[Row]](), 0
        for number, solution in enumerate(solutions):
            row = make(solution[:width])
            behind = kept.get(row)
            if behind is not None:
                behind.append(solution)
            elif number < MOST_KEPT:
                kept[row] = [solution]
                yield row
            if number > most:
                most = min(MOST_KEPT - 1, *(times * len(kept) + more for times, more in _EQUAL))
            if number > most:
                self._first = kept
                yield from (row for row in self._others() if row not in kept)
                return
        self._by_row, self._behind = kept, list(kept.values())

    def _others(self) -> Iterable[Row]:
        """Let the engine leave out equal rows; where it seems that there are few, it shall count them too."""
        ways, first = self._ways, self._first or {}
        plainly = ways.context.bindings or ways.select.modifiers.order_by or not ways.can_count
        if plainly or len(first) > _FEW:
            return map(tuple, ways.context.plain())  # type: ignore[arg-type]  # a SELECT's rows
        self._counts = ways.counts()
        return self._counts

    def told(self, numbers: Sequence[int]) -> Sequence[tuple[Atom, ...] | None]:
        """Tell the statements of each row, by number, that is one solution of nothing but triples."""
        unit = self._ways.unit
        if self._in_order is not None and max(numbers, default=0) < len(self._in_order):
            return unit.atoms(list(map(self._in_order.__getitem__, numbers)), None)
        if self._by_row is None or not unit.simple:
            return [None] * len(numbers)
        behind = list(map(self._behind.__getitem__, numbers))
        atoms = iter(unit.atoms([rows[0] for rows in behind if len(rows) == 1], None))
        return [next(atoms) if len(rows) == 1 else None for rows in behind]

    def found(self, keys: Collection[Key], keep: int) -> dict[Key, tuple[int, Sequence[Row]]] | None:
        """Count the solutions of each row and give the first few, as far as they were kept."""
        if self._by_row is not None:
            known = ((key, self._by_row[key]) for key in keys)
            return {key: (len(rows), rows[:keep]) for key, rows in known}
        few = self._first is not None and len(self._first) <= _FEW and not self._ways.context.bindings
        return self._of_few(keys) if few and all(map(self._ways.is_exact, keys)) else None

    def _of_few(self, keys: Collection[Key]) -> dict[Key, tuple[int, Sequence[Row]]] | None:
        """Let the engine count where few rows have very many solutions, and take the first ones of each.

        None where looking for those takes longer than to read all.
        """
        first, ways = self._first or {}, self._ways
        keep = ways.context.options.max_witnesses
        if self._counts is None:
            self._counts = ways.counts()
        counts = {key: self._counts.get(key, 0) for key in keys}
        short = [key for key, count in counts.items() if len(first.get(key, ())) < min(count, keep)]
        passes = sum(min(1.0, keep / counts[key]) for key in short)
        if passes > 1 or not all(counts.values()):
            return None
        more = {key: list(ways.some(key, keep)) for key in short}
        return {key: (count, more.get(key) or first[key][:keep]) for key, count in counts.items()}
