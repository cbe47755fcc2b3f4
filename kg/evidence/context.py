"""What every step of one explanation shares: the engine, the query, the dataset, names and the clock."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from kg.engine import Answer, Engine, Term
from kg.engine.embedded import Embedded
from kg.evidence import tree
from kg.evidence.options import Options
from kg.evidence.scope import Homes, projected
from kg.evidence.statements import Statements
from kg.evidence.tokens import on_one_line


@dataclass(frozen=True, slots=True)
class Dataset:
    """The dataset that the SPARQL protocol names; None stands for the engine's own."""

    default: tuple[ox.NamedNode, ...] | None = None
    named: tuple[ox.NamedNode, ...] | None = None


class Context:
    """One query on one engine, while it is explained."""

    def __init__(
        self,
        engine: Engine,
        query: tree.Query,
        text: str,
        *,
        bindings: Mapping[str, Term],
        dataset: Dataset,
        options: Options,
    ) -> None:
        self.engine, self.query, self.options = engine, query, options
        self.text = text
        self.columns = projected(query.select) if query.form == "SELECT" else []
        self.bindings, self.dataset = dict(bindings), dataset
        self.homes = Homes(query)
        self.fresh = _fresh_prefix(query.text)
        self.names = 0
        self.deadline = float("inf")
        self.statements = Statements()
        self.prologue = query.text[: query.prologue_end]
        self.from_clause = _from_clause(query)

    def fresh_name(self, hint: str = "") -> str:
        """Make a variable name that the query does not use."""
        self.names += 1
        return f"{self.fresh}{self.names}{hint}"

    def start_clock(self) -> None:
        """Begin to count the seconds of one call."""
        self.deadline = time.monotonic() + self.options.max_seconds

    def parameters(self, group: tree.Group) -> dict[str, Term]:
        """Return the user's parameters that stand in a group."""
        found = {var.name for var in self.homes.within(group.start, group.end, group.start)}
        return {name: term for name, term in self.bindings.items() if name in found}

    def plain(self) -> Answer:
        """Run the user's text as it is."""
        return self.engine.query(
            self.text,
            default_graph=self.dataset.default,
            named_graphs=self.dataset.named,
            bindings=self.bindings or None,
        )

    def late(self) -> bool:
        """Tell whether the time is up."""
        return time.monotonic() > self.deadline

    def blanks(self, names: Sequence[str], terms: Sequence[Term | None]) -> dict[str, Term]:
        """Choose the blank nodes among terms: no text names them, but the embedded engine takes them."""
        if not isinstance(self.engine, Embedded):
            return {}
        pairs = zip(names, terms, strict=False)
        return {name: term for name, term in pairs if isinstance(term, ox.BlankNode)}

    def scoped(self, blanks: Mapping[str, Term]) -> str:
        """Write what makes these names visible, so that BOUND sees what they are given; it never matches."""
        return "".join(f"OPTIONAL {{ ?{name} <urn:kg:none> ?{self.fresh}_{name} }} " for name in blanks)

    def select(
        self, text: str, *, bound: bool = False, given: Mapping[str, Term] | None = None
    ) -> Iterator[tuple[Term | None, ...]]:
        """Run a SELECT over the user's dataset; under the user's parameters if `bound`, or those `given`."""
        return map(tuple, self.solutions(text, bound=bound, given=given))

    def solutions(
        self, text: str, *, bound: bool = False, given: Mapping[str, Term] | None = None
    ) -> ox.QuerySolutions:
        """Run a SELECT like `select`, and give its solutions as the engine does."""
        answer = self.engine.query(
            text,
            default_graph=self.dataset.default,
            named_graphs=self.dataset.named,
            bindings=(self.bindings if bound else given) or None,
        )
        assert isinstance(answer, ox.QuerySolutions)  # noqa: S101 - the text above is a SELECT
        return answer

    def ask(self, body: str, graph: Term | None = None) -> str:
        """Write an ASK over the user's dataset that stands on its own."""
        inside = body if graph is None else f"GRAPH {graph} {{ {body} }}"
        inside = on_one_line(inside)
        used = (f"PREFIX {n}: <{iri}> " for n, iri in self.query.prefixes.items() if f"{n}:" in inside)
        base = f"BASE <{self.query.base}> " if self.query.base else ""
        default, named = self.dataset.default, self.dataset.named
        clause = self.from_clause
        if default is not None or named is not None:
            clause = "".join(
                [*(f"FROM {g} " for g in default or ()), *(f"FROM NAMED {g} " for g in named or ())]
            )
        return f"{base}{''.join(used)}ASK {clause}{{ {inside} }}"


def _fresh_prefix(text: str) -> str:
    longest = max(map(len, re.findall(r"_kg_+", text)), default=len("_kg"))
    return "_kg".ljust(longest + 1, "_")


def _from_clause(query: tree.Query) -> str:
    parts = [f"FROM {graph} " for graph in query.from_default]
    return "".join(parts + [f"FROM NAMED {graph} " for graph in query.from_named])


def spell(term: Term | None) -> str:
    """Write a term as SPARQL; UNDEF for none and for a blank node, which no query text can name.

    >>> spell(ox.Literal("a"))
    '"a"'
    """
    if term is None or isinstance(term, ox.BlankNode):
        return "UNDEF"
    return str(term)


def table(names: Sequence[str], rows: Sequence[Sequence[Term | None]]) -> str:
    """Write a VALUES clause."""
    body = " ".join(f"({' '.join(map(spell, row))})" for row in rows)
    return f"VALUES ({' '.join('?' + name for name in names)}) {{ {body} }} "
