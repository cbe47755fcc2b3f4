"""Names: from what a person types to the thing it means, and from a thing to its label."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

import pyoxigraph as ox

from kg.engine import Engine, batches, select
from kg.errors import UnknownNameError
from kg.project import Project
from kg.terms import expand, local_name

LABELS = """
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX kg: <https://w3id.org/kg-footnote/ontology#>
SELECT ?thing ?label WHERE {
  VALUES ?thing { %s }
  { ?thing rdfs:label|skos:prefLabel ?label }
  UNION { GRAPH kg:provenance { ?thing rdfs:label|dcterms:title ?label } }
}
"""
_ALL = """
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX kg: <https://w3id.org/kg-footnote/ontology#>
SELECT ?thing ?label WHERE {
  { ?thing rdfs:label|skos:prefLabel|skos:altLabel ?label }
  UNION { GRAPH kg:provenance { ?thing rdfs:label|dcterms:title ?label } }
}
"""
_KNOWN = """
ASK {
  { %(thing)s ?p ?o } UNION { ?s ?p %(thing)s }
  UNION { GRAPH ?g { %(thing)s ?p ?o } } UNION { GRAPH %(thing)s { ?s ?p ?o } }
}
"""


def labels(engine: Engine, things: Iterable[ox.NamedNode], language: str = "en") -> dict[ox.NamedNode, str]:
    """Return a label for each thing that has one: in the language asked for, else without one, else any."""
    best: dict[ox.NamedNode, tuple[int, str]] = {}
    for part in batches(list(dict.fromkeys(things))):
        for row in select(engine, LABELS % part):
            rank = (preference(row["label"].language or "", language), row["label"].value)
            best[row["thing"]] = min(rank, best.get(row["thing"], rank))
    return {thing: text for thing, (_, text) in best.items()}


def preference(own: str, language: str) -> int:
    """Rank a label by its language: the one asked for, that without its region, none, English, any other.

    >>> [preference(own, "ru-RU") for own in ("ru", "", "de")]
    [1, 2, 4]
    """
    order = (language.lower(), language.lower().partition("-")[0], "", "en")
    return order.index(own.lower()) if own.lower() in order else len(order)


def resolve(engine: Engine, project: Project, text: str, kind: str = "thing") -> ox.NamedNode:
    """Return the thing that a short name, CURIE, IRI or label means.

    Raises `UnknownNameError` with the nearest names.
    """
    iri = expand(text, project.prefixes)
    candidates = [iri] if iri else []
    if iri is None and " " not in text:
        candidates.append(project.namespace + text)
    for candidate in candidates:
        node = _node(candidate)
        if node is not None and bool(engine.query(_KNOWN % {"thing": node})):
            return node
    known = _all_names(engine)
    folded = text.casefold()
    if folded in known:
        return known[folded]
    nearest = difflib.get_close_matches(folded, known, n=6, cutoff=0.5)
    shown = dict.fromkeys(local_name(known[name].value) for name in nearest)
    raise UnknownNameError(kind, text, tuple(shown)[:4])


def _node(iri: str) -> ox.NamedNode | None:
    try:
        return ox.NamedNode(iri)
    except ValueError:
        return None


def _all_names(engine: Engine) -> Mapping[str, ox.NamedNode]:
    """Every local name and label, folded; names stand before labels where they are the same."""
    names: dict[str, ox.NamedNode] = {}
    rows = list(select(engine, _ALL))
    for row in rows:
        names.setdefault(local_name(row["thing"].value).casefold(), row["thing"])
    for row in rows:
        names.setdefault(row["label"].value.casefold(), row["thing"])
    return names
