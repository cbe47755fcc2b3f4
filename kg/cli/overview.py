"""`kg` alone: what is in the graph, and what to try next."""

from __future__ import annotations

import shlex

import click
import pyoxigraph as ox

from kg.cli.options import open_from
from kg.engine import select
from kg.graph import Graph

_KINDS = """
SELECT ?label (COUNT(DISTINCT ?thing) AS ?n) WHERE {
  GRAPH ?g { ?thing a ?kind }
  FILTER(?g NOT IN (kg:provenance, <https://w3id.org/kg-footnote/ontology>))
  ?kind rdfs:label ?label .
  FILTER(LANGMATCHES(LANG(?label), "en") || LANG(?label) = "")
} GROUP BY ?label ORDER BY DESC(?n) ?label LIMIT 12
"""
_COUNTS = """
SELECT
  (COUNT(DISTINCT ?source) AS ?sources) (COUNT(DISTINCT ?passage) AS ?passages)
WHERE { GRAPH kg:provenance { ?passage dcterms:isPartOf ?source } }
"""
_STATEMENTS = """
SELECT (COUNT(*) AS ?n) WHERE {
  ?s ?p ?o
  FILTER NOT EXISTS { GRAPH <https://w3id.org/kg-footnote/ontology> { ?s ?p ?o } }
  FILTER NOT EXISTS { GRAPH kg:curated { ?s ?p ?o } }
}
"""

_CENTRAL = """
SELECT ?thing WHERE {
  ?s ?p ?thing . ?thing rdfs:label ?label
  FILTER(isIRI(?thing) && STRSTARTS(STR(?thing), "%s"))
} GROUP BY ?thing ORDER BY DESC(COUNT(DISTINCT ?s)) ?thing LIMIT 1
"""


def overview(folder: str | None) -> None:
    """Print the overview of a project."""
    graph = open_from(folder)
    click.echo(click.style(graph.project.title, bold=True))
    click.echo(_holdings(graph))
    click.echo()
    for line in _kinds(graph):
        click.echo(line)
    click.echo()
    click.echo("Try next")
    kg = "kg" if folder is None else f"kg --project {shlex.quote(str(folder))}"
    tries = [(f"{kg} {command}", purpose) for command, purpose in _next(graph)]
    width = max(44, *(len(command) + 2 for command, _ in tries))
    for command, purpose in tries:
        click.echo(f"  {command:<{width}}{purpose}")


def _holdings(graph: Graph) -> str:
    row = next(select(graph.engine, _COUNTS))
    statements = next(select(graph.engine, _STATEMENTS))["n"].value
    questions = len(graph.project.query_files())
    return (
        f"{statements} statements in {row['passages'].value} passages of {_count(row['sources'], 'source')}, "
        f"{questions} saved question{'' if questions == 1 else 's'}"
    )


def _count(number: ox.Literal, noun: str) -> str:
    return f"{number.value} {noun}{'' if number.value == '1' else 's'}"


def _kinds(graph: Graph) -> list[str]:
    rows = [(row["label"].value, row["n"].value) for row in select(graph.engine, _KINDS)]
    width = max((len(label) for label, _ in rows), default=0)
    return [f"  {label:<{width}}  {number:>6}" for label, number in rows]


def _next(graph: Graph) -> list[tuple[str, str]]:
    names = [path.stem for path in graph.project.query_files()]
    everything = "'SELECT * WHERE { ?s ?p ?o } LIMIT 9'"
    favourite = "rehabilitated-when" if "rehabilitated-when" in names else next(iter(names), everything)
    return [
        ("questions", "the saved questions"),
        (f"query {favourite}", "one of them, answered"),
        *(
            (f"describe {thing}", "all about one thing, with the words behind it")
            for thing in _central(graph)
        ),
        ("view -o graph.html", "the relationship graph, as one page"),
        ("export -o facts.ttl", "all of it as Turtle"),
        ("--help", "everything else"),
    ]


def _central(graph: Graph) -> list[str]:
    """The thing that most statements lead to, by its short name; none in a graph that names nothing."""
    if graph.project.is_bundled:
        return ["nikolai-bukharin"]
    space = graph.project.namespace
    things = (row["thing"].value for row in select(graph.engine, _CENTRAL % space))
    return [thing.removeprefix(space) for thing in things if thing.isprintable()]
