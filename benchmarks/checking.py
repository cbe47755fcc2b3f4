"""Checking shapes: compiled to SPARQL beside pySHACL on rdflib, which must find the same; and how both grow.

The data are copies of what ships, each in a namespace of its own, so that every shape has work to do.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from functools import partial

import pyoxigraph as ox

from benchmarks.measure import Line, best_times
from kg.check import check
from kg.engine.embedded import Embedded
from kg.engine.loading import with_default_copy
from kg.graph import open_graph
from kg.project import Project, find_project
from kg.shapes import compile_shapes
from kg.vocab import ONTOLOGY, PREFIXES, PROVENANCE

SMALL, LARGE = 1, 10
"""Copies that pySHACL checks: about 10,000 and 100,000 triples."""
MILLION = 101
"""Copies that make a million triples."""
PROMISED = 5
_EVERYTHING: list[ox.NamedNode | ox.DefaultGraph] = [ox.DefaultGraph(), ox.NamedNode(PROVENANCE)]


def shapes() -> list[Line]:
    """Time the shapes beside pySHACL, then alone on a million triples, then the whole of `kg check`."""
    project = find_project()
    small, large, million = (_sized(copies) for copies in (SMALL, LARGE, MILLION))
    times = {
        size: best_times({"kg": partial(_broken, engine, project), "pySHACL": _pyshacl(engine, project)}, 2)
        for engine, size in (small, large)
    }
    alone = best_times({"kg": partial(_broken, million[0], project)}, 1)["kg"]
    whole = best_times({"kg": partial(check, million[0], project)}, 1)["kg"]
    (_, few), (_, many), (_, most) = small, large, million
    ours, theirs = times[many]["kg"] / many, times[many]["pySHACL"] / many
    return [
        Line(f"shapes, {many:,} triples", "pySHACL on rdflib", ours, theirs, 1 / PROMISED),
        Line(f"a triple of {many:,}", f"pySHACL, of {few:,}", theirs, times[few]["pySHACL"] / few, 2),
        Line(f"shapes, a triple of {most:,}", f"kg, of {many:,}", alone / most, ours, 1.5),
        Line(f"all of kg check, {most:,} triples", "60 seconds", whole, 60, 1.0),
    ]


def _sized(copies: int) -> tuple[Embedded, int]:
    """Return an engine with so many copies, and how many triples the shapes look at."""
    engine = Embedded(ox.Store(), PREFIXES)
    engine.store.bulk_extend(with_default_copy(_copies(copies)))
    return engine, sum(1 for graph in _EVERYTHING for _ in _of(engine, graph))


def _of(engine: Embedded, graph: ox.NamedNode | ox.DefaultGraph) -> Iterator[ox.Quad]:
    return engine.store.quads_for_pattern(None, None, None, graph)


def _copies(number: int) -> Iterator[ox.Quad]:
    """Yield the shipped statements so many times, each time under names of their own."""
    shipped = open_graph().engine
    assert isinstance(shipped, Embedded)  # noqa: S101 - files are opened in memory
    quads = [quad for quad in shipped.store if quad.graph_name != ox.DefaultGraph()]
    facts = [quad for quad in quads if quad.graph_name != ox.NamedNode(ONTOLOGY)]
    yield from (quad for quad in quads if quad.graph_name == ox.NamedNode(ONTOLOGY))
    text = "".join(f"{quad} .\n" for quad in facts)
    for copy in range(number):
        named = text.replace(f"<{PREFIXES['mt']}", f"<{PREFIXES['mt']}{copy}/")
        yield from ox.parse(named, format=ox.RdfFormat.N_QUADS)


def _broken(engine: Embedded, project: Project) -> set[str]:
    """The nodes at which some shape does not hold, by our queries."""
    found = set()
    for file in project.shape_files():
        for constraint in compile_shapes(file):
            answer = engine.query(constraint.query, default_graph=_EVERYTHING)
            assert isinstance(answer, ox.QuerySolutions)  # noqa: S101 - constraints are SELECT queries
            found |= {str(row["this"]) for row in answer}
    return found


def _pyshacl(engine: Embedded, project: Project) -> Callable[[], object]:
    """What pySHACL does on an rdflib graph that is loaded already; it must name the nodes that we name."""
    import pyshacl
    import rdflib

    lines = io.BytesIO()
    for graph in _EVERYTHING:
        engine.store.dump(lines, ox.RdfFormat.N_TRIPLES, from_graph=graph)
    data = rdflib.Graph().parse(data=lines.getvalue(), format="nt")
    rules = rdflib.Graph().parse(project.shape_files()[0])
    expected = _broken(engine, project)

    def run() -> None:
        _, report, _ = pyshacl.validate(data, shacl_graph=rules)
        found = {f"<{node}>" for node in report.objects(None, rdflib.SH.focusNode)}
        if found != expected:
            raise ValueError(f"kg and pySHACL differ: {sorted(found ^ expected)[:5]}")

    return run
