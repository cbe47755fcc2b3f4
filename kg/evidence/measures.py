"""What a row says of the members of its group: how many they are, which has the least or greatest value."""

from __future__ import annotations

from collections.abc import Sequence

import pyoxigraph as ox

from kg.evidence import tree
from kg.evidence.nesting import elements
from kg.evidence.steps import Key, Row
from kg.evidence.volatile import unrepeatable_select

_EXTREMES = frozenset(["MIN", "MAX"])


class Measures:
    """The columns of one SELECT that count the members of a group, or take one member's value.

    `names` are the columns of a row, `columns` those of a member.
    """

    def __init__(self, select: tree.Select, names: Sequence[str], columns: Sequence[str]) -> None:
        places = {name: place for place, name in enumerate(columns)}
        self.counts: list[int] = []
        self.extremes: list[tuple[int, int]] = []
        # VALUES after groups joins their rows; chance differs, and how often engines walk a path.
        countable = not (select.values or unrepeatable_select(select) or _has_paths(select.where))
        for column in select.columns:
            part = column.expression
            if part is None or part.kind != "aggregate" or column.var is None or column.var.name not in names:
                continue
            place, read = names.index(column.var.name), part.args[0].var if part.args else None
            if part.name == "COUNT" and part.star and not part.distinct and countable:
                self.counts.append(place)
            elif part.name in _EXTREMES and read is not None and read.name in places:
                self.extremes.append((place, places[read.name]))

    def extremal(self, key: Key, members: Sequence[Row]) -> tuple[int, ...]:
        """Return the places of the members whose values are those that MIN and MAX give."""
        found = {
            number
            for place, column in self.extremes
            for number, member in enumerate(members)
            if key[place] is not None and member[column] == key[place]
        }
        return tuple(sorted(found))

    def miscounted(self, key: Key, size: int) -> frozenset[str]:
        """Say where a row counts otherwise than members were found."""
        told = (key[place] for place in self.counts)
        wrong = [term.value for term in told if isinstance(term, ox.Literal) and term.value != str(size)]
        return frozenset(
            f"the row counts {count} members, {size} were found: the engine does not follow SPARQL 1.1 here"
            for count in wrong
        )


def _has_paths(where: tree.Group) -> bool:
    """Tell whether a path stands in a pattern."""
    blocks = (element for element in elements(where) if isinstance(element, tree.Block))
    return any(isinstance(triple.verb, tree.Path) for block in blocks for triple in block.triples)
