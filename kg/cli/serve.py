"""The command that serves the graph on one's own machine."""

from __future__ import annotations

import webbrowser

import click

from kg.cli.options import DataCommand
from kg.errors import InputError
from kg.server.running import listen, serve
from kg.server.settings import Limits, Place


@click.command("serve", cls=DataCommand)
@click.option("--project", "folder", metavar="DIR", help="Open the project in this folder.")
@click.option("--data", multiple=True, metavar="FILE...", help="Open these RDF files instead.")
@click.option("--store", metavar="DIR", help="Open this store on disk instead; kg load makes one.")
@click.option("--endpoint", metavar="URL", help="Ask this SPARQL service instead.")
@click.option("--auth-env", metavar="NAME", help="The variable with its user:password, or 'Bearer TOKEN'.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 takes any.")
@click.option(
    "--timeout", type=click.FloatRange(0.1), default=30.0, show_default=True, help="Seconds a query."
)
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True, help="Queries at once.")
@click.option("--browse/--no-browse", default=True, help="Open the page in a browser.")
@click.pass_context
def serve_command(
    ctx: click.Context, /, *, port: int, timeout: float, workers: int, browse: bool, **place: object
) -> None:
    """Serve a SPARQL endpoint and a page for asking, reading and browsing, on this machine only.

    It is read-only, and a query that takes too long is stopped.
    """
    place["folder"] = place["folder"] or (ctx.obj or {}).get("folder")
    if sum(bool(place[name]) for name in ("data", "store", "endpoint")) > 1:
        raise InputError("--data, --store and --endpoint each say where the facts are; name one of them.")
    try:
        import uvicorn  # noqa: F401 - asked for here, so that what is missing is said in words
    except ImportError as error:
        raise InputError("Serving needs two more packages: pip install 'kg-footnote[serve]'") from error
    found = listen(port)
    address = f"http://127.0.0.1:{found.getsockname()[1]}/"
    click.echo(f"kg: {address} (SPARQL at {address}sparql); stop with Ctrl-C.", err=True)
    if browse:
        webbrowser.open(address)
    serve(Place(**place), Limits(seconds=timeout, workers=workers), found)  # type: ignore[arg-type]  # click's values
