"""Support: the passages of edges whose query names none.

An edge that is a statement has the passages that state it. One that the query makes up, such as who was tried
with whom, has the passages of the statements that it was made from, as evidence knows them.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyoxigraph as ox

from kg.engine import Engine, Term, select
from kg.errors import LimitError, QuerySyntaxError
from kg.evidence import explain
from kg.projection.links import Links, lists
from kg.projection.numbering import COLUMNS
from kg.vocab import DEFAULT, PROVENANCE

_STATED = f"""
SELECT ?edge ?passage WHERE {{
  VALUES (?edge ?s ?p ?o) {{ %s }}
  GRAPH ?passage {{ ?s ?p ?o }}
  FILTER(?passage NOT IN (<{PROVENANCE}>, <{DEFAULT}>))
}}"""
_BATCH = 1000
_MOST_EXPLAINED = 2000


def with_support(engine: Engine, text: str, links: Links) -> tuple[Links, list[str]]:
    """Return the links with the passages behind those edges for which the query gave none, and notes."""
    bare = _bare(links)
    if not bare:
        return links, []
    found: list[tuple[int, str]] = []
    for at in range(0, len(bare), _BATCH):
        rows = " ".join(_row(links, edge) for edge in bare[at : at + _BATCH])
        answer = select(engine, _STATED % rows)
        found += [(int(row["edge"].value), row["passage"].value) for row in answer]
    named, links = bool(links.passages), _joined(links, found)
    bare = [] if named else _bare(links)
    if len(bare) > _MOST_EXPLAINED:
        return links, [
            f"the passages of {len(bare):,} relations are not looked up: the query can select ?passage"
        ]
    return _joined(links, _explained(engine, text, links, bare)), []


def _bare(links: Links) -> list[int]:
    """List the edges without passages."""
    return np.flatnonzero(np.diff(links.first) == 0).tolist()


def _explained(engine: Engine, text: str, links: Links, bare: list[int]) -> list[tuple[int, str]]:
    """Return the passages of the statements that the query made these edges from."""
    if not bare:
        return []
    edges = {_ends(links, edge): edge for edge in bare}
    try:
        explanation = explain(engine, text)
        names = explanation.variables
        places = [names.index(name) for name in (COLUMNS if "source" in names else names)[:3]]
        wanted: dict[int, int] = {}
        for number, row in enumerate(explanation.rows):
            ends = tuple(_iri(row[place]) for place in places if not isinstance(row, bool))
            if ends in edges:
                wanted[number] = edges[ends]
        evidence = explanation.for_rows(wanted)
    except (LimitError, QuerySyntaxError):
        return []  # what evidence does not do is no fault of the picture
    return [
        (edge, passage.value)
        for edge, one in zip(wanted.values(), evidence, strict=True)
        for passage in one.passages
    ]


def _iri(term: Term | None) -> str:
    return term.value if isinstance(term, ox.NamedNode) else ""


def _ends(links: Links, edge: int) -> tuple[str, ...]:
    source, relation, target = links.source[edge], links.relation[edge], links.target[edge]
    return links.things[source], links.relations[relation], links.things[target]


def _joined(links: Links, found: list[tuple[int, str]]) -> Links:
    """Add passages to edges."""
    if not found:
        return links
    passages = sorted({*links.passages, *(iri for _, iri in found)})
    place = {iri: number for number, iri in enumerate(passages)}
    old = np.array([place[iri] for iri in links.passages], np.int64)
    edges = np.repeat(np.arange(len(links)), np.diff(links.first))
    first, behind = lists(
        len(links),
        np.concatenate([edges, np.array([edge for edge, _ in found])]),
        np.concatenate([old[links.behind], np.array([place[iri] for _, iri in found])]),
        len(passages),
    )
    return replace(links, passages=passages, first=first, behind=behind)


def _row(links: Links, edge: int) -> str:
    source, relation, target = _ends(links, edge)
    return f"({edge} <{source}> <{relation}> <{target}>)"
