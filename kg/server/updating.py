"""Updates: which dataset the protocol gives them, and the default graph kept true to the passages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from kg.engine.embedded import Embedded
from kg.errors import InputError, NotAllowedError
from kg.evidence.tokens import Token, resolve_escapes, tokenize
from kg.graph import Graph
from kg.vocab import PROVENANCE


@dataclass(frozen=True, slots=True)
class Change:
    """An update as the protocol carries it."""

    text: str
    base: str
    using: tuple[str, ...] = ()
    using_named: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the fields, for JSON."""
        return asdict(self)

    def statement(self) -> str:
        """Return the text with its base and its dataset written out; raises `InputError`."""
        clauses = [f"USING {_iri(graph)}" for graph in self.using]
        clauses += [f"USING NAMED {_iri(graph)}" for graph in self.using_named]
        text = with_dataset(self.text, " ".join(clauses)) if clauses else self.text
        return f"BASE <{self.base}>\n{text}"


def _iri(text: str) -> ox.NamedNode:
    try:
        return ox.NamedNode(text)
    except ValueError as error:
        raise InputError(f"A graph is named by an absolute IRI: {error}.") from error


def with_dataset(text: str, clauses: str) -> str:
    """Put USING clauses before each WHERE of an update.

    Raises `InputError` for an update that names its own dataset, as the protocol demands.

    >>> with_dataset("INSERT { ?s a <x> } WHERE { ?s a <y> }", "USING <g>")
    'INSERT { ?s a <x> } USING <g> WHERE { ?s a <y> }'
    """
    text = resolve_escapes(text)
    depth, last, parts = 0, 0, []
    before = Token("end", "", 0, 0)
    for token in tokenize(text):
        word = token.text.upper() if token.kind == "word" else ""
        depth += {"{": 1, "}": -1}.get(token.text, 0) if token.kind == "mark" else 0
        if depth == 0 and word in {"USING", "WITH"}:
            raise InputError(f"The dataset stands both in the address and in the update ({word}).")
        if depth == 0 and word == "WHERE":
            if before.text.upper() == "DELETE":
                raise InputError(
                    "DELETE WHERE takes no dataset from the address; write DELETE { } WHERE { }."
                )
            parts += [text[last : token.start], clauses, " "]
            last = token.start
        before = token
    return "".join((*parts, text[last:]))


def update_graph(graph: Graph, change: Change) -> None:
    """Change a graph in memory; raises `NotAllowedError` for one that is elsewhere."""
    engine = graph.engine
    if not isinstance(engine, Embedded):
        raise NotAllowedError("These facts are served from elsewhere; send updates to that service itself.")
    _update(engine.store, engine.prefixes, change)


def update_store(folder: Path, prefixes: Mapping[str, str], change: Change) -> None:
    """Change a store on disk: a new generation, or nothing."""
    from kg.engine.store import writing

    with writing(folder, must_exist=True) as writer:
        writer.change(lambda store: _update(store, prefixes, change))


def _update(store: ox.Store, prefixes: Mapping[str, str], change: Change) -> tuple[()]:
    text = change.statement()
    before = _stated(store)
    Embedded(store, prefixes).update(text)
    after = _stated(store)
    gone, default = before - after, ox.DefaultGraph()
    for triple in gone:
        store.remove(ox.Quad(triple.subject, triple.predicate, triple.object, default))
    store.extend(ox.Quad(new.subject, new.predicate, new.object, default) for new in after - before)
    return ()


def _stated(store: ox.Store) -> set[ox.Triple]:
    """What the passages state: every statement of them stands in the default graph, once."""
    provenance = ox.NamedNode(PROVENANCE)
    graphs = [graph for graph in store.named_graphs() if graph != provenance]
    return {
        ox.Triple(quad.subject, quad.predicate, quad.object)
        for graph in graphs
        for quad in store.quads_for_pattern(None, None, None, graph)
    }
