"""Explaining the rows of a SELECT, outer or nested: from columns back to solutions, groups and members."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import TypeAlias

import pyoxigraph as ox

from kg.engine import Term
from kg.evidence import tree
from kg.evidence.compile import Compiler
from kg.evidence.context import Context, table
from kg.evidence.pins import pinnable
from kg.evidence.rewrite import write
from kg.evidence.scope import projected, visible
from kg.evidence.settle import settle
from kg.evidence.steps import Draft, Key, Row, Step
from kg.evidence.tally import Tally
from kg.evidence.unit import GRAPH
from kg.evidence.volatile import volatile_names
from kg.evidence.witness import Part, Ways, any_of, minimal

BATCH = 500
_MOST_KEPT = 200_000
_ENOUGH = 1_000
Solution: TypeAlias = Row | ox.QuerySolution


class SelectWays:
    """Finds the ways in which rows of one SELECT came about.

    A row is told by its values for `names`, all columns unless given; `outer` is the user's own SELECT.
    """

    def __init__(
        self,
        context: Context,
        select: tree.Select,
        names: Sequence[str] | None = None,
        *,
        outer: bool = False,
    ) -> None:
        self.context, self.select, self.outer = context, select, outer
        self.names = projected(select) if names is None else list(names)
        volatile = volatile_names(select)
        self.columns, self.named = self._keys()
        self.stable = [place for place, name in enumerate(self.columns) if name not in volatile]
        self.compiler = Compiler(context)
        self.unit = self.compiler.unit(select.where, first=self.columns, more=self._more())
        self.pinnable = pinnable(select.where, self.columns)
        self._rows: dict[Key, list[ox.QuerySolution]] | None = None
        self.uncounted: set[Key] = set()

    def _keys(self) -> tuple[list[str], dict[str, tree.Expression]]:
        """Name the columns by which a solution belongs to a row, and the expressions of some of them."""
        found = self.select.columns
        return self.names, {c.var.name: c.expression for c in found if c.var and c.expression}

    def can_widen(self) -> bool:
        """Tell whether the SELECT with more columns gives the very rows of the SELECT itself.

        It does where its pattern stays as written but for markers, and no row is left out by DISTINCT over
        groups or by a LIMIT, whose other rows would be ways of the same row.
        """
        modifiers = self.select.modifiers
        limited = modifiers.limit is not None or modifiers.offset is not None
        return not (limited or self.select.distinct) and self.compiler.untouched

    def widened(self) -> Iterator[Row]:
        """Run the SELECT with more columns; yield its rows, keeping what tells how each came about."""
        return self._keeping(self.context.solutions(self.text("", None, tail=True), bound=True))

    def _keeping(self, solutions: ox.QuerySolutions) -> Iterator[Row]:
        width, kept = len(self.names), dict[Key, list[ox.QuerySolution]]()
        number = 0
        for number, solution in enumerate(solutions):
            row = tuple(solution)[:width]
            if number < _MOST_KEPT:
                kept.setdefault(row, []).append(solution)
            elif number == _MOST_KEPT:
                kept.clear()
            yield row
        # What was read in part, or is too much to keep, is asked for again, for the rows that are wanted.
        self._rows = kept if number < _MOST_KEPT else None

    def _more(self) -> list[Step]:
        """Collect the steps of the expressions in the SELECT clause."""
        seen, steps = visible(self.select.where), list[Step]()
        for column in self.select.columns:
            if column.expression:
                steps += self.compiler.value(column.expression, {}, GRAPH, seen)
        return steps

    def ways(self, keys: Collection[Key], graph: Term | None) -> dict[Key, Ways]:
        """Find the ways for the rows with these keys: each solution behind a row is one way of its own."""
        most = self.context.options.max_witnesses
        if self.unit.simple:
            return self._plain_alternatives(keys, graph, most)
        found = self.solutions(keys, graph, most * 16)
        owners = [key for key, (_, kept) in found.items() for _ in kept]
        drafts = [draft for _, kept in found.values() for draft in kept]
        by_key: dict[Key, list[Ways]] = defaultdict(list)
        for key, ways in zip(owners, settle(drafts, most), strict=True):
            by_key[key].append(ways)
        out = {}
        for key, several in by_key.items():
            ways = any_of(several, most)
            unseen = found[key][0] - len(several)
            out[key] = self._told(key, ways.parts, ways.count + unseen, ways.cut or unseen > 0)
            out[key].reasons |= ways.reasons
        return out

    def _told(self, key: Key, parts: list[Part], count: int, cut: bool) -> Ways:
        reasons = [f"counting stopped at {count} derivations"] if key in self.uncounted else []
        return Ways(parts, count, frozenset(reasons), cut)

    def _plain_alternatives(self, keys: Collection[Key], graph: Term | None, most: int) -> dict[Key, Ways]:
        """Find the alternatives where a pattern is nothing but triples: no second step, no smaller ways."""
        out, atoms = {}, self.unit.atoms
        for key, (count, rows) in self._found(keys, graph, most * 16).items():
            if count == 1:
                out[key] = Ways([Part(atoms(rows[0], graph))], 1)
            elif count:
                parts, cut = minimal([Part(atoms(row, graph)) for row in rows], most)
                out[key] = self._told(key, parts, count, cut or count > len(rows))
        return out

    def solutions(
        self, keys: Collection[Key], graph: Term | None, keep: int
    ) -> dict[Key, tuple[int, list[Draft]]]:
        """Count the solutions of each key and draft the first `keep` of them."""
        return {
            key: (count, [self.unit.draft(tuple(row), graph) for row in rows])
            for key, (count, rows) in self._found(keys, graph, keep).items()
        }

    def _found(
        self, keys: Collection[Key], graph: Term | None, keep: int
    ) -> dict[Key, tuple[int, Sequence[Solution]]]:
        """Count the solutions of each key and keep the first few."""
        if self._rows is not None:
            known = ((key, self._rows[key]) for key in keys)
            return {key: (len(rows), rows[:keep]) for key, rows in known}
        same: dict[Key, list[Key]] = defaultdict(list)
        for key in keys:
            same[self._stable(key)].append(key)
        tally = Tally(len(self.columns), self._stable, same, keep)
        self._fill(tally, keys, graph)
        self.uncounted |= {key for stable in tally.uncounted for key in same[stable]}
        return {
            key: (tally.counts[stable], tally.kept[stable])
            for stable, several in same.items()
            for key in several
        }

    def _fill(self, tally: Tally, keys: Collection[Key], graph: Term | None) -> None:
        """Count the solutions of the keys, pinned to them where that is safe."""
        budget = self.context.options.max_derivations + 100 * len(keys)
        pins = self._pins(keys)
        for text in pins:
            tally.add(self._solutions(text, graph), budget)
        if tally.uncounted:
            # Some rows have very many ways: no need to see them all, but each row needs its own few.
            for key in list(tally.short()):
                tally.add_one(key, self._solutions(self._pins([key])[0], graph), _ENOUGH)
        if not (pins and all(tally.counts.values())):
            # Where an engine answers a pinned query otherwise than the plain one, the plain one counts.
            tally.add_missing(self._solutions("", graph))

    def _solutions(self, pins: str, graph: Term | None) -> Iterator[Row]:
        return self.context.select(self.text(pins, graph), bound=self.outer)

    def _stable(self, key: Key) -> Key:
        if len(self.stable) == len(self.columns):
            return key
        return tuple(key[place] for place in self.stable)

    def _pins(self, keys: Collection[Key]) -> list[str]:
        """Write VALUES clauses that fix what may be fixed; none where running it all is quicker."""
        places = [place for place, name in enumerate(self.columns) if name in self.pinnable]
        places = [p for p in places if not any(isinstance(key[p], ox.BlankNode) for key in keys)]
        if not places or len(keys) > BATCH * 20:
            return []
        names = [self.columns[place] for place in places]
        rows = list(dict.fromkeys(tuple(key[place] for place in places) for key in keys))
        return [table(names, rows[start : start + BATCH]) for start in range(0, len(rows), BATCH)]

    def text(self, pins: str, graph: Term | None, *, tail: bool = False) -> str:
        """Write the query whose solutions tell how the rows came about."""
        parts = []
        for name in self.unit.columns:
            expression = self.named.get(name)
            if expression is None:
                parts.append(f"?{name}")
            else:
                parts.append(f"({self.compiler.edits.render(expression.start, expression.end)} AS ?{name})")
        inside = pins + self.unit.body
        inside = inside if graph is None else f"GRAPH {write(graph)} {{ {inside} }}"
        rest = self.tail(whole=tail)
        head = " ".join(parts) or "(1 AS ?one)"
        return f"{self.context.prologue}SELECT {head} {self.context.from_clause}WHERE {{ {inside} }} {rest}"

    def tail(self, *, whole: bool) -> str:
        """Return what stands after the WHERE clause: all of it, or only VALUES."""
        text, values = self.context.query.text, self.select.values
        if whole:
            return text[self.select.where.end : self.select.end]
        return text[values.start : values.end] if values else ""
