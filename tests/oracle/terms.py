"""The terms and variables of the tests, and how to write them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import pyoxigraph as ox

EX = "https://example.org/"
INTEGER = ox.NamedNode("http://www.w3.org/2001/XMLSchema#integer")
DATE = ox.NamedNode("http://www.w3.org/2001/XMLSchema#date")
Term: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal
BLANKS = [ox.BlankNode("n1"), ox.BlankNode("n2")]
"""The blank nodes of the data, n and a number; a query cannot name them."""


def iri(name: str) -> ox.NamedNode:
    """Make one of the IRIs of the tests."""
    return ox.NamedNode(EX + name)


def number(value: int) -> ox.Literal:
    """Make an integer."""
    return ox.Literal(str(value), datatype=INTEGER)


def show(term: object) -> str:
    """Write a term as short as SPARQL allows."""
    if isinstance(term, ox.NamedNode) and term.value.startswith(EX):
        return "ex:" + term.value.removeprefix(EX)
    if isinstance(term, ox.Literal) and term.datatype == INTEGER:
        return term.value
    return "UNDEF" if term is None else str(term)


def tamed(term: Term | ox.Triple | None) -> Term | ox.Triple | None:
    """Make all blank nodes that an engine makes anew alike."""
    known = isinstance(term, ox.BlankNode) and term.value[:1] == "n" and term.value[1:].isdigit()
    return ox.BlankNode("new") if isinstance(term, ox.BlankNode) and not known else term


@dataclass(frozen=True)
class Var:
    """A variable; a blank one is a blank node of a pattern."""

    name: str
    blank: bool = False

    def __str__(self) -> str:
        return f"_:{self.name}" if self.blank else f"?{self.name}"


Node: TypeAlias = Var | Term
