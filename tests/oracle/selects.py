"""SELECT: groups, expressions, projection, DISTINCT and LIMIT over annotated solutions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import pyoxigraph as ox

from tests.oracle import syntax as sx
from tests.oracle.derive import (
    ALWAYS,
    NEVER,
    Solution,
    Undetermined,
    Ways,
    absent,
    both,
    either,
    join,
    together,
)
from tests.oracle.scope import visible
from tests.oracle.terms import Term, Var, number
from tests.oracle.values import ValueFault, aggregate, less, rank

if TYPE_CHECKING:
    from tests.oracle.evaluate import Evaluator

Key = tuple[Term | None, ...]


def select(
    run: Evaluator, query: sx.Select, graph: ox.NamedNode | None, *, outer: bool = False
) -> list[Solution]:
    """Evaluate a SELECT in the order of SPARQL 1.1, section 18.2.4; an inner one claims ranks."""
    found = run.group(query.where, graph)
    if query.is_grouped:
        found = _groups(run, query, found, graph)
    if query.values is not None:
        found = join(found, table(query.values))
    for bind in query.named:
        found = [run.extended(one, bind, graph) for one in found]
    names = [var.name for var in query.shown] or sorted(visible(query))
    found = [Solution({n: one.binding[n] for n in names if n in one.binding}, one.ways) for one in found]
    by_row: dict[Key, list[Solution]] = defaultdict(list)
    for one in found:
        by_row[key_of(one, names)].append(one)
    if query.distinct:
        found = [Solution(same[0].binding, either(s.ways for s in same)) for same in by_row.values()]
    if query.limit is None and not query.offset:
        return found
    # Equal rows cannot be told apart, so those that stay may be any of them.
    rank_holds = ALWAYS if outer else absent("rank", query, {})
    found = [
        Solution(s.binding, both(either(t.ways for t in by_row[key_of(s, names)]), rank_holds)) for s in found
    ]
    found.sort(key=lambda one: [rank(one.binding.get(name)) for name in names])
    last = None if query.limit is None else query.offset + query.limit
    return found[query.offset : last]


def key_of(one: Solution, names: Iterable[str]) -> Key:
    """Return the row of a solution."""
    return tuple(one.binding.get(name) for name in names)


def table(values: sx.Values) -> list[Solution]:
    """Return the solutions that VALUES lists."""
    return [
        Solution({v.name: t for v, t in zip(values.vars, row, strict=True) if t is not None}, ALWAYS)
        for row in values.rows
    ]


def unified(pattern: Sequence[object], terms: Sequence[Term]) -> dict[str, Term] | None:
    """Bind the variables of a pattern to terms; None where it does not fit them."""
    binding: dict[str, Term] = {}
    for node, term in zip(pattern, terms, strict=True):
        if isinstance(node, Var):
            if binding.setdefault(node.name, term) != term:
                return None
        elif node != term:
            return None
    return binding


def _groups(
    run: Evaluator, query: sx.Select, found: list[Solution], graph: ox.NamedNode | None
) -> list[Solution]:
    names = [(key if isinstance(key, Var) else key.var).name for key in query.group_by]
    members: dict[Key, list[Solution]] = defaultdict(list)
    if not names:
        members[()] = []
    for bind in (key for key in query.group_by if isinstance(key, sx.Bind)):
        found = [run.extended(one, bind, graph) for one in found]
    for one in found:
        members[key_of(one, names)].append(run.measured(one, query, graph))
    rows = []
    for key, group in members.items():
        binding = {name: term for name, term in zip(names, key, strict=True) if term is not None}
        run.has_choices |= any(len(member.ways) > 1 for member in group)
        row = Solution(binding, _collective(query, group, binding))
        for condition in query.having:
            row = _kept(run, condition, row, group, graph)
        for column in query.aggregates if row.ways else ():
            value = _value(run, column, group, graph)
            if value is not None:
                binding[column.name.name] = value
        rows += [row] if row.ways else []
    return rows


def _collective(query: sx.Select, group: list[Solution], binding: dict[str, Term]) -> Ways:
    """Rest on all members together, and on there being no others where a condition or nothing says so."""
    ways = together(member.ways for member in group)
    if not (group or query.group_by):
        return absent("not exists", query.where, {})
    if query.having:
        ways = both(ways, absent("complete", query.where, binding))
    return ways


def _value(
    run: Evaluator, column: sx.Aggregate, group: list[Solution], graph: ox.NamedNode | None
) -> Term | None:
    if column.argument is None:
        rows = {frozenset(one.binding.items()) for one in group} if column.distinct else group
        return number(len(rows))
    values = [run.value_or_none(column.argument, one, graph) for one in group]
    if column.op == "COUNT" and column.argument.op != "var" and None in values:
        raise Undetermined  # by SPARQL 1.1 errors are not counted; Oxigraph then counts at times nothing
    return aggregate(column.op, list(dict.fromkeys(values)) if column.distinct else values)


def _kept(
    run: Evaluator,
    condition: sx.Having | sx.Expr,
    row: Solution,
    group: list[Solution],
    graph: ox.NamedNode | None,
) -> Solution:
    """Add what a condition on the group rests on; no ways where it does not hold."""
    if isinstance(condition, sx.Expr):
        return Solution(row.binding, both(row.ways, run.holds(condition, row, graph, wanted=True)))
    value, bound = _value(run, condition.aggregate, group, graph), number(condition.bound)
    try:
        held = value is not None and (less(value, bound) if condition.op == "<" else less(bound, value))
    except ValueFault:
        held = False
    return row if held else Solution(row.binding, NEVER)
