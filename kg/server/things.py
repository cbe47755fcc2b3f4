"""The page of one thing, entity or passage or source, with its twins in JSON and Turtle."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import shorten
from typing import Any
from urllib.parse import quote

import pyoxigraph as ox

from kg.describe import Description, describe
from kg.engine import Term, select
from kg.files import read_text
from kg.graph import Graph
from kg.query import Result
from kg.questions import find_question
from kg.server.asking import cell, language_of, passages_of, question_data, term_names
from kg.server.description import describe_question
from kg.server.looking import conflict_data, write_json
from kg.server.worker import Output
from kg.terms import curie
from kg.vocab import PREFIXES, PROVENANCE

TEMPLATES = Path(__file__).parent / "templates"
_SCHEMA = {
    "kg:Person": "Person", "kg:Organization": "Organization", "kg:Organisation": "Organization",
    "kg:Place": "Place", "kg:Event": "Event", "kg:Source": "CreativeWork",
}  # fmt: skip
_TURTLE = f"""
CONSTRUCT {{ ?s ?p ?o }} WHERE {{
  {{ BIND(?thing AS ?s) {{ ?s ?p ?o }} UNION {{ GRAPH <{PROVENANCE}> {{ ?s ?p ?o }} }} }}
  UNION {{ BIND(?thing AS ?o) {{ ?s ?p ?o }} UNION {{ GRAPH <{PROVENANCE}> {{ ?s ?p ?o }} }} }}
  UNION {{ GRAPH ?thing {{ ?s ?p ?o }} }}
}}"""
_PART_OF = f"<{PREFIXES['dcterms']}isPartOf>"
_CLASSES = f"SELECT DISTINCT ?kind {{ VALUES ?own {{ %s }} ?own <{PREFIXES['rdfs']}subClassOf>* ?kind }}"
_MOST_STATEMENTS = 2_000
_TEXT_FILE = f"SELECT ?file WHERE {{ GRAPH <{PROVENANCE}> {{ ?source <{PREFIXES['kg']}textFile> ?file }} }}"


def thing(graph: Graph, fields: dict[str, Any], output: Output) -> None:
    """Write the page of one thing as HTML, JSON or Turtle; raises `UnknownNameError`."""
    node = graph.resolve(fields["name"])
    language = language_of(graph, fields)
    if fields["format"] == "ttl":
        output.head("text/turtle; charset=utf-8")
        text = _TURTLE.replace("?thing", str(node))
        Result(lambda: graph.engine.query(text), graph.engine.prefixes).write(output, "turtle")  # type: ignore[arg-type]  # written to only
        return
    data = _data(graph, describe(graph.engine, node, language, _MOST_STATEMENTS))
    if fields["format"] == "json":
        output.head("application/json")
        output.write(json.dumps(data, ensure_ascii=False).encode())
        return
    chosen = f"?language={language}" if fields.get("is_chosen") else ""
    shown = {"groups": _grouped(data), "kinds": _kinds(data), "linked": _linked(graph, data)}
    write_page(output, "thing.html", **data, **shown, project=graph.project.title, chosen=chosen)


def write_page(output: Output, template: str, **data: Any) -> None:
    """Answer with a page; everything in it is escaped."""
    import jinja2

    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True)
    environment.filters["address"] = lambda name: "/thing/" + quote(name, safe=":")
    output.head("text/html; charset=utf-8")
    output.write(environment.get_template(template).render(**data).encode())


def question(graph: Graph, fields: dict[str, Any], output: Output) -> None:
    """Write a saved question as JSON or Turtle; raises `UnknownNameError`."""
    saved = find_question(graph.project.query_files(), fields["name"])
    if fields["format"] == "ttl":
        output.head("text/turtle; charset=utf-8")
        output.write(describe_question(saved, graph.engine.prefixes).encode())
        return
    write_json(output, question_data(saved))


def _data(graph: Graph, description: Description) -> dict[str, Any]:
    """Everything that the page shows."""
    names = dict(description.labels)
    found = graph.conflicts(description.thing.value)
    values = [(c.subject, c.property, *(value.term for value in c.values)) for c in found]
    names |= term_names(graph, values)
    graphs = [ox.NamedNode(p.id) for statement in description.statements for p in statement.passages]
    parts = _parts(description)
    passages = passages_of(graph, [*graphs, *parts, description.thing])
    # A passage of a source has no name; its words say more than its address.
    quoted = {node: shorten(passages[node.value]["quote"], 100, placeholder=" …") for node in parts}
    names = {node: f"“{words}”" for node, words in quoted.items() if words} | names
    own = passages[description.thing.value] if description.passage else None
    statements = [
        {
            "terms": [cell(term, names, graph) for term in (s.subject, s.predicate, s.object)],
            "passages": [passages[p.id] for p in s.passages if not p.curated],
            "curated": any(p.curated for p in s.passages),
        }
        for s in description.statements
        if _is_shown(s.object)
    ]
    carried = [[cell(term, names, graph) for term in triple] for triple in description.carried]
    return {
        "thing": cell(description.thing, names, graph), "statements": statements, "carried": carried,
        "passage": own, "conflicts": [conflict_data(graph, conflict, names) for conflict in found],
        "text": _text(graph, own) if own else None, "is_cut": description.is_cut,
    }  # fmt: skip


def _grouped(data: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the statements by their relation: first those of the thing itself, then those that name it."""
    groups: dict[tuple[bool, str], dict[str, Any]] = {}
    for statement in data["statements"]:
        subject, relation, value = statement["terms"]
        is_own = subject["nt"] == data["thing"]["nt"]
        group = {"relation": relation, "is_own": is_own, "lines": []}
        lines = groups.setdefault((not is_own, relation["text"]), group)["lines"]
        lines.append(statement | {"other": value if is_own else subject})
    return [groups[key] for key in sorted(groups)]


