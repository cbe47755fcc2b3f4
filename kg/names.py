"""Names: from what a person types to the thing it means, and from a thing to its label."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

import pyoxigraph as ox

from kg.engine import Engine, batches, select
from kg.errors import InputError, UnknownNameError
from kg.project import Project
from kg.terms import expand, local_name
from kg.vocab import CURATED, DEFAULT, ONTOLOGY, PREFIXES, PROVENANCE

_SHOWN = 6
"""How many things of the same name are listed."""
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
_LABELLED = """
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?thing ?label WHERE { ?thing rdfs:label|skos:prefLabel|skos:altLabel ?label }
"""
_TITLED = """
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX kg: <https://w3id.org/kg-footnote/ontology#>
SELECT ?thing ?label WHERE { GRAPH kg:provenance { ?thing rdfs:label|dcterms:title ?label } }
"""
_SOURCES = (
    "SELECT DISTINCT ?x WHERE { GRAPH ?x { ?s ?p ?o } }",
    f"SELECT DISTINCT ?x WHERE {{ GRAPH <{PROVENANCE}> {{ ?p <{PREFIXES['dcterms']}isPartOf> ?x }} }}",
    f"SELECT DISTINCT ?x WHERE {{ GRAPH <{PROVENANCE}> {{ ?s <{PREFIXES['kg']}family> ?x }} }}",
)
_TITLES = """
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX dcterms: <http://purl.org/dc/terms/>
SELECT ?thing ?label WHERE {
  VALUES ?thing { %s }
  { ?thing rdfs:label|dcterms:title ?label } UNION { GRAPH ?g { ?thing rdfs:label|dcterms:title ?label } }
}
"""
_NO_SOURCES = frozenset([CURATED, DEFAULT, ONTOLOGY, PROVENANCE])
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

    Raises `UnknownNameError` with the nearest names, `InputError` for a label that several things have.
    """
    iri = expand(text, project.prefixes)
    candidates = [iri] if iri else []
    if iri is None and " " not in text:
        candidates.append(project.namespace + text)
    for candidate in candidates:
        node = _node(candidate)
        if node is not None and bool(engine.query(_KNOWN % {"thing": node})):
            return node
    known = source_names(engine) if kind == "source" else _all_names(engine, text)
    found = known.get(text.casefold())
    if found is None:
        raise unknown(kind, text, known)
    return found


def unknown(kind: str, text: str, known: Mapping[str, ox.NamedNode]) -> UnknownNameError:
    """Return the error for a name that is none of those that are known, with the nearest or a few of them."""
    name = local_name(text).casefold()
    near = difflib.get_close_matches(name, known, n=6, cutoff=0.5)
    near = near or [longer for longer in known if name and name in longer]
    shown = [*dict.fromkeys(local_name(known[name].value) for name in near or known)][:4]
    hint = "" if near or not known else f"Known are {', '.join(shown)}{' ...' * (len(known) > len(shown))}"
    return UnknownNameError(kind, text, shown if near else (), hint)


def _node(iri: str) -> ox.NamedNode | None:
    try:
        return ox.NamedNode(iri)
    except ValueError:
        return None


def source_names(engine: Engine) -> Mapping[str, ox.NamedNode]:
    """Every local name and title of what `--only` can name: sources, families and passages, folded."""
    found = {row["x"] for text in _SOURCES for row in select(engine, text)}
    named = (x for x in found if isinstance(x, ox.NamedNode) and x.value not in _NO_SOURCES)
    sources = sorted(named, key=str)
    names: dict[str, ox.NamedNode] = {}
    for source in sources:
        names.setdefault(local_name(source.value).casefold(), source)
    for part in batches(sources):
        for row in select(engine, _TITLES % part):
            names.setdefault(row["label"].value.casefold(), row["thing"])
    return names


def _all_names(engine: Engine, wanted: str) -> Mapping[str, ox.NamedNode]:
    """Every local name and label, folded; names stand before labels, and labels before titles of sources.

    Raises `InputError` where the one that is wanted is the label of several things.
    """
    names: dict[str, ox.NamedNode] = {}
    labelled, titled = list(select(engine, _LABELLED)), list(select(engine, _TITLED))
    for row in (*labelled, *titled):
        names.setdefault(local_name(row["thing"].value).casefold(), row["thing"])
    if wanted.casefold() not in names:
        _refuse_namesakes(wanted, labelled)
    for row in (*labelled, *titled):
        names.setdefault(row["label"].value.casefold(), row["thing"])
    return names


def _refuse_namesakes(wanted: str, labelled: Iterable[Mapping[str, ox.NamedNode | ox.Literal]]) -> None:
    folded = wanted.casefold()
    same = {row["thing"].value for row in labelled if row["label"].value.casefold() == folded}
    if len(same) > 1:
        shown = ", ".join([local_name(iri) for iri in sorted(same)][:_SHOWN])
        raise InputError(f"{wanted!r} is what {len(same)} things are called; name one of them: {shown}.")
