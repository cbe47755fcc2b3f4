"""Queries as trees that print themselves as SPARQL: no parser stands between the generator and the text."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import pyoxigraph as ox

from tests.oracle.terms import Node, Term, Var, show


@dataclass(frozen=True)
class Path:
    """A property path: `kind` is one of / | ^ ! ? * + or "iri"; the parts of ! are (IRI, is inverse)."""

    kind: str
    parts: tuple[Path, ...] = ()
    link: ox.NamedNode | None = None
    denied: tuple[tuple[ox.NamedNode, bool], ...] = ()

    def __str__(self) -> str:
        if self.kind == "iri":
            return show(self.link)
        if self.kind == "!":
            return "!(" + "|".join(("^" if inverse else "") + show(p) for p, inverse in self.denied) + ")"
        if self.kind == "^":
            return f"^({self.parts[0]})"
        if self.kind in "/|":
            return "(" + self.kind.join(map(str, self.parts)) + ")"
        return f"({self.parts[0]}){self.kind}"


@dataclass(frozen=True)
class Triple:
    """A triple pattern, or a path pattern where the verb is a path."""

    subject: Node
    verb: Node | Path
    object: Node

    def __str__(self) -> str:
        return f"{show(self.subject)} {show(self.verb)} {show(self.object)} ."


@dataclass(frozen=True)
class Block:
    """Triple patterns side by side."""

    triples: tuple[Triple, ...]

    def __str__(self) -> str:
        return " ".join(map(str, self.triples))


@dataclass(frozen=True)
class Expr:
    """An expression: `op` is var, term, exists, an operator or a function's name."""

    op: str
    args: tuple[Expr, ...] = ()
    node: Node | None = None
    group: Group | None = None

    def __str__(self) -> str:
        if self.op in {"var", "term"}:
            return show(self.node)
        if self.op in {"EXISTS", "NOT EXISTS"}:
            return f"{self.op} {self.group}"
        if self.op == "!":
            return f"(!{self.args[0]})"
        if self.op in {"IN", "NOT IN"}:
            return f"({self.args[0]} {self.op} ({', '.join(map(str, self.args[1:]))}))"
        if not (self.op[0].isalpha() or self.op.startswith("<http")):
            return f"({self.args[0]} {self.op} {self.args[1]})"
        return f"{self.op}({', '.join(map(str, self.args))})"


@dataclass(frozen=True)
class Union:
    """Alternatives."""

    arms: tuple[Group, ...]

    def __str__(self) -> str:
        return " UNION ".join(map(str, self.arms))


@dataclass(frozen=True)
class Optional:
    """OPTIONAL; the filters of its group are its condition."""

    group: Group

    def __str__(self) -> str:
        return f"OPTIONAL {self.group}"


@dataclass(frozen=True)
class Minus:
    """MINUS."""

    group: Group

    def __str__(self) -> str:
        return f"MINUS {self.group}"


@dataclass(frozen=True)
class Graph:
    """GRAPH."""

    name: Node
    group: Group

    def __str__(self) -> str:
        return f"GRAPH {show(self.name)} {self.group}"


@dataclass(frozen=True)
class Filter:
    """FILTER."""

    condition: Expr

    def __str__(self) -> str:
        return f"FILTER({self.condition})"


@dataclass(frozen=True)
class Bind:
    """BIND."""

    value: Expr
    var: Var

    def __str__(self) -> str:
        return f"BIND({self.value} AS {self.var})"


@dataclass(frozen=True)
class Values:
    """VALUES; None is UNDEF."""

    vars: tuple[Var, ...]
    rows: tuple[tuple[Term | None, ...], ...]

    def __str__(self) -> str:
        rows = " ".join("(" + " ".join(map(show, row)) + ")" for row in self.rows)
        return f"VALUES ({' '.join(map(str, self.vars))}) {{ {rows} }}"


@dataclass(frozen=True)
class Aggregate:
    """An aggregate under a name; no argument is `*`."""

    op: str
    argument: Expr | None
    distinct: bool
    name: Var

    def call(self) -> str:
        """Write the aggregate without its name."""
        argument = "*" if self.argument is None else str(self.argument)
        if self.op == "GROUP_CONCAT":
            argument = f"STR({argument})"
        return f"{self.op}({'DISTINCT ' if self.distinct else ''}{argument})"

    def __str__(self) -> str:
        return f"({self.call()} AS {self.name})"


