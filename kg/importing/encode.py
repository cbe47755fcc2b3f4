"""Rows become statements: cells fill the templates of a rule, things get short names, passages a record."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from kg.errors import InputError, UnknownNameError
from kg.importing.filling import Plan
from kg.importing.mapping import RuleBook
from kg.importing.quotes import Quotes, passage_lines
from kg.importing.rows import Row, Source
from kg.importing.values import literal, slug, typed
from kg.vocab import CURATED, PREFIXES, PROVENANCE

KG, DCT = PREFIXES["kg"], PREFIXES["dcterms"]
_TYPE, _LABEL = f"<{PREFIXES['rdf']}type>", f"<{PREFIXES['rdfs']}label>"
STANDINGS = ("Asserted", "Reported", "Quoted", "Alleged", "Confessed", "Implied", "Retracted")

Triple: TypeAlias = tuple[str, str, str]
"""A statement, its terms as N-Triples writes them."""


class Encoder:
    """Turns rows into statements, collected by graph in `graphs`; some may be there more than once."""

    def __init__(
        self, book: RuleBook, namespace: str, known: Mapping[str, str], labelled: frozenset[str] = frozenset()
    ) -> None:
        self.book, self.namespace = book, namespace
        # Flat lists of tuples cost the garbage collector nothing; deeper ones a third of the time.
        self.graphs: defaultdict[str, list[Triple]] = defaultdict(list)
        self.new: dict[str, str] = {}
        """Things that nobody knew before: IRI and label."""
        names = {label.casefold(): namespace + local for label, local in book.names.items()}
        self._known = {**known, **names}
        self._old = labelled
        self._done: set[tuple[str, str]] = set()
        self._things: dict[tuple[str, str], tuple[str, str]] = {}
        self._passages: dict[tuple[str, str, str, str], str] = {}
        self._plans: dict[int, Plan] = {}
        self.quotes: Quotes | None = None
        """Where quotations are looked up; without it the words of a quotation are not kept."""

    def add(self, row: Row, sources: Mapping[str, Source]) -> int:
        """Encode one row; return how many statements it makes.

        Raises `InputError` with row and column for what cannot be encoded.
        """
        rule = self.book.find(row.kind, row.relation, row.object)
        if rule is None:
            nearest = difflib.get_close_matches(row.relation, self.book.relations(), n=4, cutoff=0.5)
            raise UnknownNameError("relation", row.relation, nearest, f"({row.where}, column 'relation')")
        if (plan := self._plans.get(id(rule))) is None:
            plan = self._plans[id(rule)] = Plan(rule, self)
        triples = list(plan.triples(row))
        if not triples:
            raise InputError(f"{row.where}, column 'object': {row.relation} makes nothing of {row.object!r}.")
        for source in row.sources:
            self.put(self._passage(row, source, sources), triples)
        if row.preferred:
            self._prefer(row, triples)
        return len(triples)

    def put(self, graph: str, triples: Iterable[Triple]) -> None:
        """Add statements to a graph."""
        self.graphs[graph].extend(triples)

    def thing(self, label: str, kind: str = "") -> tuple[str, str]:
        """Return the term of the thing that a label names, and its short name.

        A new thing is recorded with label and kind.
        """
        key = (label, kind)
        if (found := self._things.get(key)) is None:
            known = self._known.get(label.casefold())
            iri = known or self.same(slug(label))
            found = self._things[key] = (f"<{iri}>", iri.rpartition("/")[2])
            if known is None:
                self.new.setdefault(iri, label)
            self.describe(iri, label, self.book.kinds.get(label, kind))
        return found

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

    def _passage(self, row: Row, source: str, sources: Mapping[str, Source]) -> str:
        """Return the passage that a row's statements stand in, and record it once."""
        fixed = self.book.passages.get(f"{source}:{row.id}")
        if fixed:
            return self.namespace + fixed
        key = (source, row.standing, row.locator, row.quote)
        if key not in self._passages:
            self._passages[key] = self._record(row, sources.get(source, Source(source, source)))
        return self._passages[key]

    def _record(self, row: Row, source: Source) -> str:
        """Write the record of a passage and of its source."""
        wanted = self._standing(row)
        if row.quote and self.quotes is not None:
            text, anchor = self.quotes.find(row, source.id)
            passage = f"{text}-{wanted.lower()}-{anchor.start}-{anchor.end}"
            self.put(PROVENANCE, passage_lines(passage, text, wanted, anchor))
            return passage
        iri = self._known.get(source.title.casefold()) if source.title == source.id else None
        iri = iri or self.namespace + slug(source.id)
        passage = f"{iri}-{wanted.lower()}" + (f"-{slug(row.locator)}" if row.locator else "")
        where = row.locator or source.read_as or "the whole source"
        self.put(PROVENANCE, _source_triples(iri, source, self.namespace))
        record = (
            (_TYPE, f"<{KG}Passage>"),
            (f"<{DCT}isPartOf>", f"<{iri}>"),
            (f"<{KG}standing>", f"<{KG}{wanted}>"),
            (f"<{KG}locator>", literal(where)),
        )
        self.put(PROVENANCE, ((f"<{passage}>", predicate, value) for predicate, value in record))
        return passage

    def _standing(self, row: Row) -> str:
        """Return the standing that a row asks for, by its name in the ontology."""
        wanted = self.book.standings.get(row.standing, row.standing or "asserted").capitalize()
        if wanted not in STANDINGS:
            raise InputError(
                f"{row.where}, column 'standing': {row.standing!r} is no standing; "
                f"use one of {', '.join(STANDINGS).lower()}."
            )
        return wanted

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
