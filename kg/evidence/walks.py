"""The steps of walks: which nodes one step of a path leads to, asked by frontiers and remembered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple, cast

import pyoxigraph as ox

from kg.engine import Term
from kg.evidence import tree
from kg.evidence.context import table
from kg.evidence.rewrite import write
from kg.evidence.settle import settle
from kg.evidence.statements import Fact
from kg.evidence.steps import GRAPH, Layout, Row
from kg.evidence.witness import Part

if TYPE_CHECKING:
    from kg.evidence.context import Context
    from kg.evidence.unit import Unit

_BATCH = 500


class Edge(NamedTuple):
    """One step of a walk and the statements that make it."""

    start: Term
    end: Term
    part: Part


class Edges:
    """The steps along one path, each node asked for once in each graph."""

    def __init__(self, context: Context, path: tree.Path) -> None:
        self.context, self.path = context, path
        self._known: dict[Term | None, dict[Term, list[Edge]]] = {}
        self._compiled: Unit | None = None

    def prefetch(self, starts: Iterable[tuple[Term | None, Term | None]]) -> None:
        """Ask for the first steps of many searches at once."""
        by_graph: dict[Term | None, list[Term | None]] = {}
        for start, graph in starts:
            by_graph.setdefault(graph, []).append(start)
        for graph, nodes in by_graph.items():
            self._ask(nodes, graph)

    def leaving(self, nodes: Iterable[Term | None], graph: Term | None) -> Iterator[Edge]:
        """Yield the steps that leave these nodes."""
        wanted = [node for node in nodes if node is not None]
        self._ask(wanted, graph)
        known = self._known.get(graph, {})
        for node in wanted:
            yield from known.get(node, [])

    def known(self, graph: Term | None) -> Iterable[list[Edge]]:
        """Return all steps asked for so far."""
        return self._known.get(graph, {}).values()

    def _ask(self, nodes: Iterable[Term | None], graph: Term | None) -> None:
        known = self._known.setdefault(graph, {})
        new = [node for node in dict.fromkeys(nodes) if node is not None and node not in known]
        for node in new:
            known[node] = []
        blank = [node for node in new if isinstance(node, ox.BlankNode)]
        named = [node for node in new if not isinstance(node, ox.BlankNode)]
        for at in range(0, len(named), _BATCH):
            self._expand(table(["kgfrom"], [[node] for node in named[at : at + _BATCH]]), graph, known)
        if blank:
            # No query text can name a blank node: take all steps and keep those that leave one of ours.
            self._expand("", graph, known, only=set(blank))

    def _expand(
        self, values: str, graph: Term | None, known: dict[Term, list[Edge]], only: set[Term] | None = None
    ) -> None:
        unit = self._unit()
        inside = values + unit.body
        inside = inside if graph is None else f"GRAPH {write(graph)} {{ {inside} }}"
        columns = " ".join(f"?{name}" for name in unit.columns)
        text = f"{self.context.prologue}SELECT {columns} {self.context.from_clause}WHERE {{ {inside} }}"
        ends: list[tuple[Term, Term]] = []
        rows: list[Row] = []
        for row in self.context.select(text):
            start, end = row[0], row[1]
            if start is not None and end is not None and (only is None or start in only):
                ends.append((start, end))
                rows.append(row)
        for (start, end), ways in zip(ends, settle(unit.drafts(rows, graph), 1), strict=True):
            if ways.parts:
                known.setdefault(start, []).append(Edge(start, end, ways.parts[0]))

    def _unit(self) -> Unit:
        """Compile one step, from ?kgfrom to ?kgto."""
        from kg.evidence.blocks import BlockWriter
        from kg.evidence.compile import Compiler
        from kg.evidence.unit import link

        if self._compiled is None:
            compiler = Compiler(self.context)
            text, steps = BlockWriter(compiler, {}, GRAPH).path("kgfrom", self.path, "kgto")
            columns = ["kgfrom", "kgto", *compiler.columns]
            layout = Layout(columns, {}, self.context.statements)
            self._compiled = link(steps, columns, layout, text)
        return self._compiled

    def mentions(self, node: Term | None, graph: Term | None, most: int) -> list[Part]:
        """Find statements that mention a node, each enough to say that it is in the graph."""
        if node is None:
            return []
        term, limit = str(node), f"LIMIT {most + 1}"
        patterns = [f"?s ?p {term} . BIND({term} AS ?o)"]
        if isinstance(node, ox.NamedNode):
            patterns.insert(0, f"{term} ?p ?o . BIND({term} AS ?s)")
        elif isinstance(node, ox.BlankNode):
            # No query text can name it: look at all that have one in their place.
            patterns, limit = [f"?s ?p ?o FILTER(isBLANK({place}))" for place in ("?s", "?o")], ""
        parts: dict[Part, None] = {}
        for pattern in patterns:
            inside = pattern if graph is None else f"GRAPH {write(graph)} {{ {pattern} }}"
            text = f"SELECT ?s ?p ?o {self.context.from_clause}WHERE {{ {inside} }} {limit}"
            for row in self.context.select(text):
                if node in {row[0], row[2]} and len(parts) <= most:
                    fact = cast(Fact, (*row[:3], graph))
                    parts[Part((self.context.statements.number(fact),))] = None
        return list(parts)
