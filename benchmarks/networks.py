"""The speed of projections: a million edges to NetworkX and to arrays, beside rdflib's own way."""

from __future__ import annotations

import gc
import random
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from benchmarks.measure import Line, best_times, cpu_time
from kg.engine.embedded import Embedded
from kg.engine.loading import load_files
from kg.projection import project, to_networkx
from kg.projection.links import read
from kg.vocab import CURATED, PREFIXES, PROVENANCE

EDGES, THINGS, RELATIONS, STATED = 1_000_000, 100_000, 8, 20
"""How many edges, things and relations there are, and how many statements stand in one passage."""
if TYPE_CHECKING:
    import networkx as nx
    import rdflib

_EX = "http://example.org/"
QUERY = f"""SELECT ?source ?relation ?target ?passage {{
  GRAPH ?passage {{ ?source ?relation ?target }} FILTER(?passage NOT IN (<{CURATED}>, <{PROVENANCE}>))
}}"""


def networks() -> list[Line]:
    """Time a million edges on their way to NetworkX, with labels and passages, and to arrays."""
    import pyoxigraph as ox
    from rdflib.extras.external_graph_libs import rdflib_to_networkx_multidigraph

    with tempfile.TemporaryDirectory() as folder:
        facts = Path(folder, "facts.nq")
        with facts.open("w", encoding="utf-8") as file:
            file.writelines(quads())
        engine = Embedded(ox.Store(), PREFIXES)
        load_files(engine.store, [facts])
    graph = _rdflib_graph()
    peer = "rdflib_to_networkx_multidigraph, no labels, no passages"
    ways: dict[str, Callable[[], object]] = {
        "to arrays": lambda: read(engine, QUERY),
        "to NetworkX, labels and passages when looked at": lambda: to_networkx(project(engine, QUERY)),
        "to NetworkX, and all neighbours looked at": lambda: _walked(to_networkx(project(engine, QUERY))),
        "to NetworkX, and all labels and passages looked at": lambda: _read(
            to_networkx(project(engine, QUERY))
        ),
    }
    # Python's search for garbage leaves alone what stands ready for the others.
    gc.collect()
    gc.freeze()
    contenders = {peer: lambda: rdflib_to_networkx_multidigraph(graph), **ways}
    lines = []
    # The engine writes in one thread what is read in another, so that the clock tells less than the CPU time.
    for clock, by_what in ((cpu_time, ""), (perf_counter, ", by the clock")):
        found = best_times(contenders, rounds=2, clock=clock)
        lines += [
            Line(f"{EDGES:,} edges {way}{by_what}", peer, found[way], found[peer], 1 / 4) for way in ways
        ]
    gc.unfreeze()
    return lines


def _walked(graph: nx.MultiDiGraph[str]) -> int:
    return sum(len(keys) for _, near in graph.adjacency() for keys in near.values())


def _read(graph: nx.MultiDiGraph[str]) -> int:
    return sum(map(len, graph.nodes.values())) + sum(len(data) for _, _, data in graph.edges(data=True))


def edges() -> Iterator[tuple[str, str, str]]:
    """Yield edges between things some of which are tied to far more than others."""
    chance = random.Random(1)  # noqa: S311 - nothing here is secret
    for _ in range(EDGES):
        source, target = chance.randrange(THINGS), int(chance.random() ** 2 * THINGS)
        yield f"{_EX}thing/{source}", f"{_EX}relation/{chance.randrange(RELATIONS)}", f"{_EX}thing/{target}"


def quads() -> Iterator[str]:
    """Yield the edges in passages, the labels, and the records of the passages, as N-Quads."""
    kg, oa, dcterms, rdfs = (PREFIXES[name] for name in ("kg", "oa", "dcterms", "rdfs"))
    for number, (source, relation, target) in enumerate(edges()):
        yield f"<{source}> <{relation}> <{target}> <{_EX}passage/{number // STATED}> .\n"
    for number in range(THINGS):
        yield f'<{_EX}thing/{number}> <{rdfs}label> "Thing {number}" <{CURATED}> .\n'
    for number in range(EDGES // STATED):
        passage, selector = f"<{_EX}passage/{number}>", f"<{_EX}passage/{number}#selector>"
        for subject, verb, value in (
            (passage, f"{dcterms}isPartOf", f"<{_EX}source/{number % 1000}>"),
            (passage, f"{kg}standing", f"<{kg}Asserted>"),
            (passage, f"{oa}hasSelector", selector),
            (selector, f"{oa}exact", f'"What source {number % 1000} says in its passage {number}."'),
        ):
            yield f"{subject} <{verb}> {value} <{PROVENANCE}> .\n"


def _rdflib_graph() -> rdflib.Graph:
    """Return the edges alone, as rdflib holds them."""
    import rdflib

    graph = rdflib.Graph()
    terms: dict[str, rdflib.URIRef] = {}
    for edge in edges():
        source, relation, target = (terms.setdefault(iri, rdflib.URIRef(iri)) for iri in edge)
        graph.add((source, relation, target))
    return graph
