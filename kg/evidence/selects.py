"""Explaining the rows of a SELECT, outer or nested: from columns back to solutions, groups and members."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice

import pyoxigraph as ox

from kg.engine import Term
from kg.evidence import tree
from kg.evidence.compile import Compiler
from kg.evidence.context import Context, table
from kg.evidence.pins import pinnable
from kg.evidence.rewrite import write
from kg.evidence.scope import projected, visible
from kg.evidence.settle import settle
from kg.evidence.steps import GRAPH, Draft, Key, Row, Step
from kg.evidence.tally import Tally
from kg.evidence.volatile import volatile_names
from kg.evidence.widened import Widened
from kg.evidence.witness import Part, Ways, any_of, minimal, smallest

BATCH = 500
_FEW, _ENOUGH = 32, 1_000


class SelectWays:
    """Finds the ways in which rows of one SELECT came about.

    A row is told by its values for `names`, all columns unless given; `outer` is the user's own SELECT. Of a
    `collective` SELECT each row counts, as a member of a group, and none of equal ones says nothing new.
    """

    gathers = False

    def __init__(
        self,
        context: Context,
        select: tree.Select,
        names: Sequence[str] | None = None,
        *,
        outer: bool = False,
        collective: bool = False,
    ) -> None:
        self.context, self.select, self.outer, self.collective = context, select, outer, collective
        self.names = projected(select) if names is None else list(names)
        volatile = volatile_names(select)
        self.columns, self.named = self._keys()
        self.stable = [place for place, name in enumerate(self.columns) if name not in volatile]
        self.compiler = Compiler(context, collective=collective or self.gathers)
        self.unit = self.compiler.unit(select.where, first=self.columns, more=self._more())
        self.widened: Widened | None = None
        self.uncounted: set[Key] = set()

    @cached_property
    def pinnable(self) -> set[str]:
        """The columns that the pattern may be pinned to."""
        return pinnable(self.select.where, self.columns)

    def _keys(self) -> tuple[list[str], dict[str, tree.Expression]]:
        """Name the columns by which a solution belongs to a row, and the expressions of some of them."""
        found = self.select.columns
        return self.names, {c.var.name: c.expression for c in found if c.var and c.expression}

    def _more(self) -> list[Step]:
        """Collect the steps of the expressions in the SELECT clause."""
        steps: list[Step] = []
        expressions = [column.expression for column in self.select.columns if column.expression]
        seen = visible(self.select.where) if expressions else []
        for expression in expressions:
            steps += self.compiler.value(expression, {}, GRAPH, seen)
        return steps

    def ways(self, keys: Collection[Key], graph: Term | None) -> dict[Key, Ways]:
        """Find the ways for the rows with these keys: each solution behind a row is one way of its own."""
        keep = self._keep
        if self.unit.simple:
            return self._plain_alternatives(keys, graph)
        found = self.solutions(keys, graph, keep)
        owners = [key for key, (_, kept) in found.items() for _ in kept]
        drafts = [draft for _, kept in found.values() for draft in kept]
        by_key: dict[Key, list[Ways]] = defaultdict(list)
        for key, ways in zip(owners, settle(drafts, keep), strict=True):
            by_key[key].append(ways)
        out = {}
        for key, several in by_key.items():
            if len(several) == found[key][0] == 1 and len(several[0].parts) <= self._most:
                out[key] = several[0]
                continue
            ways = self._any_of(several)
            unseen = found[key][0] - len(several)
            out[key] = self._told(key, ways.parts, ways.count + unseen, ways.cut or unseen > 0)
            out[key].reasons |= ways.reasons
        return out

    @property
    def _keep(self) -> int:
        """How many solutions of a row are looked at."""
        options = self.context.options
        return max(options.kept, options.max_members) if self.collective else options.kept

    @property
    def _most(self) -> int:
        """How many ways of a row are given."""
        return self.context.options.max_witnesses if self.outer else self._keep

    @property
    def _absorbs(self) -> bool:
        return self.context.options.absorbs and not self.collective

    def _any_of(self, ways: Iterable[Ways]) -> Ways:
        """Join the alternatives of one row."""
        return any_of(ways, self._most, absorb=self._absorbs)

    def _told(self, key: Key, parts: list[Part], count: int, cut: bool) -> Ways:
        reasons = [f"counting stopped at {count} derivations"] if key in self.uncounted else []
        return Ways(parts, count, frozenset(reasons), cut)

    def _plain_alternatives(self, keys: Collection[Key], graph: Term | None) -> dict[Key, Ways]:
        """Find the alternatives where a pattern is nothing but triples: no second step, no smaller ways."""
        found, out = self._found(keys, graph, self._keep), {}
        least = minimal if self._absorbs else smallest
        atoms = iter(self.unit.atoms([row for _, rows in found.values() for row in rows], graph))
        for key, (count, rows) in found.items():
            if count == 1:
                out[key] = Ways([Part(next(atoms))], 1)
            elif count:
                parts, cut = least([Part(next(atoms)) for _ in rows], self._most)
                out[key] = self._told(key, parts, count, cut or count > len(rows))
        return out

    def solutions(
        self, keys: Collection[Key], graph: Term | None, keep: int
    ) -> dict[Key, tuple[int, list[Draft]]]:
        """Count the solutions of each key and draft the first `keep` of them."""
        found = self._found(keys, graph, keep)
        drafts = iter(self.unit.drafts([row for _, rows in found.values() for row in rows], graph))
        return {key: (count, list(islice(drafts, len(rows)))) for key, (count, rows) in found.items()}

    def _found(
        self, keys: Collection[Key], graph: Term | None, keep: int
    ) -> dict[Key, tuple[int, Sequence[Row]]]:
        """Count the solutions of each key and keep the first few."""
        known = self.widened.found(keys, keep) if self.widened else None
        if known is not None:
            return known
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
        singly = all(map(self.is_exact, keys))
        few = len(keys) <= _FEW and singly and self.pinnable.issuperset(self.columns)
        budget = 100 * len(keys) + (_ENOUGH if few else self.context.options.max_derivations)
        pins = self._pins(keys)
        for text in pins:
            tally.add(self._solutions(text, graph), budget)
        if singly and tally.uncounted:
            # Some rows have very many ways: no need to see them all, but each row needs its own few.
            for key in list(tally.counts if few else tally.short()):
                self._count(tally, key, graph)
        if not (pins and all(tally.counts.values())):
            # Where an engine answers a pinned query otherwise than the plain one, the plain one counts.
            tally.add_missing(self._solutions("", graph))

    def _count(self, tally: Tally, key: Key, graph: Term | None) -> None:
        """Take the first few solutions of one key, and let the engine count the others."""
        only, most = self._only(key), self.context.options.max_derivations
        tally.add_one(key, self._solutions(only, graph, limit=tally.keep + 1))
        if key in tally.uncounted:
            counted = self._solutions(only, graph, limit=most + 1, head="(1 AS ?one)")
            tally.count(key, sum(1 for _ in counted), most)

    def counts(self) -> dict[Key, int]:
        """Let the engine count the solutions of each row."""
        names = " ".join(f"?{name}" for name in self.columns)
        number = self.context.fresh_name("n")
        inside = self.text("", None, head=names).removeprefix(self.context.prologue)
        text = (
            f"{self.context.prologue}SELECT {names} (COUNT(*) AS ?{number}) {self.context.from_clause}"
            f"WHERE {{ {{ {inside.replace(self.context.from_clause, '', 1)} }} }} GROUP BY {names}"
        )
        return {row[:-1]: int(row[-1].value) for row in self.context.select(text)}  # type: ignore[union-attr]  # counts

    def some(self, key: Key, most: int) -> Iterator[Row]:
        """Ask for so many solutions of one row."""
        return self._solutions(self._only(key), None, limit=most)

    def is_exact(self, key: Key) -> bool:
        """Tell whether a text can leave a pattern the solutions of this very key."""
        return self.can_count and not any(isinstance(term, ox.BlankNode) for term in key)

    @cached_property
    def can_count(self) -> bool:
        """Tell whether the pattern itself gives all columns, so that the engine can count by them."""
        seen = set(visible(self.select.where))
        return len(self.stable) == len(self.columns) and seen.issuperset(self.columns)

    def _only(self, key: Key) -> str:
        """Write what leaves a pattern only the solutions of one key."""
        pin = self._pins([key])
        tests = [
            f"FILTER({'!BOUND(?' + name + ')' if term is None else f'sameTerm(?{name}, {write(term)})'}) "
            for name, term in zip(self.columns, key, strict=True)
            if name not in self.pinnable
        ]
        return "".join(pin + tests)

    def _solutions(self, pins: str, graph: Term | None, *, limit: int = 0, head: str = "") -> Iterator[Row]:
        text = self.text(pins, graph, head=head) + (f" LIMIT {limit}" if limit else "")
        return self.context.select(text, bound=self.outer)

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

    def text(self, pins: str, graph: Term | None, *, tail: bool = False, head: str = "") -> str:
        """Write the query whose solutions tell how the rows came about."""
        head = head or " ".join(self._head()) or "(1 AS ?one)"
        inside = pins + self.unit.body
        inside = inside if graph is None else f"GRAPH {write(graph)} {{ {inside} }}"
        rest = self.tail(whole=tail)
        return f"{self.context.prologue}SELECT {head} {self.context.from_clause}WHERE {{ {inside} }} {rest}"

    def _head(self) -> Iterator[str]:
        for name in self.unit.columns:
            expression = self.named.get(name)
            if expression is None:
                yield f"?{name}"
            else:
                yield f"({self.compiler.edits.render(expression.start, expression.end)} AS ?{name})"

    def tail(self, *, whole: bool) -> str:
        """Return what stands after the WHERE clause: all of it, or only VALUES."""
        text, values = self.context.query.text, self.select.values
        if whole:
            return text[self.select.where.end : self.select.end]
        return text[values.start : values.end] if values else ""
