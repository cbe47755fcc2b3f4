"""Reading a query as a tree of these tests, as far as they know its parts; the parser is `kg`'s, no more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pyoxigraph as ox

from kg.evidence import tree
from kg.evidence.parse import parse
from tests.oracle import syntax as sx
from tests.oracle.derive import Undetermined
from tests.oracle.terms import Node, Term, Var

_WORDS = {"or": "||", "and": "&&", "not": "!"}
_LAZY = {"BOUND", "IF", "COALESCE", "IN", "NOT IN"}
_RENAMED = {"SAMETERM": "sameTerm", "ISIRI": "isIRI", "ISURI": "isIRI", "ISLITERAL": "isLiteral"}
_VOLATILE = {"NOW", "RAND", "UUID", "STRUUID", "BNODE"}
_AGGREGATES = {"COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE"}


class _Terms(dict[tuple[int, int], Term]):
    """The constants of expressions by their place in the query that is being read."""

    query: tree.Query

    def __missing__(self, place: tuple[int, int]) -> Term:
        start, end = place
        text = (
            f"{self.query.text[: self.query.prologue_end]} SELECT ({self.query.text[start:end]} AS ?x) {{}}"
        )
        answer = ox.Store().query(text)
        assert isinstance(answer, ox.QuerySolutions)
        term: Term | None = next(iter(answer))[0]
        if term is None:
            raise Undetermined
        self[place] = term
        return term


_terms = _Terms()


def read(text: str) -> sx.Query:
    """Read a query. Raises `Undetermined` for what the reference evaluator does not cover."""
    query = parse(text, {})
    if query.form == "DESCRIBE":
        raise Undetermined
    _terms.query = query
    _terms.clear()
    template = tuple(
        sx.Triple(_node(t.subject), _node(cast(tree.Node, t.verb)), _node(t.object)) for t in query.template
    )
    found = _select(query.select)
    return sx.Query(query.form, found, template, query.from_default, query.from_named)


def _node(node: tree.Node) -> Node:
    if isinstance(node, tree.Constant):
        return node.term
    return Var(f"b{''.join(filter(str.isalnum, node.name))}" if node.blank else node.name, node.blank)


def _path(path: tree.Path) -> sx.Path:
    if path.kind == "link":
        return sx.Path("iri", link=path.iri)
    denied = tuple([(iri, False) for iri in path.forward] + [(iri, True) for iri in path.backward])
    parts = tuple(map(_path, path.parts))
    if path.kind in {"/", "|"} and len(parts) > 2:
        parts = (parts[0], _joined(path.kind, parts[1:]))
    return sx.Path(path.kind, parts, denied=denied)


def _joined(kind: str, parts: tuple[sx.Path, ...]) -> sx.Path:
    return parts[0] if len(parts) == 1 else sx.Path(kind, (parts[0], _joined(kind, parts[1:])))


def _group(group: tree.Group) -> sx.Group:
    return sx.Group(tuple(map(_element, group.elements)))


def _element(element: tree.Element) -> sx.Element:
    reader = _READERS.get(type(element))
    if reader is None:
        raise Undetermined
    return reader(element)


def _triple(triple: tree.Triple) -> sx.Triple:
    verb = _path(triple.verb) if isinstance(triple.verb, tree.Path) else _node(triple.verb)
    return sx.Triple(_node(triple.subject), verb, _node(triple.object))


def _values(values: tree.Values) -> sx.Values:
    rows = tuple(tuple(cell.term if cell else None for cell in row) for row in values.rows)
    return sx.Values(tuple(Var(var.name) for var in values.variables), cast(tuple[tuple[Term | None]], rows))


def _expr(part: tree.Expression) -> sx.Expr:
    if part.kind == "var" and part.var is not None:
        return sx.Expr("var", node=Var(part.var.name))
    if part.kind == "term":
        return sx.Expr("term", node=_terms[part.start, part.end])
    if part.kind == "exists" and part.group is not None:
        return sx.Expr("NOT EXISTS" if part.inverted else "EXISTS", group=_group(part.group))
    args = tuple(map(_expr, part.args))
    op = _WORDS.get(part.kind) or _RENAMED.get(part.name, part.name)
    if part.kind == "aggregate" or op in _VOLATILE or (part.kind == "op" and len(args) == 1):
        raise Undetermined
    return sx.Expr(op, args)


def _select(select: tree.Select) -> sx.Select:
    modifiers = select.modifiers
    if modifiers.limit is not None or modifiers.offset or modifiers.having or select.distinct == "REDUCED":
        raise Undetermined
    columns, named, aggregates = [], [], []
    for column in select.columns:
        if column.var is None:
            raise Undetermined
        if column.expression is None:
            columns.append(Var(column.var.name))
        elif column.expression.kind == "aggregate":
            aggregates.append(_aggregate(column.expression, column.var.name))
        else:
            named.append(sx.Bind(_expr(column.expression), Var(column.var.name)))
    return sx.Select(
        _group(select.where),
        tuple(columns),
        bool(select.distinct),
        tuple(named),
        tuple(aggregates),
        tuple(map(_key, modifiers.group_by)),
        values=_values(select.values) if select.values else None,
    )


def _key(column: tree.Column) -> Var | sx.Bind:
    if column.var is None:
        raise Undetermined
    var = Var(column.var.name)
    return var if column.expression is None else sx.Bind(_expr(column.expression), var)


def _aggregate(part: tree.Expression, name: str) -> sx.Aggregate:
    if part.name not in _AGGREGATES:
        raise Undetermined
    argument = None if part.star else _expr(part.args[0])
    return sx.Aggregate(part.name, argument, part.distinct, Var(name))


_READERS: dict[type, Callable[[Any], sx.Element]] = {
    tree.Block: lambda e: sx.Block(tuple(map(_triple, e.triples))),
    tree.Filter: lambda e: sx.Filter(_expr(e.expression)),
    tree.Bind: lambda e: sx.Bind(_expr(e.expression), Var(e.var.name)),
    tree.Values: _values,
    tree.Optional: lambda e: sx.Optional(_group(e.group)),
    tree.Minus: lambda e: sx.Minus(_group(e.group)),
    tree.Union: lambda e: sx.Union(tuple(map(_group, e.arms))),
    tree.GraphPattern: lambda e: sx.Graph(_node(e.name), _group(e.group)),
    tree.Group: _group,
    tree.Select: _select,
}
