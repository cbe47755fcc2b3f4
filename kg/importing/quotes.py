"""Quotations of a sheet, looked up in the text of their source: each becomes a passage with offsets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox

from kg.engine import Engine, select
from kg.errors import InputError
from kg.importing.anchors import Anchor, anchor, find_again
from kg.importing.rows import Row
from kg.importing.values import literal, slug, typed
from kg.project import Project
from kg.vocab import PREFIXES, PROVENANCE

KG, OA, DCT = PREFIXES["kg"], PREFIXES["oa"], PREFIXES["dcterms"]
_TYPE = f"<{PREFIXES['rdf']}type>"
_TEXTS = f"""
SELECT ?source ?title ?file WHERE {{
  GRAPH <{PROVENANCE}> {{ ?source <{KG}textFile> ?file . OPTIONAL {{ ?source <{DCT}title> ?title }} }}
}}"""


_MARKED = f"""
SELECT ?source ?passage ?start ?end ?exact ?prefix ?suffix WHERE {{
  GRAPH <{PROVENANCE}> {{
    ?passage <{DCT}isPartOf> ?source ; <{OA}hasSelector> ?s .
    ?s <{OA}start> ?start ; <{OA}end> ?end ; <{OA}exact> ?exact .
    OPTIONAL {{ ?s <{OA}prefix> ?prefix }} OPTIONAL {{ ?s <{OA}suffix> ?suffix }}
  }}
}} ORDER BY ?start ?passage"""
_WORDS = f"""
SELECT ?passage ?exact WHERE {{ GRAPH <{PROVENANCE}> {{ ?passage <{OA}hasSelector>/<{OA}exact> ?exact }} }}"""
_OFFSETS = re.compile(r"char=(\d+),(\d+)")


def _at_offsets(row: Row, text: str, file: str) -> Anchor:
    """Mark the stretch that a row's locator gives; raises `InputError` where it is not in the text."""
    where, match = f"{row.where}, column 'locator'", _OFFSETS.fullmatch(row.locator)
    if match is None:
        raise InputError(f"{where}: {row.locator!r} are no offsets; write them as char=812,918.")
    start, end = int(match[1]), int(match[2])
    if not start < end <= len(text):
        raise InputError(f"{where}: {row.locator} lies outside {file}, which has {len(text):,} characters.")
    found = anchor(text, start, end)
    if row.quote and found.exact.split() != row.quote.split():
        raise InputError(
            f"{row.where}, column 'quote': {row.quote!r} does not stand at {row.locator} of {file}; "
            f"there is {found.exact!r}."
        )
    return found


class Quotes:
    """The texts of a project's sources, read when a quotation is looked up."""

    def __init__(self, project: Project, engine: Engine) -> None:
        self._project, self._engine = project, engine
        self._files: dict[str, tuple[str, str]] = {}
        self._texts: dict[str, str] = {}
        for row in select(engine, _TEXTS):
            entry = (row["source"].value, row["file"].value)
            self._files[slug(entry[0].rpartition("/")[2])] = entry
            if row["title"] is not None:
                self._files[slug(row["title"].value)] = entry

    def find(self, row: Row, source: str) -> tuple[str, Anchor, str]:
        """Return the source of a quotation, where it stands, and the text it stands in.

        Its offsets, if the locator gives them (`char=812,918`, RFC 5147), decide between several places.
        Raises `InputError` with row and column.
        """
        where = f"{row.where}, column {'quote' if row.quote else 'locator'!r}"
        if (entry := self._files.get(slug(source))) is None:
            raise InputError(
                f"{where}: the text of {source!r} is not here; import it first, or leave the cell empty."
            )
        iri, file = entry
        if file not in self._texts:
            self._texts[file] = self._read(self._project.source_file(file))
        text = self._texts[file]
        if row.locator.startswith("char="):
            return iri, _at_offsets(row, text, file), text
        found = find_again(text, Anchor(0, 0, row.quote, "", ""))
        if found is None:
            raise InputError(f"{where}: {row.quote!r} does not stand in {file}; correct the words.")
        return iri, found, text

    def has_words(self, passage: str, quote: str) -> bool:
        """Whether a passage has these words, white space aside."""
        rows = select(self._engine, _WORDS, {"passage": ox.NamedNode(passage)})
        return any(row["exact"].value.split() == quote.split() for row in rows)

    @staticmethod
    def _read(path: Path) -> str:
        try:
            return path.read_bytes().decode()
        except UnicodeDecodeError as error:
            raise InputError(f"{path} is not UTF-8 text.") from error


def passage_lines(passage: str, source: str, standing: str, anchor: Anchor) -> Iterator[tuple[str, str, str]]:
    """Yield the record of a quoted passage, its terms as N-Triples writes them."""
    about, selector = f"<{passage}>", f"<{passage}#selector>"
    yield about, _TYPE, f"<{KG}Passage>"
    yield about, f"<{DCT}isPartOf>", f"<{source}>"
    yield about, f"<{KG}standing>", f"<{KG}{standing}>"
    yield about, f"<{OA}hasSelector>", selector
    for kind in ("TextPositionSelector", "TextQuoteSelector"):
        yield selector, _TYPE, f"<{OA}{kind}>"
    yield from ((selector, name, value) for name, value in marks(anchor))


def marks(anchor: Anchor) -> Iterator[tuple[str, str]]:
    """Yield what a selector says: properties and values as N-Triples writes them."""
    for key, value in (
        ("start", typed(str(anchor.start), "integer")),
        ("end", typed(str(anchor.end), "integer")),
        ("exact", literal(anchor.exact)),
        ("prefix", literal(anchor.prefix)),
        ("suffix", literal(anchor.suffix)),
    ):
        yield f"<{OA}{key}>", value


def marked(store: ox.Store, source: str) -> dict[str, Anchor]:
    """Return the passages of a source that have offsets in its text, in order."""
    rows = store.query(_MARKED, substitutions={ox.Variable("source"): ox.NamedNode(source)})
    assert isinstance(rows, ox.QuerySolutions)  # noqa: S101 - a SELECT gives solutions
    return {
        row["passage"].value: Anchor(
            int(row["start"].value),
            int(row["end"].value),
            row["exact"].value,
            row["prefix"].value if row["prefix"] else "",
            row["suffix"].value if row["suffix"] else "",
        )
        for row in rows
    }
