"""Running a pattern of the query on its own, under the terms that a solution gives to its variables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from kg.evidence import tree
from kg.evidence.compile import Compiler
from kg.evidence.context import Context, spell, table
from kg.evidence.joins import binding_names, joinable
from kg.evidence.rewrite import write
from kg.evidence.settle import settle
from kg.evidence.steps import Key, Row
from kg.evidence.unit import Unit, drafts_of
from kg.evidence.witness import Ways, any_of

BATCH = 500


class SubPattern:
    """A group, `without` some elements, and the names whose terms come from outside.

    A key is those terms and the active graph.
    """

    def __init__(
        self,
        context: Context,
        group: tree.Group,
        names: Sequence[str],
        without: Sequence[tree.Element] = (),
    ) -> None:
        self.context, self.group, self.names, self.without = context, group, tuple(names), without
        self.joins = joinable(group, frozenset(names))
        self._unit: Unit | None = None

    def ways(self, keys: Sequence[Key]) -> dict[Key, Ways]:
        """Find the ways in which the pattern matches, for each key that it matches at all."""
        kept: dict[Key, list[Ways]] = defaultdict(list)
        solutions, counts = list[tuple[Key, Unit, Row]](), dict[Key, int]()
        for solution in self.solutions(keys):
            key = solution[0]
            counts[key] = counts.get(key, 0) + 1
            if counts[key] <= self.context.options.kept:
                solutions.append(solution)
        most = self.context.options.kept
        for (key, _, _), ways in zip(solutions, settle(drafts_of(solutions), most), strict=True):
            kept[key].append(ways)
        out = {}
        for key, found in kept.items():
            ways = any_of(found, most)
            ways.count = 1
            ways.cut = ways.cut or counts[key] > len(found)
            out[key] = ways
        return out

    def solutions(self, keys: Sequence[Key]) -> Iterator[tuple[Key, Unit, Row]]:
        """Yield the solutions of the pattern under each key."""
        if not self.joins:
            for key in keys:
                yield from self._substituted(key)
            return
        by_graph: dict[object, list[Key]] = defaultdict(list)
        for key in keys:
            if self.context.blanks(self.names, key):
                yield from self._substituted(key)
            else:
                by_graph[key[-1]].append(key)
        for same in by_graph.values():
            for start in range(0, len(same), BATCH):
                yield from self._joined(same[start : start + BATCH])

    def _joined(self, keys: Sequence[Key]) -> Iterator[tuple[Key, Unit, Row]]:
        number = self.context.fresh
        if self._unit is None:
            self._unit = Compiler(self.context, without=self.without).unit(
                self.group, first=self.names, inherited=self.names
            )
        unit = self._unit
        rows = [(f"{place}", *map(spell, key[:-1])) for place, key in enumerate(keys)]
        names = " ".join(f"?{name}" for name in (number, *self.names))
        values = f"VALUES ({names}) {{ {' '.join('(' + ' '.join(row) + ')' for row in rows)} }} "
        columns = " ".join(f"?{name}" for name in (number, *unit.columns))
        text = self._query(f"SELECT {columns}", values + unit.body, keys[0])
        blank = self._blank_checks(keys, unit)
        for solution in self.context.select(text):
            key = keys[int(solution[0].value)]  # type: ignore[union-attr]  # our own numbers
            if all(solution[at + 1] == key[place] for at, place in blank if _is_blank(key[place])):
                yield key, unit, solution[1:]

    def _blank_checks(self, keys: Sequence[Key], unit: Unit) -> list[tuple[int, int]]:
        return [
            (unit.columns.index(name), place)
            for place, name in enumerate(self.names)
            if name in unit.columns and any(_is_blank(key[place]) for key in keys)
        ]

    def _substituted(self, key: Key) -> Iterator[tuple[Key, Unit, Row]]:
        fixed = binding_names(self.group)
        env = {
            name: term
            for name, term in zip(self.names, key, strict=False)
            if term is not None and not _is_blank(term) and name not in fixed
        }
        unit = Compiler(self.context, env, self.without).unit(self.group, inherited=self.names)
        kept = {n: t for n, t in zip(self.names, key, strict=False) if n not in env and t is not None}
        # What the group itself assigns cannot be given to it before, so it is compared after.
        assigned = {e.var.name for e in self.group.elements if isinstance(e, tree.Bind)} & kept.keys()
        given = {name: term for name, term in kept.items() if name not in assigned}
        values = table(list(given), [list(given.values())]) if given else ""
        blanks = {n: t for n, t in self.context.blanks(self.names, key).items() if n not in assigned}
        names = dict.fromkeys([*unit.columns, *blanks])
        columns = " ".join(f"?{name}" for name in names) or "(1 AS ?one)"
        text = self._query(f"SELECT {columns}", values + self.context.scoped(blanks) + unit.body, key)
        for solution in self.context.select(text, given=blanks):
            row = solution[: len(unit.columns)]
            found = dict(zip(unit.columns, row, strict=True))
            if all(found[name] in {None, kept[name]} for name in assigned):
                yield key, unit, row

    def _query(self, head: str, body: str, key: Key) -> str:
        graph = key[-1]
        inside = body if graph is None else f"GRAPH {write(graph)} {{ {body} }}"
        return f"{self.context.prologue}{head} {self.context.from_clause}WHERE {{ {inside} }}"


def _is_blank(term: object) -> bool:
    return type(term).__name__ == "BlankNode"
