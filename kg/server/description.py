"""What the endpoint says of itself: a service description, VoID, prefixes and the saved questions."""

from __future__ import annotations

from collections.abc import Mapping

from kg.engine import select
from kg.engine.syntax import QUERIES, keywords
from kg.formats import RDF_FORMATS, RESULT_FORMATS
from kg.graph import Graph
from kg.questions import Question

_HEAD = """@prefix sd: <http://www.w3.org/ns/sparql-service-description#> .
@prefix void: <http://rdfs.org/ns/void#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix formats: <http://www.w3.org/ns/formats/> .
"""
_FORMATS = (
    "SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV",
    "Turtle", "N-Triples", "RDF_XML", "JSON-LD",
)  # fmt: skip


def describe_service(graph: Graph, base: str, *, updates: bool = False) -> str:
    """Return the description as Turtle; `base` is the server's address."""
    count = next(iter(select(graph.engine, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")))["n"].value
    known = ", ".join(entry.media_type for entry in (*RESULT_FORMATS, *RDF_FORMATS))
    data = f"<{base}/.well-known/void#dataset>"
    languages = "sd:SPARQL11Query, sd:SPARQL11Update" if updates else "sd:SPARQL11Query"
    lines = [
        _HEAD,
        f"<{base}/sparql> a sd:Service ; sd:endpoint <{base}/sparql> ;",
        f"  sd:supportedLanguage {languages} ; sd:feature sd:EmptyGraphs ;",
        f"  sd:resultFormat {', '.join(f'formats:{name}' for name in _FORMATS)} ;",
        f"  dcterms:description {_string('Answers as ' + known)} ;",
        f"  sd:defaultDataset {data} .",
        f"{data} a sd:Dataset, void:Dataset ; dcterms:title {_string(graph.project.title)} ;",
        f"  void:sparqlEndpoint <{base}/sparql> ; void:triples {count} ;",
        f"  sd:defaultGraph [ a sd:Graph ; void:triples {count} ] .",
    ]
    for name, namespace in sorted(graph.engine.prefixes.items()):
        lines.append(
            f'{data} sh:declare [ sh:prefix "{name}" ; sh:namespace {_string(namespace)}^^xsd:anyURI ] .'
        )
    lines.extend(
        _question(question, f"<{base}/question/{question.name}>", f"sh:prefixes {data} ;")
        for question in graph.questions().values()
    )
    return "\n".join(lines) + "\n"


def describe_question(question: Question, prefixes: Mapping[str, str]) -> str:
    """Return a saved question as Turtle, with its prefixes declared."""
    declared = ", ".join(
        f'[ sh:prefix "{name}" ; sh:namespace {_string(namespace)}^^xsd:anyURI ]'
        for name, namespace in sorted(prefixes.items())
    )
    return f"{_HEAD}{_question(question, '<>', f'sh:prefixes [ sh:declare {declared} ] ;')}\n"


def _question(question: Question, subject: str, prefixes: str) -> str:
    form = next((word.lower() for word in keywords(question.text) if word in QUERIES), "select")
    # SHACL has no class for DESCRIBE.
    kind = f", sh:SPARQL{form.title()}Executable" if form != "describe" else ""
    described = f" dcterms:description {_string(question.description)} ;" if question.description else ""
    return (
        f"{subject} a sh:SPARQLExecutable{kind} ; {prefixes}\n"
        f"  rdfs:comment {_string(question.title)} ;\n"
        f"  dcterms:title {_string(question.title)} ;{described} sh:{form} {_string(question.text)} ."
    )


def _string(text: str) -> str:
    """Quote a text for Turtle."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return f'"{escaped}"'
