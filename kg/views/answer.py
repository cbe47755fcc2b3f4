"""An answer as one HTML page: the table, its footnotes, and the sources with the passages marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from kg.engine import Term, select
from kg.errors import InputError
from kg.evidence.explanation import Explanation
from kg.files import read_text
from kg.model import Evidence
from kg.passages import Passage
from kg.project import Project
from kg.views.footnotes import Footnotes
from kg.views.table import cells, headings
from kg.vocab import PREFIXES, PROVENANCE

_FILES = f"""
SELECT ?source ?file WHERE {{ GRAPH <{PROVENANCE}> {{ ?source <{PREFIXES["kg"]}textFile> ?file }} }}
"""


class Stretch(NamedTuple):
    """A stretch of a source's text and the numbers of the passages that cover it."""

    text: str
    numbers: tuple[int, ...]
    first: tuple[int, ...]


def page(
    explanation: Explanation,
    evidence: Sequence[Evidence],
    notes: Footnotes,
    project: Project,
    title: str,
    *,
    fallen: Sequence[Sequence[Term | None]] = (),
) -> str:
    """Return the answer as an HTML page that asks nothing of the network; all data is escaped.

    `fallen` are the rows of the whole answer that this one lacks.
    """
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True
    )
    engine = explanation.context.engine
    rows = [row for row in explanation.rows if not isinstance(row, bool)]
    table = cells(engine, rows, project.language)
    if explanation.form == "ASK":
        table = [["yes" if explanation.rows[0] else "no"]]
    marks = [([notes.numbers[graph] for graph in one.passages], _words(notes.marks(one))) for one in evidence]
    sources = list(_sources(explanation, notes, project))
    return environment.get_template("answer.html").render(
        title=title,
        language=project.language,
        header=["answer"] if explanation.form == "ASK" else headings(explanation.variables),
        rows=list(zip(table, marks, notes_for(notes, evidence), strict=True)),
        below=notes.below(evidence, explanation.note),
        fallen=cells(engine, fallen, project.language),
        notes=[(number, notes.text(graph)) for graph, number in notes.numbers.items()],
        sources=sources,
        in_text={number for _, several in sources for one in several for number in one.first},
    )


def notes_for(notes: Footnotes, evidence: Sequence[Evidence]) -> list[list[str]]:
    """Return, for each row, its evidence in full, without the footnotes themselves."""
    footnotes = len(notes.lines())
    return [lines[: len(lines) - footnotes] for lines in map(notes.why, evidence)]


def _words(marks: str) -> str:
    return " ".join(word for word in marks.split() if not (word.startswith("[") and word.endswith("]")))


def _sources(
    explanation: Explanation, notes: Footnotes, project: Project
) -> Iterator[tuple[str, list[Stretch]]]:
    """Yield the sources whose text is here, cut at the edges of the passages."""
    engine = explanation.context.engine
    files = {row["source"].value: row["file"].value for row in select(engine, _FILES)}
    by_source: dict[str, list[tuple[int, Passage]]] = {}
    for graph, number in notes.numbers.items():
        passage = notes.passages[graph]
        if passage.source in files and passage.start >= 0:
            by_source.setdefault(passage.source, []).append((number, passage))
    for source, passages in by_source.items():
        try:
            text = read_text(project.source_file(files[source]))
        except InputError:
            continue
        yield passages[0][1].title or source, stretches(text, passages)


def stretches(text: str, passages: Sequence[tuple[int, Passage]]) -> list[Stretch]:
    """Cut a text at the edges of passages, which may overlap.

    >>> stretches("abcd", [(1, Passage("p", start=1, end=3))])[1]
    Stretch(text='bc', numbers=(1,), first=(1,))
    """
    edges = sorted({0, len(text), *(edge for _, p in passages for edge in (p.start, p.end))})
    out = []
    for start, end in pairwise(edges):
        over = tuple(number for number, p in passages if p.start <= start and end <= p.end)
        first = tuple(number for number, p in passages if p.start == start)
        out.append(Stretch(text[start:end], over, first))
    return out