@dataclass(frozen=True)
class Having:
    """A condition on a whole group: an aggregate compared with a number."""

    aggregate: Aggregate
    op: str
    bound: int

    def __str__(self) -> str:
        return f"{self.aggregate.call()} {self.op} {self.bound}"


@dataclass(frozen=True)
class Select:
    """A SELECT, outer or nested; no columns is `*`."""

    where: Group
    columns: tuple[Var, ...] = ()
    distinct: bool = False
    named: tuple[Bind, ...] = ()
    aggregates: tuple[Aggregate, ...] = ()
    group_by: tuple[Var | Bind, ...] = ()
    having: tuple[Having | Expr, ...] = ()
    limit: int | None = None
    offset: int = 0
    values: Values | None = None
    order: tuple[Expr, ...] = ()

    @property
    def is_grouped(self) -> bool:
        """Whether its rows are made of groups."""
        return bool(self.aggregates or self.group_by)

    @property
    def is_cut(self) -> bool:
        """Whether LIMIT or OFFSET leaves rows out."""
        return self.limit is not None or bool(self.offset)

    @property
    def shown(self) -> tuple[Var, ...]:
        """The columns that are written out."""
        return (*self.columns, *(a.name for a in self.aggregates), *(b.var for b in self.named))

    def head(self) -> str:
        """Write what stands before WHERE."""
        binds = [f"({bind.value} AS {bind.var})" for bind in self.named]
        columns = " ".join([*map(str, self.columns), *map(str, self.aggregates), *binds])
        return f"SELECT {'DISTINCT ' if self.distinct else ''}{columns or '*'}"

    def tail(self) -> str:
        """Write what stands after WHERE."""
        parts = []
        if self.group_by:
            parts.append("GROUP BY " + " ".join(str(k).removeprefix("BIND") for k in self.group_by))
        if self.having:
            parts.append("HAVING " + " ".join(f"({condition})" for condition in self.having))
        if self.limit is not None or self.offset:
            parts.append("ORDER BY " + " ".join(map(str, self.shown)))
        elif self.order:
            parts.append("ORDER BY " + " ".join(f"DESC({key})" for key in self.order))
        if self.limit is not None:
            parts.append(f"LIMIT {self.limit}")
        if self.offset:
            parts.append(f"OFFSET {self.offset}")
        return " ".join([*parts, *([str(self.values)] if self.values else [])])

    def __str__(self) -> str:
        return f"{{ {self.head()} WHERE {self.where} {self.tail()}}}"


@dataclass(frozen=True)
class Group:
    """A group graph pattern."""

    elements: tuple[Element, ...]

    def __str__(self) -> str:
        return "{ " + " ".join(map(str, self.elements)) + " }"


Element: TypeAlias = Block | Union | Optional | Minus | Graph | Filter | Bind | Values | Select | Group


@dataclass(frozen=True)
class Query:
    """A query of one of the forms SELECT, ASK and CONSTRUCT, with its parameter if one is given."""

    form: str
    select: Select
    template: tuple[Triple, ...] = ()
    default: tuple[ox.NamedNode, ...] = ()
    named: tuple[ox.NamedNode, ...] = ()
    given: tuple[Var, Term] | None = None

    @property
    def bindings(self) -> dict[str, Term]:
        """The parameter by name."""
        return {} if self.given is None else {self.given[0].name: self.given[1]}

    @property
    def bound(self) -> Select:
        """The SELECT with the parameter as a constant of its pattern."""
        if self.given is None:
            return self.select
        values = Values((self.given[0],), ((self.given[1],),))
        return replace(self.select, where=Group((values, *self.select.where.elements)))

    def text(self, *, with_dataset: bool = True) -> str:
        """Print the query, with or without its FROM clauses."""
        clauses = [f"FROM {show(g)}" for g in self.default] + [f"FROM NAMED {show(g)}" for g in self.named]
        dataset = " ".join(clauses) if with_dataset else ""
        template = "{ " + " ".join(map(str, self.template)) + " }"
        head = {"SELECT": self.select.head(), "ASK": "ASK", "CONSTRUCT": f"CONSTRUCT {template}"}[self.form]
        return f"{head} {dataset} WHERE {self.select.where} {self.select.tail()}"

    def __repr__(self) -> str:
        given = f"  # {self.given[0]} is {show(self.given[1])}" if self.given else ""
        return self.text() + given

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        printer.text(repr(self))
