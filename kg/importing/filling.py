"""Filling: one row in one rule. A rule is read once into a plan, so that a row costs little."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Protocol, TypeAlias

from kg.importing.mapping import Node, Rule
from kg.importing.rows import Row
from kg.importing.values import VALUES, slug, split_list
from kg.vocab import PREFIXES

_CELL = re.compile(r"\{(\w+)\}")
_TYPE = f"<{PREFIXES['rdf']}type>"
Parts: TypeAlias = tuple[tuple[str, str], ...]
"""A template as pieces: the text before a cell, and the cell; the last piece has no cell."""


class Names(Protocol):
    """What gives things their IRIs."""

    namespace: str

    def thing(self, label: str, kind: str = "") -> str:
        """Return the IRI of the thing that a label names."""
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


@cache
def parts(template: str) -> Parts:
    """Cut a template at its cells.

    >>> parts("birth-of-{subject}")
    (('birth-of-', 'subject'), ('', ''))
    """
    pieces = _CELL.split(template)
    return tuple(zip(pieces[::2], [*pieces[1::2], ""], strict=True))


class Plan:
    """A rule made ready: for each fact its subject, predicate, function and object."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.facts = tuple(
            (fact.subject, _predicate(fact.predicate), fact.target.function, fact.target.text)
            for fact in rule.facts
        )


def _predicate(curie: str) -> str:
    prefix, _, local = curie.partition(":")
    return _TYPE if curie == "a" else f"<{PREFIXES[prefix]}{local}>"


class Filling:
    """One row in one rule: its cells as names, words and nodes."""

    def __init__(self, names: Names, row: Row, plan: Plan) -> None:
        self._names, self._plan, self._kinds = names, plan, plan.rule.kinds
        self._words = {
            **row.qualifiers,
            "subject": row.subject,
            "object": row.object,
            "relation": row.relation.replace("_", " "),
        }
        self._terms: dict[str, str | None] = {}

    def triples(self) -> Iterator[tuple[str, str, str]]:
        """Yield the statements whose cells are all filled."""
        for subject, predicate, function, target in self._plan.facts:
            about = self._term(subject)
            if about is None:
                continue
            if not function:
                value = self._term(target)
                if value is not None:
                    yield about, predicate, value
            elif (text := self._fill(target)) is None:
                continue
            elif function == "each":
                kind = self._kinds.get(parts(target)[0][1], "")
                for part in split_list(text):
                    yield about, predicate, f"<{self._names.thing(part, kind)}>"
            else:
                for name, value in VALUES[function](predicate, text):
                    yield about, name, value

    def _fill(self, template: str) -> str | None:
        """Put the cells' words into a template; None where a cell is empty."""
        filled = ""
        for text, cell in parts(template):
            filled += text
            if cell:
                word = self._words.get(cell)
                if not word:
                    return None
                filled += word
        return filled

    def _term(self, template: str) -> str | None:
        """Return the term that a template stands for, each worked out once; None where a cell is empty."""
        try:
            return self._terms[template]
        except KeyError:
            term = self._terms[template] = self._new_term(template)
            return term

    def _new_term(self, template: str) -> str | None:
        if template[0] == "{" and template[-1] == "}":
            name = template[1:-1]
            node = self._plan.rule.nodes.get(name)
            iri = self._node(node) if node else self._thing(name)
            return iri and f"<{iri}>"
        prefix, _, local = template.partition(":")
        return f"<{self._names.same(local) if prefix == 'mt' else PREFIXES[prefix] + local}>"

    def _thing(self, cell: str) -> str | None:
        label = self._words.get(cell)
        return self._names.thing(label, self._kinds.get(cell, "")) if label else None

    def _node(self, node: Node) -> str | None:
        """Return the IRI of a node that the rule makes, by the first of its names that can be filled."""
        for name, label in zip(node.names, node.labels, strict=True):
            local = self._local(name.text)
            if local is None:
                continue
            iri = self._names.same(local)
            if not self._names.is_described(iri):
                self._names.describe(iri, self._fill(label.text) or "", node.kind)
            return iri
        return None

    def _local(self, template: str) -> str | None:
        """Fill a name's template with short names: of things where a cell names one, else of its words."""
        if any(cell and not self._words.get(cell) for _, cell in parts(template)):
            return None
        return "".join(text + (self._short(cell) if cell else "") for text, cell in parts(template))

    def _short(self, cell: str) -> str:
        label = self._words[cell]
        if cell not in self._kinds:
            return slug(label)
        return self._names.thing(label, self._kinds[cell]).rpartition("/")[2]
