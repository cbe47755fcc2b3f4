"""Rows become statements: cells fill the templates of a rule, things get short names, passages a record."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Literal

from kg.engine import Engine
from kg.engine.loading import read_file
from kg.errors import InputError, UnknownNameError
from kg.importing.cells import Cells
from kg.importing.filling import Plan
from kg.importing.mapping import RuleBook
from kg.importing.places import Places, Triple
from kg.importing.rows import Row, Source
from kg.importing.values import literal, slug
from kg.project import Project
from kg.vocab import CURATED, PREFIXES

KG = PREFIXES["kg"]
_TYPE, _LABEL = f"<{PREFIXES['rdf']}type>", f"<{PREFIXES['rdfs']}label>"


class Encoder:
    """Turns rows into statements, collected by graph in `graphs`; some may be there more than once."""

    def __init__(
        self,
        book: RuleBook,
        project: Project,
        engine: Engine,
        names: tuple[Mapping[str, str], frozenset[str]] = ({}, frozenset()),
    ) -> None:
        self.book, self.namespace = book, project.namespace
        known, self._old = names
        # Flat lists of tuples cost the garbage collector nothing; deeper ones a third of the time.
        self.graphs: defaultdict[str, list[Triple]] = defaultdict(list)
        self.new: dict[str, str] = {}
        """Things that nobody knew before: IRI and label."""
        self._known = book.known(known, self.namespace)
        self._done: set[tuple[str, str]] = set()
        self._things: dict[tuple[str, str], tuple[str, str]] = {}
        self._plans: dict[int, Plan] = {}
        self.cells = Cells(project.prefixes, lambda: _declared(project))
        self._places = Places(book, project, engine, self.cells, self.put)

    def add(self, row: Row, sources: Mapping[str, Source]) -> int:
        """Encode one row; return how many statements it makes.

        Raises `InputError` with row and column for what cannot be encoded.
        """
        triples = list(self._triples(row))
        if not triples:
            raise InputError(f"{row.where}, column 'object': {row.relation} makes nothing of {row.object!r}.")
        for source in row.sources:
            self.put(self._places.passage(row, source, sources, self._known), triples)
        if row.preferred:
            self._prefer(row, triples)
        return len(triples)

    def _triples(self, row: Row) -> Iterable[Triple]:
        """Return the statements of a row, by a rule of the mapping or as it says itself."""
        rule = self.book.find(row.kind, row.relation, row.object)
        if rule is None:
            if (predicate := self.cells.property(row)) is None:
                nearest = difflib.get_close_matches(row.relation, self.book.relations(), n=4, cutoff=0.5)
                raise UnknownNameError("relation", row.relation, nearest, f"({row.where}, column 'relation')")
            return [(self._term(row, "subject"), predicate, self._term(row, "object"))]
        if (plan := self._plans.get(id(rule))) is None:
            plan = self._plans[id(rule)] = Plan(rule, self)
        return plan.triples(row)

    def _term(self, row: Row, column: Literal["subject", "object"]) -> str:
        """Return the term that a cell spells out, or that of the thing it names."""
        cell = row.subject if column == "subject" else row.object
        term = self.cells.term(row.where, column, cell)
        if term is None:
            self.describe(iri := self._named(cell), cell, "")
            term = f"<{iri}>"
        return term

    def put(self, graph: str, triples: Iterable[Triple]) -> None:
        """Add statements to a graph."""
        self.graphs[graph].extend(triples)

    def thing(self, label: str, kind: str = "") -> tuple[str, str]:
        """Return the term of the thing that a label names, and its short name.

        A new thing is recorded with label and kind.
        """
        key = (label, kind)
        if (found := self._things.get(key)) is None:
            iri = self._named(label)
            found = self._things[key] = (f"<{iri}>", iri.rpartition("/")[2])
            self.describe(iri, label, self.book.kinds.get(label, kind))
        return found

    def _named(self, label: str) -> str:
        """Return the IRI of the thing that a label names, which may be new."""
        known = self._known.get(label.casefold())
        iri = known or self.same(slug(label))
        if known is None:
            self.new.setdefault(iri, label)
        return iri

    def same(self, local: str) -> str:
        """Return the IRI of a short name, or of the one that stands for it."""
        return self.namespace + self.book.same.get(local, local)

    def is_described(self, iri: str) -> bool:
        """Whether a thing has its label already."""
        return (iri, _LABEL) in self._done or iri in self._old

    def describe(self, iri: str, label: str, kind: str) -> None:
        """Record label and kind of a thing once, unless the project knows it already."""
        for about, value in ((_LABEL, label and literal(label, "@en")), (_TYPE, kind and f"<{KG}{kind}>")):
            if value and iri not in self._old and (iri, about) not in self._done:
                self._done.add((iri, about))
                self.put(CURATED, [(f"<{iri}>", about, value)])

    def _prefer(self, row: Row, triples: list[Triple]) -> None:
        """Rank the row's value before those that contradict it; a rank with its reason, no truth."""
        subject, predicate, value = next((t for t in triples if t[1] != _TYPE), triples[0])
        node, rdf = f"<{self.namespace}preference-{slug(row.id or row.where)}>", PREFIXES["rdf"]
        ranked = (
            (_TYPE, f"<{KG}Preference>"),
            (_LABEL, literal(f"Preferred: {row.object}", "@en")),
            (f"<{rdf}subject>", subject),
            (f"<{rdf}predicate>", predicate),
            (f"<{rdf}object>", value),
            (f"<{KG}reason>", literal(row.preferred, "@en")),
        )
        self.put(CURATED, ((node, about, what) for about, what in ranked))


@cache
def _declared_in(files: tuple[Path, ...]) -> frozenset[str]:
    """Return the terms that files of an ontology say something of."""
    return frozenset(str(quad.subject) for file in files for quad in read_file(file))


def _declared(project: Project) -> frozenset[str]:
    return _declared_in(tuple(project.ontology_files()))
