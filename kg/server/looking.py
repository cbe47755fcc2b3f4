"""Jobs that help to ask: finding by name, completion, a text's mistakes, what is disputed, citations."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from typing import Any
from weakref import WeakKeyDictionary

import pyoxigraph as ox

from kg.conflicts import Conflict
from kg.engine import Term, select
from kg.engine.syntax import is_update
from kg.errors import LimitError, QuerySyntaxError, UnknownNameError
from kg.evidence.parse import parse
from kg.graph import Graph
from kg.passages import Passage, lookup
from kg.search import NameIndex, index_few, scan
from kg.server.asking import cell, language_of, term_names
from kg.server.worker import Output
from kg.terms import curie
from kg.views.bibliography import bibtex, chicago, csl, work
from kg.vocab import PROVENANCE

_MOST_FOUND = 20
_MOST_WORDS = 500
_MOST_NAMES = 20_000
_CLASSES = f"""
SELECT ?thing (COUNT(*) AS ?n) {{ ?x a ?thing FILTER(isIRI(?thing)) }}
GROUP BY ?thing ORDER BY DESC(?n) ?thing LIMIT {_MOST_WORDS}"""
_PROPERTIES = f"""
SELECT ?thing (COUNT(*) AS ?n) {{ ?x ?thing ?y }}
GROUP BY ?thing ORDER BY DESC(?n) ?thing LIMIT {_MOST_WORDS}"""
_WORDS = f"""
PREFIX oa: <http://www.w3.org/ns/oa#>
SELECT ?passage ?text ?wanted {{
  GRAPH <{PROVENANCE}> {{ ?passage oa:hasSelector/oa:exact ?text }}
  FILTER(CONTAINS(LCASE(?text), LCASE(?wanted)))
}} ORDER BY ?passage LIMIT {_MOST_FOUND}"""
_KINDS = f"""
SELECT DISTINCT ?thing ?kind {{
  VALUES ?thing {{ %s }} {{ ?thing a ?kind }} UNION {{ GRAPH <{PROVENANCE}> {{ ?thing a ?kind }} }}
}} ORDER BY ?thing ?kind"""
_LANGUAGES = f"""
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?tag (COUNT(*) AS ?n) {{ ?thing rdfs:label ?label BIND(LANG(?label) AS ?tag) FILTER(?tag != "") }}
GROUP BY ?tag ORDER BY DESC(?n) ?tag LIMIT {_MOST_FOUND}"""
# A worker answers from the same facts for as long as it lives.
_INDEXES: WeakKeyDictionary[Graph, NameIndex | None] = WeakKeyDictionary()
_TONGUES: WeakKeyDictionary[Graph, list[str]] = WeakKeyDictionary()
_DISPUTED: WeakKeyDictionary[Graph, list[Conflict]] = WeakKeyDictionary()


def write_json(output: Output, data: object) -> None:
    """Answer with JSON."""
    output.head("application/json")
    output.write(json.dumps(data, ensure_ascii=False).encode("utf-8", "backslashreplace"))


def search(graph: Graph, fields: dict[str, Any], output: Output) -> None:
    """Find things, questions and quoted words by what a person types."""
    text = fields["text"]
    if graph not in _INDEXES:
        learn_names(graph)
    names = _INDEXES[graph]
    things: list[Term] = []
    if names is not None:
        things = [match.thing for match in names.search(text, _MOST_FOUND)]
    elif text.strip():
        things = [*scan(graph.engine, text.strip(), _MOST_FOUND)]
    if names is not None or ":" in text:
        with suppress(UnknownNameError):
            things = list(dict.fromkeys([*things, graph.resolve(text)]))
    kinds = _kinds(graph, things)
    known = term_names(graph, [(term, *kinds.get(term, ())) for term in things], language_of(graph, fields))
    answer = {
        "things": [
            {
                **(cell(term, known, graph) or {}),
                "kinds": [known.get(kind, kind.value) for kind in kinds.get(term, ())],
            }
            for term in things
        ],
        "questions": [
            {"name": question.name, "title": question.title}
            for question in graph.questions().values()
            if text.casefold() in question.title.casefold()
        ][:_MOST_FOUND],
        "passages": _quoted(graph, text) if len(text) > 2 else [],
    }
    write_json(output, answer)


def learn_names(graph: Graph) -> None:
    """Index the names of a graph; to learn very many takes longer than to look through them."""
    _INDEXES[graph] = index_few(graph.engine, _MOST_NAMES)


def _kinds(graph: Graph, things: Iterable[Term]) -> dict[Term, list[ox.NamedNode]]:
    """Return the classes of things, which tell those of one name apart."""
    found: dict[Term, list[ox.NamedNode]] = {}
    for row in select(graph.engine, _KINDS % " ".join(map(str, things))):
        kinds = found.setdefault(row["thing"], [])
        if isinstance(row["kind"], ox.NamedNode):
            kinds.append(row["kind"])
    return found


def _quoted(graph: Graph, text: str) -> list[dict[str, str]]:
    rows = select(graph.engine, _WORDS, {"wanted": ox.Literal(text)})
    return [
        {"name": curie(row["passage"].value, graph.engine.prefixes), "text": row["text"].value}
        for row in rows
    ]


def vocabulary(graph: Graph, fields: dict[str, Any], output: Output) -> None:
    """List prefixes, classes and properties of the data, the most used first, for completion."""
    found = {}
    for kind, query in (("classes", _CLASSES), ("properties", _PROPERTIES)):
        rows = [(row["thing"], row["n"].value) for row in select(graph.engine, query)]
        names = term_names(graph, [(thing,) for thing, _ in rows], language_of(graph, fields))
        found[kind] = [{**(cell(thing, names, graph) or {}), "count": int(count)} for thing, count in rows]
    write_json(output, {"prefixes": dict(graph.engine.prefixes), **found})


def languages(graph: Graph, fields: dict[str, Any], output: Output) -> None:  # noqa: ARG001 - the shape of a job
    """List the languages of labels, the most used first."""
    if graph not in _TONGUES:
        _TONGUES[graph] = [row["tag"].value for row in select(graph.engine, _LANGUAGES)]
    write_json(output, {"languages": _TONGUES[graph]})


def check(graph: Graph, fields: dict[str, Any], output: Output) -> None:
    """Say where a text's first mistake is, without running it."""
    text = fields["question"]
    answer: dict[str, object] = {"message": None}
    try:
        parse(text, graph.engine.prefixes)
    except QuerySyntaxError as error:
        said = "Updates are off on this page." if is_update(text) else error.reason
        answer = {"message": said, "line": error.line or 1, "column": error.column or 1}
    except LimitError:
        pass
    write_json(output, answer)


