"""Links: the rows of a projection as numbers, so that a million of them are a few arrays.

Terms are numbers from the moment they are read (`kg.projection.numbering`), and everything after that is
arithmetic on arrays: no Python object a row.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyoxigraph as ox

from kg.engine import Engine
from kg.projection.numbering import COLUMNS, Column, Ints, numbered
from kg.projection.rows import read_literal

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Mask: TypeAlias = npt.NDArray[np.bool_]


@dataclass(slots=True)
class Links:
    """Edges as numbers: where their ends are in `things`, and their relation in `relations`.

    Edges and names are sorted by their IRIs, whatever the order in which the engine gives them. The passages
    of edge `i` are `behind[first[i]:first[i + 1]]`, its dates `when[since[i]:since[i + 1]]`.
    """

    things: list[str]
    relations: list[str]
    passages: list[str]
    dates: list[ox.Literal]
    source: Ints
    relation: Ints
    target: Ints
    first: Ints
    behind: Ints
    since: Ints
    when: Ints
    left_out: dict[str, int] = field(default_factory=dict)
    """How many rows were left out, by the reason in words."""

    def __len__(self) -> int:
        return len(self.source)

    def adjacency(self) -> csr_array[Any]:
        """Return how many relations lead from each thing to each, as a sparse matrix of SciPy."""
        from scipy.sparse import coo_array

        size = len(self.things)
        ones = np.ones(len(self), np.int64)
        return coo_array((ones, (self.source, self.target)), shape=(size, size)).tocsr()

    def kept(self, mask: Mask) -> Links:
        """Return the links that a mask keeps, and the things that still have one."""
        first, behind = _taken(self.first, self.behind, mask)
        since, when = _taken(self.since, self.when, mask)
        source, target = self.source[mask], self.target[mask]
        used, place = _used(len(self.things), source, target)
        return Links(
            [self.things[number] for number in used], self.relations, self.passages, self.dates,
            place[source], self.relation[mask], place[target], first, behind, since, when, self.left_out,
        )  # fmt: skip

    def part(self, start: int, end: int) -> Links:
        """Return the links between two places, with all things, and the passages that state these links."""
        mine, ends = slice(start, end), slice(start, end + 1)
        first, since = self.first[ends], self.since[ends]
        said, behind = np.unique(self.behind[first[0] : first[-1]], return_inverse=True)
        return Links(
            self.things, self.relations, [self.passages[number] for number in said.tolist()], self.dates,
            self.source[mine], self.relation[mine], self.target[mine],
            first - first[0], behind, since - since[0], self.when[since[0] : since[-1]],
        )  # fmt: skip


def _taken(first: Ints, behind: Ints, mask: Mask) -> tuple[Ints, Ints]:
    """Take the lists of some edges out of all lists laid end to end."""
    counts = np.diff(first)
    return bounds(counts[mask]), behind[np.repeat(mask, counts)]


def _used(size: int, *columns: Ints) -> tuple[list[int], Ints]:
    """Return the numbers that occur in the columns, and for each number its place among them."""
    occurs = np.zeros(size, bool)
    for column in columns:
        occurs[column] = True
    return np.flatnonzero(occurs).tolist(), np.cumsum(occurs) - 1


def bounds(counts: Ints) -> Ints:
    """Return where each of some lists that are laid end to end begins, and where the last one ends."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(counts, dtype=np.int64)])


def read(engine: Engine, text: str) -> Links:
    """Ask a projection query and return its links.

    Raises `InputError` for a query that yields neither triples nor `?source`, `?relation` and `?target`.
    """
    return _links(*numbered(engine, text))


