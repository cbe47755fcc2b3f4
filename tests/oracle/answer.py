"""Answers of the reference evaluator, and running the same query on parts of the data."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from kg.engine import Engine
from kg.engine.embedded import Embedded
from kg.engine.loading import with_default_copy
from tests.oracle.derive import Atom, Solution, Triple, Undetermined, Ways, absent, either
from tests.oracle.evaluate import Dataset, Evaluator
from tests.oracle.generate import Data
from tests.oracle.scope import walk
from tests.oracle.selects import key_of
from tests.oracle.syntax import Path, Query, Select
from tests.oracle.terms import EX, Term, Var, tamed

Row = tuple[ox.Triple | Term | None, ...] | bool
Quads = frozenset[Atom]
"""Statements, each in one named graph or, with None, in the default graph."""


@dataclass
class Answer:
    """The rows of a query, how often each occurs, and its derivations."""

    counts: Counter[Row]
    ways: dict[Row, Ways]
    has_choices: bool


def engine_of(data: Data) -> Embedded:
    """Load data as kg does: every statement of a named graph stands in the default graph too."""
    engine = Embedded(ox.Store(), {"ex": EX})
    quads = (ox.Quad(*triple, graph) for triple, graphs in data.items() for graph in sorted(graphs, key=str))  # type: ignore[arg-type]  # no literal subjects
    engine.store.extend(with_default_copy(quads))
    return engine


def seen_by(query: Query, data: Data) -> Quads:
    """Return the statements of the dataset that a query's FROM clauses make of the data."""
    placed = {(*triple, graph) for triple, graphs in data.items() for graph in graphs}
    if query.default or query.named:
        default = {(*q[:3], None) for q in placed if q[3] in query.default}
        return frozenset(default | {quad for quad in placed if quad[3] in query.named})
    return frozenset(placed | {(*triple, None) for triple in data})


def engine_on(quads: Iterable[Atom]) -> Embedded:
    """Make an engine of just these statements."""
    store = ox.Store()
    store.extend(ox.Quad(s, p, o, graph or ox.DefaultGraph()) for s, p, o, graph in quads)  # type: ignore[arg-type]  # likewise
    return Embedded(store, {"ex": EX})


def rows_of(
    engine: Engine, query: Query, variables: Iterable[str], *, with_dataset: bool = True
) -> Counter[Row]:
    """Ask an engine a query."""
    answer = engine.query(query.text(with_dataset=with_dataset), bindings=query.bindings)
    if isinstance(answer, ox.QueryBoolean):
        return Counter([bool(answer)])
    if isinstance(answer, ox.QueryTriples):
        return Counter(tamed_row((t.subject, t.predicate, t.object)) for t in answer)
    names = list(variables)
    return Counter(tamed_row(tuple(solution[name] for name in names)) for solution in answer)


def tamed_row(row: Row) -> Row:
    """Make the blank nodes of a row that an engine makes anew alike."""
    return row if isinstance(row, bool) else tuple(map(tamed, row))


def rows_on(quads: Iterable[Atom], query: Query, variables: Iterable[str]) -> Counter[Row]:
    """Ask a query, without its FROM clauses, of just these statements."""
    return rows_of(engine_on(quads), query, variables, with_dataset=False)


def answer_of(query: Query, quads: Quads, variables: Iterable[str]) -> Answer:
    """Evaluate a query by the book."""
    if _is_ambiguous(query, quads):
        raise Undetermined
    run = Evaluator(_dataset(quads))
    names, found = list(variables), defaultdict[Row, list[Ways]](list)
    for one in run.answer(query.bound):
        for row in _rows(query, one, names):
            found[row].append(one.ways)
    if query.form == "ASK" and not found:
        found[False].append(absent("not exists", query.select.where, {}))
    several = query.form == "SELECT"
    counts = Counter({row: len(ways) if several else 1 for row, ways in found.items()})
    return Answer(counts, {row: either(ways) for row, ways in found.items()}, run.has_choices)


def _is_ambiguous(query: Query, quads: Quads) -> bool:
    """Tell whether counts hang on how often Oxigraph takes a negated set of paths between two nodes."""
    counted = any(isinstance(part, Select) and (part.is_grouped or part.is_cut) for part in walk(query))
    negated = any(isinstance(part, Path) and part.kind == "!" for part in walk(query))
    ends = {(quad[0], quad[2], quad[3]) for quad in quads}
    return counted and negated and len(ends) < len(quads)


def _rows(query: Query, one: Solution, names: Sequence[str]) -> Iterator[Row]:
    """Yield the rows to which a solution gives rise."""
    if query.form == "ASK":
        yield True
    elif query.form == "SELECT":
        yield key_of(one, names)
    else:
        for pattern in query.template:
            nodes = (pattern.subject, pattern.verb, pattern.object)
            triple = tuple(_made(one, node) if isinstance(node, Var) else node for node in nodes)
            if None not in triple and not isinstance(triple[0], ox.Literal):
                yield triple  # type: ignore[misc]  # no path stands in a template


def _made(one: Solution, node: Var) -> ox.Triple | Term | None:
    return tamed(ox.BlankNode()) if node.blank else one.binding.get(node.name)


def _dataset(quads: Quads) -> Dataset:
    named: dict[ox.NamedNode, set[Triple]] = defaultdict(set)
    for s, p, o, graph in quads:
        if graph is not None:
            named[graph].add((s, p, o))
    default = frozenset(quad[:3] for quad in quads if quad[3] is None)
    return Dataset(default, {graph: frozenset(triples) for graph, triples in named.items()})
