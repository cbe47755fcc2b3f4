"""What an engine elsewhere does where engines differ: found out by questions that change nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import pyoxigraph as ox

from kg.engine import Answer, Term
from kg.engine.refusals import TRANSIENT, RefusedError
from kg.errors import EngineError
from kg.vocab import BASE, DEFAULT, PROVENANCE

Ask: TypeAlias = Callable[[str], Answer]
Row: TypeAlias = tuple[Term | None, ...]

_SIZES = (500, 1000, 2000, 4000)
_SLOW = 0.5
_PATIENCE = 20.0
_ABSENT = f"<{BASE}stands-nowhere>"
_XSD = "http://www.w3.org/2001/XMLSchema#"


@dataclass(frozen=True, slots=True)
class Profile:
    """What an engine does where engines differ; None where it did not tell."""

    server: str = ""
    """What the service calls itself."""
    graphs: bool | None = None
    """Whether it knows named graphs at all."""
    union: bool | None = None
    """Whether its default graph is the union of all graphs."""
    counts_twice: bool | None = None
    """Whether a statement in two graphs counts twice in a default graph that is their union."""
    narrows: bool | None = None
    """Whether a query that names its graphs by FROM sees no others."""
    batch: int = 250
    """How many rows of VALUES a question should have at most."""
    zero_length: bool | None = None
    """Whether a path of length zero holds for a term that stands nowhere in the data."""
    alternatives_twice: bool | None = None
    """Whether `p|p` gives a statement twice, as SPARQL 1.1 has it."""
    stable_nodes: bool | None = None
    """Whether a blank node has the same name in the next answer."""
    joins_languages: bool | None = None
    """Whether a text in a language from VALUES joins with the same text in the data."""
    keeps_dates: bool | None = None
    """Whether a date keeps its form."""
    years_are_dates: bool | None = None
    """Whether a year is the same as its first day."""
    exact_division: bool | None = None
    """Whether one integer divided by another is a decimal."""

    def told(self) -> list[tuple[str, str]]:
        """Say it for people: what was asked, and what was found."""
        return [
            ("calls itself", self.server or "nothing"),
            ("knows named graphs", _WORDS[self.graphs]),
            ("default graph is the union of all", _WORDS[self.union]),
            ("counts a statement in two graphs twice", _WORDS[self.counts_twice]),
            ("FROM names the only graphs that a query sees", _WORDS[self.narrows]),
            ("rows of VALUES in one question", str(self.batch)),
            ("blank nodes keep their names", _WORDS[self.stable_nodes]),
            ("p|p gives a statement twice", _WORDS[self.alternatives_twice]),
            ("paths of length zero hold anywhere", _WORDS[self.zero_length]),
            ("joins texts in a language from VALUES", _WORDS[self.joins_languages]),
            ("keeps the form of a date", _WORDS[self.keeps_dates]),
            ("takes a year for its first day", _WORDS[self.years_are_dates]),
            ("divides integers exactly", _WORDS[self.exact_division]),
        ]


_WORDS = {True: "yes", False: "no", None: "it does not tell"}


def probe(ask: Ask, server: str, kept: Profile | None = None) -> Profile:
    """Find out what an engine does; what it refuses to tell, or would take too long to, is left open.

    Of a profile that was `kept`, only what changes answers and is open is asked, until data have come.
    """
    if kept is None:
        return Profile(server=server, **_found(ask, _QUESTIONS))
    needed = _NEEDED if kept.graphs is not False else ()
    profile = replace(kept, **_found(ask, [name for name in needed if getattr(kept, name) is None]))
    return probe(ask, server) if profile.union != kept.union else profile


def _found(ask: Ask, names: Iterable[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    until = time.monotonic() + _PATIENCE
    for name in names:
        if time.monotonic() < until:
            # Of an answer with other columns, or that breaks off while it is counted, nothing is learnt.
            with suppress(EngineError, SyntaxError, ValueError):
                found[name] = _QUESTIONS[name](ask)
    return found


def _knows_graphs(ask: Ask) -> bool:
    """An engine without, as Wikidata's, refuses the word."""
    try:
        ask(f"ASK {{ GRAPH {_ABSENT} {{ ?s ?p ?o }} }}")
    except RefusedError as error:
        if error.status in TRANSIENT:
            raise
        return False
    return True


def _is_union(ask: Ask) -> bool | None:
    """A statement that only a named graph has is seen without it where the default graph is the union."""
    row = _first(ask, f"SELECT ?s ?p ?o {{ GRAPH <{PROVENANCE}> {{ ?s ?p ?o }} FILTER(isIRI(?o)) }} LIMIT 1")
    if row is None:
        others = f"GRAPH ?g {{ ?s ?p ?o }} FILTER(?g != <{DEFAULT}> && isIRI(?s) && isIRI(?o))"
        row = _first(ask, f"SELECT ?s ?p ?o {{ {others} }} LIMIT 1")
    return None if row is None else _truth(ask, f"ASK {{ {' '.join(map(str, row))} }}")


