"""Dating: several dates of one thing or relation put together, in words and as a span of days."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import pyoxigraph as ox

from kg import dates
from kg.terms import readable


@dataclass(frozen=True, slots=True)
class Dated:
    """Dates in words, with the first and the last day that they allow, empty for none."""

    words: str = ""
    earliest: str = ""
    latest: str = ""


def dated(
    several: Iterable[ox.Literal], starts: Iterable[ox.Literal] = (), ends: Iterable[ox.Literal] = ()
) -> Dated:
    """Put dates together with those of beginnings and ends; the span holds whatever any of them allows.

    A coarse date that says no more than a finer one is left out of the words.

    >>> dated([ox.Literal("1938-03"), ox.Literal("1938-03-02")])
    Dated(words='1938-03-02', earliest='1938-03-01', latest='1938-03-31')
    >>> dated([ox.Literal("soon")]), dated([], [ox.Literal("1936")], [ox.Literal("1938")]).words
    (Dated(words='soon', earliest='', latest=''), '1936 to 1938')
    """
    points, first, last = (_ordered(group) for group in (several, starts, ends))
    spans = [span for literal in (*points, *first, *last) if (span := dates.parse(literal.value))]
    lasting = _range(first, last)
    known = [span for literal in (*first, *last) if (span := dates.parse(literal.value))]
    finer = _finest(points, (min(s.earliest for s in known), max(s.latest for s in known)) if known else None)
    words = ", ".join(dict.fromkeys([*([lasting] if lasting else []), *map(readable, finer)]))
    if not spans:
        return Dated(words)
    earliest, latest = min(span.earliest for span in spans), max(span.latest for span in spans)
    return Dated(
        words,
        "" if earliest == date.min else earliest.isoformat(),
        "" if latest == date.max else latest.isoformat(),
    )


def _ordered(literals: Iterable[ox.Literal]) -> list[ox.Literal]:
    return sorted(set(literals), key=lambda literal: (literal.value, str(literal)))


def _range(first: list[ox.Literal], last: list[ox.Literal]) -> str:
    """Say from when to when, each of several where sources differ."""
    start, end = (" or ".join(dict.fromkeys(map(readable, group))) for group in (first, last))
    return (
        f"{start} to {end}" if start and end else f"from {start}" if start else f"until {end}" if end else ""
    )


def _finest(points: list[ox.Literal], lasting: tuple[date, date] | None) -> list[ox.Literal]:
    """Leave out dates that a finer one, or the time from beginning to end, says better."""
    spans = {literal: dates.parse(literal.value) for literal in points}
    if lasting is not None:
        start, end = lasting
        points = [p for p in points if (s := spans[p]) is None or s.latest < start or end < s.earliest]
    return [
        point
        for point in points
        if (own := spans[point]) is None
        or not any(
            other is not None
            and (own.earliest, own.latest) != (other.earliest, other.latest)
            and own.earliest <= other.earliest
            and other.latest <= own.latest
            for other in spans.values()
        )
    ]
