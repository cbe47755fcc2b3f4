"""Asking for an answer in pages, where a service gives no more than so many rows at once."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence

import pyoxigraph as ox

from kg.engine.streaming import as_file
from kg.engine.substitution import after_where

_ORDERED = frozenset(["ORDER", "LIMIT", "OFFSET", "FROM"])


def page(text: str, columns: Sequence[str], size: int, offset: int) -> str | None:
    """Write the question for one page; None for a query that is cut or sorted already, or names its dataset.

    All columns sort, so that pages neither overlap nor leave anything out: rows that sort alike are alike.

    >>> print(page("SELECT ?s { ?s ?p ?o } VALUES ?o { 1 }", ["s"], 10, 20))
    SELECT * WHERE { { SELECT ?s { ?s ?p ?o }
    ORDER BY ?s VALUES ?o { 1 } } } LIMIT 10 OFFSET 20
    """
    found = after_where(text)
    if found is None or not columns or _ORDERED & set(found.words):
        return None
    order = f"\nORDER BY {' '.join(f'?{name}' for name in columns)} "
    inside = text[found.select : found.end].rstrip() + order + text[found.end :]
    return f"{text[: found.select]}SELECT * WHERE {{ {{ {inside} }} }} LIMIT {size} OFFSET {offset}"


def joined(ask: Callable[[int], ox.QuerySolutions], size: int) -> ox.QuerySolutions:
    """Return the rows of all pages, each asked for when the one before it has been read."""
    answer = ox.parse_query_results(as_file(_lines(ask, size)), ox.QueryResultsFormat.TSV)
    assert isinstance(answer, ox.QuerySolutions)  # noqa: S101 - TSV holds rows
    return answer


def _lines(ask: Callable[[int], ox.QuerySolutions], size: int) -> Iterator[bytes]:
    offset = 0
    while True:
        output = io.BytesIO()
        ask(offset).serialize(output, ox.QueryResultsFormat.TSV)
        head, _, rows = output.getvalue().partition(b"\n")
        yield rows if offset else head + b"\n" + rows
        if rows.count(b"\n") < size:
            return
        offset += size
