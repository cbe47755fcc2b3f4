"""Places: the passage that a row's statements stand in, named by what it cites and recorded once.

A source cell holds the title or short name of a source; or, as Turtle writes it, a passage that is there
already (`mt:legacy-08`), or `kg:curated` for what the editors themselves are answerable for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeAlias

from kg.engine import Engine, select
from kg.errors import InputError
from kg.importing.anchors import Anchor
from kg.importing.cells import Cells
from kg.importing.mapping import RuleBook
from kg.importing.quotes import Quotes, passage_lines
from kg.importing.rows import Row, Source
from kg.importing.values import literal, slug, typed
from kg.project import Project
from kg.vocab import CURATED, PREFIXES, PROVENANCE

KG, DCT = PREFIXES["kg"], PREFIXES["dcterms"]
_TYPE, _LABEL = f"<{PREFIXES['rdf']}type>", f"<{PREFIXES['rdfs']}label>"
STANDINGS = ("Asserted", "Reported", "Quoted", "Alleged", "Confessed", "Implied", "Retracted")

KNOWN_WHOLE = "the whole source"
"""The locator of a passage that is all of its source."""

Triple: TypeAlias = tuple[str, str, str]
"""A statement, its terms as N-Triples writes them."""

_KNOWN = f"""
SELECT ?thing ?title ?standing WHERE {{ GRAPH <{PROVENANCE}> {{
  {{ ?thing a <{KG}Source> OPTIONAL {{ ?thing <{DCT}title> ?title }} }}
  UNION {{ ?thing a <{KG}Passage> ; <{KG}standing> ?standing }}
}} }} ORDER BY DESC(STR(?thing)) ?title"""


def cited(source: str, standing: str, locator: str) -> str:
    """Name the passage of a source that a locator points to."""
    return f"{source}-{standing.lower()}" + (f"-{slug(locator)}" if locator else "")


def words_digest(words: str) -> str:
    """Return the few letters that stand for the words of a quotation in its passage's name."""
    return hashlib.sha256(words.encode()).hexdigest()[:10]


def quoted(source: str, standing: str, anchor: Anchor, text: str) -> str:
    """Name a passage by its words, so that it keeps its name when the text around it changes."""
    before = text.count(anchor.exact, 0, anchor.start)
    return f"{source}-{standing.lower()}-{words_digest(anchor.exact)}" + (f"-{before + 1}" if before else "")


class Known:
    """The sources and passages that a project records."""

    def __init__(self, engine: Engine) -> None:
        self.sources: dict[str, str] = {}
        """The IRI of each source by the slugs of its title and of its short name."""
        self.passages: dict[str, str] = {CURATED: "Asserted"}
        """The standing of each passage."""
        for row in select(engine, _KNOWN):
            iri = row["thing"].value
            if row["standing"] is not None:
                self.passages[iri] = row["standing"].value.removeprefix(KG)
                continue
            self.sources[slug(iri.rpartition("/")[2])] = iri
            if row["title"] is not None:
                self.sources[slug(row["title"].value)] = iri


class Places:
    """Finds the passage of a row, and writes what is not recorded yet through `put`."""

    def __init__(
        self,
        book: RuleBook,
        project: Project,
        engine: Engine,
        cells: Cells,
        put: Callable[[str, Iterable[Triple]], None],
    ) -> None:
        self._book, self._namespace = book, project.namespace
        self._known, self._quotes = Known(engine), Quotes(project, engine)
        self._cells, self._put = cells, put
        self._passages: dict[tuple[str, str, str, str], str] = {}

    def passage(self, row: Row, source: str, sources: Mapping[str, Source], titles: Mapping[str, str]) -> str:
        """Return the passage that a row's statements stand in; `titles` are things known by their names."""
        fixed = self._book.passages.get(f"{source}:{row.id}")
        if fixed:
            return self._namespace + fixed
        key = (source, row.standing, row.locator, row.quote)
        if key not in self._passages:
            wanted = self._standing(row)
            if self._cells.is_term(source):
                self._passages[key] = self._there(row, source, wanted)
            elif row.quote or row.locator.startswith("char="):
                self._passages[key] = self._quote(row, source, wanted)
            else:
                self._passages[key] = self._cite(row, sources.get(source, Source(source, source)), titles)
        return self._passages[key]

    def _there(self, row: Row, source: str, wanted: str) -> str:
        """Return the passage that a cell names itself."""
        iri = (self._cells.term(row.where, "source", source) or "")[1:-1]
        if (standing := self._known.passages.get(iri)) is None:
            raise InputError(
                f"{row.where}, column 'source': no passage is called {source!r}; name its source."
            )
        if row.standing and standing != wanted:
            raise InputError(
                f"{row.where}, column 'standing': {source} is {standing.lower()}, not {wanted.lower()}."
            )
        if row.quote and not self._quotes.has_words(iri, row.quote):
            raise InputError(f"{row.where}, column 'quote': {row.quote!r} are not the words of {source}.")
        return iri

    def _quote(self, row: Row, source: str, wanted: str) -> str:
        """Return the passage of a quotation, or of a stretch of a source's text."""
        iri, anchor, text = self._quotes.find(row, source)
        passage = quoted(iri, wanted, anchor, text)
        self._put(PROVENANCE, passage_lines(passage, iri, wanted, anchor))
        return passage

    def _cite(self, row: Row, source: Source, titles: Mapping[str, str]) -> str:
        """Return the passage that a locator points to, and record it and its source."""
        wanted, is_bare = self._standing(row), source.title == source.id
        iri = titles.get(source.title.casefold()) if is_bare else None
        iri = iri or self._known.sources.get(slug(source.id)) or self._namespace + slug(source.id)
        if not is_bare or iri not in self._known.sources.values():
            self._put(PROVENANCE, _source_triples(iri, source, self._namespace))
        passage = cited(iri, wanted, row.locator)
        record = (
            (_TYPE, f"<{KG}Passage>"),
            (f"<{DCT}isPartOf>", f"<{iri}>"),
            (f"<{KG}standing>", f"<{KG}{wanted}>"),
            (f"<{KG}locator>", literal(row.locator or source.read_as or KNOWN_WHOLE)),
        )
        self._put(PROVENANCE, ((f"<{passage}>", predicate, value) for predicate, value in record))
        return passage

    def _standing(self, row: Row) -> str:
        """Return the standing that a row asks for, by its name in the ontology."""
        wanted = self._book.standings.get(row.standing, row.standing or "asserted").capitalize()
        if wanted not in STANDINGS:
            raise InputError(
                f"{row.where}, column 'standing': {row.standing!r} is no standing; "
                f"use one of {', '.join(STANDINGS).lower()}."
            )
        return wanted


def _source_triples(iri: str, source: Source, namespace: str) -> Iterator[Triple]:
    """Write what is known of a source."""
    family = f"<{namespace}family-{slug(source.family)}>" if source.family else ""
    values = (
        (_TYPE, f"<{KG}Source>"),
        (f"<{DCT}title>", literal(source.title)),
        (f"<{DCT}publisher>", source.publisher and literal(source.publisher)),
        (f"<{DCT}date>", source.year and typed(source.year, "gYear")),
        (f"<{PREFIXES['schema']}url>", source.url and literal(source.url)),
        (f"<{KG}readAs>", source.read_as and literal(source.read_as)),
        (f"<{KG}family>", family),
    )
    yield from ((f"<{iri}>", predicate, value) for predicate, value in values if value)
    if family:
        yield family, _TYPE, f"<{KG}SourceFamily>"
        yield family, _LABEL, literal(source.family.replace("_", " "))
