"""Commands that show the relationship graph."""

from __future__ import annotations

import webbrowser
from pathlib import Path

import click

from kg.cli.options import DataCommand, graph_options, patience
from kg.files import replacing
from kg.graph import Graph


@click.command(cls=DataCommand)
@click.argument("projection", required=False)
@click.option("--output", "-o", type=click.Path(path_type=Path), help="The HTML file to write.")
@graph_options
def view(graph: Graph, projection: str | None, output: Path | None) -> None:
    """Show the relationship graph as one HTML file that works offline.

    PROJECTION is the name of a saved projection or a graph query; without one, the project's main one.
    """
    file = output or Path("graph.html")
    with patience("Drawing"):
        html = graph.view(projection)
    with replacing(file) as opened:
        opened.write(html.encode())
    if output is None:
        webbrowser.open(file.resolve().as_uri())
    click.echo(f"kg: {file} holds the graph; open it in a browser.", err=True)
