"""About: what is known of the things in a projection: names, classes, dates, and the passages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pyoxigraph as ox

from kg import dates
from kg.engine import Engine
from kg.names import LABELS, preference
from kg.passages import Passage, lookup
from kg.projection.dating import Dated, dated
from kg.projection.links import Links
from kg.projection.rows import blocks, read_literal, words
from kg.terms import curie, local_name
from kg.vocab import PREFIXES, PROVENANCE

_TYPES = f"""
SELECT DISTINCT ?thing ?type WHERE {{
  VALUES ?thing {{ %s }}
  {{ ?thing a ?type }} UNION {{ GRAPH <{PROVENANCE}> {{ ?thing a ?type }} }}
}}"""
_WIDER = f"""
SELECT DISTINCT ?narrow ?wide WHERE {{
  VALUES ?narrow {{ %s }} ?narrow <{PREFIXES["rdfs"]}subClassOf>+ ?wide
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


@dataclass(slots=True)
class About:
    """What is known of the things, relations and passages of a projection, by IRI."""

    prefixes: Mapping[str, str]
    names: dict[str, str] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    events: dict[str, Dated] = field(default_factory=dict)
    """When something happened: the dates of things that have dates of their own."""
    lives: dict[str, str] = field(default_factory=dict)
    """Birth and death of persons, in words."""
    passages: dict[str, Passage] = field(default_factory=dict)

    def name(self, iri: str) -> str:
        """Name a thing by its label, or by its CURIE; empty for none."""
        return self.names.get(iri) or curie(iri, self.prefixes) if iri else ""


def about(engine: Engine, links: Links, language: str = "en") -> About:
    """Look up what is known of everything in some links."""
    known = About(engine.prefixes)
    behind = [ox.NamedNode(iri) for iri in links.passages]
    known.passages = {graph.value: passage for graph, passage in lookup(engine, behind).items()}
    known.types = _types(engine, links.things)
    spoken = {iri for passage in known.passages.values() for iri in (passage.standing, passage.voice) if iri}
    wanted = {*links.things, *links.relations, *spoken, *known.types.values()}
    known.names = _names(engine, sorted(wanted), language)
    known.events = _events(engine, links.things)
    known.lives = _lives(engine, links.things)
    return known


def _rows(engine: Engine, query: str, things: Sequence[str], *names: str) -> Iterator[tuple[bytes, ...]]:
    """Yield the rows of a query about some things, terms as SPARQL writes them."""
    for at in range(0, len(things), _BATCH):
        values = " ".join([f"<{thing}>" for thing in things[at : at + _BATCH]])
        for columns in blocks(engine, query % values):
            yield from zip(*(columns[name] for name in names), strict=True)


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
