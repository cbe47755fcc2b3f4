"""The four forms of query, each explained as a SELECT over its WHERE clause (R13)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, Protocol, cast

import pyoxigraph as ox

from kg.engine import Term
from kg.evidence import tree
from kg.evidence.absence import nowhere
from kg.evidence.context import Context
from kg.evidence.groups import select_ways
from kg.evidence.selects import SelectWays
from kg.evidence.statements import Fact
from kg.evidence.steps import Key
from kg.evidence.widened import Widened, can_widen
from kg.evidence.witness import Part, Ways, any_of, both


class Explainer(Protocol):
    """Something that finds the ways in which rows of an answer came about."""

    def ways(self, rows: Sequence[Any]) -> dict[Any, Ways]:
        """Find the ways for each row."""
        ...


def explainer(context: Context) -> Explainer:
    """Choose the explainer of a query's form."""
    forms: dict[str, Callable[[Context], Explainer]] = {
        "SELECT": SelectExplainer,
        "ASK": _Ask,
        "CONSTRUCT": _Construct,
        "DESCRIBE": _Describe,
    }
    return forms[context.query.form](context)


class SelectExplainer:
    """The rows of a SELECT."""

    def __init__(self, context: Context) -> None:
        self.rows = select_ways(context, context.query.select, names=context.columns, outer=True)

    def ways(self, rows: Sequence[Key]) -> dict[Key, Ways]:
        """Find the ways for each row."""
        return self.rows.ways(rows, None)

    def widened(self) -> Widened | None:
        """Give the run with more columns of a SELECT that can be run so, None for others."""
        if type(self.rows) is SelectWays and can_widen(self.rows):
            self.rows.widened = Widened(self.rows)
        return self.rows.widened


class _Ask:
    def __init__(self, context: Context) -> None:
        self.context = context

    def ways(self, rows: Sequence[bool]) -> dict[bool, Ways]:
        select = self.context.query.select
        out: dict[bool, Ways] = {}
        if True in rows:
            found = select_ways(self.context, select, names=[], outer=True).ways([()], None)
            out[True] = found.get((), Ways())
        if False in rows:
            out[False] = nowhere(self.context, select.where, None)
        return out


class _Construct:
    """Each triple is explained by the solutions that put it into the template."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self._by_names: dict[tuple[str, ...], SelectWays] = {}

    def ways(self, rows: Sequence[Key]) -> dict[Key, Ways]:
        keys: dict[tuple[str, ...], dict[Key, list[Key]]] = defaultdict(lambda: defaultdict(list))
        for row in rows:
            for triple in self.context.query.template:
                bound = _unify(triple, row)
                if bound is not None:
                    keys[tuple(bound)][tuple(bound.values())].append(row)
        found: dict[Key, list[Ways]] = {row: [] for row in rows}
        for names, wanted in keys.items():
            if names not in self._by_names:
                select = self.context.query.select
                self._by_names[names] = select_ways(self.context, select, names=names, outer=True)
            for key, ways in self._by_names[names].ways(list(wanted), None).items():
                for row in wanted[key]:
                    found[row].append(ways)
        return {row: any_of(several, self.context.options.max_witnesses) for row, several in found.items()}


def _unify(triple: tree.Triple, row: Key) -> dict[str, Term] | None:
    """Match a template triple with a triple of the answer; blank nodes are made anew, so they match any."""
    bound: dict[str, Term] = {}
    for node, term in zip((triple.subject, triple.verb, triple.object), row, strict=True):
        if isinstance(node, tree.Constant):
            if node.term != term:
                return None
        elif isinstance(node, tree.Var) and node.blank:
            if not isinstance(term, ox.BlankNode):
                return None
        elif isinstance(node, tree.Var) and term is not None and bound.setdefault(node.name, term) != term:
            return None
    return bound


class _Describe:
    """Each triple stands for itself, together with what made its subject one of the things described."""

    def __init__(self, context: Context) -> None:
        self.context = context

    def ways(self, rows: Sequence[Key]) -> dict[Key, Ways]:
        query, most = self.context.query, self.context.options.max_witnesses
        names = [target.name for target in query.targets if isinstance(target, tree.Var)]
        if not query.targets:
            from kg.evidence.scope import visible

            names = visible(query.select.where)
        subjects: list[Key] = list(dict.fromkeys((row[0],) for row in rows))
        why: dict[Key, list[Ways]] = {subject: [] for subject in subjects}
        for name in names:
            found = select_ways(self.context, query.select, names=[name], outer=True).ways(subjects, None)
            for subject, ways in found.items():
                why[subject].append(ways)
        out = {}
        for row in rows:
            fact = cast(Fact, (*row, None))
            itself = Ways.one(Part((self.context.statements.number(fact, (row[0], None, None)),)))
            several = why[row[0],]
            out[row] = both(any_of(several, most), itself, most) if several else itself
        return out