def _counts_twice(ask: Ask) -> bool | None:
    both = "GRAPH ?g { ?s ?p ?o } GRAPH ?h { ?s ?p ?o }"
    row = _first(ask, f"SELECT ?s ?p ?o {{ {both} FILTER(?g != ?h && isIRI(?s) && isIRI(?o)) }} LIMIT 1")
    if row is None:
        return None
    subject, verb, target = row
    found = _count(ask, f"SELECT ?o {{ {subject} {verb} ?o FILTER(?o = {target}) }}")
    return found > 1 if found else None


def _alternatives_twice(ask: Ask) -> bool | None:
    sample = _first(ask, "SELECT ?s ?p ?o { GRAPH ?g { ?s ?p ?o } FILTER(isIRI(?s) && isIRI(?o)) } LIMIT 1")
    if sample is None:
        return None
    subject, verb, _ = sample
    once = _count(ask, f"SELECT ?o {{ {subject} {verb} ?o }}")
    twice = _count(ask, f"SELECT ?o {{ {subject} ({verb}|{verb}) ?o }}")
    return twice > once if once else None


def _stable_nodes(ask: Ask) -> bool | None:
    text = "SELECT ?s { ?s ?p ?o FILTER(isBlank(?s)) } LIMIT 1"
    first = _first(ask, text)
    return None if first is None else first == _first(ask, text)


def _joins_languages(ask: Ask) -> bool | None:
    row = _first(ask, 'SELECT ?s ?p ?o { ?s ?p ?o FILTER(isIRI(?s) && LANG(?o) != "") } LIMIT 1')
    if row is None:
        return None
    subject, verb, target = row
    given = f"{subject} {verb} {target}"
    rows = f"SELECT ?i {{ VALUES (?i ?s ?p ?o) {{ (0 {given}) (1 {given}) }} ?s ?p ?o }}"
    return _count(ask, rows) > 1


def _keeps(ask: Ask, literal: str) -> bool:
    row = _first(ask, f"SELECT ?d {{ VALUES ?d {{ {literal} }} }}")
    return row is not None and str(row[0]) == literal


def _batch(ask: Ask) -> int:
    """Ask for ever more at a time, and keep half of what went well: real terms may be longer."""
    passed = _SIZES[0]
    for size in _SIZES:
        rows = " ".join(
            f"({n} <{BASE}a/thing/with/a/long/name/{n}> {_ABSENT} <{BASE}{n}>)" for n in range(size)
        )
        start = time.monotonic()
        try:
            _count(ask, f"SELECT ?i ?g {{ VALUES (?i ?s ?p ?o) {{ {rows} }} GRAPH ?g {{ ?s ?p ?o }} }}")
        except EngineError:
            break
        passed = size
        if time.monotonic() - start > _SLOW:
            break
    return passed // 2


def _truth(ask: Ask, text: str) -> bool:
    return bool(ask(text))


def _years_are_dates(ask: Ask) -> bool:
    year, day = f'"1926"^^<{_XSD}gYear>', f'"1926-01-01"^^<{_XSD}date>'
    return _truth(ask, f"ASK {{ VALUES ?a {{ {year} }} VALUES ?b {{ {day} }} FILTER(?a = ?b) }}")


def _count(ask: Ask, text: str) -> int:
    answer = ask(text)
    return sum(1 for _ in answer) if isinstance(answer, ox.QuerySolutions) else 0


def _first(ask: Ask, text: str) -> Row | None:
    """Return the first row, None where there is none or the engine takes too long to find one."""
    try:
        answer = ask(text)
    except EngineError:
        return None
    found = next(iter(answer), None) if isinstance(answer, ox.QuerySolutions) else None
    # Some engines answer one empty row where there is none.
    row = tuple(found) if isinstance(found, ox.QuerySolution) else ()
    return row if row and row[0] is not None else None


_QUESTIONS: Mapping[str, Callable[[Ask], Any]] = {
    "graphs": _knows_graphs,
    "union": _is_union,
    "counts_twice": _counts_twice,
    "narrows": lambda ask: not _truth(ask, f"ASK FROM {_ABSENT} {{ ?s ?p ?o }}"),
    "batch": _batch,
    "zero_length": lambda ask: _truth(ask, f"ASK {{ {_ABSENT} {_ABSENT}* ?o }}"),
    "alternatives_twice": _alternatives_twice,
    "stable_nodes": _stable_nodes,
    "joins_languages": _joins_languages,
    "keeps_dates": lambda ask: _keeps(ask, f'"2000-01-01+00:00"^^<{_XSD}date>'),
    "years_are_dates": _years_are_dates,
    "exact_division": lambda ask: _truth(ask, "ASK { FILTER(1 / 2 > 0) }"),
}
"""What finds out each field of a profile, the most important first."""
_NEEDED = ("graphs", "union", "narrows", "zero_length", "years_are_dates", "exact_division")
"""What changes answers or their evidence; all else is shown, or is about speed."""
