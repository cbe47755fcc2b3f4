"""Checking a project: shapes hold, quotations stand where they are said to, every term is known.

A new check is a function here that yields findings, and its name in `CHECKS`; shapes are checked before them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from typing import Literal

import pyoxigraph as ox

from kg.conflicts import conflicts
from kg.engine import Engine, select
from kg.errors import InputError
from kg.passages import Passage, lookup
from kg.project import Project
from kg.shapes import Constraint, compile_shapes
from kg.terms import curie, local_name, plain
from kg.vocab import ONTOLOGY, PREFIXES, PROVENANCE
from kg.words import counted

Level = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong or worth knowing, and where."""

    level: Level
    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.level}: {self.where}: {self.message}"


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found, and what it looked at."""

    findings: tuple[Finding, ...]
    looked_at: str

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong; warnings and notes are no errors."""
        return not any(finding.level == "error" for finding in self.findings)

    @property
    def summary(self) -> str:
        """Return the counts in one line."""
        counts = {
            level: sum(f.level == level for f in self.findings) for level in ("error", "warning", "note")
        }
        words = [counted(n, level) for level, n in counts.items() if n]
        return f"{', '.join(words) or 'Everything holds'}; looked at {self.looked_at}."


def check(engine: Engine, project: Project, watch: Callable[[str], None] = lambda _: None) -> Report:
    """Run every check on a project's facts; `watch` is told what is being looked at."""
    steps = list(_steps(engine, project))
    findings: list[Finding] = []
    for number, (name, run) in enumerate(steps, 1):
        watch(f"{name} ({number} of {len(steps)})")
        findings += run()
    order = ("error", "warning", "note")
    findings.sort(key=lambda f: (order.index(f.level), f.where, f.message))
    return Report(tuple(findings), _looked_at(engine))


def _looked_at(engine: Engine) -> str:
    row = next(select(engine, _SIZE))
    return f"{row['triples'].value} triples, {row['passages'].value} passages"


_SIZE = """
SELECT ?triples ?passages WHERE {
  { SELECT (COUNT(*) AS ?triples) WHERE { ?s ?p ?o } }
  { SELECT (COUNT(*) AS ?passages) WHERE { GRAPH kg:provenance { ?passage a kg:Passage } } }
}
"""


Step = tuple[str, Callable[[], Iterator[Finding]]]


def _steps(engine: Engine, project: Project) -> Iterator[Step]:
    """Yield what there is to check, each with its name; every constraint of a shape is one."""
    for constraint in _constraints(engine, project):
        yield local_name(constraint.shape), partial(_broken, engine, project, constraint)
    for function in CHECKS:
        yield function.__name__.removeprefix("check_"), partial(function, engine, project)


def _constraints(engine: Engine, project: Project) -> list[Constraint]:
    @cache
    def narrower(wide: str) -> list[str]:
        return sorted({str(row["narrow"]) for row in select(engine, _NARROWER % wide)} | {wide})

    return [constraint for file in project.shape_files() for constraint in compile_shapes(file, narrower)]


_NARROWER = f"SELECT ?narrow WHERE {{ ?narrow <{PREFIXES['rdfs']}subClassOf>+ %s }}"


def _broken(engine: Engine, project: Project, constraint: Constraint) -> Iterator[Finding]:
    """What breaks one constraint."""
    levels: dict[str, Level] = {"Violation": "error", "Warning": "warning", "Info": "note"}
    everything: list[ox.NamedNode | ox.DefaultGraph] = [ox.DefaultGraph(), ox.NamedNode(PROVENANCE)]
    answer = engine.query(constraint.query, default_graph=everything)
    for row in answer if isinstance(answer, ox.QuerySolutions) else ():
        value = f" (found: {plain(row['value'])})" if row["value"] is not None else ""
        level = levels[constraint.severity]
        yield Finding(level, _name(row["this"], project), f"{constraint.message}{value}")


_QUOTED = """
SELECT ?passage ?source ?file ?sha256 WHERE {
  GRAPH kg:provenance {
    ?passage dcterms:isPartOf ?source . ?source kg:textFile ?file .
    OPTIONAL { ?source kg:sha256 ?sha256 }
  }
} ORDER BY ?file ?passage
"""


