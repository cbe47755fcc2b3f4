"""Rows that are read from the engine only as far as somebody looks."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Generic, TypeVar, overload

from kg.evidence.collector import collector_paused

T = TypeVar("T")
_AHEAD = 64


class LazyRows(Sequence[T], Generic[T]):
    """A sequence over an iterator: what was read stays, the rest is read when it is asked for.

    >>> rows = LazyRows(iter("abc"))
    >>> rows[0], rows.is_read, len(rows), rows.is_read
    ('a', False, 3, True)
    """

    def __init__(self, rows: Iterator[T]) -> None:
        self._rest = rows
        self._read: list[T] = []
        self.is_read = False
        """Whether all rows have been read."""

    def _until(self, count: int | None) -> None:
        if self.is_read or (count is not None and count <= len(self._read)):
            return
        with collector_paused():
            self._read += self._rest if count is None else islice(self._rest, count - len(self._read))
        self.is_read = count is None or len(self._read) < count

    def read(self, count: int, seconds: float = float("inf")) -> int:
        """Read so many rows, or as many as come in time; return how many there are now, at most `count`.

        >>> LazyRows(iter("abc")).read(2), LazyRows(iter("abc")).read(9), LazyRows(iter("abc")).read(9, 0)
        (2, 3, 0)
        """
        end = time.monotonic() + seconds
        with collector_paused():
            while not self.is_read and len(self._read) < count and time.monotonic() < end:
                self._until(min(count, len(self._read) + _AHEAD))
        return min(count, len(self._read))

    @overload
    def __getitem__(self, key: int) -> T: ...
    @overload
    def __getitem__(self, key: slice) -> Sequence[T]: ...
    def __getitem__(self, key: int | slice) -> T | Sequence[T]:
        last = key if isinstance(key, int) else key.stop
        first = key if isinstance(key, int) else key.start or 0
        self._until(None if last is None or min(first, last) < 0 else last + isinstance(key, int))
        return self._read[key]

    def __len__(self) -> int:
        self._until(None)
        return len(self._read)

    def __iter__(self) -> Iterator[T]:
        place = 0
        while place < len(self._read) or not self.is_read:
            self._until(place + _AHEAD)
            yield from self._read[place : place + _AHEAD]
            place += _AHEAD

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # a sequence that is still being read
