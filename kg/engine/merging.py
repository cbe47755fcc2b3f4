"""Default graphs that are named one by one: several are merged, each statement once.

Oxigraph answers from the union of the graphs and finds a statement as often as it stands in one of them.
RDF's merge, which SPARQL 1.1 asks for (section 13.2), has it once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urljoin

import pyoxigraph as ox

from kg.engine.syntax import keywords

MERGED = ox.NamedNode("urn:kg:merged-default-graph")

_COMMENT = re.compile(r"(<[^<>\s]*>)|#[^\r\n]*")
_PREFIX = re.compile(r"\bPREFIX\s+([\w.-]*):\s*<([^<>\s]*)>", re.IGNORECASE)
_BASE = re.compile(r"\bBASE\s+<([^<>\s]*)>", re.IGNORECASE)
_FROM = re.compile(r"\bFROM\s+(NAMED\s+)?(?:<([^<>\s]*)>|([\w.-]*):([\w.:-]*))", re.IGNORECASE)


class Named(NamedTuple):
    """The graphs of a dataset."""

    default: list[ox.NamedNode]
    named: list[ox.NamedNode]


def named_in(text: str, prefixes: Mapping[str, str]) -> Named | None:
    """Read the FROM clauses of a query that names several default graphs; None for all others.

    >>> named_in("SELECT * FROM <a:b> FROM <a:c> FROM NAMED <a:d> { ?s ?p ?o }", {}).default
    [<NamedNode value=a:b>, <NamedNode value=a:c>]
    """
    # Most queries name none, which is quickly seen.
    if text.upper().count("FROM") < 2 or list(keywords(text)).count("FROM") < 2:
        return None
    text = _COMMENT.sub(lambda found: found[1] or " ", text)
    known = {**prefixes, **dict(_PREFIX.findall(text))}
    base = next(iter(_BASE.findall(text)), "")
    found = Named([], [])
    for is_named, iri, prefix, local in _FROM.findall(text):
        value = urljoin(base, iri) if iri else known.get(prefix, "") + local
        (found.named if is_named else found.default).append(ox.NamedNode(value))
    return found if len(set(found.default)) > 1 else None


def merge(store: ox.Store, default: Iterable[ox.NamedNode], named: Sequence[ox.NamedNode]) -> ox.Store:
    """Copy the graphs of a dataset into a store whose graph `MERGED` is their merge."""
    merged = ox.Store()
    for graph in dict.fromkeys(default):
        merged.extend(
            ox.Quad(quad.subject, quad.predicate, quad.object, MERGED)
            for quad in store.quads_for_pattern(None, None, None, graph)
        )
    for graph in named:
        merged.extend(store.quads_for_pattern(None, None, None, graph))
    return merged
