"""EXISTS and NOT EXISTS: which of them a condition rests on, and the ways in which they hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from kg.evidence import tree
from kg.evidence.absence import AbsenceResolver
from kg.evidence.context import Context, spell
from kg.evidence.rewrite import write
from kg.evidence.scope import has_exists
from kg.evidence.steps import Key, Resolver, Row
from kg.evidence.subpattern import SubPattern
from kg.evidence.witness import Ways, any_of, both

Mentioned: TypeAlias = Callable[[int, int, Sequence[str]], list[str]]
Found: TypeAlias = tuple[Resolver, list[str]]


def resolvers_of(
    context: Context, expression: tree.Expression, names: Sequence[str], mentioned: Mentioned
) -> Iterator[Found]:
    """Yield a resolver for each conjunct of a condition that holds an EXISTS, with the names it reads."""
    waiting = [expression]
    while waiting:
        part = waiting.pop()
        if part.kind == "and":
            waiting.extend(reversed(part.args))
        elif has_exists(part):
            used = mentioned(part.start, part.end, names)
            yield resolver_for(context, part, used), used


def resolver_for(context: Context, part: tree.Expression, used: Sequence[str]) -> Resolver:
    """Choose the resolver of one condition that is known to hold."""
    inverted = False
    while part.kind == "not":
        part, inverted = part.args[0], not inverted
    if part.kind == "exists" and part.group is not None:
        if part.inverted != inverted:
            return AbsenceResolver(context, "not exists", part.group, used)
        return ExistsResolver(context, part.group, used)
    return ConditionResolver(context, part, used, inverted=inverted)


def value_resolver(
    context: Context, expression: tree.Expression, names: Sequence[str], mentioned: Mentioned
) -> Found | None:
    """Make the resolver of an expression whose value is wanted; None where no EXISTS stands in it."""
    if not has_exists(expression):
        return None
    used = mentioned(expression.start, expression.end, names)
    return ConditionResolver(context, expression, used, value=True), used


class ExistsResolver:
    """FILTER EXISTS: the ways in which its pattern matches under the solution."""

    def __init__(self, context: Context, group: tree.Group, names: Sequence[str]) -> None:
        self.pattern = SubPattern(context, group, names)

    def resolve(self, keys: Sequence[Key]) -> dict[Key, Ways]:
        """Find the ways for each key."""
        return self.pattern.ways(keys)


class ConditionResolver:
    """A condition in which EXISTS stands under OR or NOT, or in a function: each atom's truth counts.

    Under OR, each true side is a way of its own; in a function (`value`), all atoms are needed.
    """

    def __init__(
        self,
        context: Context,
        expression: tree.Expression,
        names: Sequence[str],
        *,
        inverted: bool = False,
        value: bool = False,
    ) -> None:
        self.context, self.expression, self.names = context, expression, tuple(names)
        self.inverted, self.value = inverted, value
        self.leaves: dict[int, tree.Expression] = {}
        self._collect(expression)
        self.positive: dict[int, Resolver] = {}
        self.negative: dict[int, Resolver] = {}
        for start, leaf in self.leaves.items():
            if leaf.kind == "exists" and leaf.group is not None:
                present = ExistsResolver(context, leaf.group, names)
                absent = AbsenceResolver(context, "not exists", leaf.group, names)
                self.positive[start], self.negative[start] = (
                    (absent, present) if leaf.inverted else (present, absent)
                )

    def _collect(self, expression: tree.Expression) -> None:
        waiting = [expression]
        while waiting:
            part = waiting.pop()
            opaque = part.kind not in {"and", "or", "not"} or self.value
            if part.kind == "exists" or (opaque and not has_exists(part)):
                self.leaves[part.start] = part
            else:
                waiting.extend(part.args)

    def resolve(self, keys: Sequence[Key]) -> dict[Key, Ways]:
        """Find the ways for each key."""
        truths = self._truths(keys)
        wanted: dict[Resolver, list[Key]] = defaultdict(list)
        for key, truth in truths.items():
            for start, value in truth.items():
                table = self.positive if value else self.negative
                if value is not None and start in table:
                    wanted[table[start]].append(key)
        found = {resolver: resolver.resolve(asked) for resolver, asked in wanted.items()}

        def literal(start: int, key: Key, *, truth: bool) -> Ways:
            if truths[key][start] is not truth:
                return Ways()
            table = self.positive if truth else self.negative
            return found[table[start]].get(key, Ways()) if start in table else Ways.one()

        if self.value:
            return {key: self._all(key, truths[key], literal) for key in keys}
        return {key: self._ways(self.expression, key, literal, truth=not self.inverted) for key in keys}

    def _all(self, key: Key, truth: dict[int, bool | None], literal: Callable[..., Ways]) -> Ways:
        ways = Ways.one()
        for start in self.positive:
            if truth[start] is not None:
                ways = both(ways, literal(start, key, truth=truth[start]), self.context.options.kept)
        return ways

    def _ways(self, part: tree.Expression, key: Key, literal: Callable[..., Ways], *, truth: bool) -> Ways:
        most = self.context.options.kept
        if part.kind == "not":
            return self._ways(part.args[0], key, literal, truth=not truth)
        if part.kind in {"and", "or"}:
            sides = [self._ways(arg, key, literal, truth=truth) for arg in part.args]
            if (part.kind == "and") == truth:
                return both(sides[0], sides[1], most)
            ways = any_of(sides, most)
            ways.count = min(ways.count, 1)
            return ways
        if part.start in self.leaves:
            return literal(part.start, key, truth=truth)
        # A function of EXISTS: its truth cannot be split, so every atom in it counts.
        inner = ConditionResolver(self.context, part, self.names, value=True)
        return inner.resolve([key])[key]

    def _truths(self, keys: Sequence[Key]) -> dict[Key, dict[int, bool | None]]:
        """Ask the engine for the truth of every leaf under every key."""
        by_graph: dict[object, list[Key]] = defaultdict(list)
        for key in keys:
            # Those with blank nodes are asked one by one, for they cannot stand in one table with others.
            by_graph[key if self.context.blanks(self.names, key) else key[-1]].append(key)
        out: dict[Key, dict[int, bool | None]] = {}
        for same in by_graph.values():
            out |= self._ask(same)
        return out

    def _ask(self, keys: Sequence[Key]) -> dict[Key, dict[int, bool | None]]:
        fresh, query = self.context.fresh, self.context.query
        given = self.context.blanks(self.names, keys[0])
        rows = " ".join(f"({place} {' '.join(map(spell, key[:-1]))})" for place, key in enumerate(keys))
        names = " ".join(f"?{name}" for name in (fresh, *self.names))
        binds = " ".join(
            f"BIND(({query.text[leaf.start : leaf.end]}) AS ?{fresh}{place}t)"
            if leaf.kind == "exists"
            else f"BIND(IF({query.text[leaf.start : leaf.end]}, true, false) AS ?{fresh}{place}t)"
            for place, leaf in enumerate(self.leaves.values())
        )
        columns = " ".join(
            [*(f"?{fresh}{place}t" for place in range(len(self.leaves))), *(f"?{n}" for n in given)]
        )
        body = f"VALUES ({names}) {{ {rows} }} {self.context.scoped(given)}{binds}"
        graph = keys[0][-1]
        inside = body if graph is None else f"GRAPH {write(graph)} {{ {body} }}"
        text = (
            f"{self.context.prologue}SELECT ?{fresh} {columns} {self.context.from_clause}WHERE {{ {inside} }}"
        )
        out: dict[Key, dict[int, bool | None]] = {}
        for row in self.context.select(text, given=given):
            key = keys[int(row[0].value)]  # type: ignore[union-attr]  # our own numbers
            out[key] = dict(zip(self.leaves, map(_truth, row[1 : len(self.leaves) + 1]), strict=True))
        return out


def _truth(term: Row | object) -> bool | None:
    return None if term is None else str(getattr(term, "value", "")) in {"true", "1"}
