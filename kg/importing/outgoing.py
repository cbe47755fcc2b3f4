"""The way back: facts as a sheet, a row for each statement of a passage, that imports to the same facts.

Things go by their names where a name means that thing alone, whoever imports it; everything else stands as
Turtle writes it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import IO

import pyoxigraph as ox

from kg.engine import Engine, select
from kg.importing.cells import Cells
from kg.importing.mapping import RuleBook
from kg.importing.names import known_names, read_book
from kg.importing.places import KNOWN_WHOLE, Known, cited, words_digest
from kg.importing.rows import COLUMNS, MAX_CELL
from kg.importing.values import slug
from kg.project import Project
from kg.sorting import sort_lines
from kg.statements import lines, split
from kg.vocab import CURATED, ONTOLOGY, PREFIXES, PROVENANCE

SHEETS: Mapping[str, str] = {"csv": ",", "tsv": "\t"}
"""The sheets that can be written, and what parts their cells."""

_TYPE = f"<{PREFIXES['rdf']}type>"
_LABELS = (
    "SELECT ?thing ?label WHERE { ?thing rdfs:label ?label FILTER(LANG(?label) = 'en') } ORDER BY ?label"
)
_PASSAGES = """
SELECT ?passage ?source ?standing ?title ?locator ?start ?end ?exact WHERE { GRAPH kg:provenance {
  ?passage a kg:Passage ; dcterms:isPartOf ?source ; kg:standing ?standing .
  OPTIONAL { ?source dcterms:title ?title } OPTIONAL { ?passage kg:locator ?locator }
  OPTIONAL { ?passage oa:hasSelector ?s . ?s oa:start ?start ; oa:end ?end ; oa:exact ?exact }
} } ORDER BY DESC(STR(?title))"""
_LOOSE = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o FILTER NOT EXISTS { GRAPH ?g { ?s ?p ?o } } }"


@dataclass(frozen=True, slots=True)
class Citation:
    """What the cells of a row say of its passage."""

    source: str
    locator: str = ""
    quote: str = ""
    standing: str = ""


def write_sheet(engine: Engine, project: Project, output: IO[bytes], kind: str) -> list[str]:
    """Write the statements of all passages, and what is curated, as a sheet; return warnings in words."""
    names = _Names(engine, project)
    text = io.TextIOWrapper(output, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, delimiter=SHEETS[kind], lineterminator="\n")
    writer.writerow(COLUMNS)
    left_out = 0
    for line in sort_lines(_by_graph(engine), terms=3):
        graph, subject, predicate, target = line.decode()[:-3].split(" ", 3)
        if (place := names.citation(graph[1:-1])) is None:
            left_out += 1
            continue
        relation = "a" if predicate == _TYPE else names.cells.write(predicate)
        said = (names.cell(subject), relation, names.cell(target), "")
        writer.writerow((*said, place.source, place.locator, place.quote, place.standing))
    text.detach()
    left_out += int(next(select(engine, _LOOSE))["n"].value)
    if not left_out:
        return []
    return [f"{left_out:,} statements stand in no passage, so the sheet does not have them; TriG keeps them."]


def _by_graph(engine: Engine) -> Iterator[bytes]:
    """Yield the statements of named graphs with their graph in front, but no bookkeeping and no ontology."""
    apart = {f"<{ONTOLOGY}>".encode(), f"<{PROVENANCE}>".encode(), b""}
    for line in lines(engine):
        triple, graph = split(line)
        if graph not in apart:
            yield b"%s %s .\n" % (graph, triple)


class _Names:
    """How things and passages are called in the cells of a sheet."""

    def __init__(self, engine: Engine, project: Project) -> None:
        self.cells = Cells(project.prefixes)
        self._namespace, self._book = project.namespace, read_book(project)
        self._known = self._book.known(known_names(engine)[0], self._namespace)
        self._sources = Known(engine).sources
        self._labels = dict(self._usable(engine, self._book))
        self._citations = {CURATED: Citation("kg:curated"), **dict(self._cited(engine))}

    def cell(self, term: str) -> str:
        """Return a term's cell: a name, or the term as Turtle writes it."""
        return self._labels.get(term) or self.cells.write(term)

    def citation(self, passage: str) -> Citation | None:
        """Return what a row says of its passage; None for a graph that is not recorded as one."""
        return self._citations.get(passage)

    def _usable(self, engine: Engine, book: RuleBook) -> Iterator[tuple[str, str]]:
        """Yield the things that one of their names means, here and where nobody knows them yet."""
        for row in select(engine, _LABELS):
            thing, label = row["thing"].value, row["label"].value
            local = slug(label)
            made = self._namespace + book.same.get(local, local)
            if self._is_plain(label) and thing == made == self._known.get(label.casefold()):
                yield f"<{thing}>", label

    def _is_plain(self, name: str) -> bool:
        is_text = name == name.strip() and name.isprintable() and 0 < len(name) <= MAX_CELL
        return is_text and name[0] not in "=+-@" and not self.cells.is_term(name)

    def _cited(self, engine: Engine) -> Iterator[tuple[str, Citation]]:
        for row in select(engine, _PASSAGES):
            passage, source = row["passage"].value, row["source"].value
            standing = row["standing"].value.removeprefix(PREFIXES["kg"])
            place = _place(row, standing)
            titles = (row["title"].value if row["title"] else "", source.rpartition("/")[2])
            called = next((title for title in titles if self._means(title, source)), None)
            locator = _locator(passage, source, standing, place)
            if called is None or locator is None:
                yield passage, replace(place, source=self.cells.write(f"<{passage}>"))
            else:
                yield passage, replace(place, source=called, locator=locator)

    def _means(self, title: str, source: str) -> bool:
        """Whether a source is found by a title, here and where nobody knows it yet."""
        if not self._is_plain(title) or source != self._namespace + slug(title):
            return False
        return (
            source == self._sources.get(slug(title)) and self._known.get(title.casefold(), source) == source
        )


def _place(row: ox.QuerySolution, standing: str) -> Citation:
    said = "" if standing == "Asserted" else standing.lower()
    if row["exact"] is None:
        return Citation("", row["locator"].value if row["locator"] else "", "", said)
    return Citation("", f"char={row['start'].value},{row['end'].value}", row["exact"].value, said)


def _locator(passage: str, source: str, standing: str, place: Citation) -> str | None:
    """Return the locator that leads to a passage's own name; None where none does."""
    if place.quote:
        named = f"{source}-{standing.lower()}-{words_digest(place.quote)}"
        if passage == named:
            return ""
        return place.locator if re.fullmatch(re.escape(named) + r"-\d+", passage) else None
    if passage == cited(source, standing, place.locator):
        return place.locator
    is_whole = place.locator == KNOWN_WHOLE and passage == cited(source, standing, "")
    return "" if is_whole else None
