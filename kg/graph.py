"""The graph that a user opens: one object with a verb for everything kg can do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal, overload

import pyoxigraph as ox

from kg.describe import Description, describe
from kg.engine import Engine
from kg.engine.embedded import Embedded
from kg.engine.loading import load_files
from kg.names import labels, resolve
from kg.project import Project, find_project
from kg.projected import Projected
from kg.query import ExplainedResult, Result, run
from kg.questions import Question, bind, find_question, is_sparql, read_questions, title_in
from kg.vocab import ONTOLOGY

if TYPE_CHECKING:
    import rdflib

    from kg.check import Report
    from kg.conflicts import Conflict
    from kg.corroboration import Statement
    from kg.evidence import Explanation, Options
    from kg.search import Match
    from kg.timeline import Moment


class Graph(Projected):
    """A project's facts behind an engine, with its questions and projections.

    >>> import kg
    >>> g = kg.open()
    >>> g.query("SELECT ?name { mt:nikolai-bukharin rdfs:label ?name }").rows[0]["name"].value
    'Nikolai Bukharin'
    """

    def __init__(self, engine: Engine, project: Project) -> None:
        self.engine = engine
        self.project = project

    def questions(self) -> dict[str, Question]:
        """The saved questions by name."""
        return read_questions(self.project.query_files())

    @overload
    def query(self, question: str, /, *, evidence: Literal[True], **values: str) -> ExplainedResult: ...
    @overload
    def query(self, question: str, /, *, evidence: Literal[False] = False, **values: str) -> Result: ...
    def query(self, question: str, /, *, evidence: bool = False, **values: str) -> Result:
        """Ask a SPARQL text or a saved question, whose parameters are given by name.

        With `evidence`, each row has `.evidence`, computed when one looks.

        Raises `QuerySyntaxError`, `UnknownNameError`, `ParameterError`, `NotAllowedError` or `EngineError`.
        """
        result: Result
        if evidence:
            result = ExplainedResult(self.explain(question, None, **values))
        elif is_sparql(question):
            result = run(self.engine, question)
        else:
            saved = find_question(self.project.query_files(), question)
            result = run(self.engine, saved.text, bind(saved, values, self.engine, self.project))
        result.naming = lambda things: labels(self.engine, things, self.project.language)
        return result

    def explain(self, question: str, options: Options | None = None, /, **values: str) -> Explanation:
        """Ask like `query`, and get rows whose evidence can be asked for: `.rows`, `.evidence(row)`."""
        from kg.evidence import explain

        if is_sparql(question):
            return explain(self.engine, question, options=options)
        saved = find_question(self.project.query_files(), question)
        bound = bind(saved, values, self.engine, self.project)
        return explain(self.engine, saved.text, bound, options=options)

    def restricted(
        self, *, only: Iterable[str] = (), without: Iterable[str] = (), keep: bool = True
    ) -> Graph:
        """The same graph as if only some sources existed, or without some.

        This one stays as it is, unless one need not `keep` it, which saves the time of a copy.
        """
        from kg.evidence.restrict import restricted

        kept, gone = ([self.resolve(name, "source") for name in names] for names in (only, without))
        return Graph(restricted(self.engine, kept, gone, keep=keep), self.project)

    def title_of(self, question: str) -> str:
        """The title of a saved question, or in the header of a text; one without a header is its own."""
        if is_sparql(question):
            return title_in(question)
        return find_question(self.project.query_files(), question).title

    def resolve(self, name: str, kind: str = "thing") -> ox.NamedNode:
        """The thing that a short name, CURIE, IRI or label means."""
        return resolve(self.engine, self.project, name, kind)

    def describe(self, name: str) -> Description:
        """Every statement about one thing, each with its passages."""
        return describe(self.engine, self.resolve(name), self.project.language)

    def export(
        self,
        path: str | Path,
        format: str | None = None,  # noqa: A002 - the word that users know
        *,
        evidence: bool = False,
        is_sorted: bool | None = None,
    ) -> list[str]:
        """Write all facts to a file, by its ending or in `format`; return warnings in words.

        N-Quads of a store on disk are in its own order unless `is_sorted`; all else is sorted.
        """
        from kg.export import export

        return export(self.engine, Path(path), format, evidence=evidence, is_sorted=is_sorted)

    def write(
        self,
        output: IO[bytes],
        format: str,  # noqa: A002 - idem
        *,
        evidence: bool = False,
        is_sorted: bool | None = None,
    ) -> list[str]:
        """Write all facts to an open file; return warnings in words."""
        from kg.export import write

        return write(self.engine, output, format, evidence=evidence, is_sorted=is_sorted)

    def dump(self, output: IO[bytes]) -> None:
        """Write the whole dataset as N-Quads in the engine's own order, copies included."""
        from kg.export import dump

        dump(self.engine, output)

    def write_sheet(self, output: IO[bytes], kind: str = "csv") -> list[str]:
        """Write all facts as a sheet that `kg import` reads, `csv` or `tsv`; return warnings in words."""
        from kg.importing.outgoing import write_sheet

        return write_sheet(self.engine, self.project, output, kind)

    def check(self, watch: Callable[[str], None] = lambda _: None) -> Report:
        """Check ontology, shapes and quotations; `watch` is told what is being looked at."""
        from kg.check import check

        return check(self.engine, self.project, watch)

    def find(self, name: str, limit: int = 10) -> list[Match]:
        """Things whose names are like this one, in any script or spelling, the nearest first."""
        from kg.search import index

        return index(self.engine).search(name, limit)

    def conflicts(self, name: str | None = None) -> list[Conflict]:
        """Where sources give different values, in all or about one thing."""
        from kg.conflicts import conflicts

        return conflicts(self.engine, self.resolve(name) if name else None)

    def corroborate(self, name: str | None = None) -> list[Statement]:
        """Every statement with the families of sources behind it, the best supported first."""
        from kg.corroboration import corroborate

        return corroborate(self.engine, self.resolve(name) if name else None)

    def timeline(self, name: str | None = None) -> list[Moment]:
        """The dated statements in order, all of them or those about one thing."""
        from kg.timeline import timeline

        return timeline(self.engine, self.resolve(name) if name else None)

    def to_rdflib(self) -> rdflib.Dataset:
        """The same facts as a live rdflib Dataset over the same store."""
        from kg.export import to_rdflib

        return to_rdflib(self.engine)


