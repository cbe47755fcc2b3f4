"""Commands for large graphs: push to an engine elsewhere."""

from __future__ import annotations

from typing import cast

import click

from kg.cli.options import DataCommand, patience
from kg.engine.embedded import Embedded
from kg.graph import open_graph


@click.command(cls=DataCommand)
@click.option("--endpoint", required=True, metavar="URL", help="The SPARQL service to put the graphs on.")
@click.option("--update", "update_url", metavar="URL", help="Where it takes updates, if elsewhere.")
@click.option("--graph-store", metavar="URL", help="Its Graph Store service, used instead of updates.")
@click.option("--auth-env", metavar="NAME", help="The variable with its user:password, or 'Bearer TOKEN'.")
@click.option("--timeout", type=float, default=60.0, show_default=True, help="Seconds to wait for an answer.")
@click.option("--project", "folder", metavar="DIR", help="Push the project in this folder.")
@click.option("--data", multiple=True, metavar="FILE...", help="Push these RDF files instead.")
@click.pass_context
def push(
    ctx: click.Context,
    *,
    endpoint: str,
    update_url: str | None,
    graph_store: str | None,
    auth_env: str | None,
    timeout: float,
    folder: str | None,
    data: tuple[str, ...],
) -> int:
    """Put every graph on a SPARQL service, replacing those of the same names; exit code 1 if one is short."""
    from kg.engine.http import Client
    from kg.engine.pushing import push as deliver
    from kg.engine.remote import Remote

    graph = open_graph(folder or (ctx.obj or {}).get("folder"), data=data)
    target = Remote(endpoint, update_url=update_url, client=Client(timeout=timeout, auth_env=auth_env))
    with patience("Pushing"):
        arrived = list(deliver(cast(Embedded, graph.engine).store, target, graph_store))
    for delivery in arrived:
        if not delivery.is_complete:
            click.echo(f"{delivery.graph}: {delivery.sent} statements sent, {delivery.found} there")
    total = sum(delivery.found for delivery in arrived)
    click.echo(f"{len(arrived)} graphs with {total} statements are at {endpoint}.", err=True)
    return 0 if all(delivery.is_complete for delivery in arrived) else 1
