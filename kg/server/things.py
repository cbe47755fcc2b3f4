"""The page of one thing, entity or passage or source, with its twins in JSON and Turtle."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyoxigraph as ox

from kg.describe import Description
from kg.engine import select
from kg.files import read_text
from kg.graph import Graph
from kg.query import Result
from kg.server.asking import cell, passages_of
from kg.server.worker import Output
from kg.vocab import PREFIXES, PROVENANCE

TEMPLATES = Path(__file__).parent / "templates"
_TEXT_FILE = f"SELECT ?file WHERE {{ GRAPH <{PROVENANCE}> {{ ?source <{PREFIXES['kg']}textFile> ?file }} }}"


def thing(graph: Graph, fields: dict[str, Any], output: Output) -> None:
    """Write the page of one thing as HTML, JSON or Turtle; raises `UnknownNameError`."""
    node = graph.resolve(fields["name"])
    if fields["format"] == "ttl":
        output.head("text/turtle; charset=utf-8")
        text = f"CONSTRUCT {{ ?s ?p ?o }} {{ ?s ?p ?o FILTER(?s = {node} || ?o = {node}) }}"
        Result(lambda: graph.engine.query(text), graph.engine.prefixes).write(output, "turtle")  # type: ignore[arg-type]  # written to only
        return
    data = _data(graph, graph.describe(str(node.value)))
    if fields["format"] == "json":
        output.head("application/json")
        output.write(json.dumps(data, ensure_ascii=False).encode())
        return
    import jinja2

    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True)
    environment.filters["address"] = lambda name: "/thing/" + quote(name, safe=":")
    page = environment.get_template("thing.html").render(
        **data, linked=_linked(data), project=graph.project.title
    )
    output.head("text/html; charset=utf-8")
    output.write(page.encode())


def _data(graph: Graph, description: Description) -> dict[str, Any]:
    """Everything that the page shows."""
    names = description.labels
    graphs = [ox.NamedNode(p.id) for statement in description.statements for p in statement.passages]
    passages = passages_of(graph, [*graphs, description.thing])
    own = passages[description.thing.value] if description.passage else None
    statements = [
        {
            "terms": [cell(term, names, graph) for term in (s.subject, s.predicate, s.object)],
            "passages": [passages[p.id] for p in s.passages if not p.curated],
        }
        for s in description.statements
    ]
    carried = [[cell(term, names, graph) for term in triple] for triple in description.carried]
    named = cell(description.thing, names, graph)
    return {"thing": named, "statements": statements, "carried": carried, "passage": own} | {
        "text": _text(graph, own) if own else None
    }


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


def _linked(data: dict[str, Any]) -> str:
    """Return schema.org JSON-LD for a script element, in which no character can end the element."""
    said = {"@context": "https://schema.org/", "@type": "Thing", "@id": data["thing"]["iri"]} | {
        "name": data["thing"]["text"],
        "subjectOf": sorted({p["citation"] for s in data["statements"] for p in s["passages"]}),
    }
    return json.dumps(said, ensure_ascii=False).replace("<", "\\u003c")
