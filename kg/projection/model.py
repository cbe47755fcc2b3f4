"""A projection: links with all that is known of them, as records that every format is written from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from kg.passages import Passage
from kg.projection.about import About
from kg.projection.dating import Dated, dated
from kg.projection.links import Links, Mask
from kg.vocab import PREFIXES

_WEIGHTLESS = frozenset(PREFIXES["kg"] + name for name in ("Alleged", "Confessed", "Implied", "Retracted"))
"""Standings that corroborate nothing."""


class Node(NamedTuple):
    """A thing with what a reader is told of it."""

    id: str
    label: str
    type: str
    type_label: str
    dates: str
    """When it was: an event's dates, a person's birth and death."""
    earliest: str
    latest: str
    degree: int
    """How many relations it has in this projection."""
    conflict: bool
    """Whether sources contradict each other about it, such as on its date."""


class Edge(NamedTuple):
    """A relation between two things, with the passages that state it."""

    source: str
    target: str
    relation: str
    label: str
    date: str
    earliest: str
    latest: str
    standing: str
    """How its passages stand to it, in words."""
    families: int
    """How many independent families of sources say it; what is only alleged, confessed or implied is none."""
    conflict: bool
    """Whether sources contradict each other in it."""
    passages: tuple[Passage, ...]


class Support(NamedTuple):
    """What the passages behind an edge come to."""

    standing: str
    families: int
    passages: tuple[Passage, ...]


@dataclass
class Projection:
    """Edges between things, with names, dates and passages; `notes` say what was left out."""

    links: Links
    about: About
    title: str = ""
    notes: list[str] = field(default_factory=list)
    conflicts: frozenset[tuple[str, str]] = frozenset()
    """Pairs of things on which sources contradict each other; a thing and itself where it is about that."""

    def __len__(self) -> int:
        return len(self.links)

    @cached_property
    def supports(self) -> list[Support]:
        """What stands behind each edge; edges with the same passages share one record."""
        numbers, bounds = self.links.behind.tolist(), self.links.first.tolist()
        passages = [self.about.passages[iri] for iri in self.links.passages]
        known: dict[tuple[int, ...], Support] = {}
        found = []
        for start, end in pairwise(bounds):
            key = tuple(numbers[start:end])
            support = known.get(key)
            if support is None:
                support = known[key] = self._support([passages[number] for number in key])
            found.append(support)
        return found

    def _support(self, behind: list[Passage]) -> Support:
        said = tuple(passage for passage in behind if not passage.curated)
        standings = dict.fromkeys(self.about.name(p.standing) for p in said if p.standing)
        weighty = {p.family or p.source or p.id for p in said if p.standing not in _WEIGHTLESS}
        return Support(", ".join(standings), len(weighty), said)

    @cached_property
    def dates(self) -> list[Dated]:
        """When each edge was: by its own dates, else by those of the event at one of its ends."""
        links, events, none = self.links, self.about.events, Dated()
        by_thing = [events.get(thing, none) for thing in links.things]
        when, since = links.when.tolist(), links.since.tolist()
        known: dict[tuple[int, ...], Dated] = {}
        found = []
        for edge, (source, target) in enumerate(
            zip(links.source.tolist(), links.target.tolist(), strict=True)
        ):
            key = tuple(when[since[edge] : since[edge + 1]])
            if not key:
                own = by_thing[source]
                found.append(own if own.words else by_thing[target])
                continue
            if key not in known:
                known[key] = dated(links.dates[number] for number in key)
            found.append(known[key])
        return found

    def nodes(self) -> Iterator[Node]:
        """Yield the things in order."""
        known, links = self.about, self.links
        degrees = np.bincount(np.concatenate([links.source, links.target]), minlength=len(links.things))
        for thing, degree in zip(links.things, degrees.tolist(), strict=True):
            type_ = known.types.get(thing, "")
            event = known.events.get(thing) or Dated(known.lives.get(thing, ""))
            yield Node(
                thing, known.name(thing), type_, known.name(type_),
                event.words, event.earliest, event.latest, degree, (thing, thing) in self.conflicts,
            )  # fmt: skip

    def edges(self) -> Iterator[Edge]:
        """Yield the edges in order."""
        links, conflicts = self.links, self.conflicts
        things, relations = links.things, links.relations
        names = [self.about.name(relation) for relation in relations]
        ends = zip(links.source.tolist(), links.relation.tolist(), links.target.tolist(), strict=True)
        for (a, r, b), (standing, families, passages), when in zip(
            ends, self.supports, self.dates, strict=True
        ):
            source, target = things[a], things[b]
            yield Edge(
                source, target, relations[r], names[r], when.words, when.earliest, when.latest,
                standing, families, (source, target) in conflicts, passages,
            )  # fmt: skip

    def kept(self, mask: Mask, note: str = "") -> Projection:
        """Return the projection with the edges that a mask keeps; a note says what is gone."""
        notes = [*self.notes, *([note] if note and not mask.all() else [])]
        return Projection(self.links.kept(mask), self.about, self.title, notes, self.conflicts)


def left_out(reasons: Mapping[str, int]) -> list[str]:
    """Say which rows of a query became no edge.

    >>> left_out({"with a literal where a thing should be": 1})
    ['1 row with a literal where a thing should be was left out']
    """
    return [
        f"{count:,} row{'' if count == 1 else 's'} {reason} {'was' if count == 1 else 'were'} left out"
        for reason, count in sorted(reasons.items())
    ]
