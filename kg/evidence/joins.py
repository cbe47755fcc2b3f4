"""Whether joining a pattern with given terms means the same as putting the terms into it."""

from __future__ import annotations

from kg.evidence import tree
from kg.evidence.scope import certain, inner_groups, names_read, projected


def joinable(group: tree.Group, names: frozenset[str], *, top: bool = True) -> bool:
    """Tell whether joining a group with the terms of `names` means the same as putting them in.

    It does not where a nested group reads such a name without binding it, and for sub-SELECTs.
    """
    return all(_joins(element, group, names, top=top) for element in group.elements)


def _joins(element: tree.Element, group: tree.Group, names: frozenset[str], *, top: bool) -> bool:
    """Tell the same for one element of a group."""
    if isinstance(element, tree.Select | tree.Service):
        return False
    if isinstance(element, tree.Bind) and element.var.name in names:
        return False
    if isinstance(element, tree.Filter | tree.Bind):
        return top or not names_read(element.expression) & names - certain(group.elements)
    if isinstance(element, tree.Optional | tree.Minus | tree.GraphPattern) and not top:
        return False
    return all(joinable(inner, names, top=False) for inner in inner_groups(element))


def binding_names(group: tree.Group) -> set[str]:
    """Collect the variables that stand where no constant can: after AS, in VALUES, SELECT, BOUND."""
    names: set[str] = set()
    for element in group.elements:
        if isinstance(element, tree.Bind):
            names.add(element.var.name)
        elif isinstance(element, tree.Values):
            names |= {var.name for var in element.variables}
        elif isinstance(element, tree.Select):
            names |= set(projected(element))
            names |= {column.var.name for column in element.modifiers.group_by if column.var}
        for inner in inner_groups(element):
            names |= binding_names(inner)
        if isinstance(element, tree.Filter | tree.Bind):
            for part in element.expression.walk():
                if part.group is not None:
                    names |= binding_names(part.group)
                if part.name == "BOUND":
                    names |= {arg.var.name for arg in part.args if arg.var}
    return names
