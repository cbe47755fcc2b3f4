"""Disagreement: between which things of a projection sources contradict each other."""

from __future__ import annotations

import pyoxigraph as ox

from kg.conflicts import Conflict, conflicts
from kg.engine import Engine
from kg.vocab import PREFIXES

_TIMES = frozenset(ox.NamedNode(PREFIXES["kg"] + name) for name in ("date", "start", "end"))


def disagreements(engine: Engine) -> frozenset[tuple[str, str]]:
    """Return the pairs of things that a contradiction is about, in both directions.

    The things of a contradiction are what it is about and the values given; where the values are dates of an
    event, the pair is the event and itself.
    """
    pairs: set[tuple[str, str]] = set()
    for conflict in conflicts(engine):
        pairs |= _pairs(conflict)
    return frozenset(pairs)


def _pairs(conflict: Conflict) -> set[tuple[str, str]]:
    subject = conflict.subject.value
    if conflict.property in _TIMES:
        return {(subject, subject)}
    others = {value.term.value for value in conflict.values if isinstance(value.term, ox.NamedNode)}
    if conflict.kind == "opposed":
        # The property is then the event of which somebody both is and is not a part.
        others = {conflict.property.value}
    return {pair for other in others for pair in ((subject, other), (other, subject))}
