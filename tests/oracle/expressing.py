"""Random expressions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import pyoxigraph as ox
from hypothesis import strategies as st

from tests.oracle.syntax import Expr, Group
from tests.oracle.terms import INTEGER, Term, Var, iri, number

T = TypeVar("T")
_TERMS: list[Term] = [iri("a"), iri("b"), number(1), number(2), ox.Literal("a")]
_GRAPHS = [iri(name) for name in ("g1", "g2", "g3")]
_EXISTING = {"exists": "EXISTS", "lacks": "NOT EXISTS"}

_CONDITIONS = ("=", "!=", "<", "BOUND", "isIRI", "sameTerm", "+", "IF", "COALESCE", "IN", "NOT IN")

_ONE, _TYPE = Expr("term", node=number(1)), Expr("term", node=INTEGER)
_LANGUAGE = Expr("term", node=ox.Literal("en"))
_COMPUTED: dict[str, Callable[[Expr, Expr], tuple[Expr, ...]]] = {
    "STRLEN": lambda _, text: (text,),
    "UCASE": lambda _, text: (text,),
    "SUBSTR": lambda _, text: (text, _ONE),
    "CONCAT": lambda _, text: (text, text),
    "REPLACE": lambda _, text: (text, Expr("term", node=ox.Literal("a")), Expr("term", node=ox.Literal("b"))),
    "STRAFTER": lambda _, text: (text, Expr("term", node=ox.Literal("/"))),
    "LANG": lambda var, _: (var,),
    "DATATYPE": lambda var, _: (var,),
    "YEAR": lambda var, _: (var,),
    "ABS": lambda var, _: (var,),
    "CEIL": lambda var, _: (var,),
    "-": lambda var, _: (var, _ONE),
    "*": lambda var, _: (var, var),
    "STRDT": lambda _, text: (text, _TYPE),
    "STRLANG": lambda _, text: (text, _LANGUAGE),
    "IRI": lambda _, text: (text,),
}


class Expressing:
    """Draws expressions; EXISTS needs a class that draws groups."""

    def __init__(self, draw: st.DrawFn, operators: Sequence[str]) -> None:
        self.draw = draw
        self.operators = tuple(o for o in operators if o not in {"from", "given"})
        self.inside_exists = self.inside_any_graph = self.inside_denied = 0
        self._count = 0

    def pick(self, items: Sequence[T]) -> T:
        """Draw one of some things."""
        return self.draw(st.sampled_from(items))

    def chance(self, times: int) -> bool:
        """Be true once in so many times."""
        return self.draw(st.integers(0, times - 1)) == times - 1

    def fresh(self, hint: str, *, blank: bool = False) -> Var:
        """Make a variable that stands nowhere else."""
        self._count += 1
        return Var(f"{hint}{self._count}", blank)

    def group(self, pool: Sequence[str], depth: int) -> Group:
        """Draw a group."""
        raise NotImplementedError

    def dataset(self) -> tuple[tuple[ox.NamedNode, ...], tuple[ox.NamedNode, ...]]:
        """Draw FROM and FROM NAMED."""
        default = tuple(dict.fromkeys(self.pick(_GRAPHS) for _ in range(self.pick((0, 0, 1, 2)))))
        named = tuple(dict.fromkeys(self.pick(_GRAPHS) for _ in range(self.pick((0, 1, 2)))))
        return default, named

    def condition(self, names: Sequence[str], depth: int) -> Expr:
        """Draw a condition that reads some of the names."""
        kind = self.pick(("atom", "atom", "&&", "||", "!"))
        if kind == "!":
            return Expr("!", (self.atom(names, depth),))
        if kind == "atom":
            return self.atom(names, depth)
        return Expr(kind, (self.atom(names, depth), self.atom(names, depth)))

    def atom(self, names: Sequence[str], depth: int) -> Expr:
        """Draw a condition that is not made of others."""
        kinds = [_EXISTING[name] for name in self.operators if name in _EXISTING]
        if kinds and not self.chance(3):
            fresh = [self.fresh("e").name for _ in range(2)]
            pool = [*names, *fresh] if names else fresh
            kind = self.pick(kinds)
            self.inside_exists += 1
            self.inside_denied += kind == "NOT EXISTS"
            group = self.group(pool, max(depth - 1, 0))
            self.inside_denied -= kind == "NOT EXISTS"
            self.inside_exists -= 1
            return Expr(kind, group=group)
        if not names:
            return Expr("=", (self.term(), self.term()))
        var = self.read(names)
        if "function" in self.operators and self.chance(2):
            return self.told(names)
        kind = self.pick(_CONDITIONS)
        if kind in {"IN", "NOT IN"}:
            return Expr(kind, (var, *(self.operand(names) for _ in range(self.pick((1, 2))))))
        if kind in {"BOUND", "isIRI"}:
            return Expr(kind, (var,))
        if kind == "+":
            return Expr("=", (Expr("+", (var, self.term())), self.operand(names)))
        if kind == "IF":
            return Expr("IF", (Expr("BOUND", (var,)), *(self.compared(names) for _ in range(2))))
        if kind == "COALESCE":
            return Expr("=", (Expr("COALESCE", (var, self.operand(names))), self.operand(names)))
        return Expr(kind, (var, self.operand(names)))

    def told(self, names: Sequence[str]) -> Expr:
        """Draw a condition on strings, languages, dates or kinds of terms."""
        text, letter = Expr("STR", (self.read(names),)), Expr("term", node=ox.Literal(self.pick("ab2")))
        kind = self.pick(
            ("CONTAINS", "STRSTARTS", "STRENDS", "REGEX", "isBLANK", "isNUMERIC", "=", "LANGMATCHES")
        )
        if kind.startswith("is"):
            return Expr(kind, (self.read(names),))
        if kind == "LANGMATCHES":
            return Expr(kind, (Expr("LANG", (self.read(names),)), Expr("term", node=ox.Literal("*"))))
        if kind == "=":
            return Expr(self.pick(("=", "<", "!=")), (self.computed(names), self.computed(names)))
        return Expr(kind, (text, letter))

    def computed(self, names: Sequence[str]) -> Expr:
        """Draw a function of strings, dates or numbers."""
        var, text = self.read(names), Expr("STR", (self.read(names),))
        kind = self.pick(tuple(_COMPUTED))
        return Expr(kind, _COMPUTED[kind](var, text))

    def compared(self, names: Sequence[str]) -> Expr:
        """Draw a comparison."""
        return Expr(self.pick(("=", "!=", "<", ">")), (self.read(names), self.operand(names)))

    def read(self, names: Sequence[str]) -> Expr:
        """Draw a variable to read."""
        return Expr("var", node=Var(self.pick(tuple(names))))

    def term(self) -> Expr:
        """Draw a constant."""
        return Expr("term", node=self.pick(_TERMS))

    def operand(self, names: Sequence[str]) -> Expr:
        """Draw a variable or a constant."""
        return self.read(names) if names and self.chance(2) else self.term()

    def value(self, names: Sequence[str], depth: int) -> Expr:
        """Draw an expression whose value is wanted."""
        if not names:
            return self.term()
        if "function" in self.operators and self.chance(2):
            return self.computed(names)
        kind = self.pick(("var", "term", "+", "IF", "COALESCE", "STR", "condition"))
        if kind == "condition":
            return self.condition(names, depth)
        if kind == "var":
            return self.read(names)
        if kind == "term":
            return self.term()
        if kind == "STR":
            return Expr("STR", (self.read(names),))
        if kind == "IF":
            return Expr("IF", (self.compared(names), self.operand(names), self.operand(names)))
        return Expr(kind, (self.read(names), self.operand(names)))