def _links(rows: dict[str, Column], terms: dict[str, list[bytes]]) -> Links:
    """Order the rows by their names and gather them into edges; they are given up on the way."""
    ends, end_names, usable = _iris(terms["source"])
    kinds, kind_names, named = _iris(terms["relation"])
    good = usable[rows["source"]] & usable[rows["target"]] & named[rows["relation"]]
    left_out = _reasons({name: [terms[name][n] for n in rows[name][~good]] for name in COLUMNS[:3]})
    source, target = ends[rows.pop("source")[good]], ends[rows.pop("target")[good]]
    relation = kinds[rows.pop("relation")[good]]
    # One number for an edge, so that one sort orders them all; 2^63 leaves room for ten million things.
    keys = (source * len(end_names) + target) * max(len(kind_names), 1) + relation
    order = np.argsort(keys)
    new = is_new(keys[order])
    del keys
    edge = np.cumsum(new) - 1
    passages, passage_names, _ = _iris(terms.pop("passage"))
    dates, date_terms = _literals(terms.pop("date"))
    count, behind = int(new.sum()), _ranked(passages, rows.pop("passage")[good][order])
    first, behind = lists(count, edge, behind, len(passage_names))
    since, when = lists(count, edge, _ranked(dates, rows.pop("date")[good][order]), len(date_terms))
    chosen = order[new]
    used, place = _used(len(end_names), source, target)
    return Links(
        [end_names[n] for n in used], kind_names, passage_names, date_terms,
        place[source[chosen]], relation[chosen], place[target[chosen]],
        first, behind, since, when, left_out,
    )  # fmt: skip


def _ranked(ranks: Ints, column: Column) -> Ints:
    """Return the rank of each number in a column, -1 for none."""
    return np.where(column >= 0, ranks[column], -1) if len(ranks) else column.astype(np.int64)


def is_new(ordered: Ints) -> Mask:
    """Tell which of some ordered values differ from the one before."""
    return np.concatenate([np.ones(min(len(ordered), 1), bool), ordered[1:] != ordered[:-1]])


def lists(edges: int, edge: Ints, values: Ints, width: int) -> tuple[Ints, Ints]:
    """Lay the values of each edge end to end, each value once and in order; -1 is none, `width` the bound."""
    pairs = np.sort(edge[values >= 0] * width + values[values >= 0])
    pairs = pairs[is_new(pairs)]
    width = max(width, 1)
    return bounds(np.bincount(pairs // width, minlength=edges)), pairs % width


def _iris(terms: list[bytes]) -> tuple[Ints, list[str], Mask]:
    """Return the rank of each term among the IRIs (-1 for others), these in order, and which are IRIs."""
    names = [term[1:-1] if term[:1] == b"<" and term[:2] != b"<<" else b"" for term in terms]
    order = sorted(filter(names.__getitem__, range(len(names))), key=names.__getitem__)
    ranks = np.full(len(names), -1)
    ranks[order] = np.arange(len(order))
    return ranks, [names[number].decode() for number in order], ranks >= 0


def _literals(terms: list[bytes]) -> tuple[Ints, list[ox.Literal]]:
    """Return the rank of each term among the literals, and these in order of their text."""
    read_terms = {term: literal for term in terms if (literal := read_literal(term)) is not None}
    ordered = sorted(read_terms, key=lambda term: (read_terms[term].value, term))
    rank = {term: number for number, term in enumerate(ordered)}
    return np.array([rank.get(term, -1) for term in terms], np.int64), [read_terms[term] for term in ordered]


def _reasons(rows: dict[str, list[bytes]]) -> dict[str, int]:
    """Count the rows that are no edge, by what is wrong with them."""
    counts: dict[str, int] = {}
    for row in zip(*rows.values(), strict=True):
        reason = _reason(row)
        counts[reason] = counts.get(reason, 0) + 1
    return counts


def _reason(row: Iterable[bytes]) -> str:
    for term in row:
        if not term:
            return "without a source, a relation or a target"
        if term[:2] == b"_:":
            return "with a blank node, which has no name to be known by"
        if term[:1] != b"<":
            return "with a literal where a thing should be"
    return "with a triple where a thing should be"
