"""Nested negation: why what could have matched does not, so that an absence holds on the witness alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from kg.engine import Term
from kg.evidence import tree
from kg.evidence.context import Context
from kg.evidence.scope import certain, free_names, visible, visible_in_elements
from kg.evidence.steps import Draft, Key
from kg.evidence.subpattern import SubPattern
from kg.evidence.unit import drafts_of
from kg.evidence.witness import NOTHING, Part, Ways


class Inner(NamedTuple):
    """A negation inside a negated pattern, and the names that it reads."""

    group: tree.Group
    pattern: SubPattern
    names: list[str]


class Blockers:
    """The statements by which a negated pattern's own negations keep it from matching.

    `{ A NOT EXISTS { B } }` does not match although A does, because B does: then B's statements count.
    Likewise for MINUS inside, and for an OPTIONAL whose match a FILTER refuses.
    """

    def __init__(self, context: Context, kind: str, group: tree.Group, names: Sequence[str]) -> None:
        self.context = context
        kept = [element for element in group.elements if not _is_negation(element, group)]
        self.removed = [element for element in group.elements if element not in kept]
        self.relaxed = tree.Group(tuple(kept), group.start, group.end)
        self.names = list(names)
        if self.removed:
            self.pattern = SubPattern(context, self.relaxed, names, without=self.removed)
            self.inner = [[self._inner(*found) for found in several] for several in self._negated(kind)]

    def _negated(self, kind: str) -> Iterator[list[tuple[tree.Group, list[str]]]]:
        """Yield the negations of each element inside and what they see: terms from outside where put in.

        Into EXISTS they are put everywhere, into an OPTIONAL only for its FILTER, into a MINUS not at all.
        """
        own = visible(self.relaxed)
        whole = [*self.names, *own]
        given = self.names if kind == "not exists" else []
        for element in self.removed:
            if isinstance(element, tree.Minus):
                # A MINUS takes away from what stands before it.
                before = [other for other in self.relaxed.elements if other.start < element.start]
                seen = [*given, *visible_in_elements(before)]
                # One that shares no variable takes nothing away.
                yield [(element.group, seen)] if set(seen) & set(visible(element.group)) else []
            elif isinstance(element, tree.Filter):
                seen = own if kind == "minus" else whole
                yield [(group, seen) for group in _refusing(element.expression)]

    def _inner(self, group: tree.Group, seen: Sequence[str]) -> Inner:
        found = self.context.homes.within(group.start, group.end, group.start)
        names = [name for name in dict.fromkeys(var.name for var in found) if name in seen]
        return Inner(group, SubPattern(self.context, group, names), names)

    def parts(self, keys: Sequence[Key]) -> dict[Key, Part]:
        """Find what keeps the pattern from matching under each key."""
        if not self.removed:
            return {}
        solutions = list(islice(self.pattern.solutions(keys), self.context.options.max_members))
        drafts: list[tuple[Key, dict[str, Term | None], Draft]] = []
        for (key, unit, row), draft in zip(solutions, drafts_of(solutions), strict=True):
            known = dict(zip(unit.columns, row, strict=False)) | dict(zip(self.names, key, strict=False))
            drafts.append((key, known, draft))
        blocked: list[Part] = [NOTHING] * len(drafts)
        for several in self.inner:
            # One element is enough to blame; all that matches in it, as all sides of an OR are false.
            free = [place for place, part in enumerate(blocked) if part is NOTHING]
            for inner in several:
                asked = [(*(drafts[n][1].get(name) for name in inner.names), drafts[n][0][-1]) for n in free]
                found: dict[Key, Ways] = inner.pattern.ways(list(dict.fromkeys(asked)))
                for place, question in zip(free, asked, strict=True):
                    ways = found.get(question)
                    if ways is not None and ways.parts:
                        blocked[place] |= ways.parts[0]
        out: dict[Key, Part] = defaultdict(lambda: NOTHING)
        for (key, _, draft), part in zip(drafts, blocked, strict=True):
            # Where no inner negation is to blame, a FILTER refused what an OPTIONAL found.
            out[key] |= part if part is not NOTHING else Part(tuple(dict.fromkeys(draft.atoms)))
        return out


def _is_negation(element: tree.Element, group: tree.Group) -> bool:
    """Tell whether an element can keep its group from matching because of what does match."""
    if isinstance(element, tree.Minus):
        return True
    if not isinstance(element, tree.Filter):
        return False
    if any(part.kind == "exists" for part in element.expression.walk()):
        return any(_refusing(element.expression))
    optional = any(isinstance(other, tree.Optional) for other in group.elements)
    return optional and bool(set(free_names(element.expression)) - certain(group.elements))


def _refusing(expression: tree.Expression) -> Iterator[tree.Group]:
    """Yield the patterns of a condition whose match can make it false: those under an odd count of NOT."""
    waiting = [(expression, False, True)]
    while waiting:
        part, inverted, plain = waiting.pop()
        if part.group is not None and (part.inverted != inverted or not plain):
            yield part.group
        # What a function or a comparison makes of a truth, either truth may be to blame for.
        inner = plain and part.kind in {"and", "or", "not"}
        waiting += [(arg, inverted != (part.kind == "not"), inner) for arg in part.args]