def _parts(description: Description) -> list[ox.NamedNode]:
    """Return the passages of a source."""
    stated = [
        s for s in description.statements if str(s.predicate) == _PART_OF and s.object == description.thing
    ]
    return [s.subject for s in stated if isinstance(s.subject, ox.NamedNode)]


def _is_shown(value: Term) -> bool:
    """Whether a statement is more than bookkeeping that the page shows in words."""
    return not (isinstance(value, ox.NamedNode) and value.value.endswith("#selector"))


def _text(graph: Graph, passage: dict[str, Any]) -> dict[str, str] | None:
    """Return the source's text in three parts, the passage's words between; None where there is no text."""
    if passage["start"] < 0 or not passage["source"]:
        return None
    rows = list(select(graph.engine, _TEXT_FILE.replace("?source", f"<{passage['source']}>")))
    if not rows:
        return None
    text = read_text(graph.project.source_file(rows[0]["file"].value))
    start, end = passage["start"], passage["end"]
    return {"before": text[:start], "words": text[start:end], "after": text[end:]}


def _linked(graph: Graph, data: dict[str, Any]) -> str:
    """Return schema.org JSON-LD for a script element, in which no character can end the element."""
    thing, own = data["thing"], data["passage"]
    said: dict[str, Any] = {"@context": "https://schema.org/", "@id": thing["iri"], "name": thing["text"]}
    if own:
        said |= {"@type": "Quotation", "text": own["quote"], "citation": own["citation"]}
        said["isPartOf"] = {"@type": "CreativeWork", "@id": own["source"], "name": own["title"]}
    else:
        cited = {p["id"]: p["citation"] for s in data["statements"] for p in s["passages"]}
        said["@type"] = _schema_type(graph, data)
        quoted = [{"@type": "Quotation", "@id": iri, "citation": cited[iri]} for iri in sorted(cited)]
        said["subjectOf"] = quoted
    return json.dumps(said, ensure_ascii=False).replace("<", "\\u003c")


def _schema_type(graph: Graph, data: dict[str, Any]) -> str:
    """Return what schema.org calls the thing, or what its classes are classes of."""
    own = " ".join(kind["nt"] for kind in _kinds(data))
    kinds = {curie(row["kind"].value, graph.engine.prefixes) for row in select(graph.engine, _CLASSES % own)}
    return next((_SCHEMA[kind] for kind in sorted(kinds & set(_SCHEMA))), "Thing")


def _kinds(data: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the classes that the thing is in."""
    terms = [s["terms"] for s in data["statements"]]
    return [
        kind
        for subject, relation, kind in terms
        if relation["name"] == "rdf:type" and subject["nt"] == data["thing"]["nt"] and kind["type"] == "iri"
    ]
