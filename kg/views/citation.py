"""One passage in words: the quotation, where it stands, who speaks and how."""

from __future__ import annotations

from collections.abc import Mapping

import pyoxigraph as ox

from kg.passages import Passage
from kg.terms import local_name, printable


def citation(passage: Passage, labels: Mapping[ox.NamedNode, str]) -> str:
    """Return a passage as a footnote's text.

    >>> print(citation(Passage("urn:p", title="Legacy", quote="were tried", start=61, end=71), {}))
    “were tried” — Legacy, characters 61–71
    """
    parts = [f"“{passage.quote}”"] if passage.quote else []
    parts.append(", ".join(part for part in (_source(passage), place(passage)) if part))
    text = " — ".join(parts)
    said = voice(passage, labels)
    return printable(f"{text} ({said})" if said else text)


def _source(passage: Passage) -> str:
    """Name what the passage is of; a graph that is no part of a source keeps its IRI beside its title."""
    if passage.title and passage.source == passage.id:
        return f"{passage.title} <{passage.id}>"
    return passage.title or passage.source or passage.id


def place(passage: Passage) -> str:
    """Return where in its source a passage stands."""
    if passage.locator:
        return passage.locator
    return f"characters {passage.start}–{passage.end}" if passage.start >= 0 else passage.note


def voice(passage: Passage, labels: Mapping[ox.NamedNode, str]) -> str:
    """Return who speaks in a passage and how, in words: 'reported by Pravda', 'asserted by the narrator'."""
    how = _name(passage.standing, labels).lower()
    who = _name(passage.voice, labels)
    return f"{how} by {who}" if how and who else how or who


def _name(iri: str, labels: Mapping[ox.NamedNode, str]) -> str:
    return (labels.get(ox.NamedNode(iri)) or local_name(iri)) if iri else ""
