"""What the page of the relationship graph knows, as columns: small, quick to read, the same every time."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from kg.views.layout import arrange

if TYPE_CHECKING:
    import networkx as nx

Data = dict[str, Any]
Value = TypeVar("Value", bound=Hashable)
NO_SOURCE = ("", "no source is stated", "", "")
NOT_SAID = "standing not said"
_YEAR = re.compile(r"(?<!\d)(1\d{3}|20\d{2})(?!\d)")
_LINES = (
    ("assert", 0),
    ("quot", 1),
    ("report", 1),
    ("impl", 2),
    ("confess", 3),
    ("alleg", 3),
    ("retract", 3),
)
"""How a standing is drawn: 0 solid, 1 dashed, 2 dashes and dots, 3 dotted; the strongest one counts."""


class _Table(Generic[Value]):
    """Values in order of first appearance, each with its number."""

    def __init__(self) -> None:
        self._numbers: dict[Value, int] = {}

    def __call__(self, value: Value) -> int:
        return self._numbers.setdefault(value, len(self._numbers))

    @property
    def values(self) -> list[Value]:
        return list(self._numbers)


def columns(graph: nx.MultiDiGraph[Any], title: str) -> tuple[Data, list[list[Data]]]:
    """Return the page's data, and the passages behind each relation in the order of the data's relations."""
    positions, member = arrange(graph)
    kinds: _Table[tuple[str, str]] = _Table()
    spaces: _Table[str] = _Table()
    years = {node: _years(data, "") for node, data in graph.nodes(data=True)}
    things = []
    for node, data in graph.nodes(data=True):
        space, name = _split(str(node))
        kind = kinds((str(data.get("type") or ""), str(data.get("type_label") or "")))
        label = str(data.get("label") or "").strip() or name or str(node)
        when = str(data.get("dates") or "")
        things.append((spaces(space), name, label, kind, *positions[node], member[node], *years[node], when))
    relations, passages, tables = _relations(graph, {n: i for i, n in enumerate(graph)}, years)
    names = ("space", "id", "label", "kind", "x", "y", "group", "from", "to", "dates")
    found = {
        "title": title,
        "kinds": kinds.values,
        "spaces": spaces.values,
        "things": _turned(names, things),
        "count": [len(things), len(relations)],
        "relations": _turned(
            ("s", "t", "r", "said", "n", "date", "from", "years", "conflict", "families"), relations
        ),
        **tables,
    }
    return found, passages


def _relations(
    graph: nx.MultiDiGraph[Any], index: Mapping[str, int], years: Mapping[str, tuple[int, int]]
) -> tuple[list[tuple[Any, ...]], list[list[Data]], Data]:
    """Return the relations' rows, their passages, and the tables that the rows number into."""
    kinds: _Table[tuple[str, str]] = _Table()
    standings: _Table[str] = _Table()
    sources: _Table[tuple[str, str, str, str]] = _Table()
    said: _Table[tuple[tuple[int, int], ...]] = _Table()
    dates: _Table[str] = _Table()
    dates("")
    rows, passages = [], []
    for source, target, data in graph.edges(data=True):
        behind = [_passage(passage, sources, standings) for passage in data.get("passages") or ()]
        pairs = sorted({(p["source"], p["standing"]) for p in behind})
        if not pairs:
            pairs = [(sources(NO_SOURCE), standings(str(data.get("standing") or "") or NOT_SAID))]
        relation = kinds((str(data.get("relation") or ""), str(data.get("label") or "related to")))
        first, last = _years(data, str(data.get("date") or ""))
        if not first:
            first, last = _of_ends(years[source], years[target])
        rows.append(
            (
                index[source], index[target], relation, said(tuple(pairs)), len(behind),
                dates(str(data.get("date") or "")), first, last - first, int(bool(data.get("conflict"))),
                int(data.get("families") or 0),
            )
        )  # fmt: skip
        passages.append(behind)
    tables = {
        "predicates": kinds.values,
        "standings": [(label, _line(label)) for label in standings.values],
        "sources": sources.values,
        "said": said.values,
        "dates": dates.values,
    }
    return rows, passages, tables


def _passage(
    passage: Mapping[str, Any], sources: _Table[tuple[str, str, str, str]], standings: _Table[str]
) -> Data:
    """One passage, its source and standing as numbers, without what is empty."""
    address, title, url, family = (
        str(passage.get(key) or "") for key in ("source", "title", "url", "family")
    )
    source = (address, title or _split(address)[1] or address or NO_SOURCE[1], url, family)
    found: Data = {
        "source": sources(source),
        "standing": standings(str(passage.get("standing") or "") or NOT_SAID),
    }
    for key in ("id", "quote", "before", "after", "locator", "voice", "note"):
        if passage.get(key):
            found[key] = str(passage[key])
    start = passage.get("start", -1)
    if isinstance(start, int) and start >= 0:
        found |= {"start": start, "end": int(passage.get("end", start))}
    return found


def _line(standing: str) -> int:
    """How a standing is drawn."""
    return next((line for word, line in _LINES if word in standing.lower()), 0)


def _years(data: Mapping[str, Any], text: str) -> tuple[int, int]:
    """The first and last year of a thing or relation, zeros where it has none."""
    told = [str(data.get(key) or "") for key in ("earliest", "latest")]
    found = [int(year) for words in (*told, text) for year in _YEAR.findall(words)]
    return (min(found), max(found)) if found else (0, 0)


def _of_ends(source: tuple[int, int], target: tuple[int, int]) -> tuple[int, int]:
    """The years of a relation without a date: those of the dated event it belongs to."""
    dated = [years for years in (source, target) if years[0]]
    return (max(first for first, _ in dated), max(last for _, last in dated)) if dated else (0, 0)


def _split(iri: str) -> tuple[str, str]:
    """Cut an IRI behind its last slash or hash."""
    cut = max(iri.rfind("/"), iri.rfind("#")) + 1
    return iri[:cut], iri[cut:]


def _turned(names: Iterable[str], rows: list[tuple[Any, ...]]) -> dict[str, list[Any]]:
    """Turn rows into columns, leaving out those that hold nothing but zeros or empty text."""
    columns = zip(*rows, strict=True) if rows else ()
    return {name: list(column) for name, column in zip(names, columns, strict=bool(rows)) if any(column)}
