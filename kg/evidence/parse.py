"""Parsing SPARQL 1.1 queries into the syntax tree."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TypeVar

import pyoxigraph as ox

from kg.evidence import tree
from kg.evidence.expressions import FUNCTIONS
from kg.evidence.patterns import PatternParser
from kg.evidence.scope import free_names, has_aggregate, visible
from kg.evidence.tree import Column, Expression, Modifiers, Node, Triple, Var

Item = TypeVar("Item")


def parse(text: str, prefixes: Mapping[str, str] | None = None, base: str | None = None) -> tree.Query:
    """Parse a query; `prefixes` and `base` hold where the query does not declare them itself.

    Raises `QuerySyntaxError` with line and column, `LimitError` for nesting beyond what people write.

    >>> parse("SELECT ?s { ?s ?p 1 }").select.where.elements[0].triples[0].subject.name
    's'
    """
    return _parse(text, tuple((prefixes or {}).items()), base)


@lru_cache(maxsize=64)
def _parse(text: str, prefixes: tuple[tuple[str, str], ...], base: str | None) -> tree.Query:
    # Trees are frozen, so askers of one saved question can share one.
    return QueryParser(text, dict(prefixes), base).query()


class QueryParser(PatternParser):
    """The part of the parser that reads whole queries and sub-SELECTs."""

    def query(self) -> tree.Query:
        """Read the whole text as one query."""
        self._prologue()
        prologue_end = self.token.start
        form = self.token.text.upper() if self.token.kind == "word" else ""
        readers = {
            "SELECT": self._select_form,
            "ASK": self._ask_form,
            "CONSTRUCT": self._construct_form,
            "DESCRIBE": self._describe_form,
        }
        if form not in readers:
            self.fail("expected SELECT, ASK, CONSTRUCT or DESCRIBE")
        self.sources: dict[bool, list[ox.NamedNode]] = {False: [], True: []}
        select, template, targets = readers[form]()
        if self.token.kind != "end":
            self.fail("expected the end of the query")
        return tree.Query(
            self.text,
            form,
            select,
            self.prefixes,
            self.base,
            tuple(self.sources[False]),
            tuple(self.sources[True]),
            prologue_end,
            tuple(template),
            tuple(targets),
            tuple(Var(t.text[1:], t.start, t.end) for t in self.tokens if t.kind == "var"),
        )

    def _prologue(self) -> None:
        while word := self.take_word("BASE", "PREFIX"):
            if word == "BASE":
                if self.token.kind != "iri":
                    self.fail("BASE takes an IRI")
                self.base = self.resolve(self.advance()).value
                continue
            if self.token.kind != "pname" or self.token.text.find(":") != len(self.token.text) - 1:
                self.fail("PREFIX takes a name that ends in ':'")
            name = self.advance().text[:-1]
            if self.token.kind != "iri":
                self.fail("expected the IRI of the prefix")
            self.prefixes[name] = self.resolve(self.advance()).value

    def _datasets(self) -> None:
        while self.take_word("FROM"):
            named = self.take_word("NAMED") is not None
            self.sources[named].append(self.iri())

    def _select_form(self) -> tuple[tree.Select, list[Triple], list[Node]]:
        return self.select(nested=False), [], []

    def _ask_form(self) -> tuple[tree.Select, list[Triple], list[Node]]:
        start = self.advance().start
        self._datasets()
        return self._rest((), "", start), [], []

    def _construct_form(self) -> tuple[tree.Select, list[Triple], list[Node]]:
        start = self.advance().start
        if self.at("{"):
            template = self._template()
            self._datasets()
            self.label_scopes.clear()
            return self._rest((), "", start), template, []
        self._datasets()
        self.expect_word("WHERE")
        where_start = self.token.start
        template = self._template()
        block = tree.Block(tuple(template), where_start + 1, self.last_end - 1)
        where = tree.Group((block,) if template else (), where_start, self.last_end)
        return self._rest((), "", start, where), template, []

    def _template(self) -> list[Triple]:
        self.expect("{")
        self.scope = self._new_scope()
        template = self.triples(paths=False)
        self.expect("}")
        return template

    def _describe_form(self) -> tuple[tree.Select, list[Triple], list[Node]]:
        start = self.advance().start
        targets: list[Node] = []
        if not self.take("*"):
            while self.token.kind in {"var", "iri", "pname"}:
                targets.append(self.name())
            if not targets:
                self.fail("DESCRIBE takes '*', variables or IRIs")
        self._datasets()
        where = None
        if not self.at("{") and not self.at_word("WHERE"):
            where = tree.Group((), self.token.start, self.token.start)
        return self._rest((), "", start, where), [], targets

    def select(self, *, nested: bool) -> tree.Select:
        """Read a SELECT from its keyword to its last modifier."""
        start = self.advance().start
        distinct = self.take_word("DISTINCT", "REDUCED") or ""
        columns: list[Column] = []
        if not self.take("*"):
            self.aggregates = True
            while (column := self._column(bare=False)) is not None:
                columns.append(column)
            self.aggregates = False
            if not columns:
                self.fail("SELECT takes '*', variables or (expression AS ?variable)")
        if not nested:
            self._datasets()
        select = self._rest(tuple(columns), distinct, start)
        self._check_select(select)
        return select

    def _column(self, *, bare: bool) -> Column | None:
        token = self.token
        if token.kind == "var":
            return Column(self.var(), None, token.start, token.end)
        if token.text == "(":
            self.advance()
            expression = self.expression()
            var = None
            if not bare or self.at_word("AS"):
                self.expect_word("AS")
                var = self.var()
            self.expect(")")
            return Column(var, expression, token.start, self.last_end)
        if bare and (token.kind in {"iri", "pname"} or (token.kind == "word" and self._calls())):
            expression = self.constraint()
            return Column(None, expression, token.start, self.last_end)
        return None

    def _calls(self) -> bool:
        return self.token.text.upper() in FUNCTIONS

    def _rest(
        self, columns: tuple[Column, ...], distinct: str, start: int, where: tree.Group | None = None
    ) -> tree.Select:
        """Read the WHERE clause, unless it was read before, and what stands after it."""
        where_start = self.token.start if where is None else where.start
        if where is None:
            self.take_word("WHERE")
            where = self.group()
        modifiers = self._modifiers()
        values = None
        if self.at_word("VALUES"):
            values = self.values(self.advance().start)
        return tree.Select(columns, distinct, where, modifiers, values, start, self.last_end, where_start)

    def _modifiers(self) -> Modifiers:
        start = self.last_end
        group_by: list[Column] = []
        having: list[Expression] = []
        order_by: list[Expression] = []
        if self.take_word("GROUP"):
            self.expect_word("BY")
            group_by = self._some(lambda: self._column(bare=True), "GROUP BY takes variables or expressions")
        self.aggregates = True
        if self.take_word("HAVING"):
            having = self._some(self._condition, "HAVING takes conditions")
        order_start = self.last_end
        if self.take_word("ORDER"):
            self.expect_word("BY")
            order_by = self._some(self._order, "ORDER BY takes variables or expressions")
        self.aggregates = False
        limits: dict[str, int] = {}
        while word := self.take_word("LIMIT", "OFFSET"):
            if word in limits or self.token.kind != "number" or not self.token.text.isdigit():
                self.fail(f"{word} takes one whole number, once")
            limits[word] = int(self.advance().text)
        return Modifiers(
            start,
            self.last_end,
            tuple(group_by),
            tuple(having),
            tuple(order_by),
            limits.get("LIMIT"),
            limits.get("OFFSET"),
            order_start,
        )

    def _some(self, read: Callable[[], Item | None], otherwise: str) -> list[Item]:
        found: list[Item] = []
        while (item := read()) is not None:
            found.append(item)
        if not found:
            self.fail(otherwise)
        return found

    def _condition(self) -> Expression | None:
        token = self.token
        starts = (
            token.text == "(" or token.kind in {"iri", "pname"} or (token.kind == "word" and self._calls())
        )
        return self.constraint() if starts else None

    def _order(self) -> Expression | None:
        if self.take_word("ASC", "DESC"):
            if not self.at("("):
                self.fail("expected '('")
            return self.constraint()
        if self.token.kind == "var":
            token = self.token
            return Expression("var", token.start, token.end, var=self.var())
        return self._condition()

    def _check_select(self, select: tree.Select) -> None:
        """Refuse what the grammar allows and the notes to it do not (sections 18.2.4 and 19.8)."""
        known = set(visible(select.where))
        for column in select.columns:
            if column.var and column.expression:
                if column.var.name in known:
                    self.fail(f"?{column.var.name} already has a value here; choose a new name", column.start)
                known.add(column.var.name)
        if not has_aggregate(select):
            return
        if not select.columns:
            self.fail("SELECT * cannot stand with GROUP BY; name the columns", select.start)
        keys = {column.var.name for column in select.modifiers.group_by if column.var}
        for column in select.columns:
            assert column.var  # noqa: S101 - a SELECT clause names all its columns
            used = free_names(column.expression) if column.expression else [column.var.name]
            for name in used:
                if name not in keys:
                    self.fail(f"?{name} is neither grouped by nor aggregated", column.start)
            keys.add(column.var.name)
