"""A projection as a NetworkX graph: nodes are IRIs, edge keys are relations, edges carry their passages."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from kg.passages import Passage
from kg.projection.about import About
from kg.projection.model import Projection

if TYPE_CHECKING:
    import networkx as nx


def to_networkx(projection: Projection) -> nx.MultiDiGraph[Any]:
    """Return a projection as a graph of NetworkX; its `notes` say what was left out.

    The records of passages are shared between edges: copy one before changing it.
    """
    import networkx as nx

    graph: nx.MultiDiGraph[Any] = nx.MultiDiGraph(title=projection.title, notes=list(projection.notes))
    with _no_collection():
        graph.add_nodes_from((node.id, _attributes(node)) for node in projection.nodes())
        records: dict[Passage, dict[str, Any]] = {}
        for edge in projection.edges():
            data = edge._asdict()
            del data["source"], data["target"]
            for passage in edge.passages:
                if passage not in records:
                    records[passage] = passage_record(passage, projection.about)
            data["passages"] = [records[passage] for passage in edge.passages]
            graph.add_edge(edge.source, edge.target, key=edge.relation, **data)
    return graph


def _attributes(node: Any) -> dict[str, Any]:
    data: dict[str, Any] = node._asdict()
    del data["id"]
    return data


def passage_record(passage: Passage, about: About) -> dict[str, Any]:
    """Return a passage as a dictionary, with standing and voice in words."""
    return {**asdict(passage), "standing": about.name(passage.standing), "voice": about.name(passage.voice)}


@contextmanager
def _no_collection() -> Iterator[None]:
    """Hold back Python's search for cycles while millions of records are made, none of which is garbage."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


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
