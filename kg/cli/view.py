"""Commands that show the relationship graph: view, projections."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import Any

import click

from kg.cli.cutting import cutting, say, taken
from kg.cli.options import DataCommand, graph_options, patience
from kg.cli.weigh import show_rows
from kg.graph import Graph


@click.command(cls=DataCommand)
@click.argument("projection", required=False)
@click.option("--output", "-o", type=click.Path(path_type=Path), help="The HTML file to write.")
@cutting
@graph_options
def view(graph: Graph, projection: str | None, output: Path | None, **options: Any) -> None:
    """Show the relationship graph as one HTML file that works offline.

    PROJECTION is the name of a saved projection (kg projections lists them), or a query that constructs
    triples or selects ?source, ?relation and ?target; without one, the project's main one.
    """
    from kg.projected import drawn

    file = output or Path("graph.html")
    with patience("Drawing"):
        page, notes = drawn(graph.projection(projection, **taken(options)))
        page.save(file)
    say(notes)
    if output is None:
        webbrowser.open(file.resolve().as_uri())
    click.echo(f"kg: {file} holds the graph; open it in a browser.", err=True)


@click.command(cls=DataCommand)
@graph_options
def projections(graph: Graph) -> None:
    """List the saved projections, with their titles and how many things and relations they hold."""
    from kg.projection.links import read

    rows = []
    with patience("Counting"):
        for name, saved in graph.projections().items():
            links = read(graph.engine, saved.text)
            rows.append((name, saved.title, str(len(links.things)), str(len(links))))
    show_rows(("projection", "what it shows", "things", "relations"), rows)
