"""The four forms of query, each explained as a SELECT over its WHERE clause (R13)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, Protocol, cast
from weakref import proxy

import pyoxigraph as ox

from kg.engine import Term
from kg.engine.embedded import Embedded
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
        if type(self.rows) is not SelectWays or not can_widen(self.rows):
            return None
        widened = Widened(self.rows)
        # The run knows its SELECT; if that held the run, both would wait for Python's search for cycles.
        self.rows.widened = proxy(widened)
        return widened


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
                bound = self._unify(triple, row)
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

    def _unify(self, triple: tree.Triple, row: Key) -> dict[str, Term] | None:
        """Match a template triple with a triple of the answer; its blank nodes match those made anew."""
        bound: dict[str, Term] = {}
        for node, term in zip((triple.subject, triple.verb, triple.object), row, strict=True):
            if isinstance(node, tree.Constant):
                if node.term != term:
                    return None
            elif isinstance(node, tree.Var) and node.blank:
                if not isinstance(term, ox.BlankNode) or self._is_known(term):
                    return None
            elif (
                isinstance(node, tree.Var) and term is not None and bound.setdefault(node.name, term) != term
            ):
                return None
        return bound

    def _is_known(self, term: ox.BlankNode) -> bool:
        """Tell whether a blank node is one of the data; of engines elsewhere nobody can tell."""
        engine = self.context.engine
        if not isinstance(engine, Embedded):
            return False
        places = ((term, None, None, None), (None, None, term, None))
        return any(next(iter(engine.store.quads_for_pattern(*place)), None) for place in places)


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
        if any(isinstance(subject, ox.BlankNode) for (subject,) in subjects):
            subjects = list(
                dict.fromkeys([*subjects, *((t[0],) for ts in self._entering.values() for t in ts)])
            )
        why: dict[Key, list[Ways]] = {subject: [] for subject in subjects}
        for name in names:
            found = select_ways(self.context, query.select, names=[name], outer=True).ways(subjects, None)
            for subject, ways in found.items():
                why[subject].append(ways)
        return {row: self._reached(row, why, most) for row in rows}

    def _reached(self, row: Key, why: Mapping[Key, Sequence[Ways]], most: int) -> Ways:
        """Explain one triple: by itself, the way to its subject, and why that way begins where it does."""
        chain = [row]
        if isinstance(row[0], ox.BlankNode) and not why[row[0],]:
            chain = self._chain(row, why)
        facts = [cast(Fact, (*triple, None)) for triple in chain]
        atoms = tuple(self.context.statements.number(fact) for fact in facts)
        several = why.get((chain[-1][0],), ())
        itself = Ways.one(Part(atoms))
        return both(any_of(several, most), itself, most) if several else itself

    def _chain(self, row: Key, why: Mapping[Key, Sequence[Ways]]) -> list[Key]:
        """Find the shortest way back to what is described: engines go on from blank nodes to theirs."""
        waiting, seen = [[row]], {row[0]}
        for chain in waiting:
            for triple in self._entering[chain[-1][0]]:
                if not isinstance(triple[0], ox.BlankNode) or why.get((triple[0],)):
                    return [*chain, triple]
                if triple[0] not in seen:
                    seen.add(triple[0])
                    waiting.append([*chain, triple])
        return [row]

    @cached_property
    def _entering(self) -> Mapping[Term | None, list[Key]]:
        """The triples of the answer by the blank nodes that they lead to."""
        entering: dict[Term | None, list[Key]] = defaultdict(list)
        for triple in cast(ox.QueryTriples, self.context.plain()):
            if isinstance(triple.object, ox.BlankNode):
                entering[triple.object].append((triple.subject, triple.predicate, triple.object))
        return entering
