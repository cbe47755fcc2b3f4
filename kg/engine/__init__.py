"""The one protocol that every engine answers: SPARQL 1.1 text in, pyoxigraph results out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol, TypeAlias

import pyoxigraph as ox

Term: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Answer: TypeAlias = ox.QuerySolutions | ox.QueryTriples | ox.QueryBoolean


class Engine(Protocol):
    """Something that answers SPARQL 1.1 queries over one dataset.

    The default graph holds every statement once; a named graph is a passage. `prefixes` are declared
    for every query that does not declare them itself.
    """

    prefixes: Mapping[str, str]

    def query(
        self,
        text: str,
        *,
        default_graph: Sequence[ox.NamedNode | ox.DefaultGraph] | None = None,
        named_graphs: Sequence[ox.NamedNode] | None = None,
        bindings: Mapping[str, Term] | None = None,
    ) -> Answer:
        """Answer a query of any form.

        `default_graph` and `named_graphs` are the protocol's dataset, None for the engine's own;
        `bindings` gives terms to variables by name, without touching the text.

        Raises `QuerySyntaxError` for text that does not parse, `NotAllowedError` for SERVICE where it is
        off, `ParameterError` for a binding that cannot be applied, `EngineError` for everything else.
        """
        ...

    def update(self, text: str) -> None:
        """Run a SPARQL 1.1 update; raises like `query`."""
        ...

    def snapshot(self) -> str:
        """Return a name for the state of the data, by which a claim of absence says what it is about."""
        ...

    def graph_names(self) -> list[str]:
        """Return the IRIs of the named graphs, sorted, without what the engine keeps for itself."""
        ...


def select(engine: Engine, text: str, bindings: Mapping[str, Term] | None = None) -> ox.QuerySolutions:
    """Answer a SELECT query; raises `TypeError` for a query of another form."""
    answer = engine.query(text, bindings=bindings)
    if not isinstance(answer, ox.QuerySolutions):
        raise TypeError(f"This is no SELECT query: {text!r}")
    return answer


def batches(items: Sequence[ox.NamedNode], size: int = 1000) -> Iterator[str]:
    """Yield the items in blocks that fit into one VALUES clause."""
    for at in range(0, len(items), size):
        yield " ".join(map(str, items[at : at + size]))
