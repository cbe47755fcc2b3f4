"""Random datasets and random queries in which any operator may stand inside any other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import pyoxigraph as ox
from hypothesis import strategies as st

from tests.oracle import syntax as sx
from tests.oracle.expressing import Expressing
from tests.oracle.scope import certain, mentioned, visible, walk
from tests.oracle.syntax import Group, Path, Query, Select, Triple
from tests.oracle.terms import BLANKS, DATE, Node, Term, Var, iri, number

T = TypeVar("T")
NODES = [iri(name) for name in "abcde"]
PREDICATES = [iri(name) for name in "pqr"]
GRAPHS = [iri(name) for name in ("g1", "g2", "g3", "g4")]
OBJECTS: list[Term] = [*NODES[:4], number(1), number(2)]
TEXTS: list[Term] = [
    ox.Literal("ab"),
    ox.Literal("b", language="en"),
    ox.Literal("2020-01-02", datatype=DATE),
]
POOL = ("x", "y", "z")

_COMMON = [*PREDICATES[:2] * 2, PREDICATES[2]]
_SELDOM = [*PREDICATES, *PREDICATES[2:] * 2]

Data = dict[tuple[Term, Term, Term], set[ox.NamedNode]]
_triples = st.tuples(st.sampled_from(NODES[:4]), st.sampled_from(_COMMON), st.sampled_from(OBJECTS))
_graphs = st.sets(st.sampled_from(GRAPHS), min_size=1, max_size=4)
_plain: st.SearchStrategy[Data] = st.dictionaries(_triples, _graphs, min_size=8, max_size=16)
_subjects: list[Term] = [*NODES[:3], *BLANKS]
_others = st.tuples(
    st.sampled_from(_subjects),
    st.sampled_from(_COMMON),
    st.sampled_from([*OBJECTS, *BLANKS, *TEXTS]),
)
_rich: st.SearchStrategy[Data] = st.dictionaries(_others, _graphs, min_size=8, max_size=16)
datasets: st.SearchStrategy[Data] = st.one_of(_plain, _rich)
"""Half of them have blank nodes, texts and dates."""


class Maker(Expressing):
    """Draws the parts of one query; `operators` are those that it may use."""

    def group(self, pool: Sequence[str], depth: int) -> Group:
        """Draw a group: some triples, then other elements."""
        elements: list[sx.Element] = [self.block(pool)]
        if depth > 0:
            for _ in range(self.pick((0, 1, 1, 1, 2))):
                operator = self.pick(self.operators)
                made = _MAKERS[operator](self, elements, pool, depth - 1)
                elements += [made] if made is not None else []
        return Group(tuple(elements))

    def block(self, pool: Sequence[str]) -> sx.Block:
        """Draw triple patterns, sometimes with a blank node."""
        triples = [self.triple(pool) for _ in range(self.pick((1, 1, 1, 2)))]
        if self.chance(8):
            blank = self.fresh("n", blank=True)
            verb = self.pick(self.predicates)
            triples.append(Triple(blank, verb, self.var(pool)))
            triples.append(Triple(blank, self.pick(self.predicates), self.end(pool)))
        return sx.Block(tuple(triples))

    def triple(self, pool: Sequence[str]) -> Triple:
        """Draw a triple pattern."""
        verb: Node = self.own("v") if self.chance(10) else self.pick(self.predicates)
        return Triple(self.end(pool, NODES), verb, self.end(pool))

    def var(self, pool: Sequence[str]) -> Var:
        """Draw a variable."""
        return Var(self.pick(tuple(pool)))

    def end(self, pool: Sequence[str], terms: Sequence[Term] = OBJECTS) -> Node:
        """Draw a variable or, more rarely, a term."""
        return self.pick(terms) if self.chance(9) else self.var(pool)

    def own(self, name: str) -> Var:
        """Name a variable; within EXISTS a new one, for Oxigraph lets it see what its group does not."""
        return self.fresh("e" + name) if self.inside_exists else Var(name)

    @property
    def predicates(self) -> list[ox.NamedNode]:
        """The predicates to choose from; what is denied has often one that little else has."""
        return _SELDOM if self.inside_denied else _COMMON

    # Elements

    def more(self, _before: Sequence[sx.Element], pool: Sequence[str], _depth: int) -> sx.Block:
        """Draw more triples."""
        return self.block(pool)

    def nested(self, _before: Sequence[sx.Element], pool: Sequence[str], depth: int) -> Group:
        """Draw a group in a group."""
        return self.group(pool, depth)

    def union(self, _before: Sequence[sx.Element], pool: Sequence[str], depth: int) -> sx.Union:
        """Draw a UNION."""
        return sx.Union((self.group(pool, depth), self.group(pool, depth)))

    def optional(self, before: Sequence[sx.Element], pool: Sequence[str], depth: int) -> sx.Optional:
        """Draw an OPTIONAL, often with a condition that reads both sides."""
        self.inside_denied += 1
        group = self.group(pool, depth)
        self.inside_denied -= 1
        if self.chance(2):
            names = sorted(visible(group) | visible(Group(tuple(before))))
            group = Group((*group.elements, sx.Filter(self.condition(names, 0))))
        return sx.Optional(group)

    def minus(self, before: Sequence[sx.Element], pool: Sequence[str], depth: int) -> sx.Element:
        """Draw a MINUS; where Oxigraph shares more (GRAPH ?g, EXISTS) one that shares a variable anyhow."""
        self.inside_denied += 1
        group = self.group(pool, depth)
        self.inside_denied -= 1
        if (self.inside_any_graph or self.inside_exists) and not certain(before) & certain(group.elements):
            return self.more(before, pool, depth)
        return sx.Minus(group)

    def filter(self, before: Sequence[sx.Element], _pool: Sequence[str], depth: int) -> sx.Filter:
        """Draw a FILTER over what stands before it."""
        return sx.Filter(self.condition(sorted(visible(Group(tuple(before)))), depth))

    def bind(self, before: Sequence[sx.Element], pool: Sequence[str], depth: int) -> sx.Bind | None:
        """Draw a BIND to a variable that is not yet in use."""
        used = mentioned(tuple(before))
        free = [name for name in pool if name not in used and self.chance(3)]
        names = sorted(visible(Group(tuple(before))))
        return sx.Bind(self.value(names, depth), Var(free[0]) if free else self.fresh("b"))

    def values(self, _before: Sequence[sx.Element], pool: Sequence[str], _depth: int) -> sx.Values:
        """Draw a VALUES with UNDEF."""
        names = tuple(dict.fromkeys(self.pick(tuple(pool)) for _ in range(self.pick((1, 2)))))
        rows = tuple(
            tuple(None if self.chance(5) else self.pick(OBJECTS) for _ in names)
            for _ in range(self.pick((1, 2, 3)))
        )
        return sx.Values(tuple(map(Var, names)), rows)

    def graph(self, _before: Sequence[sx.Element], pool: Sequence[str], depth: int) -> sx.Graph:
        """Draw a GRAPH."""
        name: Node = self.pick(GRAPHS) if self.chance(3) else self.own("g")
        self.inside_any_graph += isinstance(name, Var)
        group = self.group(pool, depth)
        self.inside_any_graph -= isinstance(name, Var)
        return sx.Graph(name, group)

    def walk(self, _before: Sequence[sx.Element], pool: Sequence[str], _depth: int) -> sx.Block:
        """Draw a path pattern."""
        path = self.path(2)
        if path.kind == "iri":
            path = Path("+", (path,))
        return sx.Block((Triple(self.end(pool, NODES), path, self.end(pool)),))

    def path(self, depth: int) -> Path:
        """Draw a path."""
        kinds = ("iri", "iri", "!") if depth == 0 else ("iri", "iri", "!", "/", "|", "^", "?", "*", "+", "+")
        kind = self.pick(kinds)
        if kind == "iri":
            return Path("iri", link=self.pick(self.predicates))
        if kind == "!":
            denied = tuple((self.pick(self.predicates), self.chance(3)) for _ in range(self.pick((1, 2))))
            return Path("!", denied=denied)
        count = 2 if kind in "/|" else 1
        return Path(kind, tuple(self.path(depth - 1) for _ in range(count)))

    def subselect(self, before: Sequence[sx.Element], pool: Sequence[str], depth: int) -> sx.Element:
        """Draw a sub-SELECT; not inside GRAPH ?g, where Oxigraph 0.5 evaluates it over all graphs."""
        if self.inside_any_graph:
            return self.more(before, pool, depth)
        return self.select(pool, depth, grouped=self.chance(3) and "aggregate" in self.operators)

    def aggregate(self, before: Sequence[sx.Element], pool: Sequence[str], depth: int) -> sx.Element:
        """Draw a sub-SELECT with groups."""
        if self.inside_any_graph:
            return self.more(before, pool, depth)
        return self.select(pool, depth, grouped=True)

    def select(self, pool: Sequence[str], depth: int, *, grouped: bool) -> Select:
        """Draw a SELECT."""
        where = self.group(pool, depth)
        names = sorted(visible(where))
        if grouped:
            return self.grouped(where, names)
        shown = tuple(Var(name) for name in names if not self.chance(3)) or tuple(map(Var, names[:1]))
        named: tuple[sx.Bind, ...] = ()
        if self.chance(6) or not names:
            named = (sx.Bind(self.value(names, 0), self.fresh("c")),)
        limit = self.pick((1, 2, 3)) if self.chance(6) else None
        offset = 1 if self.chance(12) else 0
        if limit is None and not (offset or named) and self.chance(4):
            shown = ()  # SELECT *
        values = self.values((), pool, 0) if self.chance(8) else None
        made = Select(where, shown, self.chance(3), named, limit=limit, offset=offset, values=values)
        return self.ordered(made, names)

    def made(self, names: Sequence[str]) -> Triple:
        """Draw a triple of a template: with variables, terms and blank nodes."""
        blank = Var("made", blank=True)
        subject: Node = blank if self.chance(6) else self.var(names)
        target: Node = blank if self.chance(6) else self.end(names)
        return Triple(subject, self.pick(PREDICATES), target)

    def ordered(self, select: Select, names: Sequence[str]) -> Select:
        """Draw an ORDER BY, which changes nothing where no LIMIT follows."""
        if select.is_cut or select.distinct or select.is_grouped or not self.chance(6):
            return select
        return replace(select, order=tuple(self.condition(names, 0) for _ in range(self.pick((1, 2)))))

    def given(self, select: Select) -> tuple[Var, Term] | None:
        """Draw a parameter: a variable that the first triples bind and, in a SELECT, a column shows.

        None where LIMIT or OFFSET cuts rows, before or after the parameter is put in; none that an OPTIONAL
        in an OPTIONAL mentions: Oxigraph sees its term at once, and SPARQL only when all is joined.
        """
        if any(part.limit is not None or part.offset for part in walk(select) if isinstance(part, Select)):
            return None
        shown = {column.name for column in select.columns} if select.shown else visible(select.where)
        outer = [part.group for part in walk(select) if isinstance(part, sx.Optional)]
        inside = mentioned(tuple(part for part in walk(tuple(outer)) if isinstance(part, sx.Optional)))
        names = sorted((visible(select.where.elements[0]) & shown) - inside)
        return (self.var(names), self.pick(NODES[:4])) if names else None

    def grouped(self, where: Group, names: Sequence[str]) -> Select:
        """Draw a SELECT with GROUP BY, aggregates or both."""
        keys: list[Var | sx.Bind] = [Var(name) for name in names if self.chance(2)]
        if self.chance(6):
            value = self.value(names, 1)
            if value.op != "var":
                keys.append(sx.Bind(value, self.fresh("k")))
        aggregates = tuple(self.aggregated(names) for _ in range(self.pick((1, 1, 2))))
        having: list[sx.Having | sx.Expr] = [
            sx.Having(self.aggregated(names), self.pick(("<", ">")), self.pick((1, 2)))
            for _ in range(self.pick((0, 0, 0, 1, 1, 2)))
        ]
        known = [key if isinstance(key, Var) else key.var for key in keys]
        if self.chance(8) and known:
            having.append(self.condition([key.name for key in known], 1))
        shown = tuple(key for key in known if not self.chance(4))
        named: tuple[sx.Bind, ...] = ()
        if self.chance(8):
            # Oxigraph lets no column read another one, and no key be a bare variable with a name.
            named = (sx.Bind(self.value([key.name for key in known], 1), self.fresh("c")),)
        return Select(where, shown, False, named, aggregates, tuple(keys), tuple(having))

    def aggregated(self, names: Sequence[str]) -> sx.Aggregate:
        """Draw an aggregate."""
        op = (
            "COUNT"
            if not names
            else self.pick(("COUNT", "COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"))
        )
        argument = None
        if names and not (op == "COUNT" and self.chance(2)):
            # Oxigraph refuses blank nodes inside GROUP_CONCAT, whose text it reads twice.
            plain = op == "GROUP_CONCAT" or not self.chance(5)
            argument = self.read(names) if plain else self.value(names, 1)
        # Oxigraph's COUNT(DISTINCT *) counts the blank nodes of patterns too.
        distinct = argument is not None and self.chance(3)
        return sx.Aggregate(op, argument, distinct, self.fresh("a"))


_MAKERS: dict[str, Callable[..., Any]] = {
    "block": Maker.more,
    "group": Maker.nested,
    "union": Maker.union,
    "optional": Maker.optional,
    "minus": Maker.minus,
    "filter": Maker.filter,
    "bind": Maker.bind,
    "values": Maker.values,
    "graph": Maker.graph,
    "path": Maker.walk,
    "select": Maker.subselect,
    "aggregate": Maker.aggregate,
    "exists": Maker.filter,
    "lacks": Maker.filter,
    "function": Maker.filter,
}


@st.composite
def queries(draw: st.DrawFn, operators: Sequence[str], forms: Sequence[str] = ("SELECT",)) -> Query:
    """Draw a query that uses some of the operators."""
    deep = 3 if "deep" in operators else 2
    make = Maker(draw, [operator for operator in operators if operator != "deep"])
    form = make.pick(tuple(forms))
    select = make.select(POOL, deep, grouped="aggregate" in operators and make.chance(2))
    default, named = make.dataset() if "from" in operators else ((), ())
    if form == "SELECT":
        given = make.given(select) if "given" in operators else None
        return Query(form, select, (), default, named, given)
    select = Select(select.where)
    names = sorted(visible(select.where))
    if form == "CONSTRUCT" and not names:
        form = "ASK"
    template = tuple(make.made(names) for _ in range(make.pick((1, 2, 3)) * (form == "CONSTRUCT")))
    given = make.given(select) if "given" in operators else None
    return Query(form, select, template, default, named, given)
