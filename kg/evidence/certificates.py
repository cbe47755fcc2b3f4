"""Certificates of absence: the question anyone can ask again, what was searched, and the nearest misses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import cast

from kg.engine import Term, select
from kg.evidence import tree
from kg.evidence.context import Context
from kg.evidence.rewrite import write, write_path
from kg.evidence.statements import Fact
from kg.evidence.support import RESERVED, Support
from kg.evidence.tokens import on_one_line
from kg.evidence.witness import Claim
from kg.model import NearMiss, Statement
from kg.vocab import PREFIXES, PROVENANCE

_PARTS = f"SELECT ?g ?of WHERE {{ GRAPH <{PROVENANCE}> {{ ?g <{PREFIXES['dcterms']}isPartOf> ?of }} }}"
_GRAPHS = "SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } }"


class Certificate:
    """What backs one claim of absence; every part is worked out when somebody looks."""

    def __init__(self, context: Context, support: Support, claim: Claim, searched: Searched) -> None:
        self._context, self._support, self._claim, self._searched = context, support, claim, searched

    @property
    def ask_query(self) -> str:
        """The query that is false as long as the claim holds."""
        return self._claim.maker.ask(self._claim)

    @property
    def snapshot(self) -> str:
        """The state of the data that was searched."""
        return self._searched.snapshot

    @property
    def searched(self) -> tuple[tuple[str, int], ...]:
        """How many passages and documents were searched."""
        return self._searched.counts

    @cached_property
    def near_misses(self) -> tuple[NearMiss, ...]:
        """The longest beginning of the pattern that still matches, and what is missing after it."""
        group = self._claim.maker.near
        return () if group is None else tuple(self._nearest(group))

    def _nearest(self, group: tree.Group) -> Iterator[NearMiss]:
        triples = list(_triples(group))
        rest = [element for element in group.elements if not isinstance(element, tree.Block)]
        given = dict(self._claim.bindings)
        for length in range(len(triples) - (not rest), 0, -1):
            solution = self._first(triples[:length], given)
            if solution is not None:
                known = given | solution
                missing = [_text(triple, known) for triple in triples[length : length + 1]]
                texts = (self._context.query.text[e.start : e.end] for e in rest)
                missing = missing or [on_one_line(text) for text in texts]
                yield NearMiss(self._statements(triples[:length], known), " ".join(missing))
                return

    def _first(self, triples: Sequence[tree.Triple], given: dict[str, Term]) -> dict[str, Term] | None:
        """Find one match of some triples, with the terms given."""
        names = sorted({name for triple in triples for name in _names(triple)} - given.keys())
        inside = " . ".join(_text(triple, given) for triple in triples)
        graph = self._claim.graph
        inside = inside if graph is None else f"GRAPH {write(graph)} {{ {inside} }}"
        head = " ".join(f"?{name}" for name in names) or "(1 AS ?one)"
        text = f"SELECT {head} {self._context.from_clause}WHERE {{ {inside} }} LIMIT 1"
        for row in self._context.select(text):
            return {name: term for name, term in zip(names, row, strict=False) if term is not None}
        return None

    def _statements(self, triples: Sequence[tree.Triple], known: dict[str, Term]) -> tuple[Statement, ...]:
        """Look up the statements of triples that matched; those along a path have none of their own."""
        atoms = []
        for triple in triples:
            if isinstance(triple.verb, tree.Path):
                continue
            terms = [_term(node, known) for node in (triple.subject, triple.verb, triple.object)]
            fact = cast(Fact, (*terms, self._claim.graph))
            atoms.append(self._context.statements.number(fact))
        self._support.learn([atoms])
        return self._support.statements(atoms)


class Searched:
    """What the claims of one answer are about: the passages and documents of the dataset, at one time."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @cached_property
    def counts(self) -> tuple[tuple[str, int], ...]:
        """How many passages and documents the dataset has."""
        engine = self._context.engine
        passages = {row["g"] for row in select(engine, _GRAPHS)} - RESERVED
        documents = {row["of"] for row in select(engine, _PARTS) if row["g"] in passages}
        return ("passages", len(passages)), ("documents", len(documents))

    @cached_property
    def snapshot(self) -> str:
        """A name of the data's state: equal for equal data."""
        return self._context.engine.snapshot()


def _triples(group: tree.Group) -> Iterator[tree.Triple]:
    for element in group.elements:
        if isinstance(element, tree.Block):
            yield from element.triples


def _names(triple: tree.Triple) -> Iterator[str]:
    for node in (triple.subject, triple.verb, triple.object):
        if isinstance(node, tree.Var):
            yield _name(node)


def _name(var: tree.Var) -> str:
    """Name a variable; a blank node of the pattern is one that nobody else can name."""
    return "kgblank" + "".join(c if c.isalnum() else "x" for c in var.name) if var.blank else var.name


def _term(node: tree.Node | tree.Path, known: dict[str, Term]) -> Term | str:
    if isinstance(node, tree.Var):
        return known.get(_name(node), _name(node))
    return node.term if isinstance(node, tree.Constant) else write_path(node)


def _text(triple: tree.Triple, known: dict[str, Term]) -> str:
    words = []
    for node in (triple.subject, triple.verb, triple.object):
        term = _term(node, known)
        words.append(term if isinstance(node, tree.Path) else write(term))
    return " ".join(map(str, words))
