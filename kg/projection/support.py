"""Support: the passages of edges whose query names none, looked up by the edge itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kg.engine import Engine, select
from kg.projection.links import Links, lists
from kg.vocab import DEFAULT, PROVENANCE

_STATED = f"""
SELECT ?edge ?passage WHERE {{
  VALUES (?edge ?s ?p ?o) {{ %s }}
  GRAPH ?passage {{ ?s ?p ?o }}
  FILTER(?passage NOT IN (<{PROVENANCE}>, <{DEFAULT}>))
}}"""
_BATCH = 1000


def with_support(engine: Engine, links: Links) -> Links:
    """Return the links with the passages that state those edges for which the query gave none."""
    bare = np.flatnonzero(np.diff(links.first) == 0).tolist()
    found: list[tuple[int, str]] = []
    for at in range(0, len(bare), _BATCH):
        rows = " ".join(_row(links, edge) for edge in bare[at : at + _BATCH])
        answer = select(engine, _STATED % rows)
        found += [(int(row["edge"].value), row["passage"].value) for row in answer]
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
    source, target = links.things[links.source[edge]], links.things[links.target[edge]]
    return f"({edge} <{source}> <{links.relations[links.relation[edge]]}> <{target}>)"
