"""One query on one dataset: explained by kg, answered by the book, and asked of parts of the data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cached_property
from random import Random

from kg.evidence import Options, explain
from kg.model import Evidence
from tests.oracle.answer import (
    Answer,
    Quads,
    Row,
    answer_of,
    engine_of,
    engine_on,
    rows_on,
    seen_by,
    tamed_row,
)
from tests.oracle.derive import Atom
from tests.oracle.generate import GRAPHS, NODES, OBJECTS, PREDICATES, Data
from tests.oracle.nature import Nature
from tests.oracle.scope import visible
from tests.oracle.syntax import Query
from tests.oracle.terms import show

ALL = Options(max_witnesses=10_000, max_seconds=600, paths="all-shortest")
MOST_ROWS = 8

Sets = list[frozenset[Atom]]


class Trial:
    """One query on one dataset, explained and evaluated by the book."""

    def __init__(
        self, data: Data, query: Query, seed: int, options: Options = ALL, quads: Quads | None = None
    ) -> None:
        self.data, self.query, self.random = data, query, Random(seed)  # noqa: S311 - no secrets here
        self.quads: Quads = seen_by(query, data) if quads is None else quads
        select = query.select
        self.engine = engine_of(data) if quads is None else engine_on(quads)
        self.explanation = explain(self.engine, query.text(), query.bindings, options=options)
        self.names = self.explanation.variables or [v.name for v in select.shown] or visible(select.where)
        self.places = list(map(tamed_row, self.explanation.rows))
        self.rows = Counter(self.places)
        self.nature = Nature(query, is_false=False in self.rows)
        self._asked: dict[Quads, Counter[Row]] = {}

    @cached_property
    def reference(self) -> Answer:
        """The answer by the book. Raises `TooMany` and `Undetermined`."""
        return answer_of(self.query, self.quads, self.names)

    @cached_property
    def evidence(self) -> list[tuple[Row, Evidence]]:
        """Explain the first few different rows."""
        first: dict[Row, int] = {}
        for place, row in enumerate(self.places):
            first.setdefault(row, place)
        rows = list(first.items())[:MOST_ROWS]
        found = self.explanation.for_rows([place for _, place in rows])
        return [(row, evidence) for (row, _), evidence in zip(rows, found, strict=True)]

    def rows_on(self, quads: Iterable[Atom]) -> Counter[Row]:
        """Ask the same query of other statements."""
        quads = frozenset(quads)
        if quads not in self._asked:
            self._asked[quads] = rows_on(quads, self.query, self.names)
        return self._asked[quads]

    def varied(self) -> Quads:
        """Choose a part of the statements and a few others."""
        kept = {quad for quad in sorted(self.quads, key=str) if self.random.random() < 0.7}
        for _ in range(self.random.randrange(4)):
            choose = self.random.choice
            triple = (choose(NODES[:4]), choose(PREDICATES), choose(OBJECTS))
            kept |= {(*triple, None), (*triple, choose(GRAPHS))}
        return frozenset(kept)

    def part(self, share: float) -> Quads:
        """Choose a random part of the statements that keeps all that a denied group could match."""
        quads = sorted(self.quads, key=str)
        return frozenset(q for q in quads if self.nature.touches(q) or self.random.random() < share)


def sets_of(evidence: Evidence) -> Sets:
    """Return each witness as a set of statements in their graphs."""
    return [frozenset((*s.triple, s.graph) for s in witness.statements) for witness in evidence.witnesses]  # type: ignore[misc]  # no blank nodes


def told(data: Data) -> str:
    """Write a dataset on one line: statements, each with its graphs."""
    return " ; ".join(
        f"{' '.join(map(show, triple))} @{','.join(sorted(map(show, graphs)))}"
        for triple, graphs in data.items()
    )
