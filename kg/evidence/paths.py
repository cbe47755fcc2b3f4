"""Walks: which statements lead from one node to another along `+`, `*` and `?`, found by frontiers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from kg.engine import Term
from kg.evidence import tree
from kg.evidence.steps import Key, Slot
from kg.evidence.walks import Edge, Edges
from kg.evidence.witness import NOTHING, Part, Ways, minimal

if TYPE_CHECKING:
    from kg.evidence.context import Context

_MOST_WALKS = 64


class PathResolver:
    """One path pattern; a key is its two ends and the active graph."""

    def __init__(self, context: Context, path: tree.Path, subject: Slot, target: Slot) -> None:
        self.context, self.path = context, path
        self.constant = not (isinstance(subject, str) and isinstance(target, str)) and _holds_anywhere(
            context
        )
        self.edges = Edges(context, path.parts[0])

    def resolve(self, keys: Sequence[Key]) -> dict[Key, Ways]:
        """Find the walks for each key."""
        out: dict[Key, Ways] = {}
        wanted: dict[tuple[Term | None, Term | None], list[Key]] = defaultdict(list)
        for key in keys:
            start, end, graph = key
            if self.path.kind in {"*", "?"} and start == end:
                out[key] = self._standing(start, graph)
            else:
                wanted[start, graph].append(key)
        # All searches of one graph move on together, so that a frontier is one query for all of them.
        self.edges.prefetch({(start, graph) for start, graph in wanted})
        for (start, graph), same in wanted.items():
            out |= self._search(start, graph, same)
        return out

    def _standing(self, node: Term | None, graph: Term | None) -> Ways:
        """Explain a walk of no steps: a statement about the node; by SPARQL a constant does not need one."""
        if self.constant:
            return Ways.one()
        parts = self.edges.mentions(node, graph, self.context.options.kept)
        return Ways(parts or [NOTHING], 1)

    def _search(self, start: Term | None, graph: Term | None, keys: Sequence[Key]) -> dict[Key, Ways]:
        options = self.context.options
        levels, reason = self._levels(start, graph, {key[1] for key in keys})
        reasons = frozenset([reason] if reason else [])
        out = {}
        for key in keys:
            if options.paths == "lineage":
                parts = self._lineage(start, key[1], graph)
            else:
                walks = self._walks(levels, start, key[1])
                parts = walks if options.paths == "all-shortest" else walks[:1]
            kept, cut = minimal(parts, options.kept) if parts else ([NOTHING], False)
            missing = frozenset() if parts else frozenset([reason or "no walk was found"])
            out[key] = Ways(kept, 1, reasons | missing, cut)
        return out

    def _levels(
        self, start: Term | None, graph: Term | None, targets: Iterable[Term | None]
    ) -> tuple[dict[Term, list[Edge]], str]:
        """Search outwards; for each node found, keep the edges by which a shortest walk enters it."""
        entered: dict[Term, list[Edge]] = {}
        missing, frontier, visited = set(targets), [start], {start}
        while frontier and missing:
            found: dict[Term, list[Edge]] = defaultdict(list)
            for edge in self.edges.leaving(frontier, graph):
                if edge.end not in entered:
                    found[edge.end].append(edge)
            entered |= found
            missing -= found.keys()
            frontier = [node for node in found if node not in visited]
            visited |= set(frontier)
            if self.path.kind == "?":
                break
            if len(visited) > self.context.options.max_path_nodes:
                return entered, f"the path search stopped at {self.context.options.max_path_nodes} nodes"
            if self.context.late():
                return entered, f"time ran out after {self.context.options.max_seconds:g} s"
        return entered, ""

    def _walks(self, entered: dict[Term, list[Edge]], start: Term | None, end: Term | None) -> list[Part]:
        """Spell out shortest walks, backwards from the end."""
        if end is None or end not in entered:
            return []
        done: list[Part] = []
        waiting = [(edge, edge.part) for edge in reversed(entered[end])]
        while waiting and len(done) < _MOST_WALKS:
            edge, part = waiting.pop()
            if edge.start == start:
                done.append(part)
                continue
            waiting += [(before, before.part | part) for before in reversed(entered.get(edge.start, []))]
        return done

    def _lineage(self, start: Term | None, end: Term | None, graph: Term | None) -> list[Part]:
        """Join every edge that stands on some walk."""
        entered, _ = self._levels(start, graph, {object()})  # type: ignore[arg-type]  # a target nobody reaches
        edges = [
            edge for several in self.edges.known(graph) for edge in several if edge.start in {start, *entered}
        ]
        backwards: dict[Term, list[Edge]] = defaultdict(list)
        for edge in edges:
            backwards[edge.end].append(edge)
        part, waiting, seen = NOTHING, [end], {end}
        while waiting:
            for edge in backwards.get(waiting.pop(), []):  # type: ignore[arg-type]  # an end is bound
                part |= edge.part
                if edge.start not in seen:
                    seen.add(edge.start)
                    waiting.append(edge.start)
        return [part] if part is not NOTHING else []


def _holds_anywhere(context: Context) -> bool:
    """Tell whether a term that is not in the data walks to itself in no steps; with Oxigraph it does not."""
    profile = getattr(context.engine, "profile", None)
    return profile is not None and profile.zero_length is not False
