"""Differences between two sets of facts: which came, which went, and which changed their passages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from kg.engine.loading import read_file
from kg.terms import plain
from kg.vocab import PREFIXES, PROVENANCE

_DERIVED = frozenset(ox.NamedNode(PREFIXES["kg"] + name) for name in ("earliest", "latest"))
_LABEL = ox.NamedNode(PREFIXES["rdfs"] + "label")
Facts = dict[ox.Triple, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Change:
    """A fact that stands in other passages than before; in none of one side where it came or went."""

    fact: ox.Triple
    before: frozenset[str]
    after: frozenset[str]

    @property
    def kind(self) -> str:
        """`came`, `went` or `moved`."""
        return "moved" if self.before and self.after else "came" if self.after else "went"


@dataclass(frozen=True, slots=True)
class Difference:
    """All changes between two sets of facts, and the labels that either gives."""

    changes: tuple[Change, ...]
    labels: dict[ox.NamedNode, str]


def difference(old: Iterable[Path], new: Iterable[Path]) -> Difference:
    """Compare two sets of files, fact by fact; raises what reading them raises.

    Bookkeeping is compared only through the passages that facts stand in, and the days that a date allows
    only through the date.
    """
    labels: dict[ox.NamedNode, str] = {}
    before, after = _facts(old, labels), _facts(new, labels)
    changes = [
        Change(fact, before.get(fact, frozenset()), after.get(fact, frozenset()))
        for fact in before.keys() | after.keys()
        if before.get(fact) != after.get(fact)
    ]
    return Difference(tuple(sorted(changes, key=lambda c: (c.kind, str(c.fact)))), labels)


def _facts(files: Iterable[Path], labels: dict[ox.NamedNode, str]) -> Facts:
    found: dict[ox.Triple, set[str]] = {}
    for file in files:
        for quad in read_file(file):
            if quad.predicate == _LABEL and isinstance(quad.subject, ox.NamedNode):
                labels.setdefault(quad.subject, plain(quad.object))
            if quad.graph_name == ox.NamedNode(PROVENANCE) or quad.predicate in _DERIVED:
                continue
            graph = quad.graph_name.value if isinstance(quad.graph_name, ox.NamedNode) else "no passage"
            found.setdefault(ox.Triple(quad.subject, quad.predicate, quad.object), set()).add(graph)
    return {fact: frozenset(graphs) for fact, graphs in found.items()}
