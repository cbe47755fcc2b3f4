"""Where what is denied denies something itself: there a witness alone may fail to keep a row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from kg.evidence import tree
from kg.evidence.scope import certain, has_aggregate, inner_groups, visible

_DENYING = (tree.Optional, tree.Minus)


def may_need_more(query: tree.Query) -> bool:
    """Tell whether a row may vanish when the statements beside its witness are gone.

    It may where a denied pattern has a negation, a group or a LIMIT of its own, and where rows are counted
    or cut after a negation over several triples, whose statements could be combined anew.

    >>> from kg.evidence.parse import parse
    >>> may_need_more(parse("SELECT * { ?x ?p ?y MINUS { ?y ?p ?z MINUS { ?z ?p ?x } } }"))
    True
    >>> may_need_more(parse("SELECT * { ?x ?p ?y MINUS { ?y ?p ?z } }"))
    False
    """
    denied = [query.select.where] if query.form == "ASK" else []
    denied += [group for group, _ in _denied_in_select(query, query.select)]
    if any(_denies(query, group) for group in denied):
        return True
    if not _several_triples(query.select.where):
        return False
    selects = [query.select, *_selects(query.select.where)]
    if any(map(_is_cut, selects)) and denied:
        return True
    removing = any(removes for _, removes in _denied_in_select(query, query.select))
    return removing and any(map(has_aggregate, selects))


def denied_triples(query: tree.Query) -> Iterator[tree.Triple]:
    """Yield the triples of all patterns that can take rows away."""
    if query.form == "ASK":
        yield from _triples(query.select.where)
    for group, _ in _denied_in_select(query, query.select):
        yield from _triples(group)


def elements(group: tree.Group) -> Iterator[tree.Element]:
    """Yield all elements inside a group, those inside EXISTS included."""
    for element in group.elements:
        yield element
        for inner in (*inner_groups(element), *_existing(element)):
            yield from elements(inner)


def _is_cut(select: tree.Select) -> bool:
    return select.modifiers.limit is not None or select.modifiers.offset is not None


def _denies(query: tree.Query, group: tree.Group) -> bool:
    """Tell whether a denied pattern has something inside that more data may keep from matching."""
    if any(removes for _, removes in _denied(query, group)):
        return True
    return any(has_aggregate(select) or _is_cut(select) for select in _selects(group))


def _denied_in_select(query: tree.Query, select: tree.Select) -> Iterator[tuple[tree.Group, bool]]:
    yield from _denied(query, select.where)
    columns = [c.expression for c in (*select.columns, *select.modifiers.group_by) if c.expression]
    for expression in (*columns, *select.modifiers.having, *select.modifiers.order_by):
        yield from ((part.group, True) for part in expression.walk() if part.group is not None)


def _denied(query: tree.Query, group: tree.Group) -> Iterator[tuple[tree.Group, bool]]:
    """Yield the outermost denied patterns, and whether their matches take rows away from outside."""
    for place, element in enumerate(group.elements):
        if isinstance(element, tree.Minus):
            yield element.group, True
        elif isinstance(element, tree.Optional):
            yield element.group, _is_read(query, element, group.elements[:place])
        elif isinstance(element, tree.Filter | tree.Bind):
            exists = (part for part in element.expression.walk() if part.group is not None)
            yield from ((part.group, True) for part in exists if part.group is not None)
        elif isinstance(element, tree.Select):
            yield from _denied_in_select(query, element)
        else:
            for inner in inner_groups(element):
                yield from _denied(query, inner)


def _is_read(query: tree.Query, element: tree.Optional, before: Sequence[tree.Element]) -> bool:
    """Tell whether something else reads, or must agree with, what an OPTIONAL binds."""
    unsure = set(visible(element.group)) - certain(before)
    select = query.select
    keys = [column for column in select.modifiers.group_by if has_aggregate(select)]
    stretches = [(select.where.start, select.where.end), *((key.start, key.end) for key in keys)]
    stretches += [(select.values.start, select.values.end)] if select.values else []
    return any(
        var.name in unsure and any(start <= var.start < end for start, end in stretches)
        for var in query.variables
        if not element.start <= var.start < element.end
    )


def _several_triples(where: tree.Group) -> bool:
    return len(list(_triples(where, denied=False))) > 1


def _triples(group: tree.Group, *, denied: bool = True) -> Iterator[tree.Triple]:
    """Yield the triples of a pattern, with those of its denied patterns or without."""
    for element in group.elements:
        if isinstance(element, tree.Block):
            yield from element.triples
        elif denied or not isinstance(element, _DENYING):
            for inner in (*inner_groups(element), *(_existing(element) if denied else ())):
                yield from _triples(inner, denied=denied)


def _existing(element: tree.Element) -> Iterator[tree.Group]:
    expressions: Iterable[tree.Expression | None] = ()
    if isinstance(element, tree.Filter | tree.Bind):
        expressions = [element.expression]
    elif isinstance(element, tree.Select):
        expressions = [*(column.expression for column in element.columns), *element.modifiers.having]
    for expression in expressions:
        for part in expression.walk() if expression else ():
            if part.group is not None:
                yield part.group


def _selects(group: tree.Group) -> Iterator[tree.Select]:
    return (element for element in elements(group) if isinstance(element, tree.Select))
