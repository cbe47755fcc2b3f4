"""Timelines: the dated statements about one thing in order, those that contradict each other side by side."""

from __future__ import annotations

from dataclasses import dataclass

import pyoxigraph as ox

from kg import dates
from kg.engine import Engine, select
from kg.passages import Passage, lookup

_DATED = """
SELECT DISTINCT ?event ?property ?date ?g WHERE {
  { ?event ?role %(thing)s } UNION { BIND(%(thing)s AS ?event) }
  VALUES ?property { kg:date kg:start kg:end }
  GRAPH ?g { ?event ?property ?date }
}"""
_EVERYTHING = """
SELECT ?event ?property ?date ?g WHERE {
  VALUES ?property { kg:date kg:start kg:end } GRAPH ?g { ?event ?property ?date }
}"""


@dataclass(frozen=True, slots=True)
class Moment:
    """A date that sources give for one event."""

    event: ox.NamedNode
    property: ox.NamedNode
    """`kg:date`, `kg:start` or `kg:end`."""
    date: ox.Literal
    span: dates.Span
    passages: tuple[Passage, ...]
    disputed: bool = False
    """Whether another source gives a date that excludes this one."""


def timeline(engine: Engine, about: ox.NamedNode | None = None) -> list[Moment]:
    """Return the dated statements about one thing, or all there are, in order."""
    rows = select(engine, _DATED % {"thing": about}) if about else select(engine, _EVERYTHING)
    graphs: dict[tuple[ox.NamedNode, ox.NamedNode, ox.Literal], list[ox.NamedNode]] = {}
    for row in rows:
        graphs.setdefault((row["event"], row["property"], row["date"]), []).append(row["g"])
    known = lookup(engine, sorted({g for found in graphs.values() for g in found}, key=str))
    spans = {key: span for key in graphs if (span := dates.parse(key[2].value))}
    rivals: dict[tuple[ox.NamedNode, ox.NamedNode], list[dates.Span]] = {}
    for (event, of, _), span in spans.items():
        rivals.setdefault((event, of), []).append(span)
    moments = [
        Moment(
            *key,
            span,
            tuple(known[graph] for graph in sorted(graphs[key], key=str)),
            any(not span.overlaps(other) for other in rivals[key[:2]]),
        )
        for key, span in spans.items()
    ]
    # Events in the order of their first date; the dates of one event stay together.
    first = {pair: min(span.earliest for span in found) for pair, found in rivals.items()}
    return sorted(
        moments,
        key=lambda m: (
            first[m.event, m.property],
            m.event.value,
            m.property.value,
            m.span.earliest,
            m.span.text,
        ),
    )
