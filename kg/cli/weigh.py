"""Commands that weigh sources against each other: conflicts, corroborate, timeline; and find."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

import click
import pyoxigraph as ox

from kg.cli.options import DataCommand, console, graph_options, is_terminal, patience
from kg.graph import Graph
from kg.terms import local_name, plain
from kg.views.table import print_table, write_tsv
from kg.words import counted


def show_rows(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Show rows of words: a table on a terminal, TSV elsewhere."""
    if is_terminal():
        print_table(console(), header, rows)
        click.echo(counted(len(rows), "row"), err=True)
    else:
        write_tsv(sys.stdout, header, rows)


def _about(graph: Graph, thing: str | None) -> ox.NamedNode | None:
    return None if thing is None else graph.resolve(thing)


@click.command(cls=DataCommand)
@click.argument("name", nargs=-1, required=True)
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=10, show_default=True, help="How many at most."
)
@graph_options
def find(graph: Graph, name: tuple[str, ...], limit: int) -> int:
    """Find things by name, in any script or spelling; exit code 1 if there are none."""
    from kg.names import labels
    from kg.search import index

    found = index(graph.engine).search(" ".join(name), limit)
    shown = labels(graph.engine, [match.thing for match in found], graph.project.language)
    show_rows(
        ("thing", "label", "name found", "likeness"),
        [(local_name(m.thing.value), shown.get(m.thing, m.name), m.name, f"{m.score:.0f}") for m in found],
    )
    return 0 if found else 1


@click.command(cls=DataCommand)
@click.argument("thing", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@graph_options
def conflicts(graph: Graph, thing: str | None, *, as_json: bool) -> None:
    """Show where sources give different values and only one is possible."""
    from kg.conflicts import conflicts as find
    from kg.views.disagreement import conflict_lines

    with patience("Comparing sources"):
        found = find(graph.engine, _about(graph, thing))
    if as_json:
        click.echo(json.dumps([_as_json(conflict) for conflict in found], ensure_ascii=False, indent=1))
        return
    click.echo("\n".join(conflict_lines(graph.engine, found, graph.project.language)))
    click.echo(counted(len(found), "conflict"), err=True)


def _as_json(conflict: object) -> dict[str, object]:
    from kg.conflicts import Conflict

    assert isinstance(conflict, Conflict)  # noqa: S101 - imported late, typed here
    return {
        "kind": conflict.kind,
        "subject": conflict.subject.value,
        "property": conflict.property.value,
        "values": [
            {
                "value": plain(value.term),
                "families": value.families,
                "passages": [passage.id for passage in value.passages],
                "preferred": value.preferred,
                "reason": value.reason,
            }
            for value in conflict.values
        ],
    }


@click.command(cls=DataCommand)
@click.argument("thing", required=False)
@click.option(
    "--min", "least", type=click.IntRange(1), default=2, show_default=True, help="Families at least."
)
@click.option("--single", is_flag=True, help="Show the statements that hang on one family instead.")
@graph_options
def corroborate(graph: Graph, thing: str | None, least: int, *, single: bool) -> None:
    """Show which statements independent families of sources agree on."""
    from kg.corroboration import corroborate as find
    from kg.views.disagreement import statement_rows

    with patience("Comparing sources"):
        found = find(graph.engine, _about(graph, thing))
    shown = [s for s in found if (len(s.families) == 1 if single else len(s.families) >= least)]
    show_rows(
        ("subject", "relation", "object", "families", "sources"),
        statement_rows(graph.engine, shown, graph.project.language),
    )
    alone = sum(len(s.families) == 1 for s in found)
    click.echo(f"{len(found) - alone} statements have two families or more, {alone} hang on one.", err=True)


@click.command(cls=DataCommand)
@click.argument("thing", required=False)
@graph_options
def timeline(graph: Graph, thing: str | None) -> None:
    """Show dated statements in order, those that contradict each other side by side."""
    from kg.timeline import timeline as find
    from kg.views.disagreement import moment_rows

    with patience("Ordering"):
        found = find(graph.engine, _about(graph, thing))
    show_rows(("date", "event", "sources"), moment_rows(graph.engine, found, graph.project.language))
