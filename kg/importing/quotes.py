"""Quotations of a sheet, looked up in the text of their source: each becomes a passage with offsets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox

from kg.errors import InputError
from kg.importing.anchors import Anchor, find_again
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


class Quotes:
    """The texts of a project's sources, read when a quotation is looked up."""

    def __init__(self, project: Project, store: ox.Store) -> None:
        self._project = project
        self._files: dict[str, tuple[str, str]] = {}
        self._texts: dict[str, str] = {}
        rows = store.query(_TEXTS)
        assert isinstance(rows, ox.QuerySolutions)  # noqa: S101 - a SELECT gives solutions
        for row in rows:
            entry = (row["source"].value, row["file"].value)
            self._files[slug(entry[0].rpartition("/")[2])] = entry
            if row["title"] is not None:
                self._files[slug(row["title"].value)] = entry

    def find(self, row: Row, source: str) -> tuple[str, Anchor]:
        """Return the source of a quotation and where it stands; raises `InputError` with row and column."""
        where = f"{row.where}, column 'quote'"
        if (entry := self._files.get(slug(source))) is None:
            raise InputError(
                f"{where}: the text of {source!r} is not here; import it first, or leave the cell empty."
            )
        iri, file = entry
        if file not in self._texts:
            self._texts[file] = self._read(self._project.source_file(file))
        found = find_again(self._texts[file], Anchor(0, 0, row.quote, "", ""))
        if found is None:
            raise InputError(f"{where}: {row.quote!r} does not stand in {file}; correct the words.")
        return iri, found

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
    for key, value in (
        ("start", typed(str(anchor.start), "integer")),
        ("end", typed(str(anchor.end), "integer")),
        ("exact", literal(anchor.exact)),
        ("prefix", literal(anchor.prefix)),
        ("suffix", literal(anchor.suffix)),
    ):
        yield selector, f"<{OA}{key}>", value
