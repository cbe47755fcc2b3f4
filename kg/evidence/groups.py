"""Explaining the rows of a SELECT with groups: all members of a group together make its row (R8)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property

from kg.engine import Term
from kg.evidence import tree
from kg.evidence.absence import nowhere
from kg.evidence.claims import Complete
from kg.evidence.context import Context
from kg.evidence.measures import Measures
from kg.evidence.rewrite import write
from kg.evidence.scope import has_aggregate, visible
from kg.evidence.selects import SelectWays
from kg.evidence.settle import Found, first, joined, resolved
from kg.evidence.steps import GRAPH, Draft, Key, Step
from kg.evidence.volatile import unrepeatable_clauses, volatile_names
from kg.evidence.witness import NOTHING, Claim, Part, Ways


def select_ways(
    context: Context,
    select: tree.Select,
    names: Sequence[str] | None = None,
    *,
    outer: bool = False,
    collective: bool = False,
) -> SelectWays:
    """Choose how the rows of a SELECT are explained."""
    kind = GroupWays if has_aggregate(select) else SelectWays
    return kind(context, select, names, outer=outer, collective=collective)


class GroupWays(SelectWays):
    """Finds the members behind rows of one SELECT with GROUP BY or aggregates."""

    gathers = True

    def _keys(self) -> tuple[list[str], dict[str, tree.Expression]]:
        """Name every key of GROUP BY, also those that are expressions without a name."""
        names, named = [], {}
        for column in self.select.modifiers.group_by:
            name = column.var.name if column.var else self.context.fresh_name("k")
            names.append(name)
            if column.expression is not None:
                named[name] = column.expression
        return names, named

    def _more(self) -> list[Step]:
        """Collect the steps of every EXISTS outside the pattern; its truth counts for each member.

        Those in the keys and in what is aggregated see a member's variables, others only the group's keys.
        """
        seen, modifiers = visible(self.select.where), self.select.modifiers
        steps: list[Step] = []
        for column in modifiers.group_by:
            if column.expression:
                steps += self.compiler.value(column.expression, {}, GRAPH, seen)
        holding = [part for part in modifiers.having if not _has_aggregate(part)]
        for part in holding:
            steps += self.compiler.condition(part, {}, GRAPH, self.columns)
        others = [part for part in modifiers.having if part not in holding]
        for expression in (*(c.expression for c in self.select.columns), *others):
            for part, aggregated in _exists(expression) if expression else ():
                steps += self.compiler.value(part, {}, GRAPH, seen if aggregated else self.columns)
        return steps

    def ways(self, keys: Collection[Key], graph: Term | None) -> dict[Key, Ways]:
        """Find the ways for the rows with these keys; rows of several groups may be equal."""
        groups = self._groups(keys, graph)
        members = self._members({group for found in groups.values() for group in found}, graph)
        measures = Measures(self.select, self.names, self.unit.columns)
        for key, found in groups.items():
            if len(found) == 1:
                self._measure(measures, key, found[0], members)
        return {key: self._any_of(members[group] for group in found) for key, found in groups.items()}

    def _measure(self, measures: Measures, key: Key, group: Key, members: dict[Key, Ways]) -> None:
        """Mark the members that have an extreme value, and say where the row counts others."""
        count, rows = self._solutions_of[group]
        ways = members[group]
        if group not in self.uncounted:
            ways.reasons |= measures.miscounted(key, count)
        extremal = measures.extremal(key, rows)
        if extremal:
            ways.parts = [part._replace(extremal=extremal) for part in ways.parts]

    def _groups(self, keys: Collection[Key], graph: Term | None) -> dict[Key, list[Key]]:
        """Find the groups behind each row."""
        if not self.columns:
            return {key: [()] for key in keys}
        missing = [name for name in self.columns if name not in self.names]
        places = {name: place for place, name in enumerate(self.names)}
        if not missing:
            return {key: [tuple(key[places[name]] for name in self.columns)] for key in keys}
        volatile = volatile_names(self.select)
        stable = [place for name, place in places.items() if name not in volatile]
        found: dict[Key, list[Key]] = {tuple(key[place] for place in stable): [] for key in keys}
        for row in self.context.select(self._group_query(missing, graph), bound=self.outer):
            key = tuple(row[place] for place in stable)
            if key in found:
                values = dict(zip([*self.names, *missing], row, strict=True))
                found[key].append(tuple(values[name] for name in self.columns))
        return {key: found[tuple(key[place] for place in stable)] for key in keys}

    def _group_clause(self) -> str:
        """Write GROUP BY with a name for every key."""
        text = self.context.query.text
        parts = (
            f"({text[self.named[name].start : self.named[name].end]} AS ?{name})"
            if name in self.named
            else f"?{name}"
            for name in self.columns
        )
        return " ".join(parts)

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
            f"GROUP BY {self._group_clause()} {having}{self.tail(whole=False)}"
        )

    def _members(self, groups: Collection[Key], graph: Term | None) -> dict[Key, Ways]:
        """Join the members of each group: together they make its row."""
        options = self.context.options
        cap = options.max_members
        found = self._solutions_of = self._found(groups, graph, cap)
        owners = [key for key, (_, rows) in found.items() for _ in rows]
        drafts = self.unit.drafts([row for _, rows in found.values() for row in rows], graph)
        parts: dict[Key, list[Part]] = {key: [] for key in groups}
        reasons: dict[Key, set[str]] = {key: set() for key in groups}
        # Members may be equal where a sub-SELECT gives equal rows; each came about in a way of its own.
        pairs = zip(owners, drafts, strict=True)
        alike = [(key, tuple(draft.atoms), tuple(draft.needs)) for key, draft in pairs]
        equal, seen, resolutions = Counter(alike), Counter[object](), resolved(drafts)
        for key, draft, same in zip(owners, drafts, alike, strict=True):
            number = seen[same] if equal[same] > 1 else None
            seen[same] += 1
            part, why = self._member(draft, resolutions, number)
            parts[key].append(part)
            reasons[key] |= why
        out = {}
        for key in groups:
            count = found[key][0]
            if self.columns and not count:
                # Only chance loses a group: what has no member has no row.
                out[key] = Ways()
                continue
            if count > cap:
                more = "more than " if key in self.uncounted else ""
                reasons[key].add(f"{cap} of {more}{count} members of the group are given")
            part = _collective(parts[key])
            claim = self._claim(key, count, graph)
            part = part._replace(claims=part.claims | claim, external=part.external | self._external)
            out[key] = Ways([part], 1, frozenset(reasons[key]))
        return out

    @cached_property
    def _external(self) -> frozenset[str]:
        """Name the calls outside the pattern that give other values each time."""
        return unrepeatable_clauses(self.select)

    def _member(self, draft: Draft, found: Found, number: int | None) -> tuple[Part, frozenset[str]]:
        """Choose one way of a member, of several equal ones that of its number."""
        if number is None:
            ways = joined(draft, found, self.context.options.kept)
            return min(ways.parts, key=self._order, default=NOTHING), ways.reasons
        part, reasons = first(draft), frozenset[str]()
        for resolver, key in draft.needs:
            ways = found[resolver].get(key, Ways())
            several = sorted(ways.parts, key=self._order)
            rows = getattr(resolver, "rows", None)
            if rows is not None and rows.collective and several:
                number, place = divmod(number, len(several))
                part |= several[place]
            elif several:
                part |= several[0]
            reasons |= ways.reasons
        return part, reasons

    def _order(self, part: Part) -> tuple[int, list[str]]:
        """Tell which of several ways to give for a member: a short one, and the same on every engine."""
        facts = self.context.statements.facts
        return len(part.atoms), sorted(str(facts[atom]) for atom in part.atoms)

    def _claim(self, key: Key, count: int, graph: Term | None) -> frozenset[Claim]:
        """Claim what an empty group, or a condition on a whole group, rests on: that there is no more."""
        if not (self.columns or count):
            return nowhere(self.context, self.select.where, graph).parts[0].claims
        if self.select.modifiers.having:
            return frozenset([Complete(self, key, count).claim(graph)])
        return frozenset()


def _has_aggregate(expression: tree.Expression) -> bool:
    return any(part.kind == "aggregate" for part in expression.walk())


def _exists(expression: tree.Expression) -> Iterator[tuple[tree.Expression, bool]]:
    """Yield each EXISTS of an expression, and whether it stands in an aggregate."""
    waiting = [(expression, False)]
    while waiting:
        part, aggregated = waiting.pop()
        if part.kind == "exists":
            yield part, aggregated
        waiting += [(arg, aggregated or part.kind == "aggregate") for arg in part.args]


def _collective(members: Sequence[Part]) -> Part:
    return Part(
        tuple(dict.fromkeys(atom for member in members for atom in member.atoms)),
        frozenset().union(*(member.claims for member in members)),
        frozenset().union(*(member.external for member in members)),
        tuple(member.atoms for member in members),
    )
