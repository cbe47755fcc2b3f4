"""A projection: links with all that is known of them, as records that every format is written from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from kg.collecting import no_collection
from kg.passages import Passage
from kg.projection.about import About
from kg.projection.dating import Dated, dated
from kg.projection.links import Links, Mask
from kg.vocab import PREFIXES
from kg.words import counted

_WEIGHTLESS = frozenset(PREFIXES["kg"] + name for name in ("Alleged", "Confessed", "Implied", "Retracted"))
"""Standings that corroborate nothing."""
_UNDATED = Dated()
_PART = 100_000
"""Of how many edges the passages are in memory at a time, when one edge after the other is asked for."""


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


class _Columns(NamedTuple):
    """The arrays of links as lists, which are quicker to take one number from."""

    source: list[int]
    relation: list[int]
    target: list[int]
    first: list[int]
    behind: list[int]
    since: list[int]
    when: list[int]


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

    def __post_init__(self) -> None:
        self._supports: dict[tuple[int, ...], Support] = {}
        self._dates: dict[tuple[int, ...], Dated] = {}

    def __len__(self) -> int:
        return len(self.links)

    @cached_property
    def _columns(self) -> _Columns:
        return _Columns(*(getattr(self.links, name).tolist() for name in _Columns._fields))

    @cached_property
    def supports(self) -> list[Support]:
        """What stands behind each edge; edges with the same passages share one record."""
        numbers, bounds = self._columns.behind, self._columns.first
        with no_collection():
            return [self._support(tuple(numbers[start:end])) for start, end in pairwise(bounds)]

    def _support(self, key: tuple[int, ...]) -> Support:
        """What some passages, given by their numbers, come to."""
        found = self._supports.get(key)
        if found is None:
            known, names = self.about.passages, self.links.passages
            said = tuple(p for number in key if not (p := known[names[number]]).curated)
            standings = dict.fromkeys(self.about.manner(p.standing) for p in said if p.standing)
            weighty = {p.family or p.source or p.id for p in said if p.standing not in _WEIGHTLESS}
            found = self._supports[key] = Support(", ".join(standings), len(weighty), said)
        return found

    @cached_property
    def dates(self) -> list[Dated]:
        """When each edge was: by its own dates, else by those of the event at one of its ends."""
        columns = self._columns
        when, bounds = columns.when, columns.since
        ends = zip(columns.source, columns.target, strict=True)
        with no_collection():
            return [
                self._dated(tuple(when[start:end]), a, b)
                for (start, end), (a, b) in zip(pairwise(bounds), ends, strict=True)
            ]

    def _dated(self, key: tuple[int, ...], source: int, target: int) -> Dated:
        if not key:
            things, events = self.links.things, self.about.events
            if not events:
                return _UNDATED
            return events.get(things[source]) or events.get(things[target]) or _UNDATED
        found = self._dates.get(key)
        if found is None:
            found = self._dates[key] = dated(self.links.dates[number] for number in key)
        return found

    @cached_property
    def degrees(self) -> list[int]:
        """How many relations each thing has, one to itself counted twice."""
        ends = np.concatenate([self.links.source, self.links.target])
        counts: list[int] = np.bincount(ends, minlength=len(self.links.things)).tolist()
        return counts

    def node(self, number: int) -> Node:
        """Return one thing, by its place in `links.things`."""
        known, thing = self.about, self.links.things[number]
        type_ = known.types.get(thing, "")
        event = known.events.get(thing) or Dated(known.lives.get(thing, ""))
        return Node(
            thing, known.name(thing), type_, known.name(type_), event.words, event.earliest, event.latest,
            self.degrees[number], (thing, thing) in known.conflicts,
        )  # fmt: skip

    def nodes(self) -> Iterator[Node]:
        """Yield the things in order."""
        return map(self.node, range(len(self.links.things)))

    def edge(self, number: int) -> Edge:
        """Return one edge, by its place in the links."""
        columns, links, about = self._columns, self.links, self.about
        a, r, b = columns.source[number], columns.relation[number], columns.target[number]
        source, target, relation = links.things[a], links.things[b], links.relations[r]
        standing, families, passages = self._support(
            tuple(columns.behind[columns.first[number] : columns.first[number + 1]])
        )
        when = self._dated(tuple(columns.when[columns.since[number] : columns.since[number + 1]]), a, b)
        return Edge(
            source, target, relation, about.name(relation), when.words, when.earliest, when.latest,
            standing, families, (source, target) in about.conflicts, passages,
        )  # fmt: skip

    def edges(self) -> Iterator[Edge]:
        """Yield the edges in order; of very many, not all passages are in memory at once."""
        for part in self._parts():
            yield from map(part.edge, range(len(part)))

    def _parts(self) -> Iterator[Projection]:
        if len(self) <= _PART:
            yield self
            return
        for start in range(0, len(self), _PART):
            links = self.links.part(start, start + _PART)
            yield Projection(links, self.about.of(links))

    def kept(self, mask: Mask, note: str = "") -> Projection:
        """Return the projection with the edges that a mask keeps; a note says what is gone."""
        notes = [*self.notes, *([note] if note and not mask.all() else [])]
        return Projection(self.links.kept(mask), self.about, self.title, notes)


def left_out(reasons: Mapping[str, int]) -> list[str]:
    """Say which rows of a query became no edge.

    >>> left_out({"with a literal where a thing should be": 1})
    ['1 row with a literal where a thing should be was left out']
    """
    return [
        f"{counted(count, 'row')} {reason} {'was' if count == 1 else 'were'} left out"
        for reason, count in sorted(reasons.items())
    ]
