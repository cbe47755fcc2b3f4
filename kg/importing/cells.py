"""Cells: how one term stands in a sheet, as Turtle writes it; whatever is not Turtle is a name.

A relation that is a property (`kg:born`, `a`) makes the one statement that its row spells out, so a sheet can
say whatever a graph can.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from functools import lru_cache

import pyoxigraph as ox

from kg.errors import InputError, UnknownNameError
from kg.importing.rows import Row
from kg.turtle import Writer
from kg.vocab import PREFIXES

_NUMBER = re.compile(r"[+-]?[0-9]+|[+-]?[0-9]*\.[0-9]+|true|false")
_CURIE = re.compile(r"([^\W\d]\w*):(?=\S)")
_TYPE = f"<{PREFIXES['rdf']}type>"


class Cells:
    """Reads and writes terms with a project's prefixes; `declared` gives the properties of the ontology.

    >>> cells = Cells({"ex": "http://example.org/"})
    >>> cells.term("row 2", "object", "ex:anna"), cells.term("row 2", "object", "Anna: a life")
    ('<http://example.org/anna>', None)
    >>> cells.term("row 2", "object", '"1936"@en'), cells.write("<http://example.org/anna>")
    ('"1936"@en', 'ex:anna')
    """

    def __init__(
        self, prefixes: Mapping[str, str], declared: Callable[[], frozenset[str]] = frozenset
    ) -> None:
        self._prefixes, self._declared = prefixes, declared
        self._writer = Writer(prefixes)
        self._header = self._writer.header()
        self._read = lru_cache(maxsize=1 << 16)(self._parse)

    def is_term(self, cell: str) -> bool:
        """Whether a cell spells out a term, so that it cannot be a name."""
        if cell[0] in '"<' or _NUMBER.fullmatch(cell):
            return True
        curie = _CURIE.match(cell)
        return curie is not None and curie[1] in self._prefixes

    def term(self, where: str, column: str, cell: str) -> str | None:
        """Return the term as N-Triples writes it, None for a name; raises `InputError` with its place."""
        if not self.is_term(cell):
            return None
        try:
            found = self._read(cell)
        except (SyntaxError, ValueError) as error:
            raise InputError(
                f"{where}, column {column!r}: {cell!r} is no term as Turtle writes it; "
                'examples: mt:legacy, <https://example.org/a>, "words"@en, 1936.'
            ) from error
        if column != "object" and not found.startswith("<"):
            raise InputError(f"{where}, column {column!r}: {cell!r} is a value; name a thing.")
        return found

    def property(self, row: Row) -> str | None:
        """Return the property that a row's relation is; None where it is none.

        Raises `InputError` for one that the ontology does not declare, and for qualifiers beside it.
        """
        if row.relation == "a":
            return _TYPE
        found = self.term(row.where, "relation", row.relation)
        if found is None:
            return None
        if row.qualifiers:
            raise InputError(
                f"{row.where}, column 'qualifiers': {row.relation} is a property, which has none; "
                "give each its own row."
            )
        if found.startswith(f"<{PREFIXES['kg']}") and found not in self._declared():
            known = [self.write(term) for term in self._declared()]
            nearest = difflib.get_close_matches(row.relation, known, n=4, cutoff=0.5)
            raise UnknownNameError("relation", row.relation, nearest, f"({row.where}, column 'relation')")
        return found

    def write(self, term: str) -> str:
        """Write a term of N-Triples for a cell."""
        return self._writer.term(term)

    def _parse(self, cell: str) -> str:
        quads = list(ox.parse(f"{self._header}<x:s> <x:p> {cell} .", format=ox.RdfFormat.TURTLE))
        if len(quads) != 1:
            raise ValueError(cell)
        return str(quads[0].object)
