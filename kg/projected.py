"""What a graph can do with its projections: list them, cut them, draw them, hand them to other programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.engine import Engine
from kg.names import resolve
from kg.project import Project
from kg.questions import Question, find_question, is_sparql, read_questions

if TYPE_CHECKING:
    import networkx as nx
    import pyarrow as pa

    from kg.projection import Projection
    from kg.projection.links import Links
    from kg.views.page import Page

_MOST_PLACED = 50_000


class Projected:
    """The part of `kg.Graph` that makes graphs of things and relations.

    A projection is the name of a saved one, or a query that constructs triples or selects `?source`,
    `?relation` and `?target`; without one, the project's main one. It can be cut to what is `around` some
    things in `hops` steps, to the years `from_` `to`, to what does not rest on the standings to `hide`
    alone, and to `only` some sources, or `without` some.
    """

    engine: Engine
    project: Project

    def projections(self) -> dict[str, Question]:
        """The saved projections by name."""
        return read_questions(self.project.projection_files())

    def projection(
        self,
        name: str | None = None,
        *,
        around: str | Sequence[str] = (),
        hops: int = 1,
        from_: int | None = None,
        to: int | None = None,
        hide: str | Sequence[str] = (),
        only: str | Iterable[str] = (),
        without: str | Iterable[str] = (),
    ) -> Projection:
        """A projection or the part of one that is asked for; its `notes` say what was left out.

        Raises `UnknownNameError` for an unknown name, `InputError` for a query that is no projection.
        """
        from kg.evidence.restrict import restricted
        from kg.projection import project
        from kg.projection.cuts import Cut, cut

        title, text = self._projection(name)
        engine, only, without = self.engine, _several(only), _several(without)
        if only or without:
            kept, gone = ([self._thing(source, "source") for source in names] for names in (only, without))
            engine = restricted(engine, [*kept], [*gone])
        centres = tuple(self._thing(thing, "thing").value for thing in _several(around))
        wanted = Cut(centres, hops, from_, to, tuple(_several(hide)))
        found = cut(project(engine, text, self.project.language, title), wanted)
        found.notes += [f"as if only {' and '.join(only)} existed"] if only else []
        found.notes += [f"as if {' and '.join(without)} did not exist"] if without else []
        return found

    def to_networkx(self, projection: str | None = None, **cuts: Any) -> nx.MultiDiGraph[Any]:
        """A projection as a NetworkX graph whose edges carry their passages; cuts as in `projection`.

        It fills itself as it is looked at, so that millions of relations are there at once.
        """
        from kg.projection import to_networkx

        return to_networkx(self.projection(projection, **cuts))

    def to_arrays(self, projection: str | None = None, **cuts: Any) -> Links:
        """A projection as arrays: IRIs of things and relations, and where each edge's ends are among them.

        `.adjacency()` is SciPy's sparse matrix. Cuts as in `projection`; without any, labels and dates are
        never looked up.
        """
        from kg.projection.links import read

        if cuts:
            return self.projection(projection, **cuts).links
        return read(self.engine, self._projection(projection)[1])

    def to_arrow(self, projection: str | None = None, **cuts: Any) -> tuple[pa.Table, pa.Table]:
        """A projection as two Arrow tables, of things and of relations; cuts as in `projection`.

        Raises `InputError` where pyarrow is not installed.
        """
        from kg.projection.arrow import to_arrow

        return to_arrow(self.projection(projection, **cuts))

    def view(self, projection: str | None = None, **cuts: Any) -> Page:
        """A projection as one HTML page that works offline, with `.save(path)`; cuts as in `projection`."""
        return drawn(self.projection(projection, **cuts))[0]

    def export_projection(
        self,
        projection: str | None,
        path: str | Path,
        format: str | None = None,  # noqa: A002 - the word that users know
        **cuts: Any,
    ) -> list[str]:
        """Write a projection for other programs, by the file's ending or in `format`, cut or whole.

        Returns in words what was written and what was left out. Raises `UnknownNameError` for a format nobody
        knows, `InputError` where the file cannot be written.
        """
        from kg.projection.formats import write

        found = self.projection(projection, **cuts)
        files = write(found, Path(path), format, placed(found))
        size = f"{len(found.links.things):,} things and {len(found):,} relations"
        return [*found.notes, f"{' and '.join(map(str, files))} hold{'' if files[1:] else 's'} {size}."]

    def _projection(self, name: str | None) -> tuple[str, str]:
        """Return a projection's title and query: a saved one by name, or a query itself."""
        if name is not None and is_sparql(name):
            return self.project.title, name
        question = find_question(
            self.project.projection_files(), name or self.project.projection, "projection"
        )
        return question.title, question.text

    def _thing(self, name: str, kind: str) -> Any:
        return resolve(self.engine, self.project, name, kind)


def drawn(projection: Projection) -> tuple[Page, list[str]]:
    """Draw a projection, or as much of one as a picture has room for; return also what was left out."""
    from kg.projection import to_networkx
    from kg.projection.cuts import best_connected
    from kg.views.network import MOST_RELATIONS, MOST_THINGS, page

    shown = best_connected(projection, MOST_THINGS, MOST_RELATIONS)
    return page(to_networkx(shown), shown.title), shown.notes


def placed(projection: Projection) -> dict[str, tuple[float, float]]:
    """Where each thing is drawn, so that other programs show the same picture."""
    from kg.projection import to_networkx
    from kg.views.layout import layout

    if len(projection.links.things) > _MOST_PLACED:
        projection.notes.append(f"no positions for more than {_MOST_PLACED:,} things")
        return {}
    return {thing: (float(x), float(y)) for thing, (x, y) in layout(to_networkx(projection)).items()}


def _several(names: str | Iterable[str]) -> list[str]:
    """Read one name or several."""
    return [names] if isinstance(names, str) else list(names)
