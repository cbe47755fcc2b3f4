"""Commands for large graphs: load into a store on disk and look after it, push to an engine elsewhere."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click
import pyoxigraph as ox

from kg.cli.options import DataCommand, console, patience
from kg.engine import Engine, select
from kg.engine.embedded import Embedded
from kg.engine.loading import check_file, load_files
from kg.errors import InputError
from kg.graph import open_graph
from kg.project import find_project
from kg.vocab import ONTOLOGY

if TYPE_CHECKING:
    from kg.engine.bulk import Progress
    from kg.engine.store import Loaded, Writer

_BETWEEN = 10.0
"""Seconds between two lines about progress where nobody watches."""


@click.command(cls=DataCommand)
@click.option("--endpoint", required=True, metavar="URL", help="The SPARQL service to put the graphs on.")
@click.option("--update", "update_url", metavar="URL", help="Where it takes updates, if elsewhere.")
@click.option("--graph-store", metavar="URL", help="Its Graph Store service, used instead of updates.")
@click.option("--auth-env", metavar="NAME", help="The variable with its user:password, or 'Bearer TOKEN'.")
@click.option("--timeout", type=float, default=60.0, show_default=True, help="Seconds to wait for an answer.")
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


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--store", "folder", required=True, metavar="DIR", type=click.Path(path_type=Path), help="The store."
)
@click.option(
    "--format",
    "-f",
    "format_",
    metavar="ENDING",
    default="nq",
    show_default=True,
    help="What standard input holds, such as trig or nt.gz.",
)
def load(files: tuple[Path, ...], folder: Path, format_: str) -> None:
    """Load RDF files into a store on disk, each whole or not at all, and make the store if there is none.

    Files end in .nt, .nq, .ttl, .trig, .jsonld or .rdf, and may be packed: .gz, .bz2, .xz, .zst. The file -
    is standard input. A file that the store holds already is passed over, so the same command goes on after
    an interruption.
    """
    from kg.engine.store import writing

    for path in files:
        # A slip in the last name should not wait for the files before it.
        if str(path) != "-":
            check_file(path)
    with writing(folder) as writer, ExitStack() as undo:
        if writer.manifest.generation == 0:
            undo.callback(_remove_unless_loaded, writer)
            _add_ontology(writer)
        for path in files:
            if str(path) == "-":
                with _spooled(writer.folder, format_) as spooled:
                    _load(writer, spooled, "standard input")
            else:
                _load(writer, path)


def _load(writer: Writer, path: Path, called: str | None = None) -> None:
    """Load one file and say how it went."""
    from kg.engine.bulk import load_file

    start, name = time.perf_counter(), called or str(path)
    with _shown(name) as report:
        loaded = load_file(writer, path, report=report, called=called)
    if loaded is None:
        click.echo(f"{name}: already in {writer.folder}", err=True)
        return
    seconds = time.perf_counter() - start
    rate = loaded.statements / max(seconds, 1e-3)
    click.echo(f"{name}: {loaded.statements} statements in {seconds:.1f} s, {rate:,.0f} a second", err=True)


@contextmanager
def _spooled(folder: Path, ending: str) -> Iterator[Path]:
    """Keep standard input in a file while it is loaded: it is whole, can be read again, and has a hash.

    It stands in the store, where there is most room, and the next writer removes what a crash leaves.
    """
    from kg.engine.folders import engine_errors

    with tempfile.TemporaryDirectory(prefix="scratch-", dir=folder / "data") as place:
        path = Path(place) / f"standard-input.{ending.lstrip('.')}"
        with engine_errors(folder), path.open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file, 1 << 20)
        yield path


def _add_ontology(writer: Writer) -> None:
    """Give a new store the ontology, whose labels and rules every command uses."""

    def work(database: ox.Store) -> list[Loaded]:
        load_files(database, find_project().ontology_files(), into=ox.NamedNode(ONTOLOGY))
        return []

    writer.change(work)


def _remove_unless_loaded(writer: Writer) -> None:
    """Leave no store behind where the first file of all failed."""
    if not writer.manifest.files:
        shutil.rmtree(writer.folder, ignore_errors=True)


@contextmanager
def _shown(name: str) -> Iterator[Callable[[Progress], None]]:
    """Show progress, rate and time left: to a person who watches all the time, to a log now and then."""
    if not sys.stderr.isatty():
        said = 0.0

        def log(at: Progress) -> None:
            nonlocal said
            if at.seconds - said >= _BETWEEN:
                said = at.seconds
                click.echo(_in_words(name, at), err=True)

        yield log
        return
    with console(stderr=True).status(f"{name} …") as status:
        yield lambda at: status.update(_in_words(name, at))


def _in_words(name: str, at: Progress) -> str:
    return (
        f"{name}: {at.statements:,} statements, {at.fraction:.0%}, {at.rate:,.0f} a second, "
        f"{at.seconds_left:.0f} s left"
    )


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