def disputed(graph: Graph) -> list[Conflict]:
    """Every conflict of the graph, found once."""
    if graph not in _DISPUTED:
        _DISPUTED[graph] = graph.conflicts()
    return _DISPUTED[graph]


def conflicts(graph: Graph, fields: dict[str, Any], output: Output) -> None:
    """List what is disputed, with the values given and by how many families of sources."""
    found = disputed(graph)
    terms = [(c.subject, c.property, *(value.term for value in c.values)) for c in found]
    names = term_names(graph, terms, language_of(graph, fields))
    write_json(output, [conflict_data(graph, conflict, names) for conflict in found])


def conflict_data(graph: Graph, conflict: Conflict, names: dict[ox.NamedNode, str]) -> dict[str, Any]:
    """Return a conflict for the page."""
    return {
        "kind": conflict.kind,
        "subject": cell(conflict.subject, names, graph),
        "property": cell(conflict.property, names, graph),
        "values": [
            {
                "term": cell(value.term, names, graph), "families": value.families,
                "preferred": value.preferred, "reason": value.reason,
                "passages": _titles(graph, value.passages),
            }
            for value in conflict.values
        ],
    }  # fmt: skip


def _titles(graph: Graph, passages: Iterable[Passage]) -> list[dict[str, str]]:
    return [
        {"name": curie(passage.id, graph.engine.prefixes), "title": passage.title or passage.id}
        for passage in passages
    ]


def cite(graph: Graph, fields: dict[str, Any], output: Output) -> None:
    """Cite a passage in three ways."""
    node = graph.resolve(fields["name"], "passage")
    passage = lookup(graph.engine, [node])[node]
    of = work(graph.engine, passage.source or node.value)
    cited = {"chicago": chicago(passage, of), "bibtex": bibtex(passage, of), "csl": [csl(passage, of)]}
    write_json(output, cited)
