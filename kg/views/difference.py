"""Differences in words, and as data."""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph as ox

from kg.difference import Change, Difference
from kg.terms import local_name, printable, readable

_MARKS = {"came": "+", "went": "-", "moved": "~"}


def lines(found: Difference) -> Iterator[str]:
    """Yield one line for each change: what it is, the fact in words, and the passages of both sides."""
    for change in found.changes:
        fact = change.fact
        words = " — ".join(_words(term, found) for term in (fact.subject, fact.predicate, fact.object))
        yield printable(f"{_MARKS[change.kind]} {words}  [{_passages(change)}]")


def _words(term: object, found: Difference) -> str:
    if isinstance(term, ox.NamedNode):
        return found.labels.get(term) or local_name(term.value)
    return readable(term) if isinstance(term, ox.Literal) else str(term)


def _passages(change: Change) -> str:
    kept = change.before & change.after
    gone = [f"-{local_name(iri)}" for iri in sorted(change.before - kept)]
    new = [f"+{local_name(iri)}" for iri in sorted(change.after - kept)]
    if change.kind == "moved":
        return " ".join(gone + new)
    return " ".join(sorted(local_name(iri) for iri in change.before | change.after))


def as_data(found: Difference) -> list[dict[str, object]]:
    """Return the changes as plain data for JSON."""
    return [
        {
            "change": change.kind,
            "subject": str(change.fact.subject),
            "predicate": str(change.fact.predicate),
            "object": str(change.fact.object),
            "before": sorted(change.before),
            "after": sorted(change.after),
        }
        for change in found.changes
    ]
