"""Calls that do not answer alike twice, and the variables that hang on them."""

from __future__ import annotations

from collections.abc import Iterator

from kg.evidence import tree

CALLS = frozenset(["RAND", "NOW", "UUID", "STRUUID", "BNODE"])


def volatile_calls(expression: tree.Expression) -> list[str]:
    """List the calls in an expression that give another value each time.

    >>> from kg.evidence.parse import parse
    >>> volatile_calls(parse("ASK { FILTER(RAND() < 1) }").select.where.elements[0].expression)
    ['RAND()']
    """
    found = (part.name for part in expression.walk() if part.kind == "call" and part.name in CALLS)
    return list(dict.fromkeys(f"{name}()" for name in found))


def volatile_names(select: tree.Select) -> set[str]:
    """Collect the variables of a SELECT whose values hang on such a call."""
    assigned = list(_assignments(select))
    names: set[str] = set()
    while True:
        more = {
            name
            for name, expression in assigned
            if name not in names
            and (
                volatile_calls(expression)
                or any(part.var is not None and part.var.name in names for part in expression.walk())
            )
        }
        if not more:
            return names
        names |= more


def _assignments(select: tree.Select) -> Iterator[tuple[str, tree.Expression]]:
    for column in (*select.columns, *select.modifiers.group_by):
        if column.var and column.expression:
            yield column.var.name, column.expression
    yield from _in_group(select.where)


def _in_group(group: tree.Group) -> Iterator[tuple[str, tree.Expression]]:
    for element in group.elements:
        match element:
            case tree.Bind(expression, var):
                yield var.name, expression
            case tree.Select():
                yield from _assignments(element)
            case tree.Group():
                yield from _in_group(element)
            case tree.Union(arms):
                for arm in arms:
                    yield from _in_group(arm)
            case tree.Optional(group=inner) | tree.Minus(group=inner) | tree.GraphPattern(group=inner):
                yield from _in_group(inner)
            case _:
                continue
