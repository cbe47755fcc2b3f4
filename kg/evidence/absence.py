"""Claims that nothing matches: what OPTIONAL, MINUS and NOT EXISTS rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import pyoxigraph as ox

from kg.engine import Term
from kg.evidence import tree
from kg.evidence.context import Context, table
from kg.evidence.joins import binding_names
from kg.evidence.rewrite import Edits, write
from kg.evidence.scope import certain
from kg.evidence.steps import Key
from kg.evidence.volatile import unrepeatable
from kg.evidence.witness import Claim, Part, Ways, both


class AbsenceResolver:
    """A pattern that has no match under the solution."""

    def __init__(
        self,
        context: Context,
        kind: Literal["optional", "minus", "not exists"],
        group: tree.Group,
        names: Sequence[str],
    ) -> None:
        self.context, self.kind, self.group, self.names = context, kind, group, tuple(names)
        self.external = unrepeatable(group)

    def resolve(self, keys: Sequence[Key]) -> dict[Key, Ways]:
        """Make the claim of each key."""
        from kg.evidence.blockers import Blockers

        claimed = {key: self._claimed(key) for key in keys}
        for key, part in Blockers(self.context, self.kind, self.group, self.names).parts(keys).items():
            claimed[key] = both(claimed[key], Ways.one(part), 1)
        return claimed

    def _claimed(self, key: Key) -> Ways:
        terms: list[tuple[str, Term]] = [
            (name, term) for name, term in zip(self.names, key, strict=False) if term is not None
        ]
        if self.kind == "minus" and not terms:
            return Ways.one()
        graph = key[-1]
        claim = Claim(self.kind, self.group.start, self.group.end, tuple(terms), graph, self)  # type: ignore[arg-type]  # the last is a graph
        return Ways.one(Part(claims=frozenset([claim]), external=self.external))

    def ask(self, claim: Claim) -> str:
        """Write the query that is false as long as nothing matches."""
        group, context = self.group, self.context
        inner = context.query.text[group.start + 1 : group.end - 1]
        terms = dict(claim.bindings)
        values = table(list(terms), [list(terms.values())]) if terms else ""
        if all(map(_is_simple, group.elements)) and not self._may_miss(terms):
            body = self._substituted(terms)
        elif self.kind == "not exists":
            body = f"{values}FILTER EXISTS {{ {inner} }}"
        elif self.kind == "optional":
            nested = bool(group.elements) and isinstance(group.elements[0], tree.Select)
            mark, held = f"?{context.fresh}", f"{{ {inner} }}" if nested else inner
            body = f"{values}OPTIONAL {{ {held} BIND(1 AS {mark}) }} FILTER(BOUND({mark}))"
        else:
            body = f"FILTER NOT EXISTS {{ {values}MINUS {{ {inner} }} }}"
        return context.ask(body, claim.graph)

    def _may_miss(self, terms: Mapping[str, Term]) -> bool:
        """Tell whether a MINUS may not bind what it shares, so that its terms cannot stand in its text."""
        return self.kind == "minus" and not terms.keys() <= certain(self.group.elements)

    def _substituted(self, terms: dict[str, Term]) -> str:
        fixed = binding_names(self.group) | {n for n, t in terms.items() if isinstance(t, ox.BlankNode)}
        edits = Edits(self.context.query.text)
        for var in self.context.homes.within(self.group.start, self.group.end, self.group.start):
            if var.name in terms.keys() - fixed:
                edits.rename(var, write(terms[var.name]))
        kept = {name: term for name, term in terms.items() if name in fixed}
        values = table(list(kept), [list(kept.values())]) if kept else ""
        return values + edits.render(self.group.start + 1, self.group.end - 1)

    @property
    def near(self) -> tree.Group:
        """The pattern itself."""
        return self.group

    def pattern(self) -> str:
        """Return the pattern as the query has it."""
        return self.context.query.text[self.group.start : self.group.end]


def nowhere(context: Context, group: tree.Group, graph: Term | None) -> Ways:
    """Claim that a pattern of the query matches nowhere, under the user's parameters."""
    given = context.parameters(group)
    key = (*given.values(), graph)
    return AbsenceResolver(context, "not exists", group, list(given)).resolve([key])[key]


def _is_simple(element: tree.Element) -> bool:
    """Tell whether putting terms into an element's text means what giving them to its variables does."""
    if isinstance(element, tree.Filter):
        return not any(part.kind == "exists" for part in element.expression.walk())
    # A walk of no steps holds of a constant and of a variable in different ways.
    return isinstance(element, tree.Block) and not any(isinstance(t.verb, tree.Path) for t in element.triples)
