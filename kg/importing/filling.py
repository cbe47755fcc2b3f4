"""Filling: a rule is read once into a plan of small functions, so that a row costs little."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Protocol, TypeAlias

from kg.importing.mapping import Fact, Node, Rule
from kg.importing.rows import Row
from kg.importing.values import VALUES, slug, split_list
from kg.vocab import PREFIXES

_CELL = re.compile(r"\{(\w+)\}")
_TYPE = f"<{PREFIXES['rdf']}type>"
Words: TypeAlias = Mapping[str, str]
Filler: TypeAlias = Callable[[Words], str | None]
"""From a row's cells to a term or a text; None where a cell is empty."""


class Names(Protocol):
    """What gives things their IRIs."""

    def thing(self, label: str, kind: str = "") -> tuple[str, str]:
        """Return the term of the thing that a label names, and its short name."""
        ...

    def same(self, local: str) -> str:
        """Return the IRI of a short name."""
        ...

    def is_described(self, iri: str) -> bool:
        """Whether a thing has its label already."""
        ...

    def describe(self, iri: str, label: str, kind: str) -> None:
        """Record label and kind of a thing."""
        ...


def parts(template: str) -> tuple[tuple[str, str], ...]:
    """Cut a template at its cells: the text before each, and the cell.

    >>> parts("birth-of-{subject}")
    (('birth-of-', 'subject'), ('', ''))
    """
    pieces = _CELL.split(template)
    return tuple(zip(pieces[::2], [*pieces[1::2], ""], strict=True))


@lru_cache(maxsize=1 << 16)
def _values(function: str, predicate: str, text: str) -> tuple[tuple[str, str], ...]:
    """Work out a value once, however many rows have it."""
    return tuple(VALUES[function](predicate, text))


class Plan:
    """A rule made ready for many rows."""

    def __init__(self, rule: Rule, names: Names) -> None:
        self._rule, self._names = rule, names
        self._terms = {text: self._term(text) for fact in rule.facts for text in _templates(fact)}
        self._facts = tuple(
            (
                fact.subject,
                _predicate(fact.predicate),
                fact.target.function,
                fact.target.text,
                _text(fact.target.text),
            )
            for fact in rule.facts
        )

    def triples(self, row: Row) -> Iterator[tuple[str, str, str]]:
        """Yield the statements of a row whose cells are all filled."""
        words = {
            **row.qualifiers,
            "subject": row.subject,
            "object": row.object,
            "relation": row.relation.replace("_", " "),
        }
        terms = {template: fill(words) for template, fill in self._terms.items()}
        for subject, predicate, function, target, fill in self._facts:
            about = terms[subject]
            if about is None:
                continue
            if not function:
                if (value := terms[target]) is not None:
                    yield about, predicate, value
            elif (text := fill(words)) is None:
                continue
            elif function == "each":
                kind = self._rule.kinds.get(parts(target)[0][1], "")
                for part in split_list(text):
                    yield about, predicate, self._names.thing(part, kind)[0]
            else:
                for name, value in _values(function, predicate, text):
                    yield about, name, value

    def _term(self, template: str) -> Filler:
        """Make the function that gives a template's term."""
        if template[0] == "{" and template[-1] == "}":
            name = template[1:-1]
            node = self._rule.nodes.get(name)
            return self._node(node) if node else self._thing(name)
        prefix, _, local = template.partition(":")
        iri = self._names.same(local) if prefix == "mt" else PREFIXES[prefix] + local
        return lambda _: f"<{iri}>"

    def _thing(self, cell: str) -> Filler:
        kind, thing = self._rule.kinds.get(cell, ""), self._names.thing

        named: dict[str | None, str | None] = {None: None, "": None}

        def term(words: Words) -> str | None:
            label = words.get(cell)
            if label in named:
                return named[label]
            found = named[label] = thing(label or "", kind)[0]
            return found

        return term

    def _node(self, node: Node) -> Filler:
        """Make the function that gives a node's term, by the first of its names that can be filled."""
        names = self._names
        ways = [
            (self._short(name.text), _text(label.text))
            for name, label in zip(node.names, node.labels, strict=True)
        ]

        cells = sorted({cell for template in (*node.names, *node.labels) for cell in template.cells})
        made: dict[tuple[str | None, ...], str | None] = {}

        def make(words: Words) -> str | None:
            for short, label in ways:
                if (local := short(words)) is not None:
                    iri = names.same(local)
                    if not names.is_described(iri):
                        names.describe(iri, label(words) or "", node.kind)
                    return f"<{iri}>"
            return None

        def term(words: Words) -> str | None:
            key = tuple([words.get(cell) for cell in cells])
            if key not in made:
                made[key] = make(words)
            return made[key]

        return term

    def _short(self, template: str) -> Filler:
        """Fill a name with short names: of things where a cell names one, else of its words."""
        thing, kinds = self._names.thing, self._rule.kinds
        pieces = [(text, cell, kinds.get(cell)) for text, cell in parts(template)]

        def fill(words: Words) -> str | None:
            filled = ""
            for text, cell, kind in pieces:
                filled += text
                if cell:
                    if not (word := words.get(cell)):
                        return None
                    filled += slug(word) if kind is None else thing(word, kind)[1]
            return filled

        return fill


def _templates(fact: Fact) -> tuple[str, ...]:
    return (fact.subject,) if fact.target.function else (fact.subject, fact.target.text)


def _predicate(curie: str) -> str:
    prefix, _, local = curie.partition(":")
    return _TYPE if curie == "a" else f"<{PREFIXES[prefix]}{local}>"


def _text(template: str) -> Filler:
    """Make the function that puts the cells' words into a template."""
    if _CELL.fullmatch(template):
        cell = template[1:-1]
        return lambda words: words.get(cell) or None
    pieces = parts(template)

    def fill(words: Words) -> str | None:
        filled = ""
        for text, cell in pieces:
            filled += text
            if cell:
                if not (word := words.get(cell)):
                    return None
                filled += word
        return filled

    return fill
