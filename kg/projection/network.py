"""A projection as a NetworkX graph: nodes are IRIs, edge keys are relations, edges carry their passages."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from kg.collecting import no_collection
from kg.passages import Passage
from kg.projection.about import About
from kg.projection.model import Edge, Node, Projection

if TYPE_CHECKING:
    import networkx as nx

NODE = Node._fields[1:]
_PASSAGE = [field.name for field in fields(Passage)]


def to_networkx(projection: Projection) -> nx.MultiDiGraph[Any]:
    """Return a projection as a graph of NetworkX; its `notes` say what was left out.

    The records of passages are shared between edges: copy one before changing it.
    """
    import networkx as nx

    graph: nx.MultiDiGraph[Any] = nx.MultiDiGraph(title=projection.title, notes=list(projection.notes))
    with no_collection():
        graph.add_nodes_from((node[0], dict(zip(NODE, node[1:], strict=True))) for node in projection.nodes())
        _add_edges(graph, projection)
    return graph


def _add_edges(graph: nx.MultiDiGraph[Any], projection: Projection) -> None:
    """Add the edges to a graph that has the nodes and no edge.

    NetworkX's own `add_edge` first looks for an edge of the same key, which cannot be there, and costs thrice
    as much; so the graph's dictionaries are filled here. Edges of one pair come one after the other.
    """
    inner: Any = graph
    after, before = inner._succ, inner._pred
    records = Records(projection.about)
    for edge in projection.edges():
        source, target, relation = edge[:3]
        there = after[source]
        if target in there:
            there[target][relation] = records.attributes(edge)
        else:
            there[target] = before[target][source] = {relation: records.attributes(edge)}


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
        "standing": about.name(passage.standing),
        "voice": about.name(passage.voice),
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
