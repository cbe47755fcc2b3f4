"""Parsing SPARQL graph patterns: groups, triples, VALUES, and what may stand between the braces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.evidence import tree
from kg.evidence.cursor import FIRST, NIL, REST
from kg.evidence.expressions import ExpressionParser
from kg.evidence.scope import visible_in_elements
from kg.evidence.tree import Constant, Node, Path, Triple, Var

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class PatternParser(ExpressionParser):
    """The part of the parser that reads `{ … }`."""

    def __init__(self, text: str, prefixes: Mapping[str, str], base: str | None = None) -> None:
        super().__init__(text, prefixes, base)
        self.label_scopes: dict[str, int] = {}
        self.scopes = 0
        self.scope = 0
        self._after_list = False

    def select(self, *, nested: bool) -> tree.Select:
        """Read a sub-SELECT; the query parser does."""
        raise NotImplementedError

    def group(self) -> tree.Group:
        """Read `{ … }`."""
        self.enter()
        start = self.expect("{").start
        elements: list[tree.Element] = []
        allowed, self.aggregates = self.aggregates, False
        outer = self.scope
        if self.at_word("SELECT"):
            elements.append(self.select(nested=True))
        else:
            self._elements(elements)
        self.expect("}")
        self.scope, self.aggregates = outer, allowed
        self.leave()
        return tree.Group(tuple(elements), start, self.last_end)

    def _elements(self, elements: list[tree.Element]) -> None:
        self.scope = self._new_scope()
        while not self.at("}"):
            if self._starts_triples():
                elements.append(self._block())
                continue
            before = self.scope
            element = self._element(elements)
            if element is None:
                self.fail("expected a pattern or '}'")
            elements.append(element)
            self.take(".")
            # A FILTER does not end a basic graph pattern; everything else does (section 18.2.2.5).
            self.scope = before if isinstance(element, tree.Filter) else self._new_scope()

    def _new_scope(self) -> int:
        self.scopes += 1
        return self.scopes

    def _starts_triples(self) -> bool:
        token = self.token
        if token.kind in {"var", "iri", "pname", "blank", "string", "number"}:
            return True
        if token.kind == "word":
            return token.text.lower() in {"true", "false"}
        return token.text in {"(", "[", "+", "-"}

    def _element(self, before: list[tree.Element]) -> tree.Element | None:
        if self.at("{"):
            return self._group_or_union()
        word = self.token.text.upper() if self.token.kind == "word" else ""
        readers: dict[str, Callable[[int], tree.Element]] = {
            "FILTER": lambda start: tree.Filter(self.constraint(), start, self.last_end),
            "OPTIONAL": lambda start: tree.Optional(self.group(), start, self.last_end),
            "MINUS": lambda start: tree.Minus(self.group(), start, self.last_end),
            "GRAPH": lambda start: tree.GraphPattern(self.name(), self.group(), start, self.last_end),
            "SERVICE": self._service,
            "VALUES": self.values,
            "BIND": lambda start: self._bind(start, before),
        }
        if word not in readers:
            return None
        start = self.advance().start
        return readers[word](start)

    def name(self) -> Node:
        """Read what GRAPH and SERVICE take: a variable or an IRI."""
        token = self.token
        if token.kind == "var":
            return self.var()
        return Constant(self.iri(), token.start, self.last_end)

    def _service(self, start: int) -> tree.Service:
        silent = self.take_word("SILENT") is not None
        return tree.Service(self.name(), silent, self.group(), start, self.last_end)

    def _group_or_union(self) -> tree.Element:
        arms = [self.group()]
        while self.take_word("UNION"):
            arms.append(self.group())
        return arms[0] if len(arms) == 1 else tree.Union(tuple(arms), arms[0].start, self.last_end)

    def _bind(self, start: int, before: list[tree.Element]) -> tree.Bind:
        self.expect("(")
        expression = self.expression()
        self.expect_word("AS")
        var = self.var()
        self.expect(")")
        if var.name in visible_in_elements(before):
            self.fail(f"?{var.name} already has a value here; BIND needs a new variable", var.start)
        return tree.Bind(expression, var, start, self.last_end)

    def values(self, start: int) -> tree.Values:
        """Read the table of VALUES, after the keyword."""
        if self.token.kind == "var":
            variables: tuple[Var, ...] = (self.var(),)
            rows: list[tuple[Constant | None, ...]] = []
            self.expect("{")
            while not self.at("}"):
                rows.append((self._value(),))
        else:
            variables, rows = self._header(), []
            self.expect("{")
            while self.take("("):
                row = []
                while not self.at(")"):
                    row.append(self._value())
                if len(row) != len(variables):
                    self.fail(f"this row has {len(row)} values for {len(variables)} variables")
                self.advance()
                rows.append(tuple(row))
        self.expect("}")
        return tree.Values(variables, tuple(rows), start, self.last_end)

    def _header(self) -> tuple[Var, ...]:
        self.expect("(")
        variables = []
        while not self.at(")"):
            variables.append(self.var())
        self.advance()
        if len({var.name for var in variables}) != len(variables):
            self.fail("a variable stands twice in VALUES")
        return tuple(variables)

    def _value(self) -> Constant | None:
        token = self.token
        if self.take_word("UNDEF"):
            return None
        if token.kind in {"iri", "pname"}:
            return Constant(self.iri(), token.start, self.last_end)
        literal = self.literal()
        if literal is None:
            self.fail("expected an IRI, a literal or UNDEF")
        return literal

    def _block(self) -> tree.Block:
        start = self.token.start
        triples = self.triples(paths=True)
        return tree.Block(tuple(triples), start, self.last_end)

    def triples(self, *, paths: bool) -> list[Triple]:
        """Read triples up to what is none; with `paths`, verbs may be property paths."""
        out: list[Triple] = []
        while self._starts_triples():
            subject = self._graph_node(out, paths=paths)
            # A list or a described blank node may stand alone, everything else needs a verb.
            if not self._after_list or self._starts_verb(paths=paths):
                self._properties(subject, out, paths=paths)
            if not self.take("."):
                break
        return out

    def _properties(self, subject: Node, out: list[Triple], *, paths: bool) -> None:
        while True:
            verb = self._verb(paths=paths)
            self._objects(subject, verb, out, paths=paths)
            if not self.at(";"):
                return
            while self.take(";"):
                pass
            if not self._starts_verb(paths=paths):
                return

    def _starts_verb(self, *, paths: bool) -> bool:
        token = self.token
        if token.kind in {"var", "iri", "pname"} or (token.kind == "word" and token.text == "a"):
            return True
        return paths and token.kind == "mark" and token.text in {"^", "(", "!"}

    def _verb(self, *, paths: bool) -> Node | Path:
        token = self.token
        if not self._starts_verb(paths=paths):
            self.fail("expected a verb: an IRI, a variable, 'a' or a path")
        if token.kind == "var":
            return self.var()
        if not paths:
            return Constant(self._verb_iri(), token.start, self.last_end)
        path = self.path()
        if path.kind == "link" and path.iri is not None:
            return Constant(path.iri, token.start, self.last_end)
        return path

    def _objects(self, subject: Node, verb: Node | Path, out: list[Triple], *, paths: bool) -> None:
        while True:
            place = len(out)
            target = self._graph_node(out, paths=paths)
            out.insert(place, Triple(subject, verb, target))
            if not self.take(","):
                return

    def _graph_node(self, out: list[Triple], *, paths: bool) -> Node:
        self._after_list = False
        if self.at("["):
            return self._blank_list(out, paths=paths)
        if self.at("("):
            return self._collection(out, paths=paths)
        token = self.token
        node = self.term()
        if node is None:
            self.fail("expected a term")
        if isinstance(node, Var) and node.blank:
            known = self.label_scopes.setdefault(node.name, self.scope)
            if known != self.scope:
                self.fail(f"the blank node {node.name} is used in two groups; use a variable", token.start)
        return node

    def _blank_list(self, out: list[Triple], *, paths: bool) -> Var:
        self.enter()
        self.advance()
        node = self.fresh_blank()
        listed = not self.at("]")
        if listed:
            self._properties(node, out, paths=paths)
        self.expect("]")
        self.leave()
        self._after_list = listed
        return node

    def _collection(self, out: list[Triple], *, paths: bool) -> Node:
        self.enter()
        self.advance()
        head: Node | None = None
        last: Var | None = None
        while not self.at(")"):
            cell = self.fresh_blank()
            if last is None:
                head = cell
            else:
                out.append(Triple(last, Constant(REST), cell))
            item = self._graph_node(out, paths=paths)
            out.append(Triple(cell, Constant(FIRST), item))
            last = cell
        self.advance()
        self.leave()
        self._after_list = head is not None
        if head is None or last is None:
            return Constant(NIL)
        out.append(Triple(last, Constant(REST), Constant(NIL)))
        return head
