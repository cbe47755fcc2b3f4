"""Which columns a query may be pinned to from within, so that it looks only at the rows that are wanted."""

from __future__ import annotations

from collections.abc import Sequence

from kg.evidence import tree
from kg.evidence.scope import certain, names_read


def pinnable(group: tree.Group, columns: Sequence[str]) -> set[str]:
    """Collect the columns that a VALUES at the beginning of a group can fix without changing what it means.

    They are those that every solution binds before the first OPTIONAL or MINUS: joining commutes with what
    comes after, because no later element can bind them anew.
    """
    if group.elements and isinstance(group.elements[0], tree.Select):
        return set()
    leading: list[tree.Element] = []
    barred: set[str] = set()
    for element in group.elements:
        if isinstance(element, tree.Optional | tree.Minus):
            break
        if isinstance(element, tree.Bind):
            # A BIND assigns a new variable, and sees only what is bound before it.
            barred |= {element.var.name} | (names_read(element.expression) - certain(leading))
        leading.append(element)
    # Only what triples of the group itself bind: fixed from a UNION or a nested group, it would multiply
    # the rest before it narrows it (SP2Bench Q8 takes minutes then).
    blocks = [element for element in leading if isinstance(element, tree.Block)]
    return (certain(blocks) & set(columns)) - barred