def open_graph(
    folder: str | Path | None = None,
    *,
    data: Iterable[str | Path] = (),
    store: str | Path | None = None,
    endpoint: str | None = None,
    allow_service: bool = False,
    auth_env: str | None = None,
    timeout: float = 60.0,
    prefixes: Mapping[str, str] | None = None,
) -> Graph:
    """Open a project folder, plain RDF files, or the Moscow Trials where nothing is named.

    `data` names files to load instead of a project's facts; `store` is a store on disk, made by `kg load`,
    and `endpoint` a SPARQL service to ask instead, with credentials in the environment variable `auth_env`
    and `timeout` seconds for an answer. Raises `InputError` with the file and the line of what does not load.
    """
    project = find_project(None if folder is None else Path(folder))
    all_prefixes = {**project.prefixes, **(prefixes or {})}
    if endpoint is not None:
        from kg.engine.http import Client
        from kg.engine.remote import Remote

        client = Client(timeout=timeout, auth_env=auth_env)
        return Graph(Remote(endpoint, all_prefixes, client=client, allow_service=allow_service), project)
    if store is not None:
        from kg.engine.store import OnDisk

        return Graph(OnDisk(Path(store), all_prefixes, allow_service=allow_service), project)
    memory = ox.Store()
    files = [Path(file) for file in data]
    load_files(memory, files or project.fact_files())
    if not files:
        load_files(memory, project.ontology_files(), into=ox.NamedNode(ONTOLOGY))
    engine = Embedded(memory, all_prefixes, allow_service=allow_service, is_copy=True)
    return Graph(engine, project)
