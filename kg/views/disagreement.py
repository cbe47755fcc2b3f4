"""Conflicts, corroboration and timelines in words, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kg.conflicts import Conflict, Value
from kg.corroboration import Statement
from kg.engine import Engine
from kg.passages import Passage
from kg.timeline import Moment
from kg.views.table import Labeller

_SHOWN = 4
"""How many sources of one value are named before the rest is counted."""


def conflict_lines(engine: Engine, found: Sequence[Conflict], language: str = "en") -> Iterator[str]:
    """Yield each conflict: what it is about, then every value with who gives it, the preferred one first."""
    labeller = Labeller(engine, language)
    labeller.learn((c.subject, c.property, *(v.term for v in c.values)) for c in found)
    for conflict in found:
        yield f"{labeller.cell(conflict.subject)} — {labeller.cell(conflict.property)}"
        for value in conflict.values:
            mark = "*" if value.preferred else " "
            yield f"  {mark} {labeller.cell(value.term)}  [{_who(value)}]"
        yield from (f"    preferred: {value.reason}" for value in conflict.values if value.reason)
        yield ""


def _who(value: Value) -> str:
    """Name the sources of a value, and say how many families they come from."""
    return f"{value.families} famil{'y' if value.families == 1 else 'ies'}: {_titles(value.passages)}"


def _titles(passages: Sequence[Passage]) -> str:
    titles = list(dict.fromkeys(passage.title or passage.source for passage in passages))
    rest = f" and {len(titles) - _SHOWN} more" if len(titles) > _SHOWN else ""
    return "; ".join(titles[:_SHOWN]) + rest


def statement_rows(engine: Engine, found: Sequence[Statement], language: str = "en") -> list[list[str]]:
    """Return statements as rows of words: subject, relation, object, families, sources."""
    labeller = Labeller(engine, language)
    labeller.learn((s.subject, s.property, s.object) for s in found)
    return [
        [
            labeller.cell(s.subject),
            labeller.cell(s.property),
            labeller.cell(s.object),
            str(len(s.families)),
            str(len(s.sources)),
        ]
        for s in found
    ]


def moment_rows(engine: Engine, found: Sequence[Moment], language: str = "en") -> list[list[str]]:
    """Return dated statements as rows of words; a disputed date is marked."""
    labeller = Labeller(engine, language)
    labeller.learn((m.event, m.property, m.date) for m in found)
    return [
        [
            labeller.cell(m.date) + (" (disputed)" if m.disputed else ""),
            labeller.cell(m.event)
            + ("" if m.property.value.endswith("#date") else f", {labeller.cell(m.property)}"),
            _titles(m.passages),
        ]
        for m in found
    ]
