"""Expressions: their values, and the statements and absences on which their truth rests."""

from __future__ import annotations

from collections.abc import Callable

import pyoxigraph as ox

from tests.oracle import syntax as sx
from tests.oracle.derive import NEVER, Solution, Ways, absent, either, together
from tests.oracle.scope import mentioned, substituted
from tests.oracle.syntax import Expr
from tests.oracle.terms import Term, Var
from tests.oracle.values import ValueFault, boolean, called, is_iri, is_literal, less, plus, same, text, truth

_STRICT: dict[str, Callable[..., Term]] = {
    "=": lambda a, b: boolean(same(a, b)),
    "!=": lambda a, b: boolean(not same(a, b)),
    "<": lambda a, b: boolean(less(a, b)),
    ">": lambda a, b: boolean(less(b, a)),
    "+": plus,
    "sameTerm": lambda a, b: boolean(a == b),
    "isIRI": is_iri,
    "isLiteral": is_literal,
    "isBLANK": lambda a: boolean(isinstance(a, ox.BlankNode)),
    "isNUMERIC": lambda a: boolean(not isinstance(a, ox.BlankNode) and truth(called("isNUMERIC", a))),
    "STR": text,
}


class Expressions:
    """Evaluates expressions; EXISTS needs a class that evaluates groups."""

    def group(self, group: sx.Group, graph: ox.NamedNode | None) -> list[Solution]:
        """Evaluate a group."""
        raise NotImplementedError

    def value(self, expr: Expr, one: Solution, graph: ox.NamedNode | None) -> Term:
        """Compute an expression. Raises `ValueFault`."""
        if expr.op == "var":
            assert isinstance(expr.node, Var)
            if expr.node.name not in one.binding:
                raise ValueFault
            return one.binding[expr.node.name]
        if expr.op == "term":
            assert expr.node is not None
            assert not isinstance(expr.node, Var)
            return expr.node
        if expr.op in {"EXISTS", "NOT EXISTS"}:
            return boolean(bool(self.matches(expr, one, graph)) == (expr.op == "EXISTS"))
        if expr.op in {"&&", "||", "!"}:
            return self._logic(expr, one, graph)
        if expr.op in {"BOUND", "IF", "COALESCE", "IN", "NOT IN"}:
            return self._lazy(expr, one, graph)
        args = [self.value(arg, one, graph) for arg in expr.args]
        return _STRICT[expr.op](*args) if expr.op in _STRICT else called(expr.op, *args)

    def value_or_none(self, expr: Expr, one: Solution, graph: ox.NamedNode | None) -> Term | None:
        """Compute an expression; None where it has no value."""
        try:
            return self.value(expr, one, graph)
        except ValueFault:
            return None

    def _lazy(self, expr: Expr, one: Solution, graph: ox.NamedNode | None) -> Term:
        if expr.op == "BOUND":
            node = expr.args[0].node
            return boolean(not isinstance(node, Var) or node.name in one.binding)
        if expr.op == "IF":
            chosen = 1 if truth(self.value(expr.args[0], one, graph)) else 2
            return self.value(expr.args[chosen], one, graph)
        if expr.op == "COALESCE":
            for arg in expr.args:
                try:
                    return self.value(arg, one, graph)
                except ValueFault:
                    continue
            raise ValueFault
        return boolean(self._among(expr, one, graph) == (expr.op == "IN"))

    def _logic(self, expr: Expr, one: Solution, graph: ox.NamedNode | None) -> Term:
        """Compute with three truths (SPARQL 1.1, section 17.2)."""
        truths = [self.truth(arg, one, graph) for arg in expr.args]
        if expr.op == "!":
            if truths[0] is None:
                raise ValueFault
            return boolean(not truths[0])
        deciding = expr.op == "||"
        if deciding in truths:
            return boolean(deciding)
        if None in truths:
            raise ValueFault
        return boolean(not deciding)

    def _among(self, expr: Expr, one: Solution, graph: ox.NamedNode | None) -> bool:
        """Tell whether the first argument equals another one."""
        wanted = self.value(expr.args[0], one, graph)
        others = [self.value_or_none(arg, one, graph) for arg in expr.args[1:]]
        if any(other is not None and same(wanted, other) for other in others):
            return True
        if None in others:
            raise ValueFault
        return False

    def truth(self, expr: Expr, one: Solution, graph: ox.NamedNode | None) -> bool | None:
        """Return whether a condition is true, false, or neither."""
        try:
            return truth(self.value(expr, one, graph))
        except ValueFault:
            return None

    def matches(self, expr: Expr, one: Solution, graph: ox.NamedNode | None) -> list[Solution]:
        """Evaluate the pattern of EXISTS with the solution's terms in the place of its variables."""
        assert expr.group is not None
        return self.group(substituted(expr.group, one.binding), graph)

    def holds(self, expr: Expr, one: Solution, graph: ox.NamedNode | None, *, wanted: bool) -> Ways:
        """Return the ways in which a condition is true, or false; none where it is not."""
        if self.truth(expr, one, graph) is not wanted:
            return NEVER
        if expr.op == "!":
            return self.holds(expr.args[0], one, graph, wanted=not wanted)
        if expr.op in {"&&", "||"}:
            sides = [self.holds(arg, one, graph, wanted=wanted) for arg in expr.args]
            return together(sides) if (expr.op == "&&") == wanted else either(sides)
        if expr.op in {"EXISTS", "NOT EXISTS"}:
            return self._existing(expr, one, graph)
        return self.grounds(expr, one, graph)

    def _existing(self, expr: Expr, one: Solution, graph: ox.NamedNode | None) -> Ways:
        """Rest on one match, or on the absence of any."""
        assert expr.group is not None
        found = self.matches(expr, one, graph)
        if found:
            return either(match.ways for match in found)
        seen = {n: t for n, t in one.binding.items() if n in mentioned(expr.group)}
        return absent("not exists", expr.group, seen)

    def grounds(self, expr: Expr, one: Solution, graph: ox.NamedNode | None) -> Ways:
        """Return what the value of an expression rests on: the truth of every EXISTS in it."""
        if expr.op in {"EXISTS", "NOT EXISTS"}:
            return self._existing(expr, one, graph)
        return together(self.grounds(arg, one, graph) for arg in expr.args)
