"""The syntax tree of a SPARQL 1.1 query: small frozen records that know where they stand in the text.

Property lists, collections and `;`/`,` are spelled out as triple patterns, blank nodes are variables of
their own kind, everything else is as written. `start` and `end` are offsets into the query's text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

import pyoxigraph as ox


@dataclass(frozen=True, slots=True)
class Var:
    """A variable, or a blank node, which is a variable nobody can name (`blank`)."""

    name: str
    start: int = -1
    end: int = -1
    blank: bool = False


@dataclass(frozen=True, slots=True)
class Constant:
    """An IRI or a literal of the query."""

    term: ox.NamedNode | ox.Literal
    start: int = -1
    end: int = -1


Node: TypeAlias = Var | Constant


@dataclass(frozen=True, slots=True)
class Path:
    """A property path: `kind` is link, ^, /, |, ?, *, + or !; `forward` and `backward` belong to `!`."""

    kind: str
    parts: tuple[Path, ...] = ()
    iri: ox.NamedNode | None = None
    forward: tuple[ox.NamedNode, ...] = ()
    backward: tuple[ox.NamedNode, ...] = ()


@dataclass(frozen=True, slots=True)
class Triple:
    """A triple pattern or, where the verb is a path, a path pattern."""

    subject: Node
    verb: Node | Path
    object: Node


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression: `kind` is or, and, not, exists, var, term, call, aggregate or op.

    `name` is the operator or the function in upper case (an IRI in angle brackets), `group` the pattern of
    an EXISTS, `inverted` tells NOT EXISTS, `distinct` and `star` belong to aggregates.
    """

    kind: str
    start: int
    end: int
    args: tuple[Expression, ...] = ()
    name: str = ""
    var: Var | None = None
    group: Group | None = None
    inverted: bool = False
    distinct: bool = False
    star: bool = False

    def walk(self) -> Iterator[Expression]:
        """Yield this expression and all inside it; not the patterns of EXISTS."""
        waiting = [self]
        while waiting:
            part = waiting.pop()
            yield part
            waiting.extend(reversed(part.args))


@dataclass(frozen=True, slots=True)
class Block:
    """A run of triple patterns: one basic graph pattern when no path stands in it."""

    triples: tuple[Triple, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Filter:
    """`FILTER expression`."""

    expression: Expression
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Bind:
    """`BIND(expression AS ?var)`."""

    expression: Expression
    var: Var
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Values:
    """`VALUES`: a table of constants, None for UNDEF."""

    variables: tuple[Var, ...]
    rows: tuple[tuple[Constant | None, ...], ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Optional:
    """`OPTIONAL { … }`."""

    group: Group
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Minus:
    """`MINUS { … }`."""

    group: Group
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Union:
    """`{ … } UNION { … }`, with two arms or more."""

    arms: tuple[Group, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class GraphPattern:
    """`GRAPH name { … }`."""

    name: Node
    group: Group
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Service:
    """`SERVICE [SILENT] name { … }`."""

    name: Node
    silent: bool
    group: Group
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Group:
    """`{ … }`: its elements in order; one that holds a `Select` holds nothing else."""

    elements: tuple[Element, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Column:
    """One item of a SELECT clause or a GROUP BY: a variable, an expression, or an expression with a name."""

    var: Var | None
    expression: Expression | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Modifiers:
    """What stands after the WHERE clause; `start` is where it begins."""

    start: int
    end: int
    group_by: tuple[Column, ...] = ()
    having: tuple[Expression, ...] = ()
    order_by: tuple[Expression, ...] = ()
    limit: int | None = None
    offset: int | None = None
    order_start: int = -1


@dataclass(frozen=True, slots=True)
class Select:
    """A SELECT, outer or nested; `columns` is empty for `*`."""

    columns: tuple[Column, ...]
    distinct: str
    where: Group
    modifiers: Modifiers
    values: Values | None
    start: int
    end: int
    where_start: int


Element: TypeAlias = (
    Block | Filter | Bind | Values | Optional | Minus | Union | GraphPattern | Service | Group | Select
)


@dataclass(frozen=True, slots=True)
class Query:
    """A whole query: `form` is SELECT, ASK, CONSTRUCT or DESCRIBE, all told as one Select over its WHERE.

    `template` holds the triples of a CONSTRUCT, `targets` what a DESCRIBE names (empty for `*`), `variables`
    every place where a variable stands, in order.
    """

    text: str
    form: str
    select: Select
    prefixes: dict[str, str] = field(hash=False)
    base: str | None
    from_default: tuple[ox.NamedNode, ...]
    from_named: tuple[ox.NamedNode, ...]
    prologue_end: int
    template: tuple[Triple, ...] = ()
    targets: tuple[Node, ...] = ()
    variables: tuple[Var, ...] = ()
