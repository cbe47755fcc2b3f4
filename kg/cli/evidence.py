"""Commands that show their sources: query --evidence, and why."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import pyoxigraph as ox

from kg.cli.options import DataCommand, console, evidence_caps, graph_options, is_terminal, patience
from kg.engine import Term
from kg.errors import InputError, UnknownNameError
from kg.evidence import Explanation, Options
from kg.files import replacing
from kg.graph import Graph
from kg.model import Evidence, Witness
from kg.views.footnotes import Footnotes, strongest, to_json
from kg.views.table import cells, headings, print_table, write_tsv
from kg.words import counted

FORMATS = ("table", "json", "html")
_MOST_SHOWN = 1000


def restricting(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command `--only` and `--without`."""
    only = click.option("--only", multiple=True, metavar="SOURCE", help="As if only this source existed.")
    without = click.option("--without", multiple=True, metavar="SOURCE", help="As if it did not exist.")
    return only(without(command))


def answer(
    graph: Graph,
    question: str,
    values: dict[str, str],
    format_: str,
    output: Path | None,
    *,
    opened: Graph,
    iris: bool,
    caps: Mapping[str, Any],
    whole: Sequence[Sequence[Term | None]] = (),
) -> None:
    """Write an answer with its footnotes, and which rows of the `whole` answer fall without some sources.

    What is known of the passages comes from the graph as it was `opened`, before it was restricted to some.
    """
    with patience("Asking"):
        explanation = graph.explain(question, Options(**caps), **values)
        shown = explanation.rows.read(_MOST_SHOWN) if format_ == "table" else len(explanation.rows)
        evidence = strongest(opened.engine, explanation, explanation.for_rows(range(shown)))
    notes = Footnotes(opened.engine, evidence, graph.project.language)
    if format_ == "json":
        _put(to_json(explanation, evidence, notes, _fallen(whole, explanation)), output)
    elif format_ == "html":
        from kg.views.answer import page

        title = graph.title_of(question)
        fallen = _fallen(whole, explanation)
        _put(page(explanation, evidence, notes, graph.project, title, fallen=fallen), output)
    else:
        _show(graph, explanation, evidence, notes, iris=iris)
        _show_fallen(graph, _fallen(whole, explanation), iris=iris)


def _fallen(whole: Sequence[Sequence[Term | None]], explanation: Explanation) -> list[Sequence[Term | None]]:
    """Tell which rows of the whole answer this one lacks; without one to compare with, none is read."""
    if not whole:
        return []
    left = Counter((ox.Literal(row),) if isinstance(row, bool) else row for row in explanation.rows)
    return list((Counter(map(tuple, whole)) - left).elements())


def _show_fallen(graph: Graph, fallen: Sequence[Sequence[Term | None]], *, iris: bool) -> None:
    if fallen:
        click.echo(
            f"\n{len(fallen)} {'row falls' if len(fallen) == 1 else 'rows fall'} without these sources:"
        )
        for row in cells(graph.engine, fallen[:_MOST_SHOWN], graph.project.language, iris=iris):
            click.echo("  " + "; ".join(cell for cell in row if cell))


def _put(text: str, output: Path | None) -> None:
    if output is None:
        sys.stdout.write(text)
        return
    with replacing(output) as file:
        file.write(text.encode())


def _show(
    graph: Graph, explanation: Explanation, evidence: Sequence[Evidence], notes: Footnotes, *, iris: bool
) -> None:
    marks = [notes.marks(one) for one in evidence]
    rows = [row for row in explanation.rows[: len(marks)] if not isinstance(row, bool)]
    table = cells(graph.engine, rows, graph.project.language, iris=iris)
    if explanation.form == "ASK":
        table = [["yes" if explanation.rows[0] else "no"]]
    lines = [[*row, mark] for row, mark in zip(table, marks, strict=True)]
    names = ["answer"] if explanation.form == "ASK" else headings(explanation.variables)
    header = [*names, "evidence"]
    if is_terminal():
        print_table(console(), header, lines)
    else:
        write_tsv(sys.stdout, header, lines)
    if notes.numbers:
        click.echo("\n" + "\n".join(notes.lines()))
    if below := notes.below(evidence, explanation.note):
        click.echo("\n" + "\n".join([*below, "kg why --row N tells more of a row"]))
    if explanation.rows.read(len(marks) + 1) > len(marks):
        click.echo(f"the first {len(marks):,} rows are shown; -f json gives all", err=True)


def format_of(format_: str | None, output: Path | None) -> str:
    """Choose the format of an answer with evidence; raises `UnknownNameError` for one it does not have."""
    chosen = format_ or (output.suffix.removeprefix(".") if output else "table")
    if chosen not in FORMATS:
        raise UnknownNameError("format for an answer with evidence", chosen, FORMATS)
    if chosen == "table" and output is not None:
        raise InputError("A table goes to standard output; with -o choose -f json or -f html.")
    return chosen


@click.command(cls=DataCommand)
@click.argument("question")
@click.option("--row", default=1, show_default=True, help="Which row, counted from 1.")
@click.option("--param", "-p", "params", multiple=True, metavar="NAME=VALUE", help="A question's parameter.")
@restricting
@evidence_caps(10)
@graph_options
def why(
    graph: Graph,
    question: str,
    *,
    row: int,
    params: tuple[str, ...],
    caps: Mapping[str, Any],
    only: tuple[str, ...],
    without: tuple[str, ...],
) -> None:
    """Show why one row of an answer is there: statements, passages, what is absent."""
    from kg.cli.ask import question_text, question_values

    opened = graph
    if only or without:
        graph = graph.restricted(only=only, without=without, keep=False)
    explanation = graph.explain(question_text(question), Options(**caps), **question_values(params))
    if row < 1 or explanation.rows.read(row) < row:
        count = len(explanation.rows)
        raise InputError(f"The answer has {counted(count, 'row')}, so there is no row {row}.")
    evidence = explanation.evidence(row - 1)
    misses = tuple(Witness(miss.statements) for a in evidence.absences for miss in a.near_misses)
    notes = Footnotes(opened.engine, [evidence, Evidence("constant", misses)], graph.project.language)
    found = explanation.rows[row - 1]
    if isinstance(found, bool):
        click.echo(f"answer: {'yes' if found else 'no'}")
    else:
        (cell,) = cells(graph.engine, [found], graph.project.language)
        click.echo("; ".join(f"{n}: {c}" for n, c in zip(headings(explanation.variables), cell, strict=True)))
    click.echo("\n".join([*notes.why(evidence), *filter(None, [explanation.note])]))
