"""Claims about whole groups: that they have no further member."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pyoxigraph as ox

from kg.engine import Term
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
        bound = tuple((n, t) for n, t in zip(self.rows.columns, self.key, strict=True) if t is not None)
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
        body = f"{inner} {self.rows.tail(whole=False)} {' '.join(conditions)}"
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
