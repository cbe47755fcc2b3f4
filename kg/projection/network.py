"""A projection as a NetworkX graph: nodes are IRIs, edge keys are relations, edges carry their passages."""

from __future__ import annotations

from dataclasses import fields
from itertools import count, repeat
from typing import TYPE_CHECKING, Any

from kg.collecting import no_collection
from kg.passages import Passage
from kg.projection.about import About
from kg.projection.filling import Neighbours, filling
from kg.projection.model import Edge, Node, Projection

if TYPE_CHECKING:
    import networkx as nx

NODE = Node._fields[1:]
_PASSAGE = [field.name for field in fields(Passage)]


def to_networkx(projection: Projection) -> nx.MultiDiGraph[Any]:
    """Return a projection as a graph of NetworkX; its `notes` say what was left out.

    Neighbours, attributes and passages are made when they are first looked at, and names looked up with the
    first of them: NetworkX's own `add_edge` for a million edges takes ten times as long. The records of
    passages are shared between edges: copy one before changing it.
    """
    import networkx as nx

    graph: Any = nx.MultiDiGraph(title=projection.title, notes=list(projection.notes))
    things, records = projection.links.things, Records(projection.about)
    with no_collection():
        neighbours = Neighbours(projection.links, lambda number: records.attributes(projection.edge(number)))
        after, before = neighbours.firsts()
        for inner, kind, firsts in (
            (
                "_node",
                filling(lambda number: dict(zip(NODE, projection.node(number)[1:], strict=True)), NODE),
                repeat(NODE[0]),
            ),
            ("_adj", filling(neighbours.after), after),
            ("_pred", filling(neighbours.before), before),
        ):
            numbered = zip(things, firsts, count(), strict=False)
            records_of = {thing: kind({first: n}) if first else {} for thing, first, n in numbered}
            setattr(graph, inner, records_of)
    made: nx.MultiDiGraph[Any] = graph
    return made


class Records:
    """The attributes of edges, with records of passages that are each made once."""

    def __init__(self, about: About) -> None:
        self._about = about
        self._made: dict[str, dict[str, Any]] = {}
        self._several: dict[int, list[dict[str, Any]]] = {}

    def attributes(self, edge: Edge) -> dict[str, Any]:
        """Return the attributes of an edge; edges with the same passages bring the same tuple of them."""
        _, _, relation, label, date, earliest, latest, standing, families, conflict, passages = edge
        found = self._several.get(id(passages))
        if found is None:
            found = self._several[id(passages)] = [self._record(passage) for passage in passages]
        return {
            "relation": relation, "label": label, "date": date, "earliest": earliest, "latest": latest,
            "standing": standing, "families": families, "conflict": conflict, "passages": found.copy(),
        }  # fmt: skip

    def _record(self, passage: Passage) -> dict[str, Any]:
        if passage.id not in self._made:
            self._made[passage.id] = passage_record(passage, self._about)
        return self._made[passage.id]


def passage_record(passage: Passage, about: About) -> dict[str, Any]:
    """Return a passage as a dictionary, with standing and voice in words."""
    return {
        **{name: getattr(passage, name) for name in _PASSAGE},
        "standing": about.manner(passage.standing),
        "voice": about.manner(passage.voice),
    }


def scalars(graph: nx.MultiDiGraph[Any]) -> nx.MultiDiGraph[Any]:
    """Return a copy whose attributes are text, numbers and truths only, as GEXF and GraphML want them.

    Passages become their quotations and their IRIs, joined.
    """
    copy = graph.copy()
    copy.graph["notes"] = "; ".join(graph.graph.get("notes", []))
    for _, _, data in copy.edges(data=True):
        passages = data.pop("passages", [])
        data["passages"] = " ".join(passage["id"] for passage in passages)
        data["quotes"] = " | ".join(passage["quote"] for passage in passages if passage["quote"])
    return copy
