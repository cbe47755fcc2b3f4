"""A description as text: statements under their relation, and numbered passages below."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pyoxigraph as ox

from kg.describe import Described, Description
from kg.engine import Term
from kg.passages import Passage
from kg.terms import curie
from kg.views.citation import citation
from kg.views.table import in_words


def lines(description: Description, prefixes: Mapping[str, str], *, iris: bool = False) -> Iterator[str]:
    """Yield the lines of a description; the same passage has one number throughout."""
    names = {} if iris else description.labels
    numbers: dict[Passage, int] = {}
    yield f"{description.label}  {curie(description.thing.value, prefixes)}"
    yield from _as_passage(description, names, prefixes)
    heading = ""
    for statement in sorted(description.statements, key=lambda s: _order(description, s, names, prefixes)):
        relation = _relation(description, statement, names, prefixes)
        if relation != heading:
            heading = relation
            yield ""
            yield heading
        yield f"  {in_words(names, prefixes, _other(description, statement))}{_marks(statement, numbers)}"
    if numbers:
        yield ""
    for passage, number in numbers.items():
        yield f"[{number}] {citation(passage, description.labels)}"


def _as_passage(
    description: Description, names: Mapping[ox.NamedNode, str], prefixes: Mapping[str, str]
) -> Iterator[str]:
    """Yield a passage's words and what it states."""
    if description.passage is None:
        return
    yield ""
    yield citation(description.passage, description.labels)
    yield ""
    yield "states" if description.carried else "states nothing"
    for triple in description.carried:
        yield "  " + " · ".join(in_words(names, prefixes, term) for term in triple)


def _order(
    description: Description,
    statement: Described,
    names: Mapping[ox.NamedNode, str],
    prefixes: Mapping[str, str],
) -> tuple[bool, str, str]:
    """Own statements before those of others about the thing, by relation, then by words."""
    return (
        statement.subject != description.thing,
        _relation(description, statement, names, prefixes),
        in_words(names, prefixes, _other(description, statement)),
    )


def _other(description: Description, statement: Described) -> Term:
    return statement.object if statement.subject == description.thing else statement.subject


def _relation(
    description: Description,
    statement: Described,
    names: Mapping[ox.NamedNode, str],
    prefixes: Mapping[str, str],
) -> str:
    """Name the relation; a statement whose object is the thing is marked as coming from elsewhere."""
    name = in_words(names, prefixes, statement.predicate)
    return name if statement.subject == description.thing else f"← {name}, of"


def _marks(statement: Described, numbers: dict[Passage, int]) -> str:
    """Return the footnote numbers of a statement, giving new passages the next ones."""
    marks = [
        f"[{numbers.setdefault(passage, len(numbers) + 1)}]"
        for passage in statement.passages
        if not passage.curated
    ]
    return " " + "".join(marks) if marks else ""
