"""What kind of query one is, which decides the laws that hold of it; told from its tree alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from tests.oracle import syntax as sx
from tests.oracle.derive import Atom
from tests.oracle.scope import walk
from tests.oracle.syntax import Expr, Group, Path, Query, Select
from tests.oracle.terms import Var


@dataclass(frozen=True)
class Nature:
    """The nature of one query; `is_false` says that it is an ASK answered by no, which denies its pattern."""

    query: Query
    is_false: bool = False

    @cached_property
    def denied(self) -> list[Group]:
        """The groups whose matches can take rows away: of OPTIONAL, MINUS and NOT EXISTS."""
        return [self.query.select.where] if self.is_false else list(_denied(self.query.select))

    @cached_property
    def is_nested(self) -> bool:
        """Whether more data can also turn such a group's match into none."""
        groups = [group for group in self.denied if list(_denied(group)) or _has_counts(group)]
        return bool(groups)

    @cached_property
    def is_grouped(self) -> bool:
        """Whether a row is made of a group anywhere outside what is denied."""
        return any(part.is_grouped for part in self._selects())

    @cached_property
    def all_groups_claim(self) -> bool:
        """Whether every group has a condition, so that evidence claims that it is whole."""
        return all(bool(part.having) for part in self._selects() if part.is_grouped)

    @cached_property
    def is_ranked(self) -> bool:
        """Whether LIMIT or OFFSET cut rows anywhere."""
        return any(part.is_cut for part in self._selects())

    @cached_property
    def has_offset(self) -> bool:
        """Whether OFFSET cuts rows anywhere."""
        return any(part.offset for part in self._selects())

    @cached_property
    def has_graphs(self) -> bool:
        """Whether the query names graphs."""
        from_any = bool(self.query.default or self.query.named)
        return from_any or any(isinstance(part, sx.Graph) for part in walk(self.query))

    @cached_property
    def has_from(self) -> bool:
        """Whether the query chooses its dataset."""
        return bool(self.query.default or self.query.named)

    @cached_property
    def paths(self) -> list[Path]:
        """All paths and their parts."""
        return [part for part in walk(self.query) if isinstance(part, Path)]

    @cached_property
    def has_walks(self) -> bool:
        """Whether a path may take any number of steps."""
        return any(path.kind in "+*" for path in self.paths)

    @cached_property
    def has_choices(self) -> bool:
        """Whether evidence shows one of several derivations: of one step of a walk."""
        loops = [path for path in self.paths if path.kind in "+*?"]
        return any(
            part.kind in "+*?|/" for loop in loops for part in walk(loop.parts) if isinstance(part, Path)
        )

    @cached_property
    def is_monotone(self) -> bool:
        """Whether more data never takes a row away."""
        return not (self.denied or self.is_grouped or self.is_ranked)

    @cached_property
    def counts_rows(self) -> bool:
        """Whether the number of a row's derivations is the number of its occurrences."""
        merging = any(part.distinct or part.is_grouped for part in self._selects())
        return self.query.form == "SELECT" and not (merging or self.is_ranked or self.paths)

    def _selects(self) -> Iterator[Select]:
        return (part for part in walk(self.query) if isinstance(part, Select))

    def touches(self, quad: Atom) -> bool:
        """Tell whether a statement could match something in a denied group, in whatever graph."""
        return any(may_match(triple, quad) for group in self.denied for triple in triples_in(group))


def triples_in(node: object) -> Iterator[sx.Triple]:
    """Yield all triple patterns of a tree."""
    return (part for part in walk(node) if isinstance(part, sx.Triple))


def may_match(pattern: sx.Triple, quad: Atom) -> bool:
    """Tell whether a statement could match a triple pattern."""
    if isinstance(pattern.verb, Path):
        return True
    nodes = (pattern.subject, pattern.verb, pattern.object)
    return all(isinstance(n, Var) or n == term for n, term in zip(nodes, quad, strict=False))


def _has_counts(group: Group) -> bool:
    """Tell whether a part of the group has groups or cuts rows."""
    selects = (part for part in walk(group) if isinstance(part, Select))
    return any(s.is_grouped or s.limit is not None or s.offset for s in selects)


def _denied(node: object) -> Iterator[Group]:
    """Yield the outermost denied groups."""
    if isinstance(node, tuple):
        for part in node:
            yield from _denied(part)
    elif isinstance(node, Group):
        yield from _denied(node.elements)
    elif isinstance(node, sx.Optional | sx.Minus):
        yield node.group
    elif isinstance(node, sx.Filter):
        yield from _in_condition(node.condition, positive=True)
    elif isinstance(node, sx.Bind):
        yield from _existing(node)
    elif isinstance(node, sx.Union):
        yield from _denied(node.arms)
    elif isinstance(node, sx.Graph):
        yield from _denied(node.group)
    elif isinstance(node, Select):
        yield from _denied_in_select(node)


def _in_condition(expr: Expr, *, positive: bool) -> Iterator[Group]:
    if expr.group is not None:
        if (expr.op == "EXISTS") == positive:
            yield from _denied(expr.group)
        else:
            yield expr.group
    elif expr.op == "!":
        yield from _in_condition(expr.args[0], positive=not positive)
    elif expr.op in {"&&", "||"}:
        for arg in expr.args:
            yield from _in_condition(arg, positive=positive)
    else:
        yield from _existing(expr)


def _denied_in_select(select: Select) -> Iterator[Group]:
    yield from _denied((select.where, select.named, select.group_by))
    yield from _existing(select.aggregates)
    for condition in select.having:
        if isinstance(condition, Expr):
            yield from _in_condition(condition, positive=True)
        else:
            yield from _existing(condition)


def _existing(node: object) -> Iterator[Group]:
    """Yield the groups of every EXISTS: of a value, both outcomes count."""
    return (part.group for part in walk(node) if isinstance(part, Expr) and part.group is not None)
