"""The values of expressions and aggregates, as far as the generated queries need them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache

import pyoxigraph as ox

from tests.oracle.derive import Undetermined
from tests.oracle.terms import INTEGER, Term, number

XSD = "http://www.w3.org/2001/XMLSchema#"
BOOLEAN, DECIMAL = ox.NamedNode(XSD + "boolean"), ox.NamedNode(XSD + "decimal")
STRING = ox.NamedNode(XSD + "string")


class ValueFault(Exception):  # noqa: N818 - a value of its own in SPARQL's logic, called error there
    """An expression has no value."""


def boolean(value: bool) -> ox.Literal:
    """Make a truth value."""
    return ox.Literal("true" if value else "false", datatype=BOOLEAN)


@lru_cache(maxsize=100_000)
def by_engine(text: str) -> Term | None:
    """Let the engine compute an expression without variables; None where it has no value."""
    answer = ox.Store().query(f"SELECT ({text} AS ?x) {{}}")
    assert isinstance(answer, ox.QuerySolutions)
    found: Term | None = next(iter(answer))[0]
    return found


def called(name: str, *args: Term) -> Term:
    """Compute a function of strings, dates or numbers: what is tested here is the algebra around it."""
    if any(isinstance(arg, ox.BlankNode) for arg in args):
        raise ValueFault
    words = [str(arg) for arg in args]
    found = by_engine(
        f"{name}({', '.join(words)})" if name[0].isalpha() or len(name) > 2 else f"({name.join(words)})"
    )
    if found is None:
        raise ValueFault
    return found


def is_exotic(term: Term | None) -> bool:
    """Tell whether a term has no place in the order that is known here."""
    known = {INTEGER, DECIMAL, STRING, BOOLEAN}
    return isinstance(term, ox.BlankNode) or (isinstance(term, ox.Literal) and term.datatype not in known)


def truth(term: Term) -> bool:
    """Return the effective boolean value (SPARQL 1.1, section 17.2.2)."""
    if isinstance(term, ox.Literal):
        if term.datatype == BOOLEAN:
            return term.value == "true"
        if term.datatype in {INTEGER, DECIMAL}:
            return numeric(term) != 0
        if term.datatype == STRING:
            return term.value != ""
        return called("IF", term, boolean(True), boolean(False)).value == "true"
    raise ValueFault


def numeric(term: Term) -> Fraction:
    """Return the number that a literal stands for."""
    if isinstance(term, ox.Literal) and term.datatype in {INTEGER, DECIMAL}:
        try:
            return Fraction(term.value)
        except ValueError:
            raise Undetermined from None
    raise ValueFault


def same(left: Term, right: Term) -> bool:
    """Tell whether `=` holds; literals of different kinds are unequal, as Oxigraph has it."""
    if (
        isinstance(left, ox.Literal)
        and isinstance(right, ox.Literal)
        and (is_exotic(left) or is_exotic(right))
    ):
        return left == right or truth(called("=", left, right))
    try:
        return numeric(left) == numeric(right)
    except ValueFault:
        return left == right


def less(left: Term, right: Term) -> bool:
    """Tell whether `<` holds; a term of any kind is not less than itself, as Oxigraph has it."""
    if left == right:
        return False
    if is_exotic(left) or is_exotic(right):
        return truth(called("<", left, right))
    if isinstance(left, ox.Literal) and isinstance(right, ox.Literal) and left.datatype == right.datatype:
        if left.datatype == STRING:
            return left.value < right.value
        if left.datatype == BOOLEAN:
            return (left.value, right.value) == ("false", "true")
    return numeric(left) < numeric(right)


def plus(left: Term, right: Term) -> Term:
    """Return the sum of two integers."""
    total = numeric(left) + numeric(right)
    if total.denominator != 1 or DECIMAL in {
        getattr(left, "datatype", None),
        getattr(right, "datatype", None),
    }:
        raise Undetermined
    return number(int(total))


def is_iri(term: Term) -> ox.Literal:
    """Return isIRI."""
    return boolean(isinstance(term, ox.NamedNode))


def is_literal(term: Term) -> ox.Literal:
    """Return isLiteral."""
    return boolean(isinstance(term, ox.Literal))


def text(term: Term) -> ox.Literal:
    """Return STR."""
    if isinstance(term, ox.BlankNode):
        raise ValueFault
    return ox.Literal(term.value)


def rank(term: Term | None) -> tuple[int, Fraction, str]:
    """Return a place in the order of ORDER BY, where SPARQL 1.1 or Oxigraph sets one."""
    if term is None:
        return (0, Fraction(0), "")
    if is_exotic(term):
        raise Undetermined
    if isinstance(term, ox.NamedNode | ox.BlankNode):
        return (1, Fraction(0), term.value)
    if term.datatype in {INTEGER, DECIMAL}:
        return (2, numeric(term), "")
    return (3, Fraction(0), f"{term.datatype.value} {term.value}")


def aggregate(op: str, values: Sequence[Term | None]) -> Term | None:
    """Compute an aggregate over values, None for those that are missing; None where it has no value."""
    if op == "COUNT":
        return number(sum(value is not None for value in values))
    known = [value for value in values if value is not None]
    if len(known) < len(values) and op != "SAMPLE":
        return None
    if op in {"SAMPLE", "GROUP_CONCAT"} and len(set(values)) > 1:
        raise Undetermined
    try:
        return _FUNCTIONS[op](known)
    except ValueFault:
        return None


def _sum(values: Sequence[Term]) -> Term:
    total = sum(map(numeric, values), Fraction(0))
    if all(isinstance(value, ox.Literal) and value.datatype == INTEGER for value in values):
        return number(int(total))
    raise Undetermined


def _average(values: Sequence[Term]) -> Term:
    if not values:
        return number(0)
    mean = sum(map(numeric, values), Fraction(0)) / len(values)
    whole, rest = divmod(mean.numerator * 10**18 // mean.denominator, 10**18)
    digits = f"{whole}.{rest:018d}".rstrip("0").rstrip(".")
    return ox.Literal(digits, datatype=DECIMAL)


def _least(values: Sequence[Term]) -> Term:
    if not values:
        raise ValueFault
    return min(values, key=rank)


def _greatest(values: Sequence[Term]) -> Term:
    if not values:
        raise ValueFault
    return max(values, key=rank)


def _sample(values: Sequence[Term]) -> Term:
    if not values:
        raise ValueFault
    return values[0]


def _concatenated(values: Sequence[Term]) -> Term:
    if any(isinstance(value, ox.BlankNode) for value in values):
        raise ValueFault
    return ox.Literal(" ".join(value.value for value in values))


_FUNCTIONS = {
    "SUM": _sum,
    "AVG": _average,
    "MIN": _least,
    "MAX": _greatest,
    "SAMPLE": _sample,
    "GROUP_CONCAT": _concatenated,
}
