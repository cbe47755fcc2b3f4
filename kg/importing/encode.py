"""Rows become statements: cells fill the templates of a rule, things get short names, passages a record."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping

from kg.errors import InputError, UnknownNameError
from kg.importing.mapping import Fact, Node, Rule, RuleBook
from kg.importing.quotes import Quotes, passage_lines
from kg.importing.rows import Row, Source
from kg.importing.values import VALUES, literal, slug, split_list, typed
from kg.vocab import CURATED, PREFIXES, PROVENANCE

KG, DCT = PREFIXES["kg"], PREFIXES["dcterms"]
_TYPE, _LABEL = f"<{PREFIXES['rdf']}type>", f"<{PREFIXES['rdfs']}label>"
_CELL = re.compile(r"\{(\w+)\}")
STANDINGS = ("Asserted", "Reported", "Quoted", "Alleged", "Confessed", "Implied", "Retracted")


class Encoder:
    """Turns rows into N-Triples lines, collected by graph in `graphs`."""

    def __init__(
        self, book: RuleBook, namespace: str, known: Mapping[str, str], labelled: frozenset[str] = frozenset()
    ) -> None:
        self.book, self.namespace = book, namespace
        self.graphs: dict[str, set[str]] = {}
        self.new: dict[str, str] = {}
        """Things that nobody knew before: IRI and label."""
        names = {label.casefold(): namespace + local for label, local in book.names.items()}
        self._known = {**known, **names}
        self._old = labelled
        self._done: set[tuple[str, str]] = set()
        self._passages: dict[tuple[str, str, str, str], str] = {}
        self.quotes: Quotes | None = None
        """Where quotations are looked up; without it a row with a quotation is refused."""

    def add(self, row: Row, sources: Mapping[str, Source]) -> int:
        """Encode one row; return how many statements it makes.

        Raises `InputError` with row and column for what cannot be encoded.
        """
        rule = self.book.find(row.kind, row.relation, row.object)
        if rule is None:
            nearest = difflib.get_close_matches(row.relation, self.book.relations(), n=4, cutoff=0.5)
            raise UnknownNameError("relation", row.relation, nearest, f"({row.where}, column 'relation')")
        lines = list(_Filling(self, row, rule).lines())
        if not lines:
            raise InputError(f"{row.where}, column 'object': {row.relation} makes nothing of {row.object!r}.")
        for source in row.sources:
            self.graph(self._passage(row, source, sources)).update(lines)
        if row.preferred:
            self._prefer(row, lines)
        return len(lines)

    def graph(self, iri: str) -> set[str]:
        """The lines of one graph."""
        return self.graphs.setdefault(iri, set())

    def thing(self, label: str, kind: str = "") -> str:
        """Return the IRI of the thing that a label names; a new thing is recorded with label and kind."""
        iri = self._known.get(label.casefold())
        if iri is None:
            iri = self.same(slug(label))
            self.new.setdefault(iri, label)
        self.describe(iri, label, self.book.kinds.get(label, kind))
        return iri

    def same(self, local: str) -> str:
        """Return the IRI of a short name, or of the one that stands for it."""
        return self.namespace + self.book.same.get(local, local)

    def describe(self, iri: str, label: str, kind: str) -> None:
        """Record label and kind of a thing once, unless the project knows it already."""
        for about, value in ((_LABEL, label and literal(label, "@en")), (_TYPE, kind and f"<{KG}{kind}>")):
            if value and iri not in self._old and (iri, about) not in self._done:
                self._done.add((iri, about))
                self.graph(CURATED).add(f"<{iri}> {about} {value} .\n")

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
            self.graph(PROVENANCE).update(passage_lines(passage, text, wanted, anchor))
            return passage
        iri = self._known.get(source.title.casefold()) if source.title == source.id else None
        iri = iri or self.namespace + slug(source.id)
        passage = f"{iri}-{wanted.lower()}" + (f"-{slug(row.locator)}" if row.locator else "")
        where = row.locator or source.read_as or "the whole source"
        self.graph(PROVENANCE).update(_source_lines(iri, source, self.namespace))
        self.graph(PROVENANCE).update(
            f"<{passage}> {predicate} {value} .\n"
            for predicate, value in (
                (_TYPE, f"<{KG}Passage>"),
                (f"<{DCT}isPartOf>", f"<{iri}>"),
                (f"<{KG}standing>", f"<{KG}{wanted}>"),
                (f"<{KG}locator>", literal(where)),
            )
        )
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

    def _prefer(self, row: Row, lines: list[str]) -> None:
        """Rank the row's value before those that contradict it; a rank with its reason, no truth."""
        key = next((line for line in lines if _TYPE not in line), lines[0])
        subject, predicate, rest = key.split(" ", 2)
        node = f"<{self.namespace}preference-{slug(row.id or row.where)}>"
        rdf = PREFIXES["rdf"]
        self.graph(CURATED).update(
            f"{node} {about} {value} .\n"
            for about, value in (
                (_TYPE, f"<{KG}Preference>"),
                (_LABEL, literal(f"Preferred: {row.object}", "@en")),
                (f"<{rdf}subject>", subject),
                (f"<{rdf}predicate>", predicate),
                (f"<{rdf}object>", rest.removesuffix(" .\n")),
                (f"<{KG}reason>", literal(row.preferred, "@en")),
            )
        )


