"""The algebra of SPARQL 1.1 over multisets of solutions, each with all its derivations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pyoxigraph as ox

from tests.oracle import syntax as sx
from tests.oracle.derive import (
    ALWAYS,
    Solution,
    Triple,
    Ways,
    absent,
    atom,
    both,
    join,
    merged,
    together,
)
from tests.oracle.expressions import Expressions
from tests.oracle.paths import Ground, pairs
from tests.oracle.scope import mentioned, visible
from tests.oracle.selects import select, table, unified
from tests.oracle.terms import Node, Term, Var
from tests.oracle.values import ValueFault


@dataclass(frozen=True)
class Dataset:
    """A default graph and named graphs."""

    default: frozenset[Triple]
    named: Mapping[ox.NamedNode, frozenset[Triple]]

    def ground(self, graph: ox.NamedNode | None) -> Ground:
        """Return the statements of one graph."""
        return Ground(self.default if graph is None else self.named.get(graph, frozenset()), graph)


class Evaluator(Expressions):
    """Evaluates patterns over one dataset; the active graph is None for the default graph."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        self.has_choices = False
        """Whether a group had a member with several derivations, of which evidence shows one."""

    def group(self, group: sx.Group, graph: ox.NamedNode | None) -> list[Solution]:
        """Evaluate the elements in order, then the filters (SPARQL 1.1, section 18.2.2)."""
        found = [Solution({}, ALWAYS)]
        for element in group.elements:
            if not isinstance(element, sx.Filter):
                found = self.step(found, element, graph)
        return [kept for one in found for kept in self._filtered(one, group, graph)]

    def _filtered(self, one: Solution, group: sx.Group, graph: ox.NamedNode | None) -> list[Solution]:
        ways = both(one.ways, self._conditions(one, group, graph))
        return [Solution(one.binding, ways)] if ways else []

    def _conditions(self, one: Solution, group: sx.Group, graph: ox.NamedNode | None) -> Ways:
        conditions = [e.condition for e in group.elements if isinstance(e, sx.Filter)]
        return together(self.holds(condition, one, graph, wanted=True) for condition in conditions)

    def step(self, found: list[Solution], element: sx.Element, graph: ox.NamedNode | None) -> list[Solution]:
        """Combine what was found so far with one element."""
        if isinstance(element, sx.Optional):
            return self.optional(found, element.group, graph)
        if isinstance(element, sx.Minus):
            return self.minus(found, element.group, graph)
        if isinstance(element, sx.Bind):
            return [self.extended(one, element, graph) for one in found]
        return join(found, self.element(element, graph))

    def element(self, element: sx.Element, graph: ox.NamedNode | None) -> list[Solution]:
        """Evaluate an element that is joined."""
        if isinstance(element, sx.Block):
            return self.block(element, graph)
        if isinstance(element, sx.Group):
            return self.group(element, graph)
        if isinstance(element, sx.Union):
            return [one for arm in element.arms for one in self.group(arm, graph)]
        if isinstance(element, sx.Select):
            return select(self, element, graph)
        if isinstance(element, sx.Values):
            return table(element)
        assert isinstance(element, sx.Graph), element
        if not isinstance(element.name, Var):
            known = element.name in self.dataset.named
            return self.group(element.group, element.name) if known else []  # type: ignore[arg-type]  # an IRI
        found: list[Solution] = []
        for name in self.dataset.named:
            here = [Solution({element.name.name: name}, ALWAYS)]
            found += join(self.group(element.group, name), here)
        return found

    def block(self, block: sx.Block, graph: ox.NamedNode | None) -> list[Solution]:
        """Join triple patterns; their blank nodes are variables that nobody else sees."""
        found = [Solution({}, ALWAYS)]
        for triple in block.triples:
            found = join(found, self.triple(triple, graph))
        nodes = (node for triple in block.triples for node in (triple.subject, triple.object))
        hidden = {node.name for node in nodes if isinstance(node, Var) and node.blank}
        return [Solution(_without(one.binding, hidden), one.ways) for one in found]

    def triple(self, triple: sx.Triple, graph: ox.NamedNode | None) -> list[Solution]:
        """Match one triple pattern or path pattern."""
        ground = self.dataset.ground(graph)
        nodes: tuple[Node, ...] = (triple.subject, triple.object)
        matches: Iterable[tuple[tuple[Term, ...], Ways]]
        if isinstance(triple.verb, sx.Path):
            matches = (((s, o), ways) for s, o, ways in pairs(triple.verb, ground))
        else:
            nodes = (triple.subject, triple.verb, triple.object)
            matches = ((terms, atom(terms, graph)) for terms in ground.triples)
        bound = ((unified(nodes, terms), ways) for terms, ways in matches)
        return [Solution(binding, ways) for binding, ways in bound if binding is not None]

    def optional(self, left: list[Solution], group: sx.Group, graph: ox.NamedNode | None) -> list[Solution]:
        """Evaluate LeftJoin: the filters of the group see both sides."""
        bare = sx.Group(tuple(e for e in group.elements if not isinstance(e, sx.Filter)))
        right, found = self.group(bare, graph), list[Solution]()
        for one in left:
            matched = [s for pair in join([one], right) for s in self._filtered(pair, group, graph)]
            if not matched:
                seen = {n: t for n, t in one.binding.items() if n in mentioned(group)}
                matched = [Solution(one.binding, both(one.ways, absent("optional", group, seen)))]
            found += matched
        return found

    def minus(self, left: list[Solution], group: sx.Group, graph: ox.NamedNode | None) -> list[Solution]:
        """Evaluate MINUS: only what shares a variable removes."""
        right, found = self.group(group, graph), list[Solution]()
        for one in left:
            sharing = [s for s in right if s.binding.keys() & one.binding.keys()]
            if not any(merged(one.binding, s.binding) is not None for s in sharing):
                shared = {n: t for n, t in one.binding.items() if n in visible(group)}
                claim = absent("minus", group, shared) if shared else ALWAYS
                found.append(Solution(one.binding, both(one.ways, claim)))
        return found

    def extended(self, one: Solution, bind: sx.Bind, graph: ox.NamedNode | None) -> Solution:
        """Evaluate BIND: an expression without value binds nothing."""
        ways = both(one.ways, self.grounds(bind.value, one, graph))
        try:
            return Solution({**one.binding, bind.var.name: self.value(bind.value, one, graph)}, ways)
        except ValueFault:
            return Solution(one.binding, ways)

    def measured(self, one: Solution, query: sx.Select, graph: ox.NamedNode | None) -> Solution:
        """Add to a member of a group what the arguments of aggregates rest on."""
        aggregates = [*query.aggregates, *(h.aggregate for h in query.having if isinstance(h, sx.Having))]
        arguments = (column.argument for column in aggregates if column.argument is not None)
        grounds = together(self.grounds(argument, one, graph) for argument in arguments)
        return Solution(one.binding, both(one.ways, grounds))

    def answer(self, query: sx.Select) -> list[Solution]:
        """Evaluate the SELECT of a whole query."""
        return select(self, query, None, outer=True)


def _without(binding: dict[str, Term], hidden: set[str]) -> dict[str, Term]:
    return {name: term for name, term in binding.items() if name not in hidden}
