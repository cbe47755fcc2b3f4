"""A check of witnesses: whether a row is there on its witness alone, and what else that takes (O1)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias, cast

import pyoxigraph as ox

from kg.engine.embedded import Embedded
from kg.evidence import tree
from kg.evidence.nesting import denied_triples, elements, may_need_more
from kg.evidence.rewrite import write
from kg.evidence.statements import Fact
from kg.evidence.volatile import CALLS
from kg.evidence.witness import Atom, Ways

if TYPE_CHECKING:
    from kg.evidence.context import Context
    from kg.evidence.support import Support

_MOST_CANDIDATES, _MOST_TRIALS = 5_000, 400
LOST = "on these statements alone the row is not there: what else it takes could not be worked out"
Row: TypeAlias = object
Quads: TypeAlias = list[ox.Quad]


class Alone:
    """Checks the witnesses of one answer, where patterns that are denied deny something themselves.

    There a witness must also hold what keeps a denied pattern from matching. What `Blockers` did not name is
    searched here, by asking the query of the witness with more and fewer of the statements that a denied
    pattern could match.
    """

    def __init__(self, context: Context, support: Support) -> None:
        self.context, self.support = context, support
        self._trials = 0

    @cached_property
    def needed(self) -> bool:
        """Whether a witness may lack what keeps denied patterns from matching."""
        return _is_repeatable(self.context.query) and may_need_more(self.context.query)

    @cached_property
    def has_from(self) -> bool:
        """Whether the query looks at a dataset that was chosen for it."""
        query, dataset = self.context.query, self.context.dataset
        chosen = (dataset.default, dataset.named) != (None, None)
        return bool(query.from_default or query.from_named or chosen)

    @cached_property
    def has_graphs(self) -> bool:
        """Whether it matters to the query in which graphs statements stand."""
        inside = elements(self.context.query.select.where)
        return self.has_from or any(isinstance(element, tree.GraphPattern) for element in inside)

    def completed(self, row: Row, ways: Ways) -> Ways:
        """Return the ways of a row with what its witnesses still lack."""
        if ways.reasons or all(self._holds(row, part.atoms) for part in ways.parts):
            return ways
        parts, lost = [], False
        for part in ways.parts:
            more = [] if self._holds(row, part.atoms) else self._missing(row, part.atoms)
            lost |= more is None
            parts.append(part._replace(atoms=(*part.atoms, *(more or ()))))
        self.support.learn(part.atoms for part in parts)
        reasons = ways.reasons | {LOST} if lost else ways.reasons
        return Ways(list(dict.fromkeys(parts)), ways.count, reasons, ways.cut)

    def _missing(self, row: Row, atoms: Sequence[Atom]) -> list[Atom] | None:
        """Find a few statements with which the row is there; None where there are none or too many."""
        known = set(atoms)
        candidates = [atom for atom in self._candidates if atom not in known]
        self._trials = 0
        if len(self._candidates) > _MOST_CANDIDATES or not self._holds(row, [*atoms, *candidates]):
            return None
        size = max(1, len(candidates) // 2)
        while True:
            # Leave out as much as can be left out, in ever smaller pieces.
            start = 0
            while start < len(candidates) and self._trials < _MOST_TRIALS and not self.context.late():
                fewer = candidates[:start] + candidates[start + size :]
                if self._holds(row, [*atoms, *fewer]):
                    candidates = fewer
                else:
                    start += size
            if size == 1:
                return candidates
            size //= 2

    @cached_property
    def _candidates(self) -> list[Atom]:
        """All statements that a denied pattern could match."""
        found: dict[Fact, None] = {}
        places = ["{}", "GRAPH ?g {{ {} }}"] if self.has_graphs else ["{}"]
        for pattern in {_shape(triple) for triple in denied_triples(self.context.query)}:
            for place in places:
                inside = place.format(pattern)
                head = "?s ?p ?o ?g" if "?g" in inside else "?s ?p ?o"
                text = f"SELECT {head} {self.context.from_clause}WHERE {{ {inside} }}"
                for solution in self.context.select(f"{text} LIMIT {_MOST_CANDIDATES + 1}"):
                    graph = solution[3] if len(solution) > 3 else None
                    found[cast(Fact, (*solution[:3], graph))] = None
        return [self.context.statements.number(fact) for fact in found]

    def _holds(self, row: Row, atoms: Iterable[Atom]) -> bool:
        """Ask the query of these statements alone: where they were found, and in all their passages."""
        self._trials += 1
        atoms = list(atoms)
        if not self.has_from and row not in self._rows(self._exact(atoms)):
            return False
        return not self.has_graphs or row in self._rows(self._placed(atoms))

    def _exact(self, atoms: Iterable[Atom]) -> Quads:
        facts = map(self.context.statements.facts.__getitem__, atoms)
        return [ox.Quad(s, p, o, graph or ox.DefaultGraph()) for s, p, o, graph in facts]  # type: ignore[arg-type]  # no literal subjects

    def _placed(self, atoms: Sequence[Atom]) -> Quads:
        self.support.learn([atoms])
        quads = self._exact(atoms)
        for statement in self.support.statements(atoms):
            places = (ox.DefaultGraph(), *statement.passages)
            quads += [ox.Quad(*statement.triple, place) for place in places]  # type: ignore[arg-type]  # likewise
        return quads

    def _rows(self, quads: Quads) -> Collection[Row]:
        store = ox.Store()
        store.extend(quads)
        context = self.context
        answer = Embedded(store, context.engine.prefixes).query(
            context.text,
            default_graph=context.dataset.default,
            named_graphs=context.dataset.named,
            bindings=context.bindings or None,
        )
        if isinstance(answer, ox.QueryBoolean):
            return [bool(answer)]
        if isinstance(answer, ox.QueryTriples):
            return {(t.subject, t.predicate, t.object) for t in answer}
        return set(map(tuple, answer))


def _is_repeatable(query: tree.Query) -> bool:
    """Tell whether a query gives comparable rows when it is asked again of fewer statements."""
    if query.form == "DESCRIBE" or query.select.modifiers.offset is not None:
        return False
    blank = (
        isinstance(node, tree.Var) and node.blank for triple in query.template for node in _nodes(triple)
    )
    if any(blank) or any(isinstance(e, tree.Service) for e in elements(query.select.where)):
        return False
    words = query.text.upper()
    return not any(f"{name}(" in words for name in CALLS) and "OFFSET" not in words


def _nodes(triple: tree.Triple) -> tuple[object, ...]:
    return triple.subject, triple.verb, triple.object


def _shape(triple: tree.Triple) -> str:
    """Write a pattern that matches whatever a triple could match under any terms of its variables."""
    names = ("?s", "?p", "?o")
    words = [
        write(node.term) if isinstance(node, tree.Constant) else name
        for node, name in zip(_nodes(triple), names, strict=True)
    ]
    if isinstance(triple.verb, tree.Path):
        words = list(names)
    binds = [f"BIND({word} AS {name})" for word, name in zip(words, names, strict=True) if word != name]
    return " ".join([*words, ".", *binds])
