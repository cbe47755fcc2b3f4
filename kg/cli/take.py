"""Commands that take the graph away or look after it: export, check."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from kg.cli.options import DataCommand, graph_options, patience
from kg.errors import InputError
from kg.graph import Graph


@click.command(cls=DataCommand)
@click.option(
    "--output", "-o", type=click.Path(path_type=Path), help="The file to write; its ending is its format."
)
@click.option(
    "--format", "-f", "format_", metavar="FORMAT", help="turtle, trig, nquads, ntriples, jsonld, rdfxml."
)
@click.option(
    "--evidence", is_flag=True, help="Add the passages as rdf:Statement where the format has no graphs."
)
@graph_options
def export(graph: Graph, output: Path | None, format_: str | None, *, evidence: bool) -> None:
    """Write all facts as Turtle, TriG or another RDF format, the same bytes for the same facts."""
    if output is None and format_ is None:
        raise InputError(
            "Name a file with -o, such as -o trials.ttl, or a format with -f for standard output."
        )
    with patience("Writing"):
        if output is None:
            warnings = graph.write(sys.stdout.buffer, format_ or "", evidence=evidence)
        else:
            warnings = graph.export(output, format_, evidence=evidence)
    for warning in warnings:
        click.echo(f"kg: {warning}", err=True)


@click.command(cls=DataCommand)
@graph_options
def check(graph: Graph) -> int:
    """Check ontology, shapes and quotations; exit code 1 if anything is wrong."""
    with patience("Checking"):
        report = graph.check()
    for finding in report.findings:
        click.echo(str(finding))
    click.echo(report.summary, err=True)
    return 0 if report.ok else 1
