"""Claims about more than one pattern: that a group has no further member, that a row is among the first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import pyoxigraph as ox

from kg.engine import Term
from kg.evidence import tree
from kg.evidence.context import Context, table
from kg.evidence.rewrite import write
from kg.evidence.witness import Claim

if TYPE_CHECKING:
    from kg.evidence.groups import GroupWays
    from kg.evidence.steps import Key


class Complete:
    """The claim that a group has the members that were counted and no others."""

    def __init__(self, rows: GroupWays, key: Key, count: int) -> None:
        self.rows, self.key, self.count = rows, key, count

    def claim(self, graph: Term | None) -> Claim:
        """Make the claim."""
        where = self.rows.select.where
        given = self.rows.context.parameters(where) if self.rows.outer else {}
        columns = zip(self.rows.columns, self.key, strict=True)
        bound = tuple((n, t) for n, t in [*given.items(), *columns] if t is not None)
        return Claim("complete", where.start, where.end, bound, cast(ox.NamedNode | None, graph), self)

    def ask(self, claim: Claim) -> str:
        """Write the query that is false as long as the group has no further member."""
        context, where = self.rows.context, self.rows.select.where
        inner = context.query.text[where.start : where.end]
        conditions = []
        for name, term in zip(self.rows.columns, self.key, strict=True):
            expression = self.rows.named.get(name)
            value = context.query.text[expression.start : expression.end] if expression else f"?{name}"
            if term is not None and not isinstance(term, ox.BlankNode):
                conditions.append(f"FILTER(sameTerm({value}, {write(term)}))")
            elif term is None:
                # BOUND takes a variable, so a key that is an expression gets one.
                unbound = f"?{context.fresh}{name}" if expression else value
                binding = f"BIND({value} AS {unbound}) " if expression else ""
                conditions.append(f"{binding}FILTER(!BOUND({unbound}))")
        given = [(n, t) for n, t in claim.bindings if n in context.bindings and n not in self.rows.columns]
        values = table([n for n, _ in given], [[t for _, t in given]]) if given else ""
        body = f"{{ {values}{inner[1:]} {self.rows.tail(whole=False)} {' '.join(conditions)}"
        counted = f"?{context.fresh}n"
        return context.ask(
            f"{{ SELECT (COUNT(*) AS {counted}) WHERE {{ {body} }} }} FILTER({counted} > {self.count})",
            claim.graph,
        )

    @property
    def near(self) -> None:
        """No pattern: that there is no further member is no miss."""

    def pattern(self) -> str:
        """Return the pattern whose matches are the members."""
        where = self.rows.select.where
        return self.rows.context.query.text[where.start : where.end]


class Rank:
    """The claim that a row is among those that the LIMIT and OFFSET of a sub-SELECT leave."""

    def __init__(self, context: Context, select: tree.Select, names: Sequence[str]) -> None:
        self.context, self.select, self.names = context, select, names

    def claim(self, key: Key, graph: Term | None) -> Claim:
        """Make the claim for a row."""
        bound = tuple((n, t) for n, t in zip(self.names, key, strict=True) if t is not None)
        start, end = self.select.start, self.select.end
        return Claim("rank", start, end, bound, cast(ox.NamedNode | None, graph), self)

    def ask(self, claim: Claim) -> str:
        """Write the query that is false as long as the row is among them."""
        tests = " ".join(
            f"FILTER(sameTerm(?{name}, {write(term)}))"
            for name, term in claim.bindings
            if not isinstance(term, ox.BlankNode)
        )
        body = f"FILTER NOT EXISTS {{ {{ {self.pattern()} }} {tests} }}"
        return self.context.ask(body, claim.graph)

    @property
    def near(self) -> None:
        """No pattern: a place in an order is no miss."""

    def pattern(self) -> str:
        """Return the sub-SELECT as the query has it."""
        return self.context.query.text[self.select.start : self.select.end]
