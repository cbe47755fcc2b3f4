"""Sub-SELECTs: which can be spelled out where they stand, and the rows of those that cannot (R6, R7)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from kg.engine import Term
from kg.evidence import tree
from kg.evidence.claims import Rank
from kg.evidence.context import Context
from kg.evidence.groups import select_ways
from kg.evidence.scope import certain, has_aggregate
from kg.evidence.steps import Key
from kg.evidence.witness import Ways


def only_projects(select: tree.Select) -> bool:
    """Tell whether a SELECT gives every solution of its pattern, so that it can be spelled out (R6)."""
    limits = select.modifiers
    return not (
        select.distinct
        or has_aggregate(select)
        or limits.having
        or limits.limit is not None
        or limits.offset is not None
    )


class SelectResolver:
    """A sub-SELECT that cannot be spelled out: its rows are explained on their own."""

    def __init__(self, context: Context, select: tree.Select, *, collective: bool = False) -> None:
        self.rows = select_ways(context, select, collective=collective and not select.distinct)
        self.sure = certain([select])
        limits = select.modifiers
        limited = limits.limit is not None or limits.offset is not None
        self.rank = Rank(context, select, self.rows.names) if limited else None

    def resolve(self, keys: Sequence[Key]) -> dict[Key, Ways]:
        """Find the ways for each key."""
        by_graph: dict[Term | None, list[Key]] = defaultdict(list)
        for key in keys:
            by_graph[key[-1]].append(key)
        out: dict[Key, Ways] = {}
        for graph, same in by_graph.items():
            found = self.rows.ways([key[:-1] for key in same], graph)
            lost = [key for key in same if not found.get(key[:-1], Ways()).parts]
            weaker = {key: self._weaken(key[:-1]) for key in lost}
            found |= self.rows.ways(list(weaker.values()), graph) if lost else {}
            out |= {key: found.get(weaker.get(key, key[:-1]), Ways()) for key in same}
        return {key: self._ranked(key, ways) for key, ways in out.items()} if self.rank else out

    def _ranked(self, key: Key, ways: Ways) -> Ways:
        """Add the claim that the row is among those that LIMIT and OFFSET leave."""
        assert self.rank is not None  # noqa: S101 - asked only then
        claims = frozenset([self.rank.claim(key[:-1], key[-1])])
        parts = [part._replace(claims=part.claims | claims) for part in ways.parts]
        return Ways(parts, ways.count, ways.reasons, ways.cut)

    def _weaken(self, key: Key) -> Key:
        """Leave out what the sub-SELECT may not have bound: an engine may show what others bound there."""
        return tuple(
            term if name in self.sure else None for name, term in zip(self.rows.names, key, strict=True)
        )
