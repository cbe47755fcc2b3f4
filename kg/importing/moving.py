"""Moving: the passages of other files that quote a text, marked anew when the text has changed.

A sheet's quotations stand in files that its import wrote. Such a file is what our writer makes of its own
statements, so it can be written again without losing anything; a file that a person wrote is left alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from kg.engine.loading import read_file
from kg.importing.anchors import Anchor
from kg.importing.quotes import marked, marks
from kg.project import Project
from kg.turtle import Writer


@dataclass(frozen=True, slots=True)
class Quoting:
    """A file whose passages quote a text, and whether our writer wrote it."""

    path: Path
    quads: tuple[ox.Quad, ...]
    passages: dict[str, Anchor]
    is_ours: bool

    def moved(self, found: dict[str, Anchor], project: Project) -> bytes:
        """Return the file's new content, with the passages that were found again where they stand now."""
        lines = {
            (f"<{passage}#selector>", name): value
            for passage, anchor in found.items()
            for name, value in marks(anchor)
        }
        triples = (
            (quad, lines.get((str(quad.subject), str(quad.predicate)), str(quad.object)))
            for quad in self.quads
        )
        return _content(triples, project)


def quoting(project: Project, source: str, apart: Path) -> Iterator[Quoting]:
    """Yield the files of facts, but one, that have passages of a source's text."""
    for path in project.fact_files():
        if path == apart or path.suffix != ".trig":
            continue
        quads = tuple(read_file(path))
        store = ox.Store()
        store.extend(quads)
        passages = marked(store, source)
        if passages:
            is_ours = _content(((quad, str(quad.object)) for quad in quads), project) == path.read_bytes()
            yield Quoting(path, quads, passages, is_ours)


def _content(quads: Iterable[tuple[ox.Quad, str]], project: Project) -> bytes:
    """Write quads as an import does."""
    graphs = defaultdict[str, list[tuple[str, str, str]]](list)
    for quad, target in quads:
        graphs[str(quad.graph_name)[1:-1]].append((str(quad.subject), str(quad.predicate), target))
    writer = Writer(project.prefixes)
    blocks = (block for iri in sorted(graphs) for block in writer.terms(iri, graphs[iri]))
    return (writer.header() + "".join(blocks)).encode()
