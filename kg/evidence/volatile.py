"""What does not answer alike twice, calls and other endpoints, and the variables that hang on calls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kg.evidence import tree
from kg.evidence.nesting import elements

CALLS = frozenset(["RAND", "NOW", "UUID", "STRUUID", "BNODE"])


def volatile_calls(expression: tree.Expression) -> list[str]:
    """List the calls in an expression that give another value each time.

    >>> from kg.evidence.parse import parse
    >>> volatile_calls(parse("ASK { FILTER(RAND() < 1) }").select.where.elements[0].expression)
    ['RAND()']
    """
    found = (part.name for part in expression.walk() if part.kind == "call" and part.name in CALLS)
    return list(dict.fromkeys(f"{name}()" for name in found))


def unrepeatable(group: tree.Group) -> frozenset[str]:
    """Name all that a pattern rests on, at any depth, that nobody can look up again.

    >>> from kg.evidence.parse import parse
    >>> query = parse("ASK { FILTER NOT EXISTS { SERVICE <urn:x> { ?s ?p ?n } FILTER(?n < NOW()) } }")
    >>> sorted(unrepeatable(query.select.where))
    ['NOW()', 'SERVICE <urn:x>']
    """
    return frozenset(name for element in elements(group) for name in _own(element))


def unrepeatable_clauses(select: tree.Select) -> frozenset[str]:
    """Name the calls, other each time, in what a SELECT makes of its pattern: columns, groups, conditions."""
    columns = (c.expression for c in (*select.columns, *select.modifiers.group_by) if c.expression)
    return frozenset(_calls((*columns, *select.modifiers.having)))


def unrepeatable_select(select: tree.Select) -> frozenset[str]:
    """Name all of a SELECT, its clauses and its pattern, that nobody can look up again."""
    return unrepeatable_clauses(select) | unrepeatable(select.where)


def service_name(element: tree.Service) -> str:
    """Name another endpoint as the query does."""
    name = element.name
    where = f"<{name.term.value}>" if isinstance(name, tree.Constant) else f"?{name.name}"
    return f"SERVICE {'SILENT ' if element.silent else ''}{where}"


def _own(element: tree.Element) -> Iterable[str]:
    match element:
        case tree.Filter(expression) | tree.Bind(expression):
            return volatile_calls(expression)
        case tree.Select():
            return [*unrepeatable_clauses(element), *_calls(element.modifiers.order_by)]
        case tree.Service():
            return [service_name(element)]
        case _:
            return ()


def _calls(expressions: Iterable[tree.Expression]) -> Iterator[str]:
    return (name for expression in expressions for name in volatile_calls(expression))


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
