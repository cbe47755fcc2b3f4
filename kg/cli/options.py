"""Options that commands share, each in one decorator, and what to print on."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import update_wrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec

import click

from kg.engine.compressed import format_ending
from kg.errors import InputError
from kg.graph import Graph, open_graph
from kg.project import RDF_ENDINGS

if TYPE_CHECKING:
    from rich.console import Console

P = ParamSpec("P")


SECONDS = click.FloatRange(min=0, min_open=True)
"""How long to wait for a service."""


class DataCommand(click.Command):
    """A command whose `--data` takes all RDF files that follow it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Repeat `--data` before each of its files, as click wants it."""
        spread: list[str] = []
        taking = False
        for arg in args:
            taking = arg == "--data" or (taking and format_ending(Path(arg)) in RDF_ENDINGS)
            if taking and arg != "--data" and spread[-1:] != ["--data"]:
                spread.append("--data")
            spread.append(arg)
        return super().parse_args(ctx, spread)


def graph_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that say which graph to open, and the opened graph as first argument."""

    @click.option("--project", "folder", metavar="DIR", help="Open the project in this folder.")
    @click.option("--data", multiple=True, metavar="FILE...", help="Open these RDF files instead.")
    @click.option("--store", metavar="DIR", help="Open this store on disk instead; kg load makes one.")
    @click.option("--endpoint", metavar="URL", help="Ask this SPARQL service instead.")
    @click.option(
        "--auth-env", metavar="NAME", help="The variable with its user:password, or 'Bearer TOKEN'."
    )
    @click.option(
        "--timeout", type=SECONDS, default=60.0, show_default=True, help="Seconds to wait for a service."
    )
    @click.option("--allow-service", is_flag=True, help="Let a query call other machines (SERVICE, LOAD).")
    @click.pass_context
    def opened(ctx: click.Context, /, *, folder: str | None, **given: Any) -> Any:
        folder = folder or (ctx.obj or {}).get("folder")
        choice = {name: given.pop(name) for name in _CHOICES}
        _refuse_several({f"--{name}": choice[name] for name in _PLACES})
        with patience("Loading facts"):
            graph = open_graph(folder, **choice)
        return command(graph, **given)

    return update_wrapper(opened, command)


def evidence_caps(witnesses: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command `caps`, the fields of `kg.evidence.Options`; so many witnesses unless told otherwise."""
    count, walks = click.IntRange(min=1), click.Choice(["shortest", "all-shortest", "lineage"])
    options: list[Callable[..., Any]] = [
        _cap("--witnesses", "max_witnesses", count, witnesses, "Evidence: witnesses of a row."),
        _cap("--members", "max_members", count, 1000, "Evidence: members of a group."),
        _cap("--nodes", "max_path_nodes", count, 10_000, "Evidence: nodes a path search visits."),
        _cap("--seconds", "max_seconds", click.FloatRange(min=0.1), 60.0, "Evidence: look no longer."),
        click.option("--paths", type=walks, default="shortest", help="Evidence: which walks along a path."),
    ]

    def capped(command: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **given: Any) -> Any:
            caps = {name: given.pop(name) for name in _CAPS}
            return command(*args, caps=caps, **given)

        made: Callable[..., Any] = update_wrapper(run, command)
        for option in reversed(options):
            made = option(made)
        return made

    return capped


_CAPS = ("max_witnesses", "max_members", "max_path_nodes", "max_seconds", "paths")


def _cap(name: str, field: str, kind: click.ParamType[Any], default: float, text: str) -> Callable[..., Any]:
    return click.option(name, field, type=kind, default=default, show_default=True, metavar="N", help=text)


_PLACES = ("data", "store", "endpoint")
_CHOICES = (*_PLACES, "auth_env", "timeout", "allow_service")


def _refuse_several(places: Mapping[str, object]) -> None:
    """Refuse two places to read facts from; a project goes with any of them, for its questions."""
    named = [option for option, value in places.items() if value]
    if len(named) > 1:
        raise InputError(f"{' and '.join(named)} each say where the facts are; name one of them.")


def console(*, stderr: bool = False) -> Console:
    """Return a console for tables on a terminal."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False)


def is_terminal() -> bool:
    """Whether a person reads standard output, rather than a program."""
    return sys.stdout.isatty()


@contextmanager
def patience(what: str) -> Iterator[Callable[[str], None]]:
    """Say what is being done once it has taken a second, if a person watches; gives what rewords it."""
    now = [what]
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    done = threading.Event()

    def show() -> None:
        if done.wait(1.0):
            return
        with console(stderr=True).status(f"{now[0]} …") as status:
            while not done.wait(0.2):
                status.update(f"{now[0]} …")

    thread = threading.Thread(target=show, daemon=True)
    thread.start()
    try:
        yield lambda words: now.__setitem__(0, words)
    finally:
        done.set()
        thread.join()


def open_from(folder: str | None) -> Graph:
    """Open a project as a command without options of its own does."""
    with patience("Loading facts"):
        return open_graph(folder)
