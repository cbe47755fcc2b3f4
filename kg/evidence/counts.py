"""A check of numbers: whether as many derivations of a row were found as the answer has rows of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from functools import cached_property
from typing import Any

from kg.evidence import tree
from kg.evidence.nesting import elements
from kg.evidence.rows import LazyRows
from kg.evidence.subselects import only_projects
from kg.evidence.volatile import volatile_names
from kg.evidence.witness import Ways


class Counts:
    """Compares the derivations of rows with the rows, where each row is one derivation."""

    def __init__(self, query: tree.Query) -> None:
        self._query = query
        self._told: Counter[Hashable] | None = None

    @cached_property
    def needed(self) -> bool:
        """Whether each row of the query is one derivation."""
        return _is_countable(self._query)

    def checked(self, row: Hashable, ways: Ways, rows: LazyRows[Any]) -> Ways:
        """Return the ways of a row, with a reason to doubt them where there are more or fewer than rows.

        Rows are counted only when all have been read anyway.
        """
        if not rows.is_read or ways.reasons or not ways.parts:
            return ways
        if self._told is None:
            self._told = Counter(rows)
        told = self._told[row]
        if told == ways.count:
            return ways
        doubt = f"the answer has this row {told} times, but {ways.count} derivations of it were found"
        return Ways(ways.parts, ways.count, frozenset([doubt]), ways.cut)


def _is_countable(query: tree.Query) -> bool:
    """Tell whether nothing merges, groups or leaves out rows, and none comes along a path."""
    inside = list(elements(query.select.where))
    selects = [query.select, *(element for element in inside if isinstance(element, tree.Select))]
    blocks = (element for element in inside if isinstance(element, tree.Block))
    return (
        query.form == "SELECT"
        and all(map(only_projects, selects))
        and not volatile_names(query.select)
        and not any(isinstance(triple.verb, tree.Path) for block in blocks for triple in block.triples)
    )
