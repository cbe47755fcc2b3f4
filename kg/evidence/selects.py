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
from kg.evidence.scope import has_aggregate, projected, visible
from kg.evidence.settle import settle
from kg.evidence.steps import Draft, Key, Row, Step
from kg.evidence.unit import GRAPH
from kg.evidence.volatile import volatile_names
from kg.evidence.witness import NOTHING, Part, Ways, any_of, minimal

BATCH = 500
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
        self.grouped = has_aggregate(select)
        volatile = volatile_names(select)
        self.stable = [place for place, name in enumerate(self.names) if name not in volatile]
        self.group_names, self.group_text = self._group_keys()
        self.columns = self.group_names if self.grouped else self.names
        self.compiler = Compiler(context)
        self.unit = self.compiler.unit(select.where, first=self._first(), more=self._more())
        self.pinnable = pinnable(select.where, self.columns)
        self._rows: dict[Key, list[ox.QuerySolution]] | None = None

    def can_widen(self) -> bool:
        """Tell whether the SELECT with more columns gives the very rows of the SELECT itself.

        It does where its pattern stays as written but for markers, and no row is left out by DISTINCT over
        groups or by a LIMIT, whose other rows would be ways of the same row.
        """
        modifiers = self.select.modifiers
        limited = modifiers.limit is not None or modifiers.offset is not None
        return not (self.grouped or limited or self.select.distinct) and self.compiler.untouched

    def widened(self) -> Iterator[Row]:
        """Run the SELECT with more columns; yield its rows, keeping what tells how each came about."""
        return self._keeping(self.context.solutions(self.text("", None, tail=True), bound=True))

    def _keeping(self, solutions: ox.QuerySolutions) -> Iterator[Row]:
        width, kept = len(self.names), dict[Key, list[ox.QuerySolution]]()
        self._rows = kept
        for solution in solutions:
            row = tuple(solution)[:width]
            kept.setdefault(row, []).append(solution)
            yield row

    def _first(self) -> list[str]:
        """List the columns by which a solution is told to belong to a row or a group."""
        return self.columns

    def _more(self) -> list[Step]:
        """Collect the steps of the expressions in the SELECT clause and in HAVING."""
        seen, steps = visible(self.select.where), list[Step]()
        if self.grouped:
            return steps
        for column in self.select.columns:
            if column.expression:
                steps += self.compiler.value(column.expression, {}, GRAPH, seen)
        return steps

    def _group_keys(self) -> tuple[list[str], str]:
        """Name every key of GROUP BY, and write the clause with those names."""
        names, parts = [], []
        for column in self.select.modifiers.group_by:
            name = column.var.name if column.var else self.context.fresh_name("k")
            names.append(name)
            if column.expression is None:
                parts.append(f"?{name}")
            else:
                text = self.context.query.text[column.expression.start : column.expression.end]
                parts.append(f"({text} AS ?{name})")
        return names, " ".join(parts)

    def ways(self, keys: Collection[Key], graph: Term | None) -> dict[Key, Ways]:
        """Find the ways for the rows with these keys (the values of all columns)."""
        if not self.grouped:
            return self._alternatives(keys, graph)
        groups = self._groups(keys, graph)
        members = self._members({group for found in groups.values() for group in found}, graph)
        most = self.context.options.max_witnesses
        return {key: any_of((members[group] for group in found), most) for key, found in groups.items()}

    def _alternatives(self, keys: Collection[Key], graph: Term | None) -> dict[Key, Ways]:
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
            out[key] = any_of(several, most)
            unseen = found[key][0] - len(several)
            out[key].count += unseen
            out[key].cut = out[key].cut or unseen > 0
        return out

    def _plain_alternatives(self, keys: Collection[Key], graph: Term | None, most: int) -> dict[Key, Ways]:
        """Find the alternatives where a pattern is nothing but triples: no second step, no smaller ways."""
        out, atoms = {}, self.unit.atoms
        for key, (count, rows) in self._found(keys, graph, most * 16).items():
            if count == 1:
                out[key] = Ways([Part(atoms(rows[0], graph))], 1)
            elif count:
                parts, cut = minimal([Part(atoms(row, graph)) for row in rows], most)
                out[key] = Ways(parts, count, cut=cut or count > len(rows))
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
        counts: dict[Key, int] = dict.fromkeys(same, 0)
        kept: dict[Key, list[Row]] = {key: [] for key in same}
        pins = self._pins(keys)
        for text in pins or [""]:
            self._collect(text, graph, keep, counts, kept)
        if pins and not all(counts.values()):
            # Where an engine answers a pinned query otherwise than the plain one, the plain one counts.
            again: dict[Key, int] = {key: 0 for key, count in counts.items() if not count}
            self._collect("", graph, keep, again, kept)
            counts |= again
        return {key: (counts[stable], kept[stable]) for stable, several in same.items() for key in several}

    def _stable(self, key: Key) -> Key:
        if self.grouped or len(self.stable) == len(self.names):
            return key
        return tuple(key[place] for place in self.stable)

    def _collect(
        self, pins: str, graph: Term | None, keep: int, counts: dict[Key, int], kept: dict[Key, list[Row]]
    ) -> None:
        """Run the query once; count the solutions of the keys in `counts` and keep the first few of each."""
        width = len(self.columns)
        for row in self.context.select(self.text(pins, graph), bound=self.outer):
            key = self._stable(row[:width])
            if key in counts:
                counts[key] += 1
                if counts[key] <= keep:
                    kept[key].append(row)

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
        named = {c.var.name: c for c in self.select.columns if c.var and c.expression}
        if self.grouped:
            named = {c.var.name: c for c in self.select.modifiers.group_by if c.var and c.expression}
        unnamed = {
            name: column
            for name, column in zip(self.group_names, self.select.modifiers.group_by, strict=True)
            if column.expression
        }
        parts = []
        for name in self.unit.columns:
            column = named.get(name) or unnamed.get(name)
            if column is None or column.expression is None:
                parts.append(f"?{name}")
            else:
                text = self.compiler.edits.render(column.expression.start, column.expression.end)
                parts.append(f"({text} AS ?{name})")
        inside = pins + self.unit.body
        inside = inside if graph is None else f"GRAPH {write(graph)} {{ {inside} }}"
        rest = self._tail(whole=tail)
        head = " ".join(parts) or "(1 AS ?one)"
        return f"{self.context.prologue}SELECT {head} {self.context.from_clause}WHERE {{ {inside} }} {rest}"

    def _tail(self, *, whole: bool) -> str:
        text, values = self.context.query.text, self.select.values
        if whole:
            return text[self.select.where.end : self.select.end]
        return text[values.start : values.end] if values else ""

    def _groups(self, keys: Collection[Key], graph: Term | None) -> dict[Key, list[Key]]:
        """Find the groups behind each row."""
        if not self.group_names:
            return {key: [()] for key in keys}
        missing = [name for name in self.group_names if name not in self.names]
        places = {name: place for place, name in enumerate(self.names)}
        if not missing:
            return {key: [tuple(key[places[name]] for name in self.group_names)] for key in keys}
        out: dict[Key, list[Key]] = {key: [] for key in keys}
        for row in self.context.select(self._group_query(missing, graph), bound=self.outer):
            key = row[: len(self.names)]
            if key in out:
                values = dict(zip([*self.names, *missing], row, strict=True))
                out[key].append(tuple(values[name] for name in self.group_names))
        return out

    def _group_query(self, missing: Sequence[str], graph: Term | None) -> str:
        """Write the SELECT as it is, with the keys of its groups as more columns."""
        query, select = self.context.query, self.select
        columns = " ".join(query.text[c.start : c.end] for c in select.columns)
        more = " ".join(f"?{name}" for name in missing)
        where = query.text[select.where.start : select.where.end]
        where = where if graph is None else f"{{ GRAPH {write(graph)} {where} }}"
        having = " ".join(f"({query.text[h.start : h.end]})" for h in select.modifiers.having)
        having = f"HAVING {having} " if having else ""
        return (
            f"{self.context.prologue}SELECT {columns} {more} {self.context.from_clause}WHERE {where} "
            f"GROUP BY {self.group_text} {having}{self._tail(whole=False)}"
        )

    def _members(self, groups: Collection[Key], graph: Term | None) -> dict[Key, Ways]:
        """Join the members of each group: together they make its row."""
        cap = self.context.options.max_members
        found = self.solutions(groups, graph, cap)
        owners = [key for key, (_, kept) in found.items() for _ in kept]
        drafts = [draft for _, kept in found.values() for draft in kept]
        parts: dict[Key, list[Part]] = {key: [] for key in groups}
        reasons: dict[Key, set[str]] = {key: set() for key in groups}
        for key, ways in zip(owners, settle(drafts, 1), strict=True):
            parts[key].append(ways.parts[0] if ways.parts else NOTHING)
            reasons[key] |= ways.reasons
        out = {}
        for key in groups:
            count = found[key][0]
            if count > cap:
                reasons[key].add(f"{cap} of {count} members of the group are given")
            out[key] = Ways([_collective(parts[key])], 1, frozenset(reasons[key]))
        return out


def _collective(members: Sequence[Part]) -> Part:
    return Part(
        tuple(dict.fromkeys(atom for member in members for atom in member.atoms)),
        frozenset().union(*(member.claims for member in members)),
        frozenset().union(*(member.external for member in members)),
        tuple(member.atoms for member in members),
    )
