"""Commands that ask: query, questions, describe."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import pyoxigraph as ox

from kg.cli.options import DataCommand, console, evidence_caps, graph_options, is_terminal, patience
from kg.engine import Term
from kg.errors import InputError, NotAllowedError
from kg.files import read_code, replacing
from kg.graph import Graph
from kg.query import Result
from kg.views.table import cells, headings, print_table, write_tsv
from kg.words import counted


@click.command(cls=DataCommand)
@click.argument("question")
@click.option("--param", "-p", "params", multiple=True, metavar="NAME=VALUE", help="A question's parameter.")
@click.option(
    "--format", "-f", "format_", metavar="FORMAT", help="table, json, xml, csv, tsv; for graphs turtle, ..."
)
@click.option("--output", "-o", type=click.Path(path_type=Path), help="Write the answer to a file.")
@click.option("--iris", is_flag=True, help="Show IRIs instead of labels.")
@click.option("--allow-update", is_flag=True, help="Run a SPARQL update; keep what it makes with -o FILE.")
@click.option("--evidence", is_flag=True, help="Show the passages behind each row (table, json, html).")
@click.option("--only", multiple=True, metavar="SOURCE", help="Answer as if only this source existed.")
@click.option("--without", multiple=True, metavar="SOURCE", help="Answer as if this source did not exist.")
@evidence_caps(3)
@graph_options
def query(
    graph: Graph,
    question: str,
    *,
    params: tuple[str, ...],
    format_: str | None,
    output: Path | None,
    only: tuple[str, ...],
    without: tuple[str, ...],
    iris: bool,
    allow_update: bool,
    evidence: bool,
    caps: Mapping[str, Any],
) -> None:
    """Ask a saved question by its name, a SPARQL text, a file with one, or - for standard input."""
    text = question_text(question)
    if allow_update:
        _update(graph, text, output)
        return
    values = question_values(params)
    whole = _whole(graph.query(text, evidence=False, **values)) if evidence and without else []
    opened = graph
    if only or without:
        graph = graph.restricted(only=only, without=without, keep=False)
    if evidence:
        from kg.cli.evidence import answer, format_of

        kind = format_of(format_, output)
        answer(graph, text, values, kind, output, opened=opened, iris=iris, caps=caps, whole=whole)
        return
    with patience("Asking"):
        result = graph.query(text, evidence=False, **values)
    if output is None and format_ in {None, "table"}:
        show(graph, result, iris=iris)
    else:
        _write(result, _format(format_, output), output)


def _whole(result: Result) -> list[Sequence[Term | None]]:
    """Return the rows of an answer from all sources; an ASK has one, its truth."""
    return [(ox.Literal(bool(result)),)] if result.form == "ask" else list(result.stream())


def question_text(question: str) -> str:
    """Return what was asked: a text, or the contents of the file or standard input that was named."""
    if question == "-":
        try:
            return sys.stdin.buffer.read().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise InputError(f"Standard input is not UTF-8 text (byte {error.start}).") from error
    return read_code(Path(question)) if question.endswith(".rq") else question


def question_values(params: tuple[str, ...]) -> dict[str, str]:
    """Read NAME=VALUE pairs."""
    pairs = [param.partition("=") for param in params]
    for name, equals, _ in pairs:
        if not (name and equals):
            raise InputError(f"{name!r} is no parameter; write it as NAME=VALUE.")
    return {name: value for name, _, value in pairs}


def _format(format_: str | None, output: Path | None) -> str:
    return format_ or (output.suffix if output else "")


def _write(result: Result, format_: str, output: Path | None) -> None:
    """Write an answer in a standard format, to a file or to standard output."""
    if output is None:
        result.write(sys.stdout.buffer, format_)
        return
    with replacing(output) as file:
        result.write(file, format_)


def _update(graph: Graph, text: str, output: Path | None) -> None:
    """Run an update in memory and keep the result in a file."""
    if output is None:
        raise NotAllowedError(
            "Nothing would keep what this update makes; name a file with -o, such as -o new.trig."
        )
    graph.engine.update(text)
    for warning in graph.export(output):
        click.echo(f"kg: {warning}", err=True)


def show(graph: Graph, result: Result, *, iris: bool = False) -> None:
    """Show an answer to a person: a table on a terminal, as TSV elsewhere; a graph as Turtle."""
    if result.form == "ask":
        click.echo("yes" if result else "no")
        return
    if result.form == "graph":
        click.echo(result.to("turtle"), nl=False)
        return
    rows = cells(graph.engine, result.rows, graph.project.language, iris=iris)
    header = headings(result.variables)
    if not is_terminal():
        write_tsv(sys.stdout, header, rows)
        return
    print_table(console(), header, rows)
    click.echo(counted(len(rows), "row"), err=True)


@click.command(cls=DataCommand)
@graph_options
def questions(graph: Graph) -> None:
    """List the saved questions, with their titles and parameters."""
    rows = [
        (
            name,
            question.title,
            ", ".join(
                f"{p.name} ({p.kind}{'' if p.default is None else ', default ' + p.default})"
                for p in question.parameters
            ),
        )
        for name, question in graph.questions().items()
    ]
    header = ("question", "what it asks", "parameters")
    if is_terminal():
        print_table(console(), header, rows)
    else:
        write_tsv(sys.stdout, header, rows)


@click.command(cls=DataCommand)
@click.argument("thing")
@click.option("--iris", is_flag=True, help="Show IRIs instead of labels.")
@graph_options
def describe(graph: Graph, thing: str, *, iris: bool) -> None:
    """Show every statement about one thing, each with the quoted words behind it."""
    from kg.views.description import lines

    click.echo("\n".join(lines(graph.describe(thing), graph.engine.prefixes, iris=iris)))
