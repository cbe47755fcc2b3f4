"""Turtle and TriG that people can read and git can diff: the same bytes for the same statements.

The input is N-Triples, one statement a line, as every engine writes it, sorted by `kg.sorting`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from operator import itemgetter

from kg.sorting import Block
from kg.vocab import PREFIXES

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
_TERMS = 1 << 18
"""How many terms are remembered in their written form, about 60 MB."""
_TYPE = f"<{PREFIXES['rdf']}type>"
_XSD = PREFIXES["xsd"]
_LOCAL = re.compile(r"(?:[A-Za-z0-9_:](?:[A-Za-z0-9_.:-]*[A-Za-z0-9_:-])?)?")
_TYPED = re.compile(r'"((?:[^"\\]|\\.)*)"\^\^(<[^>]*>)', re.DOTALL)
_BARE = {
    f"<{_XSD}integer>": re.compile(r"[+-]?[0-9]+"),
    f"<{_XSD}decimal>": re.compile(r"[+-]?[0-9]*\.[0-9]+"),
    f"<{_XSD}boolean>": re.compile(r"true|false"),
}


class Remembered(dict[str, str]):
    """What a function made of each text it met lately; quicker to ask than a cache that calls."""

    def __init__(self, make: Callable[[str], str]) -> None:
        self._make = make

    def __missing__(self, text: str) -> str:
        if len(self) >= _TERMS:
            self.clear()
        made = self[text] = self._make(text)
        return made


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
        self._names = {base: name for name, base in prefixes.items()}
        # A namespace that ends inside a word is longer than one that ends before it: it is asked first.
        self._inside = sorted((base for base in self._names if base[-1:] not in ("/", "#")), key=len)[::-1]
        self._terms = Remembered(self._write_term)
        self._verbs = Remembered(lambda rank: "a" if rank[1:] == _TYPE else self._terms[rank[1:]])
        self._ranks = Remembered(lambda term: f"{_LEADING.get(term, len(_LEADING))}{term}")

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
        return self._terms[f"<{iri}>"]

    def term(self, term: str) -> str:
        """Return a term of N-Triples as Turtle writes it."""
        return self._terms[term]

    def expand(self, written: str) -> str:
        """Return the term of N-Triples that was written as an IRI, a prefixed name or `a`."""
        if written == "a":
            return _TYPE
        name, colon, local = written.partition(":")
        return written if written[0] in "<_" or not colon else f"<{self._prefixes[name]}{local}>"

    def rank(self, predicate: str) -> str:
        """Return what a predicate is ordered by: types and labels come first."""
        return self._ranks[predicate]

    def graph(self, iri: str, lines: Iterable[bytes]) -> Iterator[str]:
        """Yield one named graph of a TriG file, its statements indented."""
        yield f"{self.name(iri)} {{\n"
        for subject, pairs in _by_subject(lines):
            yield self.block(subject, pairs, "    ")
        yield "}\n\n"

    def terms(self, iri: str, triples: Iterable[tuple[str, str, str]]) -> Iterator[str]:
        """Yield one named graph from terms as N-Triples writes them, in any order, each statement once."""
        subjects = defaultdict[str, list[tuple[str, str]]](list)
        for subject, predicate, target in triples:
            subjects[subject].append((predicate, target))
        yield f"{self.name(iri)} {{\n"
        for subject in sorted(subjects, key=_bare):
            yield self.block(subject, subjects[subject], "    ")
        yield "}\n\n"

    def blocks(self, lines: Iterable[bytes]) -> Iterator[str]:
        """Yield the statements of one subject after the other, each block ending in a newline."""
        return (self.block(subject, pairs) for subject, pairs in _by_subject(lines))

    def gathered(self, blocks: Iterable[Block]) -> Iterator[str]:
        """Yield the statements of one subject after the other from blocks of bytes."""
        for subject, rests in blocks:
            lines = b"".join(rests).decode().split(" .\n")
            del lines[-1]
            yield self.block(subject.decode(), (line.split(" ", 1) for line in lines))

    def block(self, subject: str, pairs: Iterable[Iterable[str]], indent: str = "") -> str:
        """Write the statements about one subject from their predicates and objects, in any order."""
        ranks, terms = self._ranks, self._terms
        text, last, follow = indent + terms[subject], "", f" ;\n{indent}    "
        found = [(ranks[verb], terms[target]) for verb, target in pairs]
        found.sort()
        for rank, target in found:
            if rank == last:
                text += ", " + target
            else:
                text += f"{follow if last else ' '}{self._verbs[rank]} {target}"
                last = rank
        return text + " .\n"

    def _write_term(self, term: str) -> str:
        if term[0] == "<":
            return self._write_iri(term)
        if term[-1] == ">" and (match := _TYPED.fullmatch(term)):
            bare = _BARE.get(match[2])
            if bare and bare.fullmatch(match[1]):
                return match[1]
            return f'"{match[1]}"^^{self._terms[match[2]]}'
        return term

    def _write_iri(self, term: str) -> str:
        for base in self._inside:
            if term.startswith(base, 1) and _LOCAL.fullmatch(term, len(base) + 1, len(term) - 1):
                return f"{self._names[base]}:{term[len(base) + 1 : -1]}"
        end = max(term.rfind("/"), term.rfind("#")) + 1
        name = self._names.get(term[1:end])
        if name is not None and _LOCAL.fullmatch(term, end, len(term) - 1):
            return f"{name}:{term[end:-1]}"
        return term


def _bare(term: str) -> str:
    """Sort `<a>` before `<a#b>`, as sorted lines are."""
    return term[:-1]


def _by_subject(lines: Iterable[bytes]) -> Iterator[tuple[str, Iterator[list[str]]]]:
    split = (line.decode()[:-3].split(" ", 2) for line in lines)
    for subject, group in groupby(split, key=itemgetter(0)):
        yield subject, (parts[1:] for parts in group)
