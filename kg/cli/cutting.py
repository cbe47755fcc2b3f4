"""Options that say which part of a projection to take, and a way to say what was left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import click

from kg.cli.evidence import restricting

_YEAR = click.IntRange(1, 9999)
CUTS = ("around", "hops", "from_", "to", "hide", "only", "without")


def cutting(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of a cut; `taken` takes their values out of what it is given."""
    for option in (
        click.option(
            "--hide", multiple=True, metavar="STANDING", help="Hide what is only alleged, reported, …"
        ),
        click.option("--to", type=_YEAR, metavar="YEAR", help="Only what was in this year or before."),
        click.option(
            "--from", "from_", type=_YEAR, metavar="YEAR", help="Only what was in this year or after."
        ),
        click.option("--hops", type=click.IntRange(0), default=1, show_default=True, help="How many steps."),
        click.option("--around", multiple=True, metavar="THING", help="Only what is some steps from this."),
    ):
        command = option(command)
    return restricting(command)


def taken(options: dict[str, Any]) -> dict[str, Any]:
    """Take the values of a cut out of a command's options."""
    return {name: options.pop(name) for name in CUTS}


def say(notes: Iterable[str]) -> None:
    """Say on standard error what was left out."""
    for note in notes:
        click.echo(f"kg: {note}", err=True)
