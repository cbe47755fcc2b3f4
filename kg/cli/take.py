"""Commands that take the graph away or look after it: export, check."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from kg.cli.cutting import cutting, say, taken
from kg.cli.options import DataCommand, graph_options, patience
from kg.errors import InputError
from kg.files import replacing
from kg.formats import NETWORK_FORMATS
from kg.graph import Graph


@click.command(cls=DataCommand)
@click.argument("projection", required=False)
@click.option(
    "--output", "-o", type=click.Path(path_type=Path), help="The file to write; its ending is its format."
)
@click.option(
    "--format",
    "-f",
    "format_",
    metavar="FORMAT",
    help="turtle, trig, nquads, ntriples, jsonld, rdfxml; of a projection gexf, graphml, cytoscape, csv, "
    "parquet.",
)
@click.option(
    "--evidence", is_flag=True, help="Add the passages as rdf:Statement where the format has no graphs."
)
@click.option(
    "--sorted/--unsorted",
    "is_sorted",
    default=None,
    help="N-Quads sorted, or as the engine holds them: fast, and the default for a store on disk.",
)
@click.option("--sheet", is_flag=True, help="Write a sheet of all facts, .csv or .tsv, that kg import reads.")
@cutting
@graph_options
def export(
    graph: Graph,
    projection: str | None,
    output: Path | None,
    format_: str | None,
    *,
    evidence: bool,
    sheet: bool,
    is_sorted: bool | None,
    **options: Any,
) -> None:
    """Write all facts as RDF, or a projection for other programs; the same bytes for the same facts.

    Without PROJECTION, all facts: Turtle, TriG or another RDF format. With the name of one, or a query, the
    graph that kg view draws: GEXF for Gephi, GraphML, Cytoscape JSON, or CSV or Parquet of things and of
    relations.
    """
    if sheet:
        say(_write_sheet(graph, projection, output, format_ or "csv"))
        return
    if is_sorted is False:
        _dump(graph, projection, output, format_ or "nq")
        return
    if output is None and format_ is None:
        raise InputError(
            "Name a file with -o, such as -o trials.ttl, or a format with -f for standard output."
        )
    cuts = taken(options)
    if projection is not None or _is_network(output, format_):
        say(_write_network(graph, projection, output, format_, cuts))
        return
    if given := [name for name, value in cuts.items() if value and name != "hops"]:
        raise InputError(
            f"--{given[0].strip('_')} cuts a projection; name one, as in kg export people -o x.gexf."
        )
    with patience("Writing"):
        if output is None:
            warnings = graph.write(sys.stdout.buffer, format_ or "", evidence=evidence, is_sorted=is_sorted)
        else:
            warnings = graph.export(output, format_, evidence=evidence, is_sorted=is_sorted)
    say(warnings)


def _dump(graph: Graph, projection: str | None, output: Path | None, format_: str) -> None:
    """Write the dataset as the engine holds it."""
    kind = output.suffix if output else format_
    if projection is not None or kind.lower().lstrip(".") not in {"nq", "nquads"}:
        raise InputError("Unsorted, all facts go out as N-Quads; write: kg export --unsorted -o facts.nq")
    with patience("Writing"):
        if output is None:
            graph.dump(sys.stdout.buffer)
        else:
            with replacing(output) as file:
                graph.dump(file)


def _write_sheet(graph: Graph, projection: str | None, output: Path | None, format_: str) -> list[str]:
    """Write all facts as a sheet and return warnings in words."""
    kind = (output.suffix if output else format_).lower().lstrip(".")
    if projection is not None or kind not in {"csv", "tsv"}:
        raise InputError("A sheet holds all facts, as .csv or .tsv; write: kg export --sheet -o facts.csv")
    with patience("Writing"):
        if output is None:
            return graph.write_sheet(sys.stdout.buffer, kind)
        with replacing(output) as file:
            return graph.write_sheet(file, kind)


def _is_network(output: Path | None, format_: str | None) -> bool:
    """Whether a format is one of those for networks, none of which is one of RDF."""
    wanted = (format_ or (output.suffix if output else "")).lower().lstrip(".")
    return any(wanted in (kind.name, *kind.extensions) for kind in NETWORK_FORMATS)


def _write_network(
    graph: Graph, projection: str | None, output: Path | None, format_: str | None, cuts: dict[str, Any]
) -> list[str]:
    """Write a projection and return in words what was written and what was left out."""
    from kg.projected import placed
    from kg.projection.formats import write_to

    with patience("Writing"):
        if output is not None:
            return graph.export_projection(projection, output, format_, **cuts)
        found = graph.projection(projection, **cuts)
        write_to(found, sys.stdout.buffer, format_ or "", placed(found))
        return found.notes


@click.command(cls=DataCommand)
@graph_options
def check(graph: Graph) -> int:
    """Check ontology, shapes and quotations; exit code 1 if anything is wrong."""
    with patience("Checking") as say_instead:
        report = graph.check(lambda step: say_instead(f"Checking {step}"))
    for finding in report.findings:
        click.echo(str(finding))
    click.echo(report.summary, err=True)
    return 0 if report.ok else 1
