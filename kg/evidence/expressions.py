"""Parsing SPARQL expressions and property paths."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from kg.evidence.cursor import TYPE, Cursor
from kg.evidence.tree import Expression, Path

if TYPE_CHECKING:
    import pyoxigraph as ox

    from kg.evidence.tree import Group

AGGREGATES: Final = frozenset(["COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"])
_ONE = """STR LANG DATATYPE BOUND IRI URI ABS CEIL FLOOR ROUND STRLEN UCASE LCASE ENCODE_FOR_URI
YEAR MONTH DAY HOURS MINUTES SECONDS TIMEZONE TZ MD5 SHA1 SHA256 SHA384 SHA512
ISIRI ISURI ISBLANK ISLITERAL ISNUMERIC"""
_TWO = "LANGMATCHES CONTAINS STRSTARTS STRENDS STRBEFORE STRAFTER STRLANG STRDT SAMETERM"
_ARITY: Final[dict[str, tuple[int, int]]] = {
    **dict.fromkeys(["RAND", "NOW", "UUID", "STRUUID"], (0, 0)),
    **dict.fromkeys(_ONE.split(), (1, 1)),
    **dict.fromkeys(_TWO.split(), (2, 2)),
    "BNODE": (0, 1),
    "IF": (3, 3),
    "SUBSTR": (2, 3),
    "REGEX": (2, 3),
    "REPLACE": (3, 4),
    "CONCAT": (0, 1 << 30),
    "COALESCE": (0, 1 << 30),
}
FUNCTIONS: Final = frozenset([*_ARITY, *AGGREGATES, "EXISTS", "NOT"])
"""The words that begin a call."""

_LEVEL: Final = {
    "||": 1,
    "&&": 2,
    **dict.fromkeys(["=", "!=", "<", ">", "<=", ">=", "IN", "NOT"], 3),
    **dict.fromkeys(["+", "-"], 4),
    **dict.fromkeys(["*", "/"], 5),
}
_RELATIONAL: Final = 3
_KINDS: Final = {"||": "or", "&&": "and"}


class ExpressionParser(Cursor):
    """The part of the parser that reads expressions and paths."""

    def group(self) -> Group:
        """Read `{ … }`; the pattern parser does."""
        raise NotImplementedError

    def expression(self, level: int = 1) -> Expression:
        """Read an expression whose operators bind at least as tightly as `level`."""
        self.enter()
        left = self._unary()
        while (found := self._operator()) is not None and (binding := _LEVEL[found]) >= level:
            if found in {"IN", "NOT"}:
                left = self._membership(left)
            else:
                self.advance()
                right = self.expression(binding + 1)
                left = Expression(_KINDS.get(found, "op"), left.start, right.end, (left, right), found)
            again = self._operator() if binding == _RELATIONAL else None
            if again is not None and _LEVEL[again] == _RELATIONAL:
                self.fail("comparisons do not chain; put brackets around one")
        self.leave()
        return left

    def _operator(self) -> str | None:
        token = self.token
        if token.kind == "iri":
            self.split_less_than()
            token = self.token
        if token.kind == "mark":
            return token.text if token.text in _LEVEL else None
        if token.kind == "word" and token.text.upper() in {"IN", "NOT"}:
            return token.text.upper()
        return None

    def _membership(self, left: Expression) -> Expression:
        inverted = self.take_word("NOT") is not None
        self.expect_word("IN")
        args = self._arguments()
        return Expression("op", left.start, self.last_end, (left, *args), "NOT IN" if inverted else "IN")

    def _unary(self) -> Expression:
        token = self.token
        if token.kind == "mark" and token.text in {"!", "+", "-"} and self._is_sign():
            self.enter()
            self.advance()
            inner = self._unary()
            self.leave()
            kind = "not" if token.text == "!" else "op"
            return Expression(kind, token.start, inner.end, (inner,), token.text)
        return self._primary()

    def _is_sign(self) -> bool:
        """Tell a sign from the first character of a signed number."""
        after = self.tokens[self.index + 1]
        return self.token.text == "!" or after.kind != "number" or after.start != self.token.end

    def _primary(self) -> Expression:
        token = self.token
        if self.take("("):
            inner = self.expression()
            self.expect(")")
            return replace(inner, start=token.start, end=self.last_end)
        if token.kind == "word":
            return self._word()
        if token.kind in {"iri", "pname"}:
            return self._function()
        if token.kind == "var":
            return Expression("var", token.start, token.end, var=self.var())
        if self.literal() is None:
            self.fail("expected an expression")
        return Expression("term", token.start, self.last_end)

    def constraint(self) -> Expression:
        """Read what FILTER and HAVING take: brackets, a built-in call or a function call."""
        token = self.token
        if token.text == "(" or token.kind in {"iri", "pname"}:
            result = self._primary()
            if token.text != "(" and result.kind == "term":
                self.fail("expected the arguments of the function")
            return result
        if token.kind == "word" and token.text.upper() not in {"TRUE", "FALSE"}:
            return self._word()
        return self.fail("expected a condition in brackets or a function call")

    def _function(self) -> Expression:
        start = self.token.start
        name = self.iri()
        if not self.at("("):
            return Expression("term", start, self.last_end)
        distinct = False
        if self.tokens[self.index + 1].text.upper() == "DISTINCT":
            self.advance(), self.advance()
            distinct = True
            args = self._rest_of_arguments()
        else:
            args = self._arguments()
        return Expression("call", start, self.last_end, args, f"<{name.value}>", distinct=distinct)

    def _arguments(self) -> tuple[Expression, ...]:
        self.expect("(")
        return self._rest_of_arguments()

    def _rest_of_arguments(self) -> tuple[Expression, ...]:
        args: list[Expression] = []
        if not self.take(")"):
            args.append(self.expression())
            while self.take(","):
                args.append(self.expression())
            self.expect(")")
        return tuple(args)

    def _word(self) -> Expression:
        token = self.token
        name = token.text.upper()
        if name in {"TRUE", "FALSE"}:
            self.literal()
            return Expression("term", token.start, self.last_end)
        if name in {"EXISTS", "NOT"}:
            self.advance()
            if name == "NOT":
                self.expect_word("EXISTS")
            group = self.group()
            return Expression("exists", token.start, group.end, group=group, inverted=name == "NOT")
        if name in AGGREGATES:
            return self._aggregate()
        if name not in _ARITY:
            self.fail("expected an expression")
        self.advance()
        args = self._arguments()
        least, most = _ARITY[name]
        if not least <= len(args) <= most:
            self.fail(f"{name} does not take {len(args)} arguments", token.start)
        if name == "BOUND" and args[0].kind != "var":
            self.fail("BOUND takes a variable", token.start)
        return Expression("call", token.start, self.last_end, args, name)

    def _aggregate(self) -> Expression:
        if not self.aggregates:
            self.fail("an aggregate cannot stand here")
        token = self.advance()
        name = token.text.upper()
        self.expect("(")
        distinct = self.take_word("DISTINCT") is not None
        star = name == "COUNT" and self.take("*")
        self.aggregates = False
        args = () if star else (self.expression(),)
        self.aggregates = True
        if name == "GROUP_CONCAT" and self.take(";"):
            self.expect_word("SEPARATOR")
            self.expect("=")
            if self.token.kind != "string":
                self.fail("SEPARATOR takes a string")
            self.advance()
        self.expect(")")
        return Expression("aggregate", token.start, self.last_end, args, name, distinct=distinct, star=star)

    def path(self) -> Path:
        """Read a property path."""
        self.enter()
        parts = [self._sequence()]
        while self.take("|"):
            parts.append(self._sequence())
        self.leave()
        return parts[0] if len(parts) == 1 else Path("|", tuple(parts))

    def _sequence(self) -> Path:
        parts = [self._step()]
        while self.take("/"):
            parts.append(self._step())
        return parts[0] if len(parts) == 1 else Path("/", tuple(parts))

    def _step(self) -> Path:
        if self.take("^"):
            return Path("^", (self._repeated(),))
        return self._repeated()

    def _repeated(self) -> Path:
        if self.take("("):
            inner = self.path()
            self.expect(")")
        elif self.take("!"):
            inner = self._negated()
        else:
            inner = Path("link", iri=self._verb_iri())
        if self.token.kind == "mark" and self.token.text in {"?", "*", "+"}:
            return Path(self.advance().text, (inner,))
        return inner

    def _verb_iri(self) -> ox.NamedNode:
        if self.token.kind == "word" and self.token.text == "a":
            self.advance()
            return TYPE
        return self.iri()

    def _negated(self) -> Path:
        forward: list[ox.NamedNode] = []
        backward: list[ox.NamedNode] = []

        def one() -> None:
            (backward if self.take("^") else forward).append(self._verb_iri())

        if self.take("("):
            if not self.at(")"):
                one()
                while self.take("|"):
                    one()
            self.expect(")")
        else:
            one()
        return Path("!", forward=tuple(forward), backward=tuple(backward))
