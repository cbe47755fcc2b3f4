"""Looking statements up in a store of one's own: the graphs of many statements, along what they share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import repeat
from operator import attrgetter, itemgetter
from typing import Any, TypeAlias

import pyoxigraph as ox

from kg.engine import Term
from kg.evidence.statements import Shape, Statements
from kg.evidence.witness import Atom

Graph: TypeAlias = ox.NamedNode | ox.BlankNode | ox.DefaultGraph | ox.Triple
_PARTS = ("subject", "predicate", "object")
_HUB, _CROWD, _MOST_OF = 12, 1_000, 6
"""So many statements of a pattern that share a subject or an object, of one that share a predicate, or of
different patterns that share a subject are worth an attempt."""
_CHECK, _WORTH = 128, 0.5
"""A look-up costs what a walk takes for six quads, and a statement stands in three: less is not worth it."""
_graph_of = attrgetter("graph_name")


class Lookup:
    """Finds the graphs of statements, many at once.

    The store looks for a statement along all that its subject or its object is in. A thousand look-ups at a
    hub are a thousand such walks, where one does.
    """

    def __init__(self, store: ox.Store, statements: Statements) -> None:
        self._store, self._statements = store, statements
        self._found: dict[Atom, list[Graph]] = {}

    def graphs(self, atoms: Sequence[Atom]) -> dict[Atom, list[Graph]]:
        """Return all graphs of each statement, the default graph among them."""
        self._found = {}
        crowds = self._crowds(atoms)
        if len(crowds) >= _MOST_OF:
            crowds = self._crowds(self._by_subject(atoms, _MOST_OF))
        for crowd in crowds.values():
            if len(crowd) < _HUB or not self._walk(crowd):
                self._singly(self._by_subject(crowd, _HUB))
        return self._found

    def _crowds(self, atoms: Sequence[Atom]) -> dict[int, list[Atom]]:
        """Group statements by their patterns."""
        crowds: dict[int, list[Atom]] = defaultdict(list)
        shapes = self._statements.shapes
        for atom in atoms:
            # Equal shapes of patterns are one and the same, so identity is enough to group by.
            crowds[id(shapes[atom])].append(atom)
        return crowds

    def _by_subject(self, atoms: Sequence[Atom], least: int) -> Sequence[Atom]:
        """Look up the statements of each subject that has so many in one walk; return the others."""
        if len(atoms) < least:
            return atoms
        facts, left = self._statements.facts, list[Atom]()
        groups: dict[Term, list[Atom]] = defaultdict(list)
        for atom in atoms:
            groups[facts[atom][0]].append(atom)
        for group in groups.values():
            if len(group) < least or len(group) == len(atoms) or not self._walk(group):
                left += group
        return left

    def _shared(self, atoms: Sequence[Atom]) -> Shape:
        """Tell what all these statements share, by their pattern or by chance."""
        facts = self._statements.facts
        first, last = facts[atoms[0]], facts[atoms[-1]]
        subject, verb, target = (
            first[n] if first[n] == last[n] and len({facts[atom][n] for atom in atoms}) == 1 else None
            for n in range(3)
        )
        return subject, verb, target

    def _walk(self, atoms: Sequence[Atom]) -> bool:
        """Look up statements in one walk along what they share.

        Return False, with nothing learnt, where they share too little, or most of what the walk meets is not
        wanted.
        """
        shape = self._shared(atoms)
        varying = [place for place, term in enumerate(shape) if term is None]
        if len(varying) in {0, len(shape)} or (varying == [0, 2] and len(atoms) < _CROWD):
            return False
        facts = self._statements.facts
        key = itemgetter(*varying)
        found: dict[Any, list[Graph]] = {}
        lists = [found.setdefault(key(facts[atom]), []) for atom in atoms]
        read = attrgetter(*(_PARTS[place] for place in varying))
        check = max(_CHECK, len(atoms) // 2)
        wanted = 0
        for number, quad in enumerate(self._store.quads_for_pattern(*shape, None), 1):  # type: ignore[arg-type]  # a verb is an IRI
            graphs = found.get(read(quad))
            if graphs is not None:
                graphs.append(quad.graph_name)
                wanted += 1
            if not number % check and wanted < _WORTH * number:
                return False
        self._found.update(zip(atoms, lists, strict=True))
        return True

    def _singly(self, atoms: Sequence[Atom]) -> None:
        facts = self._statements.facts
        if atoms:
            subjects, verbs, targets, _ = zip(*[facts[atom] for atom in atoms], strict=True)
            quads = map(self._store.quads_for_pattern, subjects, verbs, targets, repeat(None))
            self._found.update(zip(atoms, [list(map(_graph_of, some)) for some in quads], strict=True))
