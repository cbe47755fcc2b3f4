"""Commands for large graphs: look after a store on disk, push to an engine elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click
import pyoxigraph as ox

from kg.cli.options import SECONDS, DataCommand, patience
from kg.engine import Engine, select
from kg.engine.embedded import Embedded
from kg.errors import InputError
from kg.graph import open_graph
from kg.vocab import ONTOLOGY

if TYPE_CHECKING:
    from kg.engine.store import Loaded


@click.command(cls=DataCommand)
@click.option("--endpoint", required=True, metavar="URL", help="The SPARQL service to put the graphs on.")
@click.option("--update", "update_url", metavar="URL", help="Where it takes updates, if elsewhere.")
@click.option("--graph-store", metavar="URL", help="Its Graph Store service, used instead of updates.")
@click.option("--auth-env", metavar="NAME", help="The variable with its user:password, or 'Bearer TOKEN'.")
@click.option("--timeout", type=SECONDS, default=60.0, show_default=True, help="Seconds to wait for it.")
@click.option("--project", "folder", metavar="DIR", help="Push the project in this folder.")
@click.option("--data", multiple=True, metavar="FILE...", help="Push these RDF files instead.")
@click.option("--store", "place", metavar="DIR", help="Push this store on disk instead.")
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
    place: str | None,
) -> int:
    """Put every graph on a SPARQL service, replacing those of the same names; exit code 1 if one is short."""
    from kg.engine.http import Client
    from kg.engine.pushing import push as deliver
    from kg.engine.remote import Remote

    graph = open_graph(folder or (ctx.obj or {}).get("folder"), data=data, store=place)
    target = Remote(endpoint, update_url=update_url, client=Client(timeout=timeout, auth_env=auth_env))
    with patience("Pushing"):
        arrived = list(deliver(cast(Embedded, graph.engine).store, target, graph_store))
    for delivery in arrived:
        if not delivery.is_complete:
            click.echo(f"{delivery.graph}: {delivery.sent} statements sent, {delivery.found} there")
        elif more := delivery.found - delivery.sent:
            click.echo(
                f"The default graph there has {more} other statements, of others or of an earlier push. "
                "If they are old, clear it (DROP DEFAULT) and push again.",
                err=True,
            )
    total = sum(min(delivery.sent, delivery.found) for delivery in arrived)
    click.echo(f"{len(arrived)} graphs with {total} statements are at {endpoint}.", err=True)
    return 0 if all(delivery.is_complete for delivery in arrived) else 1


@click.group()
def store() -> None:
    """Look after a store on disk."""


_FOLDER = click.argument("folder", type=click.Path(path_type=Path))


@store.command(short_help="Show what a store holds, or how a service behaves.")
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@click.option("--endpoint", metavar="URL", help="Show how this SPARQL service behaves where services differ.")
@click.option("--auth-env", metavar="NAME", help="The variable with its user:password, or 'Bearer TOKEN'.")
@click.option("--again", is_flag=True, help="Find out anew; else what is less than a week old is shown.")
def info(folder: Path | None, endpoint: str | None, auth_env: str | None, *, again: bool) -> None:
    """Show what a store holds: its files, statements, passages and size; or how a service behaves."""
    if (folder is None) == (endpoint is None):
        raise InputError("Name a store on disk, or a service with --endpoint URL.")
    for name, value in _of_store(folder) if folder else _of_service(endpoint or "", auth_env, again=again):
        click.echo(f"{name}\t{value}")


def _of_store(folder: Path) -> Iterator[tuple[str, object]]:
    from kg.engine.store import OnDisk, read_manifest

    manifest, engine = read_manifest(folder), OnDisk(folder)
    with patience("Counting"):
        facts, own = (_count(engine, where) for where in ("?s ?p ?o", f"GRAPH <{ONTOLOGY}> {{ ?s ?p ?o }}"))
    yield "distinct statements", facts
    yield "of these, the ontology of kg", own
    yield "statements in all graphs", len(engine.store)
    yield "graphs", len(engine.graph_names())
    yield "bytes on disk", sum(p.stat().st_size for p in (folder / "data").rglob("*") if p.is_file())
    yield "generation", manifest.generation
    for file in manifest.files:
        yield f"read from {file.name}", file.statements


def _count(engine: Engine, where: str) -> int:
    """Count in the engine, which takes a fiftieth of the time of handing the statements out."""
    (row,) = select(engine, f"SELECT (COUNT(*) AS ?n) {{ {where} }}")
    return int(row["n"].value)


def _of_service(url: str, auth_env: str | None, *, again: bool) -> Iterator[tuple[str, object]]:
    from kg.engine.http import Client
    from kg.engine.remote import Remote

    service = Remote(url, client=Client(auth_env=auth_env))
    if again:
        service.forget(profile=True)
    with patience("Asking"):
        told = service.profile.told()
    yield from told
    yield (
        "has a default graph of its own, or kg:default",
        _WORDS[not service.profile.union or service.has_default],
    )
    yield "keeps years under other names", _WORDS[service.keeps_aliases]


_WORDS = {True: "yes", False: "no"}


@store.command()
@_FOLDER
def optimize(folder: Path) -> None:
    """Compact a store after large loads, so that queries are faster."""
    from kg.engine.store import writing

    def work(database: ox.Store) -> list[Loaded]:
        database.optimize()
        return []

    with patience("Optimizing"), writing(folder, must_exist=True) as writer:
        writer.change(work)


@store.command()
@_FOLDER
@click.argument("target", type=click.Path(path_type=Path))
def backup(folder: Path, target: Path) -> None:
    """Copy a store to a new folder, while others read and write it."""
    from kg.engine.store import backup as copy

    with patience("Copying"):
        copy(folder, target)


@store.command(short_help="Read a whole store and check it.")
@_FOLDER
def verify(folder: Path) -> int:
    """Read a whole store: its files must be as they were written, and every statement have its copy.

    Exit code 1 if anything is wrong.
    """
    from kg.engine.bulk import faults
    from kg.engine.store import OnDisk

    with patience("Reading"):
        found = list(faults(OnDisk(folder)))
    for fault in found:
        click.echo(fault)
    state = "is damaged; use a backup, or load its files into a new store" if found else "is whole"
    click.echo(f"{folder} {state}.", err=True)
    return 1 if found else 0
