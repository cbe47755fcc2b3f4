"""Commands that analyse the relationship graph: path, rank, analyze."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from kg.cli.cutting import cutting, say, taken
from kg.cli.options import DataCommand, graph_options, patience
from kg.cli.weigh import show_rows
from kg.errors import InputError
from kg.graph import Graph

_SHOWN = 8
"""How many members of a group are named before the rest is counted."""


def _choosing(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options for a backend and for JSON."""
    backend = click.option(
        "--backend", metavar="NAME", help="An installed NetworkX backend, such as parallel."
    )
    return backend(click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command))


def _limiting(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the option that says how much to show."""
    return click.option(
        "--limit", type=click.IntRange(1), default=20, show_default=True, help="How many at most."
    )(command)


@click.command(cls=DataCommand)
@click.argument("start", metavar="FROM")
@click.argument("end", metavar="TO")
@click.option("--in", "projection", metavar="PROJECTION", help="In this projection; else the main one.")
@click.option("--output", "-o", type=click.Path(path_type=Path), help="Draw the chains as an HTML file.")
@click.option(
    "--max", "most", type=click.IntRange(1, 1000), default=10, show_default=True, help="How many at most."
)
@_choosing
@cutting
@graph_options
def path(
    graph: Graph,
    start: str,
    end: str,
    *,
    projection: str | None,
    output: Path | None,
    most: int,
    backend: str | None,
    as_json: bool,
    **options: Any,
) -> int:
    """Show the shortest chains of relations between two things, each link with its passages.

    Exit code 1 if nothing joins them.
    """
    from kg.analysis import chains
    from kg.projection import to_networkx
    from kg.views.chains import heading, lines, to_data

    with patience("Looking for chains"):
        found = graph.projection(projection, **taken(options))
        network = to_networkx(found)
        ends = graph.resolve(start).value, graph.resolve(end).value
        for thing in ends:
            if thing not in network:
                raise InputError(
                    f"{found.about.name(thing)} has no relation in “{found.title}”; name another projection "
                    "with --in, or cut less. kg projections lists them."
                )
        shortest = chains(network, ends[0], ends[1], most, backend=backend)
    say(found.notes)
    if output is not None and shortest.found:
        _draw(network, shortest, heading(shortest, found.about, *ends), output)
    elif as_json:
        _print_json(to_data(shortest, found.about, *ends))
    else:
        click.echo("\n".join(lines(shortest, found.about, *ends)))
    return 0 if shortest.found else 1


def _draw(network: Any, shortest: Any, title: str, output: Path) -> None:
    """Write the part of a graph that its chains are made of as a page."""
    from kg.views.network import page

    edges = [
        (step.here, step.there, step.relation) if step.forward else (step.there, step.here, step.relation)
        for chain in shortest.found
        for link in chain
        for step in link
    ]
    page(network.edge_subgraph(edges).copy(), title).save(output)
    click.echo(f"kg: {output} holds the chains; open it in a browser.", err=True)


@click.command(cls=DataCommand)
@click.argument("projection", required=False)
@click.option("--by", default="betweenness", show_default=True, help="The measure.")
@_limiting
@_choosing
@cutting
@graph_options
def rank(graph: Graph, projection: str | None, *, by: str, **options: Any) -> None:
    """Show the most central things of a projection, by one of NetworkX's measures.

    Measures: betweenness, closeness, degree, eigenvector, harmonic, in-degree, out-degree, pagerank.
    """
    _central(graph, projection, by, options)


@click.command(cls=DataCommand)
@click.argument("what", type=click.Choice(["central", "communities", "components"]))
@click.argument("projection", required=False)
@click.option("--by", help="The measure, or louvain, label-propagation, greedy for communities.")
@_limiting
@_choosing
@cutting
@graph_options
def analyze(graph: Graph, what: str, projection: str | None, *, by: str | None, **options: Any) -> None:
    """Show what is central in a projection, its communities, or its unconnected components."""
    if what == "central":
        _central(graph, projection, by or "betweenness", options)
    else:
        _groups(graph, projection, what, by, options)


def _central(graph: Graph, projection: str | None, by: str, options: dict[str, Any]) -> None:
    """Rank the things of a projection and show the first."""
    from kg.analysis import MEASURES
    from kg.analysis import rank as ranked
    from kg.projection import to_networkx

    limit, as_json = options.pop("limit"), options.pop("as_json")
    with patience("Measuring"):
        found = graph.projection(projection, **taken(options))
        network = to_networkx(found)
        scores = ranked(network, by, backend=options["backend"])
    say([*found.notes, f"{by}: {MEASURES[by].meaning}", *_rest(limit, len(scores), "things")])
    rows = [(network.nodes[thing], score, thing) for thing, score in scores[:limit]]
    if as_json:
        _print_json(
            [
                {"rank": place, "label": data["label"], "type": data["type_label"], by: score, "id": thing}
                for place, (data, score, thing) in enumerate(rows, 1)
            ]
        )
        return
    show_rows(
        ("rank", "thing", "kind", by),
        [
            (str(place), data["label"], data["type_label"], f"{score:.4g}")
            for place, (data, score, _) in enumerate(rows, 1)
        ],
    )


def _groups(graph: Graph, projection: str | None, what: str, by: str | None, options: dict[str, Any]) -> None:
    """Part the things of a projection into groups and show the largest."""
    from kg import analysis
    from kg.projection import to_networkx

    limit, as_json, backend = (options.pop(name) for name in ("limit", "as_json", "backend"))
    with patience("Grouping"):
        found = graph.projection(projection, **taken(options))
        network = to_networkx(found)
        if what == "communities":
            groups = analysis.communities(network, by or "louvain", backend=backend)
        elif by is not None:
            raise InputError("Components need no --by: they are what nothing connects; leave it out.")
        else:
            groups = analysis.components(network, backend=backend)
    say([*found.notes, *_rest(limit, len(groups), what)])
    if as_json:
        _print_json(groups[:limit])
        return
    names = [[network.nodes[thing]["label"] for thing in group] for group in groups[:limit]]
    show_rows(
        ("group", "things", "most connected first"),
        [(str(place), str(len(group)), _named(group)) for place, group in enumerate(names, 1)],
    )


def _print_json(data: object) -> None:
    click.echo(json.dumps(data, ensure_ascii=False, indent=1))


def _rest(shown: int, there: int, what: str) -> list[str]:
    """Say how much is not shown."""
    if not there:
        return ["this projection holds nothing here; name another, or cut less. kg projections lists them."]
    return [f"{shown} of {there:,} {what} are shown; --limit shows more"] if there > shown else []


def _named(names: list[str]) -> str:
    more = f"; and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    return "; ".join(names[:_SHOWN]) + more
