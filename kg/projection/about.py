"""About: what is known of the things in a projection: names, classes, dates, and the passages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pyoxigraph as ox

from kg import dates
from kg.engine import Engine, batches, select
from kg.names import labels
from kg.passages import Passage, lookup
from kg.projection.dating import Dated, dated
from kg.projection.links import Links
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
    things = [ox.NamedNode(iri) for iri in links.things]
    known = About(engine.prefixes)
    behind = [ox.NamedNode(iri) for iri in links.passages]
    known.passages = {graph.value: passage for graph, passage in lookup(engine, behind).items()}
    known.types = _types(engine, things)
    spoken = {iri for passage in known.passages.values() for iri in (passage.standing, passage.voice) if iri}
    named = {*links.relations, *spoken, *known.types.values()}
    wanted = {*things, *(ox.NamedNode(iri) for iri in named)}
    known.names = {thing.value: label for thing, label in labels(engine, wanted, language).items()}
    known.events = _events(engine, things)
    known.lives = _lives(engine, things)
    return known


def _events(engine: Engine, things: Sequence[ox.NamedNode]) -> dict[str, Dated]:
    """Return when things were, or when sources were published."""
    found: dict[str, dict[str, list[ox.Literal]]] = {}
    for part in batches(things):
        for row in (*select(engine, _PUBLISHED % part), *select(engine, _DATES % part)):
            if isinstance(row["date"], ox.Literal):
                roles = found.setdefault(row["thing"].value, {})
                roles.setdefault(local_name(row["role"].value), []).append(row["date"])
    return {
        thing: dated(roles.get("date", ()), roles.get("start", ()), roles.get("end", ()))
        for thing, roles in found.items()
    }


def _types(engine: Engine, things: Sequence[ox.NamedNode]) -> dict[str, str]:
    """Return the narrowest class of each thing, the first in order where there are several."""
    found: dict[str, set[str]] = {}
    for part in batches(things):
        for row in select(engine, _TYPES % part):
            if isinstance(row["type"], ox.NamedNode):
                found.setdefault(row["thing"].value, set()).add(row["type"].value)
    several = [ox.NamedNode(iri) for iri in sorted({iri for types in found.values() for iri in types})]
    wider: dict[str, set[str]] = {}
    for part in batches(several):
        for row in select(engine, _WIDER % part):
            wider.setdefault(row["narrow"].value, set()).add(row["wide"].value)
    return {
        thing: min(types - {iri for narrow in types for iri in wider.get(narrow, ())} or types)
        for thing, types in found.items()
    }


def _lives(engine: Engine, things: Sequence[ox.NamedNode]) -> dict[str, str]:
    """Return birth and death of each person in words: 1888–1938; several dates where sources differ."""
    found: dict[str, dict[str, set[str]]] = {}
    for part in batches(things):
        for row in select(engine, _LIVES % part):
            span = dates.parse(row["date"].value)
            year = _year(span) if span else row["date"].value
            found.setdefault(row["thing"].value, {}).setdefault(row["role"].value, set()).add(year)
    return {
        thing: "–".join(" or ".join(sorted(roles.get(_KG + role, ()))) for role in ("born", "deceased"))
        for thing, roles in found.items()
    }


def _year(span: dates.Span) -> str:
    first, last = span.earliest.year, span.latest.year
    return str(first) if first == last else f"{first}/{last}"
