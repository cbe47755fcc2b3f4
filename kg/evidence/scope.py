"""Which variables a pattern can bind, and which it surely binds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kg.evidence import tree


def visible(group: tree.Group) -> list[str]:
    """List the in-scope variables of a group in order of appearance (section 18.2.1); no blank nodes."""
    return visible_in_elements(group.elements)


def visible_in_elements(elements: Iterable[tree.Element]) -> list[str]:
    """List the in-scope variables of a run of elements."""
    return list(dict.fromkeys(name for element in elements for name in _visible(element)))


def _visible(element: tree.Element) -> Iterator[str]:
    match element:
        case tree.Block(triples):
            for triple in triples:
                yield from triple_names(triple)
        case tree.Bind(var=var):
            yield var.name
        case tree.Values(variables):
            yield from (var.name for var in variables)
        case tree.Select():
            yield from projected(element)
        case tree.Minus():
            return
        case _:
            if isinstance(element, tree.GraphPattern | tree.Service) and isinstance(element.name, tree.Var):
                yield element.name.name
            for group in inner_groups(element):
                yield from visible(group)


def triple_names(triple: tree.Triple) -> Iterator[str]:
    """Yield the names of the variables of a triple pattern, without blank nodes."""
    for node in (triple.subject, triple.verb, triple.object):
        if isinstance(node, tree.Var) and not node.blank:
            yield node.name


def projected(select: tree.Select) -> list[str]:
    """List the variables that a SELECT gives, `*` spelled out."""
    if select.columns:
        return [column.var.name for column in select.columns if column.var]
    names = visible(select.where)
    if select.values:
        names += [var.name for var in select.values.variables]
    return list(dict.fromkeys(names))


def certain(elements: Iterable[tree.Element]) -> set[str]:
    """Collect the variables that every solution of these elements binds."""
    names: set[str] = set()
    for element in elements:
        names |= _certain(element)
    return names


def _certain(element: tree.Element) -> set[str]:
    match element:
        case tree.Block(triples):
            return {name for triple in triples for name in triple_names(triple)}
        case tree.Group() | tree.Union():
            return set.intersection(*(certain(group.elements) for group in inner_groups(element)))
        case tree.GraphPattern(name, group):
            return certain(group.elements) | ({name.name} if isinstance(name, tree.Var) else set())
        case tree.Values(variables, rows):
            return {var.name for i, var in enumerate(variables) if all(row[i] is not None for row in rows)}
        case tree.Select(where=where):
            return certain(where.elements) & set(projected(element))
    return set()


def has_aggregate(select: tree.Select) -> bool:
    """Tell whether a SELECT groups its solutions, by GROUP BY or by an aggregate."""
    modifiers = select.modifiers
    expressions = [column.expression for column in select.columns if column.expression]
    return bool(modifiers.group_by) or any(
        part.kind == "aggregate"
        for expression in (*expressions, *modifiers.having, *modifiers.order_by)
        for part in expression.walk()
    )


def has_exists(expression: tree.Expression) -> bool:
    """Tell whether an expression holds an EXISTS."""
    return any(part.kind == "exists" for part in expression.walk())


def free_names(expression: tree.Expression) -> list[str]:
    """List the variables that an expression reads outside aggregates and EXISTS."""
    names: list[str] = []
    waiting = [expression]
    while waiting:
        part = waiting.pop()
        if part.kind == "aggregate":
            continue
        if part.var is not None:
            names.append(part.var.name)
        waiting.extend(part.args)
    return names


def names_read(expression: tree.Expression) -> set[str]:
    """Collect all variables in an expression, those inside its EXISTS included."""
    names: set[str] = set()
    for part in expression.walk():
        if part.var is not None:
            names.add(part.var.name)
        if part.group is not None:
            # What EXISTS reads is not told apart from what it binds: taking all is the safe side.
            names |= set(_all_names(part.group.elements))
    return names


def _all_names(elements: Iterable[tree.Element]) -> Iterator[str]:
    for element in elements:
        if isinstance(element, tree.Filter | tree.Bind):
            yield from names_read(element.expression)
        for inner in inner_groups(element):
            yield from _all_names(inner.elements)
    yield from visible_in_elements(elements)


def inner_groups(element: tree.Element) -> tuple[tree.Group, ...]:
    """Return the groups that an element is made of."""
    match element:
        case tree.Group():
            return (element,)
        case tree.Union(arms):
            return arms
        case tree.Select(where=where):
            return (where,)
        case tree.Optional() | tree.Minus() | tree.GraphPattern() | tree.Service():
            return (element.group,)
        case _:
            return ()


def has_values(group: tree.Group) -> bool:
    """Tell whether VALUES stands in a group or in one of its groups."""
    return any(
        isinstance(element, tree.Values) or any(map(has_values, inner_groups(element)))
        for element in group.elements
    )


def nested_selects(group: tree.Group) -> Iterator[tree.Select]:
    """Yield all sub-SELECTs inside a group, those inside EXISTS included."""
    for element in group.elements:
        if isinstance(element, tree.Select):
            yield element
            yield from _in_expressions(column.expression for column in element.columns)
            yield from _in_expressions(element.modifiers.having)
        elif isinstance(element, tree.Filter | tree.Bind):
            yield from _in_expressions([element.expression])
        for inner in inner_groups(element):
            yield from nested_selects(inner)


def _in_expressions(expressions: Iterable[tree.Expression | None]) -> Iterator[tree.Select]:
    for expression in expressions:
        for part in expression.walk() if expression else ():
            if part.group is not None:
                yield from nested_selects(part.group)


class Homes:
    """Tells which variable a name means where: a sub-SELECT shows only what it projects."""

    def __init__(self, query: tree.Query) -> None:
        self.variables = query.variables
        self._selects = [
            (select.start, select.end, frozenset(projected(select)))
            for select in nested_selects(query.select.where)
        ]

    def home(self, name: str, offset: int) -> int:
        """Return where the SELECT begins to which a name at an offset belongs; -1 for the outer one."""
        inside = sorted((s for s in self._selects if s[0] <= offset < s[1]), reverse=True)
        return next((start for start, _, shown in inside if name not in shown), -1)

    def within(self, start: int, end: int, root: int) -> list[tree.Var]:
        """List the variables between two offsets that mean the same as their names do at the root."""
        stretch = [var for var in self.variables if start <= var.start < end]
        if not self._selects:
            return stretch
        return [var for var in stretch if self.home(var.name, var.start) == self.home(var.name, root)]
