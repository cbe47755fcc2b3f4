"""Turtle and TriG that people can read and git can diff: the same bytes for the same statements.

The input is N-Triples, one statement a line, as every engine writes it. Sorting lines instead of terms
keeps memory bounded: what does not fit is sorted in pieces on disk and merged.
"""

from __future__ import annotations

import heapq
import re
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from functools import lru_cache, partial
from itertools import groupby, islice
from typing import IO

from kg.vocab import PREFIXES

CHUNK = 1_000_000
"""How many lines are sorted in memory at a time, about 200 MB."""

_LEADING = {
    f"<{PREFIXES[prefix]}{name}>": rank
    for rank, (prefix, name) in enumerate(
        [
            ("rdf", "type"),
            ("rdfs", "label"),
            ("skos", "prefLabel"),
            ("dcterms", "title"),
            ("skos", "altLabel"),
            ("rdfs", "comment"),
            ("dcterms", "isPartOf"),
        ]
    )
}
_TYPE = f"<{PREFIXES['rdf']}type>"
_XSD = PREFIXES["xsd"]
_LOCAL = re.compile(r"[A-Za-z_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?|[0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?")
_TYPED = re.compile(r'"((?:[^"\\]|\\.)*)"\^\^(<[^>]*>)', re.DOTALL)
_BARE = {
    f"<{_XSD}integer>": re.compile(r"[+-]?[0-9]+"),
    f"<{_XSD}decimal>": re.compile(r"[+-]?[0-9]*\.[0-9]+"),
    f"<{_XSD}boolean>": re.compile(r"true|false"),
}


def sort_lines(lines: Iterable[bytes], chunk: int = CHUNK, terms: int = 2) -> Iterator[bytes]:
    r"""Yield the lines in order, each once, holding at most `chunk` of them in memory.

    The first `terms` terms of a line are compared whole: `<a>` stands before `<a#b>` and `<a/b>`.

    >>> list(sort_lines([b"<b> .\n", b"<a> .\n", b"<b> .\n"], chunk=1))
    [b'<a> .\n', b'<b> .\n']
    """
    order = partial(_order, terms=terms)
    source = iter(lines)
    first = sorted(set(islice(source, chunk)), key=order)
    rest = next(source, None)
    if rest is None:
        yield from first
        return
    with ExitStack() as stack:
        pieces = [_spill(first, stack)]
        del first
        while piece := sorted({*islice(source, chunk), *([rest] if rest else [])}, key=order):
            pieces.append(_spill(piece, stack))
            rest = None
        for line, _ in groupby(heapq.merge(*pieces, key=order)):
            yield line


def _order(line: bytes, terms: int) -> bytes:
    return line.replace(b"> ", b"\0", terms)


def _bare(term: str) -> str:
    """Sort `<a>` before `<a#b>`, as `_order` does."""
    return term[:-1]


def _spill(lines: list[bytes], stack: ExitStack) -> IO[bytes]:
    """Keep sorted lines in a temporary file that goes away with the stack."""
    file: IO[bytes] = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - the stack closes it
    file.writelines(lines)
    file.seek(0)
    return file


class Writer:
    r"""Writes sorted N-Triples lines as Turtle, or as the graphs of a TriG file.

    >>> import sys
    >>> writer = Writer({"rdfs": PREFIXES["rdfs"], "ex": "http://example.org/"})
    >>> lines = [b'<http://example.org/a> <http://www.w3.org/2000/01/rdf-schema#label> "A"@en .\n']
    >>> print(writer.header() + "".join(writer.blocks(lines)))
    @prefix ex: <http://example.org/> .
    @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
    <BLANKLINE>
    ex:a rdfs:label "A"@en .
    <BLANKLINE>
    """

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self._prefixes = dict(sorted(prefixes.items()))
        # Longest first, so that the closest namespace wins.
        self._bases = sorted(((base, name) for name, base in prefixes.items()), key=lambda b: -len(b[0]))
        self._term = lru_cache(maxsize=1 << 17)(self._write_term)

    @property
    def prefixes(self) -> dict[str, str]:
        """The prefixes it writes, sorted by name."""
        return self._prefixes

    def header(self) -> str:
        """Return the prefix lines and an empty one."""
        lines = (f"@prefix {name}: <{base}> .\n" for name, base in self._prefixes.items())
        return "".join(lines) + "\n"

    def name(self, iri: str) -> str:
        """Return an IRI as Turtle writes it."""
        return self._term(f"<{iri}>")

    def graph(self, iri: str, lines: Iterable[bytes]) -> Iterator[str]:
        """Yield one named graph of a TriG file, its statements indented."""
        yield f"{self.name(iri)} {{\n"
        for block in self.blocks(lines):
            yield "    " + block[:-1].replace("\n", "\n    ") + "\n"
        yield "}\n\n"

    def grouped(self, iri: str, subjects: Mapping[str, Iterable[tuple[str, str]]]) -> Iterator[str]:
        """Yield a named graph whose N-Triples terms are grouped by subject already."""
        yield f"{self.name(iri)} {{\n"
        term = self._term
        for subject in sorted(subjects, key=_bare):
            pairs, objects = set(subjects[subject]), defaultdict[str, list[str]](list)
            for predicate, target in pairs:
                objects[predicate].append(term(target))
            yield "    " + self._block(subject, objects)[:-1].replace("\n", "\n    ") + "\n"
        yield "}\n\n"

    def blocks(self, lines: Iterable[bytes]) -> Iterator[str]:
        """Yield the statements of one subject after the other, each block ending in a newline."""
        split = (line.decode()[:-3].split(" ", 2) for line in lines)
        for subject, group in groupby(split, key=lambda parts: parts[0]):
            objects: dict[str, list[str]] = {}
            for _, predicate, target in group:
                objects.setdefault(predicate, []).append(self._term(target))
            yield self._block(subject, objects)

    def _block(self, subject: str, objects: Mapping[str, list[str]]) -> str:
        ordered = sorted(objects, key=lambda p: (_LEADING.get(p, len(_LEADING)), p))
        lines = [
            f"{'a' if predicate == _TYPE else self._term(predicate)} {', '.join(sorted(objects[predicate]))}"
            for predicate in ordered
        ]
        return f"{self._term(subject)} " + " ;\n    ".join(lines) + " .\n"

    def _write_term(self, term: str) -> str:
        if term.startswith("<"):
            for base, name in self._bases:
                if term.startswith(base, 1) and _LOCAL.fullmatch(term, len(base) + 1, len(term) - 1):
                    return f"{name}:{term[len(base) + 1 : -1]}"
            return term
        if match := _TYPED.fullmatch(term):
            bare = _BARE.get(match[2])
            if bare and bare.fullmatch(match[1]):
                return match[1]
            return f'"{match[1]}"^^{self._write_term(match[2])}'
        return term