def _source_lines(iri: str, source: Source, namespace: str) -> Iterator[str]:
    """Write what is known of a source."""
    family = f"{namespace}family-{slug(source.family)}" if source.family else ""
    values = (
        (_TYPE, f"<{KG}Source>"),
        (f"<{DCT}title>", literal(source.title)),
        (f"<{DCT}publisher>", source.publisher and literal(source.publisher)),
        (f"<{DCT}date>", source.year and typed(source.year, "gYear")),
        (f"<{PREFIXES['schema']}url>", source.url and literal(source.url)),
        (f"<{KG}readAs>", source.read_as and literal(source.read_as)),
        (f"<{KG}family>", family and f"<{family}>"),
    )
    yield from (f"<{iri}> {predicate} {value} .\n" for predicate, value in values if value)
    if family:
        yield f"<{family}> {_TYPE} <{KG}SourceFamily> .\n"
        yield f"<{family}> {_LABEL} {literal(source.family.replace('_', ' '))} .\n"


class _Filling:
    """One row in one rule: its cells as names, words and nodes."""

    def __init__(self, encoder: Encoder, row: Row, rule: Rule) -> None:
        self.encoder, self.rule = encoder, rule
        self.words = {
            **row.qualifiers,
            "subject": row.subject,
            "object": row.object,
            "relation": row.relation.replace("_", " "),
        }
        self.nodes: dict[str, str | None] = {}

    def lines(self) -> Iterator[str]:
        """Yield the statements whose cells are all filled."""
        for fact in self.rule.facts:
            subject = self._term(fact.subject)
            if subject is not None:
                prefix, _, local = fact.predicate.partition(":")
                predicate = _TYPE if fact.predicate == "a" else f"<{PREFIXES[prefix]}{local}>"
                yield from (f"<{subject}> {p} {o} .\n" for p, o in self._objects(predicate, fact))

    def _objects(self, predicate: str, fact: Fact) -> Iterator[tuple[str, str]]:
        target = fact.target
        if not target.function:
            iri = self._term(target.text)
            if iri is not None:
                yield predicate, f"<{iri}>"
        elif (text := self._fill(target.text)) is None:
            return
        elif target.function == "each":
            kind = self.rule.kinds.get(target.cells[0], "")
            yield from ((predicate, f"<{self.encoder.thing(part, kind)}>") for part in split_list(text))
        else:
            yield from VALUES[target.function](predicate, text)

    def _fill(self, template: str) -> str | None:
        """Put the cells' words into a template; None where a cell is empty."""
        cells = _CELL.findall(template)
        if any(not self.words.get(cell) for cell in cells):
            return None
        return _CELL.sub(lambda match: self.words[match[1]], template)

    def _term(self, template: str) -> str | None:
        """Return the IRI that a template stands for; None where a cell is empty."""
        if template.startswith("{") and template.count("{") == 1 and template.endswith("}"):
            name = template[1:-1]
            return self._node(name) if name in self.rule.nodes else self._thing(name)
        prefix, _, local = template.partition(":")
        return self.encoder.same(local) if prefix == "mt" else PREFIXES[prefix] + local

    def _thing(self, cell: str) -> str | None:
        label = self.words.get(cell)
        return self.encoder.thing(label, self.rule.kinds.get(cell, "")) if label else None

    def _node(self, name: str) -> str | None:
        """Return the IRI of a node that the rule makes, by the first of its names that can be filled."""
        if name not in self.nodes:
            self.nodes[name] = self._make(self.rule.nodes[name])
        return self.nodes[name]

    def _make(self, node: Node) -> str | None:
        for name, label in zip(node.names, node.labels, strict=True):
            local = self._local(name.text)
            if local is None:
                continue
            iri = self.encoder.same(local)
            self.encoder.describe(iri, self._fill(label.text) or "", node.kind)
            return iri
        return None

    def _local(self, template: str) -> str | None:
        """Fill a name's template with short names: of things where a cell names one, else of its words."""
        if any(not self.words.get(cell) for cell in _CELL.findall(template)):
            return None
        return _CELL.sub(lambda match: self._short(match[1]), template)

    def _short(self, cell: str) -> str:
        label = self.words[cell]
        iri = self.encoder.thing(label, self.rule.kinds[cell]) if cell in self.rule.kinds else None
        return iri.rpartition("/")[2] if iri else slug(label)
