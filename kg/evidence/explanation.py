"""The explanation of one query: its rows as the engine gives them, and the evidence of those one asks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

import pyoxigraph as ox

from kg.engine import Engine, Term
from kg.errors import EngineError, KgError, QuerySyntaxError
from kg.evidence.alone import Alone
from kg.evidence.collector import collector_paused
from kg.evidence.context import Context, Dataset
from kg.evidence.counts import Counts
from kg.evidence.forms import Explainer, SelectExplainer, explainer
from kg.evidence.options import Options
from kg.evidence.parse import parse
from kg.evidence.rows import LazyRows
from kg.evidence.spelling import Found, Speller, status_of
from kg.evidence.support import Support
from kg.evidence.volatile import unrepeatable_select
from kg.evidence.widened import MOST_KEPT, Widened
from kg.evidence.witness import Atom, Part, Ways
from kg.model import Evidence, Status

AnswerRow: TypeAlias = tuple[Term | None, ...] | bool

_AHEAD, _READ_AHEAD, _PATIENCE, _GROWTH = 400, 1000, 0.2, 49
"""Rows are explained in runs of at least so many, nearly as cheap as one; more are read, cheaper still.

The first run has no more than come in so many seconds; each other one so many times the rows of those before.
"""

DEVIATION = "a statement it rests on is not there: the engine does not follow SPARQL 1.1 here"


def explain(
    engine: Engine,
    text: str,
    bindings: Mapping[str, Term] | None = None,
    dataset: Dataset | None = None,
    options: Options | None = None,
) -> Explanation:
    """Prepare to explain a query; nothing is asked of the engine yet.

    Raises `QuerySyntaxError` for text that is no SPARQL 1.1 query, `LimitError` for nesting beyond what is
    promised.
    """
    try:
        query = parse(text, engine.prefixes)
    except QuerySyntaxError as error:
        raise _beyond(error, engine, bindings) from error
    context = Context(
        engine,
        query,
        text,
        bindings=bindings or {},
        dataset=dataset or Dataset(),
        options=options or Options(),
    )
    return Explanation(context)


def _beyond(error: QuerySyntaxError, engine: Engine, bindings: Mapping[str, Term] | None) -> QuerySyntaxError:
    """Say so where the engine knows what our parser does not: triple terms, LATERAL."""
    try:
        engine.query(error.query, bindings=bindings)
    except KgError:
        return error
    reason = f"{error.reason}; the engine answers this query, but evidence is given for SPARQL 1.1 only"
    return QuerySyntaxError(reason, error.query, error.line, error.column)


class Explanation:
    """The answer to a query and, for the rows one asks for, their evidence.

    >>> from kg.engine.embedded import Embedded
    >>> explanation = explain(Embedded(ox.Store()), "SELECT (1 AS ?one) {}")
    >>> explanation.evidence(0).status
    'constant'
    """

    def __init__(self, context: Context) -> None:
        self.context = context
        self.form = context.query.form
        self._rows: LazyRows[AnswerRow] | None = None
        self._explainer: Explainer | None = None
        self._run: Widened | None = None
        self._support = Support(context)
        self._speller = Speller(context, self._support)
        self._alone = Alone(context, self._support)
        self._counts = Counts(context.query)
        self._known: dict[AnswerRow, Evidence] = {}
        self._by_row: dict[int, Evidence] = {}

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of the columns; none for ASK."""
        if self.form == "ASK":
            return ()
        if self._rows is None:
            _ = self.rows
        return tuple(self.context.columns) if self.form == "SELECT" else ("subject", "predicate", "object")

    @property
    def rows(self) -> LazyRows[AnswerRow]:
        """The plain answer: tuples of terms, triples as tuples, or one truth; read as far as needed."""
        if self._rows is None:
            self._rows = LazyRows(iter(self._answer()))
        return self._rows

    @property
    def note(self) -> str:
        """What the evidence of rows leaves out: that they are among those that LIMIT and OFFSET leave."""
        limits = self.context.query.select.modifiers
        words = [("LIMIT", limits.limit), ("OFFSET", limits.offset)]
        cut = " ".join(f"{word} {number}" for word, number in words if number is not None)
        return f"{cut} chose the rows: a row's evidence says why it holds, not its place" if cut else ""

    def _answer(self) -> Iterable[AnswerRow]:
        widened = self._widened()
        if widened is not None:
            return widened
        answer = self.context.plain()
        if isinstance(answer, ox.QuerySolutions):
            return map(tuple, answer)
        if isinstance(answer, ox.QueryTriples):
            return ((t.subject, t.predicate, t.object) for t in answer)
        return [bool(answer)]

    def _widened(self) -> Iterable[AnswerRow] | None:
        """Run the user's SELECT with more columns instead, where that gives the very same rows."""
        context = self.context
        if self.form != "SELECT":
            return None
        if not context.query.select.columns:
            # The engine, not the grammar, says in which order `*` puts the columns.
            answer = context.plain()
            context.columns = (
                [v.value for v in answer.variables] if isinstance(answer, ox.QuerySolutions) else []
            )
        try:
            select = SelectExplainer(context)
            widened = select.widened()
            rows = widened.rows() if widened else None
        except (QuerySyntaxError, EngineError):
            # The engine shall say what is wrong with the text as the user wrote it, or give no more rows
            # than that has: some give up to 10,000.
            return None
        self._explainer, self._run = select, widened
        return rows

    def evidence(self, row: int) -> Evidence:
        """Return the evidence of one row, counted from 0.

        It is computed together with that of the rows after it, ever more of them: whoever looks at the
        second run of rows is likely to look at all, so as many are read as can be kept.
        """
        found = self._by_row.get(row)
        if found is None:
            _ = self.rows[row]
            more = (MOST_KEPT, float("inf")) if self._by_row else (_READ_AHEAD, _PATIENCE)
            there = self.rows.read(row + more[0], more[1])
            ahead = max(_AHEAD, _GROWTH * len(self._by_row))
            found = self.for_rows(range(row, min(there, row + ahead)))[0]
        return found

    def for_rows(self, rows: Iterable[int]) -> list[Evidence]:
        """Return the evidence of some rows, computed together."""
        numbers = list(rows)
        _ = self.rows[max(numbers)] if numbers else None
        with collector_paused():
            self.context.start_clock()
            if self._explainer is None:
                self._explainer = explainer(self.context)
            told = self._told(numbers)
            others = [self.rows[number] for number, atoms in zip(numbers, told, strict=True) if atoms is None]
            new = [row for row in dict.fromkeys(others) if row not in self._known]
            if new:
                self._explain(self._explainer, new)
            known = map(self._known.__getitem__, others)
            found = [next(known) if atoms is None else self._single(atoms) for atoms in told]
        self._by_row.update(zip(numbers, found, strict=True))
        return found

    def wider(self, witnesses: int) -> Explanation:
        """The same rows, each explained by up to so many witnesses."""
        own = self.context
        options = replace(own.options, max_witnesses=witnesses)
        context = Context(
            own.engine, own.query, own.text, bindings=own.bindings, dataset=own.dataset, options=options
        )
        made = Explanation(context)
        context.columns, made._rows = own.columns, self.rows
        return made

    def _told(self, numbers: Sequence[int]) -> Sequence[tuple[Atom, ...] | None]:
        """Tell the statements of each row that is one solution of nothing but triples; None for others."""
        nothing: Sequence[tuple[Atom, ...] | None] = [None] * len(numbers)
        told = self._run.told(numbers) if self._run else nothing
        try:
            self._support.learn(filter(None, told))
        except EngineError:
            return nothing
        return told

    def _explain(self, explainer: Explainer, rows: Sequence[AnswerRow]) -> None:
        """Explain rows together; where the engine refuses that, one by one; else say what it said."""
        try:
            ways = explainer.ways(rows)
            self._support.learn(part.atoms for way in ways.values() for part in way.parts)
            if self._alone.needed:
                ways = {row: self._alone.completed(row, found) for row, found in ways.items()}
            if not self._run and self._counts.needed:
                ways = {row: self._counts.checked(row, found, self.rows) for row, found in ways.items()}
        except EngineError as error:
            if len(rows) > 1:
                for row in rows:
                    self._explain(explainer, [row])
            else:
                self._known[rows[0]] = Evidence("partial", reasons=(str(error),))
            return
        for row in rows:
            self._known[row] = self._evidence(ways.get(row, Ways()))

    def _single(self, atoms: tuple[Atom, ...]) -> Evidence:
        """Say what is known of a row that is one solution of nothing but triples."""
        part = Part(atoms)
        if self._support.absent:
            return self._evidence(Ways([part], 1))
        return Found(self._speller, (part,), "supported" if atoms else "constant")

    def _evidence(self, ways: Ways) -> Evidence:
        """Say what is known of a row, with every cap that bit."""
        parts, absent = ways.parts, self._support.absent
        reasons = set(ways.reasons)
        if ways.cut:
            reasons.add(f"{len(parts)} of the witnesses are given; {ways.count} derivations were counted")
        if not parts and not reasons:
            reasons.add("the row was not found again")
        if absent and any(absent.intersection(part.atoms) for part in parts):
            reasons.add(DEVIATION)
        named = sorted({name for part in parts if part.external for name in part.external})
        if not parts:
            named = sorted(unrepeatable_select(self.context.query.select))
        status: Status = "partial" if reasons else status_of(parts)
        return Found(self._speller, parts, status, ways.count, (*sorted(reasons), *named))
