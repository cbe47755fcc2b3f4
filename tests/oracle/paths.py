"""Property paths: pairs of nodes with their derivations, by SPARQL 1.1, section 9."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

import pyoxigraph as ox

from tests.oracle.derive import ALWAYS, Triple, Ways, atom, both, either
from tests.oracle.syntax import Path
from tests.oracle.terms import Term

Pairs = list[tuple[Term, Term, Ways]]


class Ground(NamedTuple):
    """The statements that a path is evaluated on, and the graph to which they belong."""

    triples: frozenset[Triple]
    graph: ox.NamedNode | None

    def nodes(self) -> set[Term]:
        """Return what stands as subject or object."""
        return {term for triple in self.triples for term in (triple[0], triple[2])}

    def mentions(self, node: Term) -> Ways:
        """Rest on any one statement with this node."""
        return either(atom(t, self.graph) for t in self.triples if node in {t[0], t[2]})


def pairs(path: Path, ground: Ground) -> Pairs:
    """List the pairs that a path connects.

    Alternatives, also the two directions of a negated set, give each pair once, as Oxigraph has it; `?`, `*`
    and `+` do so by SPARQL 1.1.
    """
    if path.kind == "iri":
        return [(s, o, atom((s, p, o), ground.graph)) for s, p, o in ground.triples if p == path.link]
    if path.kind == "^":
        return [(o, s, ways) for s, o, ways in pairs(path.parts[0], ground)]
    if path.kind == "/":
        first, second = (pairs(part, ground) for part in path.parts)
        return [(s, o, both(a, b)) for s, m, a in first for n, o, b in second if m == n]
    if path.kind == "|":
        return _once(pair for part in path.parts for pair in pairs(part, ground))
    if path.kind == "!":
        return _denied(path, ground)
    steps = _once(pairs(path.parts[0], ground))
    if path.kind == "?":
        return _once([*_standing(ground), *(step for step in steps if step[0] != step[1])])
    walks = _walks(steps)
    if path.kind == "+":
        return walks
    return [*_standing(ground), *(walk for walk in walks if walk[0] != walk[1])]


def _once(found: Iterable[tuple[Term, Term, Ways]]) -> Pairs:
    ways: dict[tuple[Term, Term], list[Ways]] = defaultdict(list)
    for start, end, way in found:
        ways[start, end].append(way)
    return [(start, end, either(several)) for (start, end), several in ways.items()]


def _denied(path: Path, ground: Ground) -> Pairs:
    forward = {link for link, inverse in path.denied if not inverse}
    backward = {link for link, inverse in path.denied if inverse}
    found: Pairs = []
    for s, p, o in ground.triples:
        way = atom((s, p, o), ground.graph)
        if (forward or not backward) and p not in forward:
            found.append((s, o, way))
        if backward and p not in backward:
            found.append((o, s, way))
    return _once(found) if forward and backward else found


def _standing(ground: Ground) -> Pairs:
    """Walk no step: from every node; by SPARQL 1.1 from a constant anyhow, but not in Oxigraph."""
    return [(node, node, ground.mentions(node)) for node in ground.nodes()]


def _walks(steps: Pairs) -> Pairs:
    """Find, for every pair of nodes, all walks with as few steps as possible."""
    leaving: dict[Term, Pairs] = defaultdict(list)
    for pair in steps:
        leaving[pair[0]].append(pair)
    found: Pairs = []
    for start in list(leaving):
        reached: dict[Term, Ways] = {}
        frontier: dict[Term, Ways] = {start: ALWAYS}
        while frontier:
            following: dict[Term, list[Ways]] = defaultdict(list)
            for node, so_far in frontier.items():
                for _, end, ways in leaving[node]:
                    if end not in reached:
                        following[end].append(both(so_far, ways))
            frontier = {node: either(several) for node, several in following.items()}
            reached |= frontier
        found += [(start, end, ways) for end, ways in reached.items()]
    return found
