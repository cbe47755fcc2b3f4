"""About: what is known of the things in a projection: names, classes, dates, and the passages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import pyoxigraph as ox

from kg import dates
from kg.collecting import no_collection
from kg.engine import Engine
from kg.names import LABELS, preference
from kg.passages import Passage, lookup
from kg.projection.dating import Dated, dated
from kg.projection.disagreement import disagreements
from kg.projection.links import Links
from kg.projection.rows import read_literal, rows, words
from kg.terms import curie, local_name
from kg.vocab import PREFIXES, PROVENANCE

_TYPES = f"""
SELECT DISTINCT ?thing ?type WHERE {{
  VALUES ?thing {{ %s }}
  {{ ?thing a ?type }} UNION {{ GRAPH <{PROVENANCE}> {{ ?thing a ?type }} }}
}}"""
_WIDER = f"""
SELECT DISTINCT ?narrow ?wide WHERE {{
  VALUES ?narrow {{ %s }} ?narrow <{PREFIXES["rdfs"]}subClassOf>/<{PREFIXES["rdfs"]}subClassOf>* ?wide
}}"""
_KG = PREFIXES["kg"]
_DATES = f"""
SELECT ?thing ?role ?date WHERE {{
  VALUES ?thing {{ %s }} VALUES ?role {{ <{_KG}date> <{_KG}start> <{_KG}end> }}
  ?thing ?role ?date
}}"""
_PUBLISHED = f"""
SELECT ?thing ?role ?date WHERE {{
  VALUES ?thing {{ %s }} VALUES ?role {{ <{PREFIXES["dcterms"]}date> }}
  GRAPH <{PROVENANCE}> {{ ?thing ?role ?date }}
}}"""
_LIVES = f"""
SELECT ?thing ?role ?date WHERE {{
  VALUES ?thing {{ %s }} VALUES ?role {{ <{_KG}born> <{_KG}deceased> }}
  ?event ?role ?thing ; <{_KG}date> ?date
}}"""
_ROLES = (f"<{_KG}born>".encode(), f"<{_KG}deceased>".encode())
_BATCH = 10_000


@dataclass
class About:
    """What is known of the things, relations and passages of some links, looked up when first asked for."""

    engine: Engine
    links: Links
    language: str = "en"
    _short: dict[str, str] = field(default_factory=dict)

    @cached_property
    def passages(self) -> dict[str, Passage]:
        """The passages by IRI."""
        with no_collection():
            behind = [ox.NamedNode(iri) for iri in self.links.passages]
            return {graph.value: passage for graph, passage in lookup(self.engine, behind).items()}

    @cached_property
    def types(self) -> dict[str, str]:
        """The class of each thing that has one."""
        with no_collection():
            return _types(self.engine, self.links.things)

    @cached_property
    def names(self) -> dict[str, str]:
        """The labels of things, relations and classes."""
        with no_collection():
            wanted = {*self.links.things, *self.links.relations, *self.types.values()}
            return _names(self.engine, sorted(wanted), self.language)

    @cached_property
    def manners(self) -> dict[str, str]:
        """The labels of the standings and the voices of passages."""
        said = self.passages.values()
        wanted = {iri for passage in said for iri in (passage.standing, passage.voice) if iri}
        return _names(self.engine, sorted(wanted), self.language)

    @cached_property
    def events(self) -> dict[str, Dated]:
        """When something happened: the dates of things that have dates of their own."""
        with no_collection():
            return _events(self.engine, self.links.things)

    @cached_property
    def lives(self) -> dict[str, str]:
        """Birth and death of persons, in words."""
        with no_collection():
            return _lives(self.engine, self.links.things)

    @cached_property
    def conflicts(self) -> frozenset[tuple[str, str]]:
        """Pairs of things on which sources contradict each other; a thing twice where it is about that."""
        return disagreements(self.engine)

    def of(self, links: Links) -> About:
        """Return what is known of a part of the links, whose passages alone are looked up anew."""
        found = About(self.engine, links, self.language, self._short)
        found.names, found.types, found.events = self.names, self.types, self.events
        found.conflicts = self.conflicts
        return found

    def name(self, iri: str) -> str:
        """Name a thing by its label, or by its CURIE; empty for none."""
        return self.names.get(iri) or self._curie(iri)

    def manner(self, iri: str) -> str:
        """Name the standing or the voice of a passage in the same way."""
        return self.manners.get(iri) or self._curie(iri)

    def _curie(self, iri: str) -> str:
        found = self._short.get(iri)
        if found is None:
            found = self._short[iri] = curie(iri, self.engine.prefixes) if iri else ""
        return found


def _rows(engine: Engine, query: str, things: Sequence[str], *names: str) -> Iterator[tuple[bytes, ...]]:
    """Yield the rows of a query about some things, terms as SPARQL writes them."""
    for at in range(0, len(things), _BATCH):
        values = " ".join([f"<{thing}>" for thing in things[at : at + _BATCH]])
        yield from rows(engine, query % values, *names)


def _names(engine: Engine, things: Sequence[str], language: str) -> dict[str, str]:
    """Return a label for each thing that has one, the same that tables show."""
    best: dict[bytes, tuple[int, str]] = {}
    for thing, label in _rows(engine, LABELS, things, "thing", "label"):
        text, tag = words(label)
        rank = (preference(tag, language), text)
        if thing not in best or rank < best[thing]:
            best[thing] = rank
    return {thing[1:-1].decode(): text for thing, (_, text) in best.items()}


def _events(engine: Engine, things: Sequence[str]) -> dict[str, Dated]:
    """Return when things were, or when sources were published."""
    found: dict[bytes, dict[str, list[ox.Literal]]] = {}
    for query in (_PUBLISHED, _DATES):
        for thing, role, date in _rows(engine, query, things, "thing", "role", "date"):
            if (literal := read_literal(date)) is not None:
                roles = found.setdefault(thing, {})
                roles.setdefault(local_name(role[1:-1].decode()), []).append(literal)
    return {
        thing[1:-1].decode(): dated(roles.get("date", ()), roles.get("start", ()), roles.get("end", ()))
        for thing, roles in found.items()
    }


def _types(engine: Engine, things: Sequence[str]) -> dict[str, str]:
    """Return the narrowest class of each thing, the first in order where there are several."""
    found: dict[bytes, set[bytes]] = {}
    for thing, type_ in _rows(engine, _TYPES, things, "thing", "type"):
        if type_.startswith(b"<"):
            found.setdefault(thing, set()).add(type_)
    several = sorted({type_[1:-1].decode() for types in found.values() for type_ in types})
    wider: dict[bytes, set[bytes]] = {}
    for narrow, wide in _rows(engine, _WIDER, several, "narrow", "wide"):
        wider.setdefault(narrow, set()).add(wide)
    return {
        thing[1:-1].decode(): min(
            types - {iri for narrow in types for iri in wider.get(narrow, ())} or types
        )[1:-1].decode()
        for thing, types in found.items()
    }


def _lives(engine: Engine, things: Sequence[str]) -> dict[str, str]:
    """Return birth and death of each person in words: 1888–1938; several dates where sources differ."""
    found: dict[bytes, dict[bytes, set[str]]] = {}
    for thing, role, date in _rows(engine, _LIVES, things, "thing", "role", "date"):
        text, _ = words(date)
        span = dates.parse(text)
        found.setdefault(thing, {}).setdefault(role, set()).add(_year(span) if span else text)
    return {
        thing[1:-1].decode(): "–".join(" or ".join(sorted(roles.get(role, ()))) for role in _ROLES)
        for thing, roles in found.items()
    }


def _year(span: dates.Span) -> str:
    first, last = span.earliest.year, span.latest.year
    return str(first) if first == last else f"{first}/{last}"
