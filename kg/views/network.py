"""The relationship graph as one HTML file that asks nothing of the network; the only user of pyvis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kg.views.network_data import columns
from kg.views.network_files import BLOCK, HERE, blocks, inert, policy, scripts, style
from kg.views.page import Page

if TYPE_CHECKING:
    import networkx as nx

MOST_THINGS = 60_000
"""More than this is cut to the best connected, and the page says so."""
MOST_RELATIONS = 300_000


def page(graph: nx.MultiDiGraph[Any], title: str) -> Page:
    """Return a graph as an HTML page: the same bytes for the same graph, whatever its labels hold.

    pyvis writes labels and titles as they are, so it is given none; the page's own script sets them as text.
    """
    import jinja2
    from pyvis.network import Network

    shown, left = _cut(graph)
    data, passages = columns(shown, title)
    data |= {"left": left, "block": BLOCK, "notes": list(graph.graph.get("notes", ()))}
    network = Network(directed=True, cdn_resources="in_line")
    network.templateEnv = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"), autoescape=True
    )
    network.path = "network.html"
    network.templateEnv.globals |= {
        "scripts": scripts(),
        "policy": policy(),
        "style": style(),
        "title": title,
        "data": inert(data),
        "blocks": blocks(passages) if any(passages) else [],
    }
    return Page(network.generate_html("network.html"))


def _cut(graph: nx.MultiDiGraph[Any]) -> tuple[nx.MultiDiGraph[Any], list[int]]:
    """Keep the best connected things where there are too many, and count what is left out."""
    size, edges = len(graph), graph.number_of_edges()
    if size <= MOST_THINGS and edges <= MOST_RELATIONS:
        return graph, [0, 0]
    ranked = sorted(graph.degree(), key=lambda pair: (-pair[1], str(pair[0])))[:MOST_THINGS]
    kept = {node for node, _ in ranked}
    shown = graph.__class__()
    shown.add_nodes_from((node, data) for node, data in graph.nodes(data=True) if node in kept)
    room = MOST_RELATIONS
    for source, target, key, data in graph.edges(keys=True, data=True):
        if room and source in kept and target in kept:
            shown.add_edge(source, target, key, **data)
            room -= 1
    return shown, [size - len(shown), edges - shown.number_of_edges()]
