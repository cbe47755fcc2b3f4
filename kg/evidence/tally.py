"""Telling solutions apart by the rows they belong to: how many each row has, and the first few."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from kg.evidence.steps import Key, Row


class Tally:
    """Counts solutions by key; `key_of` makes a key of a row's first `width` columns."""

    def __init__(self, width: int, key_of: Callable[[Key], Key], keys: Iterable[Key], keep: int) -> None:
        self.width, self.key_of, self.keep = width, key_of, keep
        self.counts: dict[Key, int] = dict.fromkeys(keys, 0)
        self.kept: dict[Key, list[Row]] = {key: [] for key in self.counts}
        self.uncounted: set[Key] = set()
        """Keys that have more solutions than were counted."""

    def add(self, rows: Iterable[Row], budget: int) -> None:
        """Count solutions; beyond the budget only as long as every row stays short of what is kept."""
        counts, kept, keep, width, key_of = self.counts, self.kept, self.keep, self.width, self.key_of
        touched: set[Key] = set()
        for number, row in enumerate(rows):
            key = key_of(row[:width])
            if key in counts:
                counts[key] += 1
                touched.add(key)
                if counts[key] <= keep:
                    kept[key].append(row)
                elif number > budget:
                    self.uncounted |= touched
                    return

    def short(self) -> Iterable[Key]:
        """Return the keys of which fewer solutions were seen than are kept, where counting stopped."""
        return [k for k, n in self.counts.items() if n == 0 or (n < self.keep and k in self.uncounted)]

    def add_one(self, key: Key, rows: Iterable[Row]) -> None:
        """Count the solutions of one key anew; there may be more where that is more than is kept."""
        found = [row for row in rows if self.key_of(row[: self.width]) == key]
        self.counts[key], self.kept[key] = len(found), found[: self.keep]
        (self.uncounted.add if len(found) > self.keep else self.uncounted.discard)(key)

    def count(self, key: Key, number: int, most: int) -> None:
        """Note how many solutions a key has, which is no more than a beginning if it is beyond `most`."""
        self.counts[key] = max(number, self.counts[key])
        if number <= most:
            self.uncounted.discard(key)

    def add_missing(self, rows: Iterable[Row]) -> None:
        """Count the solutions of the keys that have none so far."""
        again = Tally(self.width, self.key_of, [key for key, n in self.counts.items() if not n], self.keep)
        again.add(rows, 1 << 62)
        self.counts |= again.counts
        self.kept |= again.kept
