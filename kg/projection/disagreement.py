"""Disagreement: between which things of a projection sources contradict each other."""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph as ox

from kg.conflicts import Conflict, conflicts
from kg.engine import Engine


def disagreements(engine: Engine) -> frozenset[tuple[str, str]]:
    """Return the pairs of things that a contradiction is about, in both directions.

    The things of a contradiction are what it is about and the values given; where the values are no things
    but dates or words, the pair is the thing and itself.
    """
    return frozenset(pair for conflict in conflicts(engine) for pair in _pairs(conflict))


def _pairs(conflict: Conflict) -> Iterator[tuple[str, str]]:
    subject = conflict.subject.value
    others = [value.term.value for value in conflict.values if isinstance(value.term, ox.NamedNode)]
    if conflict.kind in {"opposed", "classes"}:
        # The values are then relations or classes; an opposed relation is to the event named as property.
        others = [conflict.property.value] if conflict.kind == "opposed" else []
    if not others:
        yield subject, subject
    for other in others:
        yield from ((subject, other), (other, subject))
