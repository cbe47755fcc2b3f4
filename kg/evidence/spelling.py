"""Spelling out what was found: evidence as users see it, made when somebody looks."""

from __future__ import annotations

from collections.abc import Sequence

import pyoxigraph as ox

from kg.evidence.certificates import Certificate, Searched
from kg.evidence.context import Context
from kg.evidence.support import Support
from kg.evidence.witness import Part
from kg.model import Absence, Evidence, Status, Witness


class Speller:
    """Makes witnesses of their parts, whose statements were looked up."""

    def __init__(self, context: Context, support: Support) -> None:
        self._context, self.support = context, support
        self._searched = Searched(context)

    def witness(self, part: Part) -> Witness:
        """Make the witness of one part."""
        statements = self.support.statements(part.atoms)
        if not (part.claims or part.external or part.members):
            return Witness(statements)
        claims = sorted(part.claims, key=lambda c: (c.start, str(c.bindings)))
        absences = tuple(
            Absence(
                claim.kind,
                claim.maker.pattern(),
                claim.bindings,
                claim.graph,
                Certificate(self._context, self.support, claim, self._searched),
            )
            for claim in claims
        )
        places = {atom: place for place, atom in enumerate(part.atoms)}
        members = tuple(tuple(sorted(places[atom] for atom in member)) for member in part.members)
        return Witness(statements, absences, tuple(sorted(part.external)), members, part.extremal)


class Found(Evidence):
    """Evidence whose witnesses are spelled out when somebody looks at them."""

    __slots__ = ("_parts", "_spelled", "_speller")

    def __init__(
        self,
        speller: Speller,
        parts: Sequence[Part],
        status: Status,
        count: int = 1,
        reasons: tuple[str, ...] = (),
    ) -> None:
        self.status = status
        self.derivation_count, self.reasons = count, reasons
        self._speller, self._parts = speller, parts
        self._spelled: tuple[Witness, ...] | None = None

    @property
    def witnesses(self) -> tuple[Witness, ...]:
        """The ways in which the row came about that need least, smallest first."""
        if self._spelled is None:
            self._spelled = tuple(map(self._speller.witness, self._parts))
        return self._spelled

    @property
    def passages(self) -> tuple[ox.NamedNode, ...]:
        """All passages behind the row, each once, in order of appearance; not the curated graphs."""
        parts = self._parts
        atoms = parts[0].atoms if len(parts) == 1 else [atom for part in parts for atom in part.atoms]
        return self._speller.support.passages(atoms)


def status_of(parts: Sequence[Part]) -> Status:
    """Tell what kind of things parts of witnesses rest on."""
    if any(part.external for part in parts):
        return "external"
    if any(part.claims for part in parts):
        return "supported+absence"
    return "supported" if any(part.atoms for part in parts) else "constant"
