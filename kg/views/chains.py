"""Chains of relations as text: each link with the numbers of its passages, the passages below."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyoxigraph as ox

from kg.analysis import Chains, Step
from kg.projection.about import About
from kg.terms import printable
from kg.views.citation import citation
from kg.words import counted


def lines(found: Chains, about: About, start: str, end: str) -> Iterator[str]:
    """Yield the lines of some chains; the same passage has one number throughout."""
    numbers: dict[str, int] = {}
    yield heading(found, about, start, end)
    for number, chain in enumerate(found.found, 1):
        yield ""
        yield from [f"{number}."] if found.found[1:] else []
        for link in chain:
            for step in link:
                yield f"  {_step(step, about)}{_marks(step, numbers)}"
    if numbers:
        yield ""
    labels = {ox.NamedNode(iri): name for iri, name in (about.names | about.manners).items()}
    for passage, number in numbers.items():
        yield f"[{number}] {citation(about.passages[passage], labels)}"


def heading(found: Chains, about: About, start: str, end: str) -> str:
    """Say what was found between two things, and how much of it is shown."""
    ends = f"{about.name(start)} and {about.name(end)}"
    if not found.found:
        return f"No chain of relations joins {ends}."
    if start == end:
        return f"{about.name(start)} stands at both ends, so no chain is needed."
    steps = counted(found.length, "step")
    shown = f", of which {len(found.found)} are shown" if len(found.found) < found.total else ""
    return f"{ends}: {counted(found.total, 'shortest chain')} of {steps}{shown}"


def _step(step: Step, about: About) -> str:
    arrow = f"—{about.name(step.relation)}→" if step.forward else f"←{about.name(step.relation)}—"
    date = f", {step.data['date']}" if step.data.get("date") else ""
    return printable(f"{about.name(step.here)} {arrow} {about.name(step.there)}{date}")


def _marks(step: Step, numbers: dict[str, int]) -> str:
    """Return the numbers of a link's passages, new ones next, and its standing where it is weak."""
    passages = step.data.get("passages", [])
    marks = [f"[{numbers.setdefault(passage['id'], len(numbers) + 1)}]" for passage in passages]
    if not passages:
        return " (no source stated)"
    standing = step.data.get("standing", "")
    weak = standing and "asserted" not in standing.split(", ")
    return f" {' '.join(marks)}{f' (only {standing})' if weak else ''}"


def to_data(found: Chains, about: About, start: str, end: str) -> dict[str, Any]:
    """Return chains as JSON data, with the full passages of each link."""
    return {
        "from": {"id": start, "label": about.name(start)},
        "to": {"id": end, "label": about.name(end)},
        "steps": found.length,
        "total": found.total,
        "chains": [[[_step_data(step, about) for step in link] for link in chain] for chain in found.found],
    }


def _step_data(step: Step, about: About) -> dict[str, Any]:
    source, target = (step.here, step.there) if step.forward else (step.there, step.here)
    ends = {"source": source, "source_label": about.name(source)}
    return {**ends, "target": target, "target_label": about.name(target), **step.data}