def check_quotations(engine: Engine, project: Project) -> Iterator[Finding]:
    """The quoted words of every passage stand at its offsets in its source's text."""
    rows = list(select(engine, _QUOTED))
    passages = lookup(engine, [row["passage"] for row in rows])
    texts: dict[str, str] = {}
    for row in rows:
        file = row["file"].value
        if file not in texts:
            texts[file] = ""
            try:
                data = project.source_file(file).read_bytes()
                texts[file] = data.decode()
            except (InputError, OSError, UnicodeDecodeError) as error:
                yield Finding("error", file, f"the source's text cannot be read: {error}")
                continue
            if row["sha256"] is not None and hashlib.sha256(data).hexdigest() != row["sha256"].value:
                yield Finding("error", file, "the text has changed since its passages were marked (sha256).")
        if texts[file]:
            yield from _check_quotation(passages[row["passage"]], file, texts[file], project)


def _check_quotation(passage: Passage, file: str, text: str, project: Project) -> Iterator[Finding]:
    """One passage's words, and the words around it."""
    if passage.start < 0:
        return
    before = text[max(0, passage.start - len(passage.before)) : passage.start]
    after = text[passage.end : passage.end + len(passage.after)]
    for what, expected, found in (
        ("quoted words", passage.quote, text[passage.start : passage.end]),
        ("words before", passage.before, before),
        ("words after", passage.after, after),
    ):
        if expected != found:
            yield Finding(
                "error",
                f"{file}, passage {_name(ox.NamedNode(passage.id), project)}",
                f"the {what} do not stand at {passage.start}–{passage.end}: "
                f"expected {expected!r}, found {found!r}",
            )


_UNDECLARED = f"""
SELECT DISTINCT ?term WHERE {{
  {{ GRAPH ?g {{ ?s ?term ?o }} }} UNION {{ GRAPH ?g {{ ?s a ?term }} }}
  FILTER(?g != <{ONTOLOGY}> && STRSTARTS(STR(?term), STR(kg:)))
  FILTER NOT EXISTS {{ GRAPH <{ONTOLOGY}> {{ ?term a ?kind }} }}
}} ORDER BY ?term
"""


def check_terms(engine: Engine, project: Project) -> Iterator[Finding]:
    """Every class and property of our namespace is declared in the ontology."""
    for row in select(engine, _UNDECLARED):
        yield Finding("error", _name(row["term"], project), "the ontology does not declare this term.")


_DANGLING = """
SELECT DISTINCT ?thing WHERE {
  ?s ?p ?thing FILTER(isIRI(?thing) && STRSTARTS(STR(?thing), "%s"))
  FILTER NOT EXISTS { ?thing ?q ?o }
  FILTER NOT EXISTS { GRAPH kg:provenance { ?thing ?q ?o } }
} ORDER BY ?thing
"""


def check_dangling(engine: Engine, project: Project) -> Iterator[Finding]:
    """Everything that a statement mentions is itself described."""
    for row in select(engine, _DANGLING % project.namespace):
        yield Finding("warning", _name(row["thing"], project), "is mentioned, but nothing is said of it.")


_UNRECORDED = f"""
SELECT DISTINCT ?g WHERE {{
  GRAPH ?g {{ ?s ?p ?o }}
  FILTER(?g NOT IN (kg:provenance, kg:curated, <{ONTOLOGY}>))
  FILTER NOT EXISTS {{ GRAPH kg:provenance {{ ?g a kg:Passage }} }}
}} ORDER BY ?g
"""
_SILENT = """
SELECT ?g WHERE {
  GRAPH kg:provenance { ?g a kg:Passage }
  FILTER NOT EXISTS { GRAPH ?g { ?s ?p ?o } }
} ORDER BY ?g
"""


def check_coverage(engine: Engine, project: Project) -> Iterator[Finding]:
    """Every graph is a recorded passage, and passages without facts are said."""
    for row in select(engine, _UNRECORDED):
        yield Finding("error", _name(row["g"], project), "this graph has no record as a passage.")
    for row in select(engine, _SILENT):
        yield Finding("note", _name(row["g"], project), "this passage carries no fact.")


def check_conflicts(engine: Engine, project: Project) -> Iterator[Finding]:
    """Where sources disagree is said, and is no error: both values stay."""
    if found := conflicts(engine):
        points = counted(len(found), "point")
        yield Finding("warning", project.title, f"sources disagree on {points}; see kg conflicts.")


def _name(term: object, project: Project) -> str:
    return curie(term.value, project.prefixes) if isinstance(term, ox.NamedNode) else str(term)


CHECKS: tuple[Callable[[Engine, Project], Iterator[Finding]], ...] = (
    check_quotations,
    check_terms,
    check_dangling,
    check_coverage,
    check_conflicts,
)
