"""That a graph is there: a GRAPH whose pattern can match without a statement still takes one in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import pyoxigraph as ox

from kg.engine import Term
from kg.evidence import tree
from kg.evidence.context import Context
from kg.evidence.rewrite import write
from kg.evidence.scope import has_aggregate
from kg.evidence.statements import Fact
from kg.evidence.steps import Key
from kg.evidence.witness import Part, Ways


class Presence:
    """Any one statement of a graph; a key is the graph."""

    def __init__(self, context: Context) -> None:
        self.context = context

    def resolve(self, keys: Sequence[Key]) -> dict[Key, Ways]:
        """Find statements of each graph, each enough to say that it is there."""
        return {key: self._any(key[-1]) for key in keys}

    def _any(self, graph: Term | None) -> Ways:
        if not isinstance(graph, ox.NamedNode):
            # No query text can name a blank node.
            return Ways.one()
        inside = f"GRAPH {write(graph)} {{ ?s ?p ?o }}"
        limit = self.context.options.kept
        text = f"SELECT ?s ?p ?o {self.context.from_clause}WHERE {{ {inside} }} LIMIT {limit}"
        facts = [cast(Fact, (*row[:3], graph)) for row in self.context.select(text)]
        parts = [Part((self.context.statements.number(fact),)) for fact in facts]
        return Ways(parts, 1) if parts else Ways.one()


def has_statement(group: tree.Group) -> bool:
    """Tell whether every match of a pattern has a statement in the graph that the pattern is asked of."""
    return any(
        (isinstance(element, tree.Block) and bool(element.triples))
        or (isinstance(element, tree.Group) and has_statement(element))
        or (isinstance(element, tree.Union) and all(map(has_statement, element.arms)))
        or (isinstance(element, tree.Select) and _takes_statements(element))
        for element in group.elements
    )


def _takes_statements(select: tree.Select) -> bool:
    """Tell whether every row has a statement; without keys, a group without members is a row, too."""
    return has_statement(select.where) and (bool(select.modifiers.group_by) or not has_aggregate(select))
