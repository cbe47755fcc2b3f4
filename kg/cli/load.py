"""Loading RDF files into a store on disk, with progress, each file whole or not at all."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pyoxigraph as ox

from kg.cli.options import console
from kg.engine.compressed import format_ending
from kg.engine.loading import check_file, load_files
from kg.formats import RDF_FORMATS, find
from kg.project import find_project
from kg.vocab import ONTOLOGY
from kg.words import counted

if TYPE_CHECKING:
    from kg.engine.bulk import Progress
    from kg.engine.store import Loaded, Writer

_BETWEEN = 10.0
"""Seconds between two lines about progress where nobody watches."""


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

    # A slip in the last name should not wait for the files before it.
    _check(files, format_)
    is_ours = not folder.exists()
    with writing(folder) as writer, ExitStack() as undo:
        if writer.manifest.generation == 0:
            undo.callback(_remove_unless_loaded, writer, is_ours=is_ours)
            _add_ontology(writer)
        for path in files:
            if str(path) == "-":
                with _spooled(writer.folder, format_) as spooled:
                    _load(writer, spooled, "standard input")
            else:
                _load(writer, path)


def _check(files: Iterable[Path], format_: str) -> None:
    """See what can be seen without reading."""
    for path in files:
        if str(path) == "-":
            find(format_ending(_spool(format_)), RDF_FORMATS, "RDF file ending")
        else:
            check_file(path)


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
    count = counted(loaded.statements, "statement")
    click.echo(f"{name}: {count} in {seconds:.1f} s, {rate:,.0f} a second", err=True)


@contextmanager
def _spooled(folder: Path, ending: str) -> Iterator[Path]:
    """Keep standard input in a file while it is loaded: it is whole, can be read again, and has a hash.

    It stands in the store, where there is most room, and the next writer removes what a crash leaves.
    """
    from kg.engine.folders import engine_errors

    with tempfile.TemporaryDirectory(prefix="scratch-", dir=folder / "data") as place:
        path = Path(place) / _spool(ending)
        with engine_errors(folder), path.open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file, 1 << 20)
        yield path


def _spool(ending: str) -> Path:
    """Return the name of the file that stands for standard input."""
    return Path(f"standard-input.{ending.lstrip('.')}")


def _add_ontology(writer: Writer) -> None:
    """Give a new store the ontology, whose labels and rules every command uses."""

    def work(database: ox.Store) -> list[Loaded]:
        load_files(database, find_project().ontology_files(), into=ox.NamedNode(ONTOLOGY))
        return []

    writer.change(work)


def _remove_unless_loaded(writer: Writer, *, is_ours: bool) -> None:
    """Leave no store behind where the first file of all failed, nor its folder if that is ours."""
    if writer.manifest.files:
        return
    (writer.folder / "manifest.json").unlink(missing_ok=True)
    shutil.rmtree(writer.folder / "data", ignore_errors=True)
    # Another writer may begin as soon as this is gone.
    (writer.folder / "lock").unlink()
    if is_ours:
        with suppress(OSError):
            writer.folder.rmdir()


@contextmanager
def _shown(name: str) -> Iterator[Callable[[Progress], None]]:
    """Show progress, rate and time left: to a person who watches all the time, to a log now and then."""
    if not sys.stderr.isatty():
        said = 0.0

        def log(at: Progress) -> None:
            nonlocal said
            if at.seconds - said >= _BETWEEN or (said and at.fraction == 1):
                said = at.seconds
                click.echo(_in_words(name, at), err=True)

        yield log
        return
    from rich.text import Text

    # Brackets in a name are no markup.
    with console(stderr=True).status(Text(f"{name} …")) as status:
        yield lambda at: status.update(Text(_in_words(name, at)))


def _in_words(name: str, at: Progress) -> str:
    if at.fraction == 1:
        return f"{name}: {at.statements:,} statements are read, and now sorted and written"
    return (
        f"{name}: {at.statements:,} statements, {at.fraction:.0%}, {at.rate:,.0f} a second, "
        f"{at.seconds_left:.0f} s left"
    )
